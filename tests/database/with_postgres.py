"""with_postgres.py COMMAND...: starts a PostgreSQL server of its own, runs the command with REMIT_TEST_POSTGRES set to
the server's URL, stops the server, and ends as the command did."""

import glob
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time


def newest_bin():
    """Debian keeps the programs of each version in a folder of their own, outside PATH."""
    found = glob.glob("/usr/lib/postgresql/*/bin/postgres")
    if found:
        return pathlib.Path(max(found, key=lambda name: int(name.split("/")[4]))).parent
    in_path = shutil.which("postgres")
    if in_path is None:
        sys.exit("with_postgres: PostgreSQL's server is not installed (Debian: postgresql-15)")
    return pathlib.Path(in_path).resolve().parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A program in a folder, on one port; as `nobody` when we are root, whom such servers refuse."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.port = None
        self.process = None
        self.user = []
        if os.getuid() == 0:
            self.user = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"]
            shutil.chown(folder, "nobody", "nogroup")
        self.create()

    def run(self, command):
        done = subprocess.run(["setpriv", *self.user, *map(str, command)], cwd=self.folder, capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")

    def start(self):
        for _ in range(10):  # somebody may take the port in between
            self.port = free_port()
            with open(self.folder / "log", "ab") as log:
                # Ends with us, whatever ends us.
                self.process = subprocess.Popen(["setpriv", *self.user, "--pdeathsig", "INT", *map(str, self.command())],
                                                cwd=self.folder, stdout=log, stderr=log)
            for _ in range(2_000):
                if self.process.poll() is not None:
                    break
                if self.ready():
                    return
                time.sleep(0.01)
        sys.exit("the server does not start:\n" + (self.folder / "log").read_text())

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Postgres(Server):
    stop_signal = signal.SIGINT  # clients are sent away

    def create(self):
        self.bin = newest_bin()
        self.run([self.bin / "initdb", "-D", self.folder / "data", "-U", "remit", "--auth=trust", "--no-sync",
                  "-E", "UTF8", "--locale=C"])

    def command(self):
        settings = ["listen_addresses=127.0.0.1", f"unix_socket_directories={self.folder}", "max_connections=200",
                    "log_min_messages=fatal"]
        return [self.bin / "postgres", "-D", self.folder / "data", "-p", self.port,
                *(part for setting in settings for part in ("-c", setting))]

    def ready(self):
        asked = [self.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(asked, check=False).returncode == 0

    @property
    def url(self):
        return f"postgresql://remit@127.0.0.1:{self.port}/postgres"


def run_with(server_class, variable, doc):
    """Runs the command of our arguments with the variable set to the server's address."""
    if len(sys.argv) < 2:
        sys.exit(doc)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped on a timeout, too
    folder = tempfile.mkdtemp(prefix="remit-server-")
    server = None
    try:
        server = server_class(folder)
        server.start()
        code = subprocess.run(sys.argv[1:], env={**os.environ, variable: server.url}, check=False).returncode
        return code if code >= 0 else 128 - code
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(run_with(Postgres, "REMIT_TEST_POSTGRES", __doc__))
