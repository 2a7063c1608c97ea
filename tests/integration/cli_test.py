"""The program `remit` as a person and a script use it: every verb, JSON, exit codes, refused input.

Needs REMIT_PROGRAM and REMIT_ANVIL. Each test has a folder of its own.
"""
import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import tempfile
import termios
import time
import unittest
import urllib.request

PROGRAM = os.environ["REMIT_PROGRAM"]
ANVIL = os.environ["REMIT_ANVIL"]
PASSWORD = "correct horse battery staple"
TO = "0xdAC17F958D2ee523a2206206994597C13D831ec7"
USDT = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
RAW_KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"  # anvil's first account
RAW_ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
# One atom of the Web3 Secret Storage definition's own examples (scrypt; password "testpassword").
V3 = {
    "crypto": {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": "83dbcc02d8ccb40e466191a123791e0e"},
        "ciphertext": "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
        "kdf": "scrypt",
        "kdfparams": {"dklen": 32, "n": 262144, "p": 8, "r": 1,
                      "salt": "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
        "mac": "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"},
    "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6", "version": 3}


def rpc(url, method, *params):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["result"]


class Node:
    """anvil on a free port; ended by its own process id."""

    def __init__(self, *extra):
        # A file and not a pipe: nobody reads on, and a full pipe would stop it.
        self.output = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([ANVIL, "--port", "0", *extra], stdout=self.output)
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

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.output.close()


class CliTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="remit-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.configure("http://127.0.0.1:1")

    def configure(self, url, **fields):
        chain = {"id": 31337, "name": "local", "rpc": url, "confirmations": 1, "poll_ms": 50,
                 "tokens": [{"symbol": "USDX", "address": USDT, "decimals": 6}]}
        chain.update(fields)
        self.write("remit.json", json.dumps({"database": "remit.db", "chains": [chain]}))

    def write(self, name, text):
        data = text if isinstance(text, bytes) else text.encode()
        (self.folder / name).write_bytes(data)

    def environment(self, **extra):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("REMIT_")}
        return {**kept, **{k: v for k, v in extra.items() if v is not None}}

    def run_program(self, *arguments, stdin="", password=PASSWORD, **environment):
        return subprocess.run([PROGRAM, *arguments], cwd=self.folder, input=stdin, capture_output=True, text=True,
                              timeout=120, env=self.environment(REMIT_PASSWORD=password, **environment))

    def remit(self, *arguments, code=0, **more):
        done = self.run_program(*arguments, **more)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def doc(self, *arguments, code=0, **more):
        done = self.remit("--json", *arguments, code=code, **more)
        return json.loads(done.stdout)

    def on_terminal(self, arguments, answers=(), silent=False, password=None):
        """Runs it on a terminal of its own, types each answer after its prompt; the exit code and what was seen."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execve(PROGRAM, [PROGRAM, *arguments], self.environment(REMIT_PASSWORD=password, TERM="xterm"))
        seen = ""
        for prompt, answer in answers:
            while prompt not in seen or not seen.endswith(" "):
                seen += os.read(terminal, 1024).decode()
            while silent and termios.tcgetattr(terminal)[3] & termios.ECHO:
                time.sleep(0.005)
            os.write(terminal, answer.encode() + b"\n")
        try:
            while chunk := os.read(terminal, 1024):
                seen += chunk.decode()
        except OSError:  # the terminal's last user is gone
            pass
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen

    def refused(self, *arguments, code, field=None, text=""):
        """The error as text on stderr and as JSON on stdout: the same."""
        done = self.remit(*arguments, code=code)
        error = self.doc(*arguments, code=code)["error"]
        if field is not None:
            self.assertEqual(error["field"], field)
        self.assertIn(text, error["text"])
        line = done.stderr.strip().splitlines()[-1]
        self.assertTrue(line.startswith("remit: "), line)
        self.assertIn(error["text"], line)
        return error


class Basics(CliTest):
    def test_usage(self):
        self.refused(code=2)
        self.refused("frobnicate", code=2, text="there is no verb 'frobnicate'")
        self.refused("--config", "payout", "payout", "frobnicate", code=2, text="there is no verb 'frobnicate'")
        self.refused("payout", "show", code=2, text="ID")
        self.assertIn("payout", self.remit("--help").stdout)
        self.assertEqual(self.remit("help").stdout, self.remit("--help").stdout)
        self.assertIn("--until-idle", self.remit("help", "run").stdout)
        self.assertIn("own figures", self.remit("metrics", "--help").stdout)
        self.assertRegex(self.remit("--version").stdout, r"^\d+\.\d+\.\d+\n$")

    def test_init(self):
        (self.folder / "remit.json").unlink()
        self.refused("payout", "list", code=3, field="remit.json", text="remit init")
        self.assertIn("remit.json", self.remit("init").stdout)
        self.assertTrue((self.folder / "remit.db").exists())
        self.remit("config", "check")
        before = (self.folder / "remit.json").read_text()
        self.refused("init", code=5, field="remit.json", text="exists")
        self.assertEqual((self.folder / "remit.json").read_text(), before)
        self.assertEqual(self.doc("init", "--config", "other.json")["config"], "other.json")

    def test_config(self):
        self.configure("https://node.example/v3/the-access-key")
        shown = self.remit("config", "check")
        self.assertIn("https://node.example", shown.stdout)
        self.assertNotIn("the-access-key", shown.stdout)
        self.assertEqual(self.doc("config", "check")["chains"][0]["rpc"], "https://node.example")
        self.configure("http://a", senders=[TO.lower()])
        self.assertEqual(self.doc("config", "check")["chains"][0]["senders"], [TO])
        proxy = "socks5://payer:hunter2@proxy.example:1080"
        self.assertEqual(self.doc("config", "check", REMIT_PROXY=proxy)["proxy"], "socks5://proxy.example:1080")
        self.configure("http://a", batch=501)
        self.refused("config", "check", code=3, field="chains[0].batch", text="1 to 500")
        self.write("remit.json", '{"password":"hunter2"}')
        error = self.refused("config", "check", code=3, field="password", text="secret")
        self.assertNotIn("hunter2", json.dumps(error))
        self.configure("http://a")
        self.assertEqual(self.doc("config", "check", code=3, REMIT_LOG_LEVEL="loud")["error"]["field"], "REMIT_LOG_LEVEL")
        self.assertEqual(self.doc("config", "check", REMIT_RPC="http://b:1")["chains"][0]["rpc"], "http://b:1")
        self.write("elsewhere.json", "{}")
        self.assertEqual(self.doc("config", "check", REMIT_CONFIG="elsewhere.json")["chains"], [])

    def test_store(self):
        self.write("remit.db", "this is no database" * 1000)
        self.refused("payout", "list", code=6)
        self.write("remit.json", '{"database":"no/such/folder/remit.db"}')
        self.refused("payout", "list", code=6)

    def test_color(self):
        self.assertNotIn("\x1b", self.remit("payout", "report").stdout)


class Keys(CliTest):
    def test_new_and_list(self):
        self.refused("run", code=3, field="keys", text="keys new")
        key = self.doc("keys", "new", "--label", "payroll")
        self.assertRegex(key["address"], "^0x[0-9a-fA-F]{40}$")
        listed = self.doc("keys", "list", password=None)["keys"]
        self.assertEqual([k["address"] for k in listed], [key["address"]])
        table = self.remit("keys", "list", password=None).stdout
        self.assertIn(key["address"], table)
        self.assertIn("payroll", table)

    def test_passwords(self):
        self.remit("keys", "new")
        self.assertEqual(self.doc("keys", "new", code=9, password="wrong")["error"]["status"], "E_WRONG_KEY")
        self.assertIn("REMIT_PASSWORD", self.remit("keys", "new", code=9, password=None).stderr)
        self.assertIn("password", self.remit("run", code=9, password="wrong").stderr)
        self.write("password", PASSWORD + "\nand a second line\n")
        self.remit("keys", "new", password=None, REMIT_PASSWORD_FILE="password")
        self.assertEqual(self.doc("keys", "new", code=3, password=None, REMIT_PASSWORD_FILE="none")["error"]["field"],
                         "password_file")
        self.assertEqual(len(self.doc("keys", "list")["keys"]), 2)

    def test_import(self):
        self.write("raw", "0x" + RAW_KEY + "\n")
        self.assertEqual(self.doc("keys", "import", "raw")["address"], RAW_ADDRESS)
        self.assertEqual(self.doc("keys", "import", "-", stdin=RAW_KEY[:-1] + "1\n")["label"], "")
        self.write("v3.json", json.dumps(V3))
        self.assertEqual(self.doc("keys", "import", "v3.json", code=9)["error"]["field"], "REMIT_FILE_PASSWORD")
        self.assertEqual(self.doc("keys", "import", "v3.json", code=9, REMIT_FILE_PASSWORD="wrong")["error"]["status"],
                         "E_WRONG_KEY")
        self.write("file-password", "testpassword\n")
        self.remit("keys", "import", "v3.json", "--file-password-file", "file-password", "--label", "geth")
        self.write("short", "abcd")
        self.refused("keys", "import", "short", code=3, field="FILE")
        self.refused("keys", "import", "absent", code=3, field="FILE")
        self.write("empty", " \n")
        self.refused("keys", "import", "empty", code=3, field="FILE")
        self.assertEqual(len(self.doc("keys", "list")["keys"]), 3)

    def test_prompt_without_echo(self):
        code, seen = self.on_terminal(["keys", "new"], [("New password", "typed secret"), ("same again", "typed secret")],
                                      silent=True)
        self.assertEqual(code, 0, seen)
        self.assertNotIn("typed secret", seen)
        self.remit("keys", "new", password="typed secret")
        code, seen = self.on_terminal(["keys", "new"], [("Password of the key store", "another")], silent=True)
        self.assertEqual(code, 9, seen)


class Payouts(CliTest):
    def add(self, *more, code=0, **options):
        given = {"id": "a", "to": TO, "amount": "12.5", "token": "USDX", **options}
        flags = [word for name, value in given.items() for word in ("--" + name, value)]
        return self.doc("payout", "add", *flags, *more, code=code)

    def test_add(self):
        first = self.add()
        self.assertTrue(first["created"])
        self.assertEqual(self.add(), {"id": first["id"], "created": False})
        self.assertEqual(self.add(amount="13", code=5)["error"]["status"], "E_MISMATCH")
        shown = self.doc("payout", "show", "a")
        self.assertEqual((shown["id"], shown["amount"], shown["status"]), (first["id"], "12500000", "pending"))
        self.assertIn("12.5 USDX", self.remit("payout", "show", first["id"]).stdout)
        self.add("--chain", "local", id="b", priority="-3", deadline="2099-01-01T00:00:00Z", token="native")
        for field, value, text in (("amount", "0.0000001", ""), ("amount", "1e3", ""), ("amount", "0", "zero"),
                                   ("to", TO.swapcase(), ""), ("to", "0x" + "0" * 40, "zero address"), ("to", USDT, "token"),
                                   ("token", "DOGE", "not a configured token"), ("chain", "5", "not a configured chain"),
                                   ("priority", "1001", "1000"), ("deadline", "tomorrow", "2026"), ("id", "x\ny", "")):
            error = self.add(code=3, **{field: value})["error"]
            self.assertEqual(error["field"], "--" + field)
            self.assertIn(text, error["text"])
        self.refused("payout", "add", "--id", "x", "--to", TO, "--amount", "1", code=2, text="--token")
        self.refused("payout", "show", "nobody", code=4)
        self.refused("payout", "show", "po_" + "0" * 26, code=4)

    def test_list_and_cancel(self):
        for number in range(5):
            self.add(id=f"n{number}")
        self.add("--tenant", "shop", id="n0")
        page = self.doc("payout", "list", "--limit", "4")
        self.assertEqual([p["external_id"] for p in page["payouts"]], ["n0", "n1", "n2", "n3"])
        rest = self.doc("payout", "list", "--after", page["next"])
        self.assertEqual([p["external_id"] for p in rest["payouts"]], ["n4", "n0"])
        self.assertEqual(len(self.doc("payout", "list", "--tenant", "shop")["payouts"]), 1)
        self.assertEqual(len(self.doc("payout", "list", "--status", "failed")["payouts"]), 0)
        self.assertIn("--after", self.remit("payout", "list", "--limit", "4").stdout)
        self.refused("payout", "list", "--status", "lost", code=3, field="--status")
        self.refused("payout", "list", "--limit", "0", code=3, field="limit")
        self.refused("payout", "cancel", "n1", code=2, text="--actor")
        gone = self.doc("payout", "cancel", "n1", "--actor", "ann", "--reason", "left the company")
        self.assertEqual(gone["status"], "cancelled")
        self.refused("payout", "cancel", "n1", "--actor", "ann", "--reason", "again", code=5)
        self.refused("payout", "resolve", "n2", "--actor", "ann", "--reason", "not in doubt", code=5)
        other = self.doc("payout", "cancel", "n0", "--tenant", "shop", "--actor", "a", "--reason", "b")
        self.assertEqual(other["tenant"], "shop")
        report = self.doc("payout", "report", password=None)
        self.assertEqual((report["by_status"]["pending"], report["by_status"]["cancelled"]), (4, 2))
        self.assertEqual(report["by_state"]["accepted"], 4)
        self.assertRegex(self.remit("payout", "report").stdout, r"pending +4\n")
        self.assertEqual(self.doc("payout", "repair", "--older-than", "0"), {"findings": []})

    def test_events(self):
        self.add(id="one")
        self.add(id="two")
        lines = self.remit("--json", "events", "tail").stdout.splitlines()
        events = [json.loads(line) for line in lines]
        self.assertEqual([e["type"] for e in events], ["payout.pending"] * 2)
        self.assertEqual(self.doc("events", "consumers")["consumers"], [])
        self.assertEqual(len(self.remit("events", "tail", "--consumer", "books").stdout.splitlines()), 2)
        self.assertEqual(self.remit("events", "tail", "--consumer", "books").stdout, "")
        self.add(id="three")
        self.assertIn("three", self.remit("events", "tail", "--consumer", "books").stdout)
        self.assertEqual(self.doc("events", "consumers")["consumers"][0]["behind"], 0)
        self.assertIn("books", self.remit("events", "consumers").stdout)

    def test_events_follow(self):
        process = subprocess.Popen([PROGRAM, "--json", "events", "tail", "--follow"], cwd=self.folder, text=True,
                                   stdout=subprocess.PIPE, env=self.environment())
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        self.add(id="late")
        self.assertEqual(json.loads(process.stdout.readline())["data"]["external_id"], "late")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=20), 0)
        self.assertEqual(self.doc("events", "consumers")["consumers"], [])


class Import(CliTest):
    HEADER = "external_id,to,amount,token\n"

    def imported(self, text, *more, code=0):
        self.write("people.csv", text)
        return self.doc("payout", "import", "people.csv", "--yes", *more, code=code)

    def count(self):
        return sum(self.doc("payout", "report")["by_status"].values())

    def test_preview_and_totals(self):
        self.write("people.csv", self.HEADER + f"a,{TO},0.1,USDX\nb,{TO},0.2,USDX\nc,{TO},1.000000000000000001,native\n")
        self.refused("payout", "import", "people.csv", code=2, field="--yes")
        self.assertEqual(self.count(), 0)
        done = self.remit("payout", "import", "people.csv", "-y").stdout
        self.assertRegex(done, r"USDX +2 +0\.3\n")
        self.assertRegex(done, r"native +1 +1\.000000000000000001\n")
        self.assertIn("Imported 3; 0 were there already", done)
        again = self.doc("payout", "import", "people.csv", "--yes")
        self.assertEqual((again["rows"], again["created"], again["repeated"]), (3, 0, 3))
        self.assertIn({"chain_id": 31337, "token": "USDX", "count": 2, "amount": "300000", "decimals": 6}, again["totals"])

    def test_asks_on_a_terminal(self):
        self.write("people.csv", self.HEADER + f"a,{TO},1,USDX\n")
        code, seen = self.on_terminal(["payout", "import", "people.csv"], [("Import 1 payouts?", "n")])
        self.assertEqual((code, self.count()), (0, 0), seen)
        self.assertIn("Nothing was imported", seen)
        code, seen = self.on_terminal(["payout", "import", "people.csv"], [("Import 1 payouts?", "y")])
        self.assertEqual((code, self.count()), (0, 1), seen)
        self.assertIn("\x1b[33mpending", self.on_terminal(["payout", "list"])[1])
        self.assertNotIn("\x1b[33m", self.on_terminal(["--no-color", "payout", "list"])[1])

    def test_forms(self):
        text = "\ufeffto,tenant,external_id,amount\r\n" + f'{TO},"sh""op, one","line\u00e9",  1\r\n'.replace("  1", "1")
        self.imported(text + "\r\n", "--token", "USDX")
        shown = self.doc("payout", "list")["payouts"][0]
        self.assertEqual((shown["tenant"], shown["external_id"]), ('sh"op, one', "line\u00e9"))
        everything = "external_id,to,amount,token,chain,priority,not_before,deadline,tenant,from\n"
        self.imported(everything + f"x,{TO},1,USDX,local,5,2026-01-01T00:00:00Z,2099-01-01T00:00:00+01:00,,")
        shown = self.doc("payout", "show", "x")
        self.assertEqual((shown["priority"], shown["not_before_us"]), (5, 1767225600000000))

    def test_errors_name_line_and_column_and_import_nothing(self):
        good = f"a,{TO},1,USDX\n"
        for text, field, part in (
                (self.HEADER + good + f"b,{TO},1.0000001,USDX\n", "line 3, column amount", "decimals"),
                (self.HEADER + good + f"b,{TO},-1,USDX\n", "line 3, column amount", ""),
                (self.HEADER + good + "b,0x12,1,USDX\n", "line 3, column to", ""),
                (self.HEADER + good + f"b,{TO[:-1]}8,1,USDX\n", "line 3, column to", "checksum"),
                (self.HEADER + good + f"b,{TO},1,DOGE\n", "line 3, column token", "DOGE"),
                (self.HEADER + good + f"b,{TO},1,\n", "line 3, column token", "must be given"),
                (self.HEADER + good + f",{TO},1,USDX\n", "line 3, column external_id", ""),
                (self.HEADER + good + f"a,{TO},2,USDX\n", "line 3, column external_id", "line 2"),
                (self.HEADER + '"a\n\nb",' + f"{TO},1,USDX\nb,x,1,USDX\n", "line 2, column external_id", ""),
                (self.HEADER + good + f"b,{TO},1\n", "line 3", "3 cells"),
                (self.HEADER + good + f'b,{TO},"1,USDX\n', "line 3", "quote"),
                (self.HEADER + good + f'b,{TO},"1"x,USDX\n', "line 3", "quote"),
                (self.HEADER + good + f'b"c,{TO},1,USDX\n', "line 3", "quote"),
                (self.HEADER + good + "b\0," + f"{TO},1,USDX\n", "line 3", "NUL"),
                (self.HEADER + "x" * 70000, "line 2", "64 KiB"),
                (self.HEADER, "line 2", "no row"),
                ("", "people.csv", "empty"),
                ("external_id,to,sum\n", "line 1", "sum"),
                ("external_id,to\n", "line 1, column amount", "missing"),
                ("external_id,to,amount,to\n", "line 1, column to", "twice"),
                (b"\xef\xbb\x00external_id", "line 1", "UTF-8"),
                (self.HEADER.encode() + b"\xff\xfe," + TO.encode() + b",1,USDX\n", "line 2, column external_id", "UTF-8")):
            with self.subTest(text=text[-80:]):
                error = self.imported(text, code=3)["error"]
                self.assertEqual(error["field"], field)
                self.assertIn(part, error["text"])
        self.refused("payout", "import", "absent.csv", code=3, field="absent.csv")
        self.refused("payout", "import", ".", code=3)
        self.assertEqual(self.count(), 0)

    def test_conflict_names_the_line(self):
        self.imported(self.HEADER + f"a,{TO},1,USDX\n")
        error = self.imported(self.HEADER + f"z,{TO},1,USDX\na,{TO},2,USDX\n", code=5)["error"]
        self.assertEqual(error["field"], "line 3, column external_id")
        self.assertEqual(self.count(), 1)

    def test_large(self):
        rows = "".join(f"id-{n},{TO},0.000001,USDX\n" for n in range(25_000))
        self.write("people.csv", self.HEADER + rows)
        done = self.remit("payout", "import", "people.csv", "--yes").stdout
        self.assertIn("calls of 10,000", done)
        self.assertIn("Imported 25,000", done)
        self.assertEqual(self.doc("payout", "import", "people.csv", "--yes")["repeated"], 25_000)
        with open(self.folder / "huge.csv", "wb") as huge:
            huge.truncate(10 << 30)
        self.refused("payout", "import", "huge.csv", code=3, field="huge.csv", text="256 MiB")


class Care(CliTest):
    def test_backup_and_migrate(self):
        self.remit("payout", "add", "--id", "a", "--to", TO, "--amount", "1", "--token", "USDX")
        self.remit("backup", "copy.db")
        self.assertEqual(len(self.doc("payout", "list", REMIT_DATABASE="copy.db")["payouts"]), 1)
        self.assertNotEqual(self.run_program("backup", "copy.db").returncode, 0)
        self.assertEqual(self.doc("migrate", "plan"), {"sql": "", "applied": False})
        plan = self.doc("migrate", "plan", REMIT_DATABASE="new.db")["sql"]
        self.assertIn("CREATE TABLE", plan)
        self.assertIn("CREATE TABLE", self.remit("migrate", "plan", REMIT_DATABASE="new.db").stdout)
        self.assertNotEqual(self.run_program("payout", "list", REMIT_DATABASE="new.db", REMIT_MIGRATE="check").returncode, 0)
        self.remit("migrate", "apply", REMIT_DATABASE="new.db", REMIT_MIGRATE="check")
        self.assertEqual(self.doc("payout", "list", REMIT_DATABASE="new.db", REMIT_MIGRATE="check")["payouts"], [])

    def test_no_node(self):
        report = self.doc("health", code=7)
        self.assertFalse(report["chains"][0]["reachable"])
        self.assertEqual(self.remit("health", code=7).stdout.count("http://127.0.0.1:1"), 1)
        self.assertIn("http://127.0.0.1:1", self.remit("doctor", code=7).stdout)
        self.assertIn("remit_", self.remit("metrics").stdout)
        self.assertIn("remit_", self.doc("metrics")["prometheus"])
        self.refused("lane", "resume", TO, "--actor", "a", "--reason", "b", code=4)

    def test_no_node_is_told_once(self):
        self.remit("keys", "new")
        process = subprocess.Popen([PROGRAM, "run"], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   text=True, env=self.environment(REMIT_PASSWORD=PASSWORD))
        self.addCleanup(process.stderr.close)
        told = next(line for line in process.stderr if "still trying" in line)
        process.send_signal(signal.SIGINT)
        process.stderr.read()
        self.assertEqual(process.wait(timeout=10), 0)
        self.assertEqual(told.count("http://127.0.0.1:1"), 1)


class Paying(CliTest):
    def setUp(self):
        super().setUp()
        self.node = Node("-b", "0.2")
        self.addCleanup(self.node.stop)
        self.configure(self.node.url, tokens=[])

    def fund(self):
        sender = self.doc("keys", "new")["address"]
        rpc(self.node.url, "anvil_setBalance", sender, hex(10**20))
        return sender

    def people(self, count):
        self.write("people.csv", "external_id,to,amount\n" +
                   "".join(f"p{n},0x{n + 0xabc0000:040x},0.5\n" for n in range(count)))
        self.remit("payout", "import", "people.csv", "--token", "native", "--yes")

    def spawn(self, *arguments):
        process = subprocess.Popen([PROGRAM, *arguments], cwd=self.folder, text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=self.environment(REMIT_PASSWORD=PASSWORD))
        for cleanup in (process.stderr.close, process.stdout.close, process.wait, process.kill):
            self.addCleanup(cleanup)
        return process

    def until(self, so, seconds=60):
        end = time.monotonic() + seconds
        while not so():
            self.assertLess(time.monotonic(), end, "not so in time")
            time.sleep(0.05)

    def test_pays_until_idle(self):
        self.fund()
        self.people(30)
        done = self.remit("run", "--until-idle")
        self.assertIn("30 of 30 done", done.stdout)
        self.assertIn("Stopped: completed 30", done.stdout)
        for n in range(30):
            self.assertEqual(rpc(self.node.url, "eth_getBalance", f"0x{n + 0xabc0000:040x}", "latest"), hex(5 * 10**17))
        shown = self.doc("payout", "show", "p7")
        self.assertEqual(shown["status"], "completed")
        self.assertIn("transaction", self.remit("payout", "show", "p7").stdout)
        self.assertEqual(self.doc("doctor"), {"findings": []})
        self.assertIn("whole", self.remit("doctor").stdout)
        self.assertTrue(self.doc("health")["chains"][0]["reachable"])
        self.assertIn("ok", self.remit("health").stdout)
        lines = [json.loads(line) for line in self.remit("--json", "run", "--until-idle").stdout.splitlines()]
        self.assertEqual(lines[-1]["report"]["by_status"]["completed"], 30)
        self.refused("payout", "cancel", "p7", "--actor", "a", "--reason", "b", code=5)

    def test_bar_on_a_terminal(self):
        self.fund()
        self.people(12)
        code, seen = self.on_terminal(["run", "--until-idle"], password=PASSWORD)
        self.assertEqual(code, 0, seen)
        self.assertRegex(seen, r"\r\x1b\[K\[-{24}\] 0 of 12 done.*ETA")
        self.assertRegex(seen, r"\r\x1b\[K\[#{24}\] 12 of 12 done")

    def test_second_process_is_refused_and_signals_stop(self):
        self.fund()
        first = self.spawn("run")
        self.people(5)
        self.until(lambda: self.doc("payout", "report")["by_status"]["completed"] == 5)
        second = self.run_program("run")
        self.assertEqual(second.returncode, 10, second.stderr)
        self.assertIn("another process", second.stderr)
        first.send_signal(signal.SIGTERM)
        self.assertEqual(first.wait(timeout=40), 0)
        self.assertIn("Stopped: completed 5", first.stdout.read())

    def test_second_signal_ends_at_once_and_nothing_is_lost(self):
        self.fund()
        process = self.spawn("run")
        self.people(2)
        self.until(lambda: self.doc("payout", "report")["by_status"]["completed"] == 2)
        self.node.process.send_signal(signal.SIGSTOP)
        self.people(3)  # the third is new
        self.until(lambda: self.doc("payout", "report")["by_state"]["signed"] == 1)
        process.send_signal(signal.SIGINT)
        while "once more" not in (line := process.stderr.readline()):
            self.assertNotEqual(line, "", "it ended")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=10), 128 + signal.SIGINT)
        self.node.process.send_signal(signal.SIGCONT)
        self.remit("run", "--until-idle")
        self.assertEqual(rpc(self.node.url, "eth_getBalance", f"0x{0xabc0002:040x}", "latest"), hex(5 * 10**17))

    def test_wrong_chain(self):
        self.configure(self.node.url, id=5)
        self.assertIn("31337", json.dumps(self.doc("health", code=7)))
        self.assertIn("31337", self.remit("doctor", code=7).stdout + self.remit("health", code=7).stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
