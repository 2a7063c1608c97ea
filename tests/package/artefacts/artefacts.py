"""artefacts.py DIST DEPS: what `./dev package` made is what it says, and works where there is nothing else.

DIST holds the wheel, the npm package and the program; DEPS has anvil. No compiler is in the path of what is tried here,
nothing is fetched, and no variable of ours is set.
"""

import base64
import csv
import hashlib
import http.server
import io
import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest
import urllib.request
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT / "tests/database"))
from with_postgres import Postgres  # noqa: E402

DIST, DEPS = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
if not (DIST / "SHA256SUMS").exists():
    sys.exit(f"there is nothing in {DIST}: run ./dev package first")
WHEEL = next(DIST.glob("remit-*.whl"))
NPM = next(DIST.glob("remit-node-*.tgz"))
PROGRAM = next(DIST.glob("remit-*.tar.gz"))
VERSION = WHEEL.name.split("-")[1]
FLOOR = tuple(map(int, re.search(r"manylinux_(\d+)_(\d+)_", WHEEL.name).groups()))
LOADED = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
NODE_EXPORTS = {"napi_register_module_v1", "node_api_module_get_api_version_v1"}
LARGEST = 6_000_000
# The first account of every anvil, known to everybody.
KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"


def output(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=120, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Folder(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="remit-package-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)

    @classmethod
    def bare(cls, *programs):
        """An environment with these programs and nothing else."""
        path = cls.folder / "bin"
        path.mkdir()
        for program in programs:
            (path / program).symlink_to(shutil.which(program))
        return {"PATH": str(path), "HOME": str(cls.folder), "LANG": "C.UTF-8"}


class Binaries(Folder):
    """Each ELF file that is shipped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with zipfile.ZipFile(WHEEL) as wheel:
            wheel.extract("remit/_lib/libremit.so", cls.folder)
        for archive in (NPM, PROGRAM):
            with tarfile.open(archive) as tar:
                tar.extractall(cls.folder)
        cls.library = cls.folder / "remit/_lib/libremit.so"
        cls.addon = next(cls.folder.glob("package/prebuilds/*/remit.node"))
        cls.program = next(cls.folder.glob("remit-*/remit"))

    def every(self):
        return self.library, self.addon, self.program

    def symbols(self, path, which):
        """Letter, name and version of each dynamic symbol."""
        for line in output("nm", "-D", "-P", which, path).splitlines():
            name, letter = line.split()[:2]
            yield letter, *(re.split("@+", name) + [""])[:2]

    def test_the_c_library_needed_is_as_old_as_is_said(self):
        for path in self.every():
            wanted = re.findall(r"^\s+0x\S+ 0x\S+ \d+ (\S+)$", output("objdump", "-p", path), re.M)
            self.assertTrue(wanted)
            for name in wanted:
                self.assertRegex(name, r"^(GLIBC|GCC)_\d+(\.\d+)+$")
                if name.startswith("GLIBC"):
                    self.assertLessEqual(tuple(map(int, name[6:].split("."))), FLOOR, (path, name))

    def test_the_floor_is_no_higher_than_what_is_used(self):
        """Else a lower one would be promised."""
        found = re.findall(r"GLIBC_(\d+)\.(\d+)", "".join(output("objdump", "-p", path) for path in self.every()))
        self.assertEqual(max(tuple(map(int, pair)) for pair in found), FLOOR)

    def test_nothing_else_is_loaded(self):
        for path in self.every():
            headers = output("objdump", "-p", path)
            needed = set(re.findall(r"^\s+NEEDED\s+(\S+)$", headers, re.M))
            self.assertIn("libc.so.6", needed)
            self.assertLessEqual(needed, LOADED, path)
            self.assertNotRegex(headers, r"\b(RPATH|RUNPATH|TEXTREL)\b")

    def test_only_the_interface_is_exported(self):
        functions = set(json.loads((ROOT / "bindings/abi.json").read_text())["functions"])
        exported = {name for letter, name, _ in self.symbols(self.library, "--defined-only") if letter != "A"}
        self.assertEqual(exported, functions)
        exported = {name for _, name, _ in self.symbols(self.addon, "--defined-only")}
        self.assertEqual(exported, NODE_EXPORTS)

    def test_what_the_host_gives_is_what_we_mean(self):
        """A name without a version would be taken from whatever the process has: Node's OpenSSL, say."""
        for path in self.every():
            asked = {name for letter, name, version in self.symbols(path, "--undefined-only") if letter == "U" and not version}
            hosts = {name for name in asked if path == self.addon and re.match(r"(napi|node_api|uv)_", name)}
            self.assertEqual(asked - hosts, set(), path)

    def test_nothing_of_the_build_is_left_in(self):
        for path in self.every():
            self.assertFalse(str(ROOT).encode() in path.read_bytes(), path)
            self.assertNotIn(".symtab", output("objdump", "-h", path))

    def test_the_program_runs_by_itself(self):
        said = output(self.program, "--version", env={"PATH": str(self.folder)})
        self.assertEqual(said.strip(), VERSION)

    def test_the_archives_are_small_and_listed(self):
        sums = dict(reversed(line.split("  ")) for line in (DIST / "SHA256SUMS").read_text().splitlines())
        self.assertEqual(set(sums), {WHEEL.name, NPM.name, PROGRAM.name})
        for path in (WHEEL, NPM, PROGRAM):
            self.assertEqual(hashlib.sha256(path.read_bytes()).hexdigest(), sums[path.name])
            self.assertLessEqual(path.stat().st_size, LARGEST)

    def test_the_licences_of_what_is_inside_are_there(self):
        with zipfile.ZipFile(WHEEL) as wheel:
            text = wheel.read(f"remit-{VERSION}.dist-info/licenses/THIRD-PARTY.txt")
        for name in ("curl", "libpq", "simdjson", "libsecp256k1", "OpenSSL", "SQLite", "libstdc++"):
            self.assertIn(f"==== {name}", text.decode())
        for other in (self.folder / "package", self.program.parent):
            self.assertEqual((other / "THIRD-PARTY.txt").read_bytes(), text)

    def test_the_documents_say_the_same(self):
        for name in ("README.md", "docs/packaging.md"):
            self.assertIn(f"glibc {FLOOR[0]}.{FLOOR[1]}", (ROOT / name).read_text())


def make_certificate(folder, name):
    """One that vouches for itself, and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    output("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
           "-keyout", key, "-out", certificate, "-subj", "/CN=test", "-addext", f"subjectAltName={name}")
    return certificate, key


class TlsPostgres(Postgres):
    def create(self):
        super().create()
        self.certificate, key = make_certificate(self.folder, "IP:127.0.0.1")
        if os.getuid() == 0:
            shutil.chown(key, "nobody")
        self.settings = ["-c", "ssl=on", "-c", f"ssl_cert_file={self.certificate}", "-c", f"ssl_key_file={key}"]

    def command(self):
        return [*super().command(), *self.settings]


class Front(http.server.ThreadingHTTPServer):
    """HTTPS in front of a node, with a certificate of its own."""

    daemon_threads = True

    def __init__(self, folder, node, name):
        self.node = node
        self.certificate, key = make_certificate(folder, name)
        super().__init__(("127.0.0.1", 0), Forward)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):  # a client that refuses the certificate hangs up
            super().handle_error(request, client_address)


class Forward(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = urllib.request.Request(self.server.node, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            data = answer.read()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class Installed(Folder):
    """A package in an empty environment: `run` is what starts a stranger's program there."""

    __test__ = False

    @classmethod
    def start_node(cls):
        log = cls.folder / "anvil.log"
        anvil = next(DEPS.glob("node/node_modules/@foundry-rs/anvil-*/bin/anvil"))
        with log.open("w") as out:
            node = subprocess.Popen([anvil, "--port", "0", "--chain-id", "31337"], stdout=out)
        cls.addClassCleanup(node.wait)
        cls.addClassCleanup(node.terminate)
        end = time.monotonic() + 30
        while time.monotonic() < end and node.poll() is None:
            found = re.search(r"Listening on (\S+)\n", log.read_text())
            if found:
                return f"http://{found[1]}"
            time.sleep(0.02)
        raise RuntimeError("anvil did not start")

    def front(self, name="IP:127.0.0.1"):
        front = Front(pathlib.Path(tempfile.mkdtemp(dir=self.folder)), self.node, name)
        self.addCleanup(front.server_close)
        self.addCleanup(front.shutdown)
        return front

    def pays(self, url, ca_file, **environment):
        """What the program says of a payment through that node."""
        said = self.run_stranger("pay", url, str(ca_file), KEY, **environment)
        return next(line for line in said.splitlines() if line.startswith(("PAID", "REFUSED")))

    def test_the_engine_in_a_world(self):
        self.assertEqual(self.run_stranger("world").splitlines(),
                         [f"VERSION {VERSION}", "PAID COMPLETED 25000000", "ERROR id"])

    def test_it_pays_over_tls(self):
        front = self.front()
        self.assertEqual(self.pays(front.url, front.certificate), "PAID COMPLETED")

    def test_the_environment_can_name_the_authorities(self):
        front = self.front()
        self.assertEqual(self.pays(front.url, "", SSL_CERT_FILE=str(front.certificate)), "PAID COMPLETED")

    def test_a_database_over_tls(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="remit-server-"))  # where its own user may go
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        server = TlsPostgres(folder)
        self.addCleanup(server.stop)
        server.start()
        url = f"{server.url}?sslmode=verify-full&sslrootcert={server.certificate}"
        self.assertEqual(self.run_stranger("claim", url).splitlines(),
                         [f"VERSION {VERSION}", "CLAIM EXECUTE -", "CLAIM REPLAY done"])

    def test_a_certificate_of_another_authority_is_refused(self):
        front, other = self.front(), self.front()
        self.assertRegex(self.pays(front.url, other.certificate), "^REFUSED .*certificate")

    def test_a_certificate_for_another_name_is_refused(self):
        front = self.front("DNS:elsewhere.example")
        self.assertRegex(self.pays(front.url, front.certificate), "^REFUSED .*(certificate|host)")


class Wheel(Installed):
    __test__ = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.node = cls.start_node()
        venv = cls.folder / "venv"
        output(sys.executable, "-m", "venv", venv)
        cls.environment = cls.bare()
        cls.python = venv / "bin/python"
        cls.said = output(cls.python, "-m", "pip", "install", "--no-index", "--disable-pip-version-check", WHEEL,
                          env=cls.environment)

    def run_stranger(self, *arguments, **environment):
        return output(self.python, "-I", HERE / "stranger.py", *arguments, cwd=self.folder,
                      env={**self.environment, **environment})

    def test_pip_takes_it_whole(self):
        self.assertIn(f"Successfully installed remit-{VERSION}", self.said)
        output(self.python, "-m", "pip", "check", env=self.environment)

    def test_the_list_of_files_is_right(self):
        with zipfile.ZipFile(WHEEL) as wheel:
            record = f"remit-{VERSION}.dist-info/RECORD"
            rows = {name: digest for name, digest, _ in csv.reader(io.StringIO(wheel.read(record).decode()))}
            self.assertEqual(set(rows), set(wheel.namelist()))
            for name in set(rows) - {record}:
                digest = base64.urlsafe_b64encode(hashlib.sha256(wheel.read(name)).digest()).rstrip(b"=").decode()
                self.assertEqual(rows[name], f"sha256={digest}")
            self.assertTrue({"remit/py.typed", "remit/__init__.py", "remit/_lib/libremit.so"} <= set(rows))
            self.assertFalse([name for name in rows if not name.startswith(("remit/", f"remit-{VERSION}.dist-info/"))])


class Npm(Installed):
    __test__ = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.node = cls.start_node()
        cls.environment = cls.bare("node", "npm", "sh")
        cls.home = cls.install("--ignore-scripts")

    @classmethod
    def install(cls, *options):
        home = pathlib.Path(tempfile.mkdtemp(dir=cls.folder))
        output("npm", "install", NPM, "--offline", "--no-audit", "--no-fund", *options, cwd=home, env=cls.environment)
        for program in HERE.glob("stranger.[mc]js"):
            shutil.copy(program, home)
        return home

    def run_stranger(self, *arguments, home=None, program="stranger.mjs", **environment):
        home = home or self.home
        return output("node", home / program, *arguments, cwd=home, env={**self.environment, **environment})

    def test_what_is_inside(self):
        with tarfile.open(NPM) as tar:
            names = tar.getnames()
            manifest = json.load(tar.extractfile("package/package.json"))
        allowed = r"^package/(package\.json|LICENSE|THIRD-PARTY\.txt|README\.md|dist/.+|prebuilds/linux-\w+/remit\.node)$"
        self.assertEqual([name for name in names if not re.match(allowed, name)], [])
        for field in ("scripts", "gypfile", "dependencies", "optionalDependencies"):
            self.assertNotIn(field, manifest)
        self.assertEqual(manifest["os"], ["linux"])

    def test_it_installs_with_scripts_too(self):
        self.assertIn("COMPLETED", self.run_stranger("world", home=self.install()))

    def test_require_and_import(self):
        self.assertEqual(self.run_stranger(program="stranger.cjs"), f"VERSION {VERSION} function\n")

    def test_the_process_may_end_in_the_middle_of_it(self):
        front = self.front()
        for _ in range(5):
            self.assertIn("PAID COMPLETED", self.run_stranger("leave", front.url, str(front.certificate), KEY))

    def test_two_copies_of_openssl_in_one_process(self):
        front = self.front()
        said = self.run_stranger("pay", front.url, str(front.certificate), KEY)
        self.assertEqual(said.splitlines(), [f"VERSION {VERSION}", "NODE 0x7a69", "PAID COMPLETED", "NODE 0x7a69"])


del Installed
unittest.main(argv=sys.argv[:1])
