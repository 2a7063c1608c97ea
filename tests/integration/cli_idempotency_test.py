"""`remit idempotency` as a person and a script use it, and what `remit doctor` finds in keys.

Needs REMIT_PROGRAM, and REMIT_LIBRARY for the processes that work on keys.
"""
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import textwrap
import unittest

from cli_test import CliTest

PYTHON = pathlib.Path(__file__).resolve().parents[2] / "bindings" / "python"
DOUBT = ["--actor", "ann", "--reason", "asked the bank"]
PAID = {"key": "paid", "operation": "POST /orders", "request": b"x"}
WIRED = {"key": "wired", "operation": "POST /wires"}


class Idempotency(CliTest):
    def work(self, program, code=0):
        """A process of a host that works on keys."""
        text = "import os, remit\nengine = remit.Engine({'database': 'remit.db', 'log_level': 'error'})\n" + textwrap.dedent(program)
        done = subprocess.run([sys.executable, "-c", text], cwd=self.folder, capture_output=True, text=True, timeout=60,
                              env=self.environment(PYTHONPATH=str(PYTHON), REMIT_LIBRARY=os.environ["REMIT_LIBRARY"]))
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def three(self):
        """One completed, one of another tenant given back, one that nobody knows the outcome of."""
        self.work(f"""
            with engine.claim(**{PAID}) as claim:
                claim.complete(remit.Reply(201, body=b'{{"paid":true}}'))
            engine.claim("given-back", tenant="shop", space="eu").release()
            claim = engine.claim(**{WIRED})
            claim.effect_begin(remit.Effect.AT_MOST_ONCE)
            os.kill(os.getpid(), 9)
        """, code=-signal.SIGKILL)
        self.assertEqual(self.verdict(WIRED), "UNKNOWN")

    def verdict(self, claim):
        return self.work(f"""
            with engine.claim(**{claim}, in_flight=remit.InFlight.WAIT) as claim:
                print(claim.verdict.name, claim.reply.status if claim.reply else "", claim.reply.body.decode() if claim.reply else "")
            engine.close()
        """).strip()

    def test_list(self):
        self.assertEqual(self.doc("idempotency", "list"), {"keys": [], "next": ""})
        self.three()
        page = self.doc("idempotency", "list")
        self.assertEqual([(k["key"], k["state"]) for k in page["keys"]],
                         [("paid", "completed"), ("given-back", "released"), ("wired", "unknown")])
        said = self.remit("idempotency", "list").stdout
        self.assertRegex(said, r"^KEY .*STATE")
        self.assertRegex(said, r"(?m)^wired .* unknown .* its worker was gone")
        self.assertEqual([k["key"] for k in self.doc("idempotency", "list", "--state", "unknown")["keys"]], ["wired"])
        self.assertEqual([k["key"] for k in self.doc("idempotency", "list", "--tenant", "shop")["keys"]], ["given-back"])
        self.assertEqual([k["key"] for k in self.doc("idempotency", "list", "--space", "")["keys"]], ["paid", "wired"])
        first = self.doc("idempotency", "list", "--limit", "2")
        rest = self.doc("idempotency", "list", "--limit", "2", "--after", first["next"])
        self.assertEqual([k["key"] for k in first["keys"] + rest["keys"]], ["paid", "given-back", "wired"])
        self.assertIn("--after " + first["next"], self.remit("idempotency", "list", "--limit", "2").stdout)
        self.refused("idempotency", "list", "--state", "lost", code=3, field="--state")
        self.refused("idempotency", "list", "--limit", "0", code=3, field="--limit")
        self.refused("idempotency", "list", "--after", "x", code=3, field="--after")

    def test_show(self):
        self.three()
        shown = self.doc("idempotency", "show", "paid")
        self.assertEqual([shown[f] for f in ("state", "operation", "reply_status", "body_len", "epoch")],
                         ["completed", "POST /orders", 201, len('{"paid":true}'), 1])
        self.assertGreater(shown["expires_us"], shown["done_us"])
        self.assertRegex(self.remit("idempotency", "show", "wired").stdout, r"(?m)^effects started +yes$")
        self.assertEqual(self.doc("idempotency", "show", "given-back", "--tenant", "shop", "--space", "eu")["state"], "released")
        self.refused("idempotency", "show", "given-back", code=4, field="KEY")
        self.refused("idempotency", "show", code=2, text="KEY")

    def test_resolve_as_done(self):
        self.three()
        self.refused("idempotency", "resolve", "wired", *DOUBT, code=2, text="--done or --not-done")
        self.refused("idempotency", "resolve", "wired", "--done", "--not-done", *DOUBT, code=2)
        self.refused("idempotency", "resolve", "wired", "--done", "--actor", "ann", code=2, text="--reason")
        self.refused("idempotency", "resolve", "wired", "--not-done", "--body", "x", *DOUBT, code=2, field="--not-done")
        self.refused("idempotency", "resolve", "wired", "--done", "--status", "99", *DOUBT, code=3, field="--status")
        self.refused("idempotency", "resolve", "wired", "--done", "--content-type", "a\nb", *DOUBT, code=3, field="--content-type")
        self.refused("idempotency", "resolve", "wired", "--done", "--actor", "", "--reason", "r", code=3, field="--actor")
        self.refused("idempotency", "resolve", "paid", "--done", *DOUBT, code=5, field="KEY", text="completed, not unknown")
        self.refused("idempotency", "resolve", "none", "--done", *DOUBT, code=4, field="KEY")
        body = '{"wire":"w-1"}'
        done = self.doc("idempotency", "resolve", "wired", "--done", "--status", "202", "--body", body,
                        "--content-type", "application/json", *DOUBT)
        self.assertEqual((done["state"], done["reply_status"]), ("completed", 202))
        self.assertEqual(self.verdict(WIRED), f"REPLAY 202 {body}")
        said = [json.loads(line) for line in self.remit("--json", "events", "tail").stdout.splitlines()]
        told = [event for event in said if event["type"] == "idempotency.resolved"]
        self.assertEqual([(event["data"]["actor"], event["data"]["reason"]) for event in told], [("ann", "asked the bank")])
        self.refused("idempotency", "resolve", "wired", "--done", *DOUBT, code=5)

    def test_resolve_as_not_done(self):
        self.three()
        said = self.remit("idempotency", "resolve", "wired", "--not-done", *DOUBT).stdout
        self.assertEqual(said, "wired is released: the next claim executes it.\n")
        self.assertEqual(self.verdict(WIRED), "EXECUTE")

    def test_resolve_as_not_done_behind_a_checkpoint(self):
        self.work("""
            claim = engine.claim("two-wires")
            claim.checkpoint("first-sent", b"w-1")
            claim.effect_begin(remit.Effect.AT_MOST_ONCE)
            os.kill(os.getpid(), 9)
        """, code=-signal.SIGKILL)
        self.assertEqual(self.verdict({"key": "two-wires"}), "UNKNOWN")
        said = self.remit("idempotency", "resolve", "two-wires", "--not-done", *DOUBT).stdout
        self.assertEqual(said, "two-wires is in_progress: the next claim goes on from 'first-sent'.\n")
        self.assertEqual(self.verdict({"key": "two-wires"}), "RECOVER")

    def test_purge(self):
        self.three()
        self.refused("idempotency", "purge", code=2, field="--yes")
        self.refused("idempotency", "purge", "--yes", "--limit", "0", code=3, field="--limit")
        self.assertEqual(self.doc("idempotency", "purge", "--yes"), {"purged": 0})
        self.end_the_time_of_all()
        code, seen = self.on_terminal(["idempotency", "purge"], [("keys whose time is over?", "n")])
        self.assertEqual(code, 0)
        self.assertIn("Nothing was purged", seen)
        self.assertEqual(self.doc("idempotency", "purge", "--yes", "--limit", "1"), {"purged": 1})
        code, seen = self.on_terminal(["idempotency", "purge"], [("keys whose time is over?", "y")])
        self.assertIn("Purged 1.", seen)
        # A tombstone stays for those who come late; what is unknown stays until somebody settles it.
        self.assertEqual([(k["key"], k["state"]) for k in self.doc("idempotency", "list")["keys"]],
                         [("paid", "tombstone"), ("wired", "unknown")])
        self.assertEqual(self.verdict(PAID), "EXPIRED")

    def end_the_time_of_all(self):
        self.edit("UPDATE remit_idempotency SET expires_us = 1, due_us = 1 WHERE state = 30",
                  "UPDATE remit_idempotency SET due_us = 1 WHERE state = 20")

    def edit(self, *statements):
        with sqlite3.connect(self.folder / "remit.db") as rows:
            for statement in statements:
                self.assertEqual(rows.execute(statement).rowcount, 1, statement)
        rows.close()

    def test_doctor(self):
        self.three()
        self.write("remit.json", json.dumps({"database": "remit.db"}))
        self.assertEqual(self.doc("doctor"), {"findings": []})
        self.assertIn("whole", self.remit("doctor").stdout)
        for edit, finding in [
            ("UPDATE remit_idempotency SET reply_body = '{\"paid\":false}' WHERE key_text = 'paid'", "'paid' has a reply"),
            ("UPDATE remit_idempotency SET effects = 1 WHERE key_text = 'given-back'", "'given-back'"),
            ("UPDATE remit_idempotency SET epoch = 0 WHERE key_text = 'wired'", "'wired'"),
            ("UPDATE remit_idempotency SET owner = 'somebody' WHERE key_text = 'paid'", "'paid'"),
        ]:
            with self.subTest(edit):
                kept = (self.folder / "remit.db").read_bytes()
                self.edit(edit)
                found = self.doc("doctor", code=11)["findings"]
                self.assertEqual(len(found), 1, found)
                self.assertIn(finding, found[0])
                self.assertIn("Findings: 1", self.remit("doctor", code=11).stdout)
                for trace in self.folder.glob("remit.db-*"):
                    if trace.is_file():
                        trace.unlink()
                (self.folder / "remit.db").write_bytes(kept)


if __name__ == "__main__":
    unittest.main(verbosity=2)
