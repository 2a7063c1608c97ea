"""The ASGI middleware around a plain application. With a web framework, crashes and HTTP: examples/idempotent_api."""

import asyncio
import json

from scene import Case, main, remit
from remit.asgi import IdempotencyMiddleware


class Asgi(Case):
    def serve(self, app, *requests, **options):
        """What the requests are answered, one after the other, by one server."""

        async def serving():
            async with remit.AsyncEngine(self.real_config()) as engine:
                server = IdempotencyMiddleware(app, engine=engine, **options)
                return [await self.ask(server, *request) for request in requests]

        return asyncio.run(serving())

    async def ask(self, server, body, key=None, method="POST", path="/orders", kind="http"):
        scope = {"type": kind, "method": method, "path": path, "query_string": b"", "state": {"shop": "a"},
                 "headers": [] if key is None else [(b"idempotency-key", key.encode())]}
        parts = body if isinstance(body, list) else [body]
        unread = [{"type": "http.request", "body": part, "more_body": n + 1 < len(parts)} for n, part in enumerate(parts)]
        sent = []

        async def receive():
            return unread.pop(0) if unread else {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)

        try:
            await server(scope, receive, send)
        except KeyError as error:
            return error, {}, b""
        if not sent:
            return None, {}, b""
        return sent[0]["status"], dict(sent[0]["headers"]), b"".join(one.get("body", b"") for one in sent[1:])

    def counting(self, status=200):
        """Answers in two parts what it was sent, and how often it was called."""

        async def app(scope, receive, send):
            app.calls += 1
            app.states.append(scope.get("state", {}))
            said = b""
            while (message := await receive())["type"] == "http.request":
                said += message["body"]
                if not message["more_body"]:
                    break
            await send({"type": "http.response.start", "status": status, "headers": [(b"etag", b'"1"'), (b"set-cookie", b"a=b")]})
            await send({"type": "http.response.body", "body": said, "more_body": True})
            await send({"type": "http.response.body", "body": b" %d" % app.calls})

        app.calls, app.states = 0, []
        return app

    def test_the_whole_reply_is_replayed(self):
        app = self.counting(201)
        first, again = self.serve(app, ([b"one", b"two"], "k"), (b"onetwo", "k"))
        self.assertEqual((first[0], first[2]), (201, b"onetwo 1"))
        self.assertEqual(first[1][b"set-cookie"], b"a=b")
        self.assertEqual((again[0], again[2]), (201, b"onetwo 1"))
        self.assertEqual(again[1], {b"etag": b'"1"', b"idempotent-replayed": b"true", b"content-length": b"8"})
        self.assertEqual(app.states[0]["shop"], "a")
        self.assertTrue(app.states[0]["attempt"].claim.ours)

    def test_who_passes_by(self):
        app = self.counting()
        self.serve(app, (b"", None), (b"", None), (b"", "k", "GET"), (b"", "k", "GET"), (b"", "k", "", "/", "lifespan"))
        self.assertEqual(app.calls, 5)
        self.assertTrue(all("attempt" not in state for state in app.states))
        app = self.counting()
        asked = self.serve(app, (b"", None, "PUT"), (b"", "k", "PUT"), (b"", "k", "PUT"), methods=["PUT"], required=True)
        self.assertEqual(([status for status, _, _ in asked], app.calls), ([400, 200, 200], 1))

    def test_what_is_not_put_on_record(self):
        for status in (400, 404, 500, 503):
            app = self.counting(status)
            asked = self.serve(app, (b"", "k"), (b"", "k"))
            self.assertEqual([(said, body) for said, _, body in asked], [(status, b" 1"), (status, b" 2")])

    def test_once_an_effect_was_begun(self):
        for status, seen in [(402, [(402, 1), (402, 1)]), (500, [(503, 1), (503, 2)])]:
            counting = self.counting(status)

            async def app(scope, receive, send):
                await scope["state"]["attempt"].claim.effect_begin(remit.Effect.IDEMPOTENT)
                await counting(scope, receive, send)

            asked = self.serve(app, (b"", "k"), (b"", "k"))
            self.assertEqual([said for said, _, _ in asked], [said for said, _ in seen])
            self.assertEqual(counting.calls, seen[-1][1])
            if status == 500:
                self.assertEqual(json.loads(asked[0][2])["type"], "urn:remit:problem:idempotency-interrupted")
                self.assertEqual(asked[0][1][b"retry-after"], b"1")

    def test_an_exception_reaches_the_server(self):
        async def app(scope, receive, send):
            app.calls += 1
            raise KeyError("of the application")

        app.calls = 0
        for raised, _, _ in self.serve(app, (b"", "k"), (b"", "k")):
            self.assertEqual(raised.args, ("of the application",))
        self.assertEqual(app.calls, 2)

    def test_too_much(self):
        app = self.counting()
        asked = self.serve(app, ([b"12345", b"6"], "k"), (b"12345", "k"), max_body=5)
        self.assertEqual([status for status, _, _ in asked], [413, 200])

    def test_a_client_that_is_gone(self):
        app = self.counting()
        self.assertEqual(self.serve(app, ([], "k"))[0][0], None)
        self.assertEqual(app.calls, 0)

    def test_tenants(self):
        app = self.counting()
        asked = self.serve(app, (b"", "k", "POST", "/a"), (b"", "k", "POST", "/b"), (b"", "k", "POST", "/a"),
                           tenant=lambda scope: scope["path"])
        self.assertEqual([body for _, _, body in asked], [b" 1", b" 2", b" 1"])


if __name__ == "__main__":
    main()
