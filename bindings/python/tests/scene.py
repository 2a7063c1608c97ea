"""What the tests share: a payee, folders, a node, and other processes."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
import urllib.request

PACKAGE = pathlib.Path(__file__).resolve().parents[1]
ROOT = PACKAGE.parents[1]
sys.path.insert(0, str(PACKAGE))

import remit  # noqa: E402
from remit.testing import CHAIN_ID, World  # noqa: E402

PAYEE = "0x52908400098527886E0F7030069857D2E4169EE7"
LONG = os.environ.get("REMIT_LONG") == "1"


def request(external_id, **more):
    given = {"base_units": 1_000_000, "token": "USDT", **more}
    return remit.PayoutRequest(external_id, CHAIN_ID, PAYEE, **given)


class Case(unittest.TestCase):
    def folder(self):
        made = pathlib.Path(tempfile.mkdtemp(prefix="remit-python-"))
        self.addCleanup(shutil.rmtree, made, ignore_errors=True)
        return made

    def world(self, **options):
        world = World(**options)
        self.addCleanup(world.close)
        return world

    def real_config(self, **chain):
        """A database of its own; the node is not there unless `rpc` says where."""
        given = {"id": CHAIN_ID, "rpc": "http://127.0.0.1:1", "confirmations": 1, "poll_ms": 20, **chain}
        return {"database": str(self.folder() / "remit.db"), "chains": [given]}

    def real_engine(self, **options):
        engine = remit.Engine(self.real_config(), **options)
        self.addCleanup(engine.close)
        return engine

    def run_python(self, program, *arguments, timeout=60):
        """Another Python with this package; its exit code, output and errors."""
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program), *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, "PYTHONPATH": str(PACKAGE)},
        )


class Node:
    """anvil on a free port, ended by its own process id."""

    def __init__(self):
        # A file and not a pipe: nobody reads on, and a full pipe would stop it.
        self.output = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([os.environ["REMIT_ANVIL"], "--port", "0"], stdout=self.output)
        end = time.monotonic() + 30
        while time.monotonic() < end and self.process.poll() is None:
            self.output.seek(0)
            for line in self.output:
                if "Listening on" in line and line.endswith("\n"):
                    self.url = "http://" + line.split()[-1]
                    return
            time.sleep(0.02)
        self.stop()
        raise RuntimeError("anvil did not start")

    def rpc(self, method, *params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        asked = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return json.load(answer)["result"]

    def balance(self, address):
        return int(self.rpc("eth_getBalance", address, "latest"), 16)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.output.close()


def main():
    unittest.main(verbosity=0)
