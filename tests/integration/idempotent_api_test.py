"""The servers of examples/idempotent_api over HTTP: the same stories for each, told by REMIT_SERVER, the command of one.
REMIT_OTHER_SERVER is the command of the other, which goes on from what the first one left.

The gateway that they call is ours: it counts, waits, fails, and kills the server that asks it.
"""
import concurrent.futures
import http.client
import http.server
import json
import os
import pathlib
import shlex
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "database"))
import with_postgres  # noqa: E402

TABLE = "CREATE TABLE orders (id TEXT PRIMARY KEY, amount TEXT)"
TEA = {"item": "tea"}


class Gateway(http.server.ThreadingHTTPServer):
    """Knows prices, charges once per key, and sends a message as often as it is asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Asked)
        self.charges, self.asked, self.meanwhile = {}, [], {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # a server that was killed does not wait for its answer

    def count(self, path):
        return self.asked.count(path)


class Asked(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        gateway, body = self.server, json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        gateway.asked.append(self.path)
        said = {"amount": "2.50"}
        if self.path == "/charge":
            said = {"id": gateway.charges.setdefault(body["key"], f"ch-{len(gateway.charges)}")}
        fault = gateway.meanwhile.pop(self.path, lambda: None)()
        text = json.dumps(said).encode()
        self.send_response(fault or 200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class Answer:
    def __init__(self, response):
        self.status, self.body = response.status, response.read()
        self.type = response.getheader("Content-Type")
        self.replayed = response.getheader("Idempotent-Replayed")
        self.retry_after = response.getheader("Retry-After")

    @property
    def kind(self):
        return json.loads(self.body)["type"].rsplit(":", 1)[1]


class Case(unittest.TestCase):
    in_flight = "reject"

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="remit-api-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.gateway = Gateway()
        self.addCleanup(self.gateway.server_close)
        self.addCleanup(self.gateway.shutdown)
        self.database = self.make_database()
        self.process = None
        self.start()

    def make_database(self):
        with sqlite3.connect(self.folder / "remit.db") as made:
            made.execute(TABLE)
        made.close()
        return str(self.folder / "remit.db")

    def start(self, command=os.environ["REMIT_SERVER"]):
        if self.process is not None:
            self.process.wait(10)
        self.port = with_postgres.free_port()
        self.log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(shlex.split(command), stdout=self.log, stderr=self.log, env={
            **os.environ, "DATABASE": self.database, "PORT": str(self.port), "IN_FLIGHT": self.in_flight,
            "GATEWAY": f"http://127.0.0.1:{self.gateway.server_port}"})
        for cleanup in (self.log.close, self.process.wait, self.process.kill):
            self.addCleanup(cleanup)
        end = time.monotonic() + 60
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                self.assertIsNone(self.process.poll(), (self.folder / "log").read_text())
                self.assertLess(time.monotonic(), end, "the server does not start")
                time.sleep(0.02)

    def post(self, path, body, *keys, merchant="m1"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            connection.putrequest("POST", path)
            for name, value in [("Content-Type", "application/json"), ("Content-Length", str(len(data))), ("X-Merchant", merchant)]:
                connection.putheader(name, value)
            for key in keys:
                connection.putheader("Idempotency-Key", key)
            connection.endheaders(data)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def post_until_done(self, path, body, key):
        """As a client does: again after the seconds that the server says, while the key is in use."""
        end = time.monotonic() + 60
        while True:
            answer = self.post(path, body, key)
            if answer.status != 409 or answer.kind != "idempotency-key-in-use" or time.monotonic() > end:
                return answer
            time.sleep(int(answer.retry_after))

    def killing(self):
        self.process.kill()
        self.process.wait()

    def cut_off(self, path, body, key):
        with self.assertRaises((http.client.HTTPException, OSError)):
            self.post(path, body, key)

    def held(self, path):
        """The gateway's next answer: set when it was asked for, and given when the other is set."""
        asked, go_on = threading.Event(), threading.Event()

        def hold():
            asked.set()
            go_on.wait(60)

        self.gateway.meanwhile[path] = hold
        return asked, go_on

    def orders(self):
        with sqlite3.connect(self.database) as rows:
            found = rows.execute("SELECT id, amount FROM orders ORDER BY id").fetchall()
        rows.close()
        return found


class OneServer(Case):
    def test_the_same_request_again(self):
        first = self.post("/orders", TEA, "order-1")
        self.assertEqual((first.status, first.replayed), (201, None))
        self.assertEqual(json.loads(first.body), {"order": "ch-0", "amount": "2.50"})
        for key in ("order-1", '"order-1"'):
            again = self.post("/orders", TEA, key)
            self.assertEqual((again.status, again.type, again.body), (first.status, first.type, first.body))
            self.assertEqual(again.replayed, "true")
        self.assertEqual(self.gateway.count("/charge"), 1)
        self.assertEqual(self.orders(), [("ch-0", "2.50")])
        other = self.post("/orders", TEA, "order-1", merchant="m2")
        self.assertEqual((other.status, other.replayed), (201, None))
        self.assertEqual(len(self.orders()), 2)

    def test_another_request(self):
        self.assertEqual(self.post("/orders", TEA, "k").status, 201)
        for path, body in [("/orders", {"item": "milk"}), ("/orders?express=1", TEA), ("/messages", TEA)]:
            answer = self.post(path, body, "k")
            self.assertEqual((answer.status, answer.type), (422, "application/problem+json"), answer.body)
            self.assertEqual(answer.kind, "idempotency-key-reused")
            self.assertNotIn(b"ch-0", answer.body)
        self.assertEqual(self.gateway.asked, ["/price", "/charge"])

    def test_keys_that_are_none(self):
        for keys in [(), ("",), ("a b",), ('"open',), ('"a"b',), ('"a b"',), ("x" * 256,), ("\u00e9",), ("a", "b"), ('"a\\b"',)]:
            with self.subTest(keys):
                answer = self.post("/orders", TEA, *keys)
                self.assertEqual((answer.status, answer.type), (400, "application/problem+json"), answer.body)
                self.assertEqual(answer.kind, "idempotency-key-invalid")
        self.assertEqual(self.gateway.asked, [])
        self.assertEqual(self.post("/orders", TEA, '"a\\"b"').status, 201)
        self.assertEqual(self.post("/orders", TEA, 'a"b').replayed, "true")

    def test_a_concurrent_one(self):
        asked, go_on = self.held("/charge")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            first = pool.submit(self.post, "/orders", TEA, "k")
            self.assertTrue(asked.wait(60))
            second = self.post("/orders", TEA, "k")
            other = self.post("/orders", TEA, "another")
            go_on.set()
            self.assertEqual(first.result().status, 201)
        self.assertEqual((second.status, second.kind), (409, "idempotency-key-in-use"))
        self.assertGreaterEqual(int(second.retry_after), 1)
        self.assertEqual(other.status, 201)
        self.assertEqual(self.post("/orders", TEA, "k").body, first.result().body)
        self.assertEqual(self.gateway.count("/charge"), 2)

    def test_a_crash_that_is_gone_on_from(self):
        self.gateway.meanwhile["/charge"] = self.killing
        self.cut_off("/orders", TEA, "k")
        self.start(os.environ["REMIT_OTHER_SERVER"])
        answer = self.post("/orders", TEA, "k")
        self.assertEqual((answer.status, answer.replayed), (201, None))
        self.assertEqual((self.gateway.count("/charge"), len(self.gateway.charges)), (2, 1))
        self.assertEqual(self.orders(), [("ch-0", "2.50")])
        self.assertEqual(self.post("/orders", TEA, "k").body, answer.body)

    def test_a_crash_before_anything_was_done(self):
        self.gateway.meanwhile["/price"] = self.killing
        self.cut_off("/orders", TEA, "k")
        self.start()
        self.assertEqual(self.post("/orders", TEA, "k").status, 201)
        self.assertEqual(self.gateway.count("/charge"), 1)

    def test_a_crash_that_nobody_knows_the_outcome_of(self):
        self.gateway.meanwhile["/send"] = self.killing
        self.cut_off("/messages", {"text": "hi"}, "k")
        self.start()
        for _ in range(2):
            answer = self.post("/messages", {"text": "hi"}, "k")
            self.assertEqual((answer.status, answer.kind), (409, "idempotency-key-indeterminate"))
        self.assertEqual(self.gateway.count("/send"), 1)

    def test_an_error_before_the_effect(self):
        self.gateway.meanwhile["/price"] = lambda: 500
        failed = self.post("/orders", TEA, "k")
        self.assertEqual((failed.status, failed.replayed), (500, None))
        done = self.post("/orders", TEA, "k")
        self.assertEqual((done.status, done.replayed), (201, None))
        self.assertEqual(self.gateway.count("/charge"), 1)

    def test_an_error_within_the_effect(self):
        self.gateway.meanwhile["/charge"] = lambda: 500
        self.assertIn(self.post("/orders", TEA, "k").status, (500, 503))
        self.assertEqual(self.post("/orders", TEA, "k").status, 201)
        self.assertEqual((self.gateway.count("/charge"), len(self.orders())), (2, 1))
        self.gateway.meanwhile["/send"] = lambda: 500
        self.assertIn(self.post("/messages", {"text": "hi"}, "m").status, (500, 503))
        self.assertEqual(self.post("/messages", {"text": "hi"}, "m").kind, "idempotency-key-indeterminate")
        self.assertEqual(self.gateway.count("/send"), 1)

    def test_a_refusal_is_not_put_on_record(self):
        for _ in range(2):
            refused = self.post("/orders", b'{"item":', "k")
            self.assertIn(refused.status, (400, 422))
            self.assertIsNone(refused.replayed)
        self.assertEqual(self.gateway.asked, [])

    def test_the_rows_and_the_reply_stand_together(self):
        with sqlite3.connect(self.database) as rows:
            rows.execute("INSERT INTO orders VALUES ('ch-0', 'of somebody else')")
        rows.close()
        self.assertEqual(self.post("/orders", TEA, "k").status, 500)
        with sqlite3.connect(self.database) as rows:
            rows.execute("DELETE FROM orders")
        rows.close()
        self.assertEqual(self.post("/orders", TEA, "k").status, 201)
        self.assertEqual((len(self.gateway.charges), self.orders()), (1, [("ch-0", "2.50")]))


class Waiting(Case):
    in_flight = "wait"

    def test_a_concurrent_one_gets_the_same_reply(self):
        asked, go_on = self.held("/charge")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            first = pool.submit(self.post, "/orders", TEA, "k")
            self.assertTrue(asked.wait(60))
            second = pool.submit(self.post, "/orders", TEA, "k")
            # One that came later is answered meanwhile: the second one has arrived, and waits.
            self.assertEqual(self.post("/orders", {"item": "milk"}, "k").status, 422)
            self.assertFalse(second.done())
            go_on.set()
            self.assertEqual((second.result().status, second.result().body), (201, first.result().body))
        self.assertEqual((first.result().replayed, second.result().replayed), (None, "true"))
        self.assertEqual(self.gateway.count("/charge"), 1)


class OnPostgres(Case):
    def make_database(self):
        folder = tempfile.mkdtemp(prefix="remit-server-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.server = with_postgres.Postgres(folder)
        self.addCleanup(self.server.stop)
        self.server.start()
        subprocess.run(["psql", "-q", "-c", TABLE, self.server.url], check=True)
        return self.server.url

    def orders(self):
        said = subprocess.run(["psql", "-qtA", "-c", "SELECT id, amount FROM orders", self.database], check=True,
                              capture_output=True, text=True)
        return [tuple(line.split("|")) for line in said.stdout.splitlines()]

    def test_the_database_goes_away(self):
        first = self.post("/orders", TEA, "k")
        self.assertEqual(first.status, 201)
        self.server.stop()
        for key in ("k", "another"):
            answer = self.post("/orders", TEA, key)
            self.assertEqual((answer.status, answer.kind), (503, "idempotency-unavailable"))
            self.assertGreaterEqual(int(answer.retry_after), 1)
        self.assertEqual(self.gateway.count("/price"), 1)
        with mock.patch.object(with_postgres, "free_port", return_value=self.server.port):
            self.server.start()
        again = self.post("/orders", TEA, "k")
        self.assertEqual((again.status, again.body, again.replayed), (201, first.body, "true"))
        self.assertEqual(self.post("/orders", TEA, "another").status, 201)
        self.assertEqual(self.orders(), [("ch-0", "2.50"), ("ch-1", "2.50")])

    def test_it_goes_away_within_the_work(self):
        self.gateway.meanwhile["/charge"] = self.server.stop
        answer = self.post("/orders", TEA, "k")
        self.assertEqual((answer.status, answer.kind), (503, "idempotency-unavailable"))
        with mock.patch.object(with_postgres, "free_port", return_value=self.server.port):
            self.server.start()
        self.assertEqual(self.post_until_done("/orders", TEA, "k").status, 201)
        self.assertEqual((len(self.gateway.charges), self.orders()), (1, [("ch-0", "2.50")]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
