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

    async def ask(self, server, body, key=None, method="POST", path="/orders", kind="http", query=b""):
        scope = {"type": kind, "method": method, "path": path, "query_string": query, "state": {"shop": "a"},
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
        self.assertEqual(again[1], {b"etag": b'"1"', b"idempotent-replayed": b"true", b"content-length": b"8",
                                    b"idempotency-key": b"k"})
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

            # The key of an interrupted one is handed over in the background.
            asked = self.serve(app, (b"", "k"), (b"", "k"), in_flight=remit.InFlight.WAIT)
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

    def test_background_tasks_neither_delay_nor_undo_a_reply(self):
        """As Starlette runs them: inside the application's call, behind the reply's last part."""
        counting = self.counting(201)

        async def app(scope, receive, send):
            await counting(scope, receive, send)
            if counting.calls == 1:
                background.set()
                await replayed.wait()
                raise KeyError("of the background task")

        async def story():
            nonlocal background, replayed
            background, replayed = asyncio.Event(), asyncio.Event()
            async with remit.AsyncEngine(self.real_config()) as engine:
                server = IdempotencyMiddleware(app, engine=engine)
                sent = []

                async def receive():
                    return {"type": "http.request", "body": b"x", "more_body": False}

                async def send(message):
                    sent.append(message)

                scope = {"type": "http", "method": "POST", "path": "/orders", "headers": [(b"idempotency-key", b"k")]}
                first = asyncio.ensure_future(server(scope, receive, send))
                await asyncio.wait_for(background.wait(), 30)
                self.assertEqual([message["type"] for message in sent], ["http.response.start", "http.response.body"])
                again = await self.ask(server, b"x", "k")
                replayed.set()
                with self.assertRaisesRegex(KeyError, "of the background task"):
                    await first
                last = await self.ask(server, b"x", "k")
                return (sent[0]["status"], sent[1]["body"]), (again[0], again[2]), (last[0], last[2])

        background = replayed = None
        self.assertEqual(asyncio.run(asyncio.wait_for(story(), 60)), ((201, b"x 1"),) * 3)
        self.assertEqual(counting.calls, 1)

    def test_a_reply_that_cannot_be_settled_or_is_not_ended(self):
        calls = []

        async def app(scope, receive, send):
            calls.append(1)
            await send({"type": "http.response.start", "status": 200, "headers": []})
            if len(calls) == 1:
                scope["state"]["attempt"].statements.append(remit.Statement("NONSENSE"))
            if len(calls) == 2:
                return await send({"type": "http.response.body", "body": b"half", "more_body": True})
            try:
                await send({"type": "http.response.body", "body": b"%d" % len(calls)})
            except remit.InvalidError:
                pass  # one that hides it: the server is told all the same

        async def story():
            async with remit.AsyncEngine(self.real_config()) as engine:
                server = IdempotencyMiddleware(app, engine=engine, in_flight=remit.InFlight.WAIT)
                with self.assertRaises(remit.InvalidError):
                    await self.ask(server, b"", "k")
                with self.assertRaisesRegex(RuntimeError, "without ending"):
                    await self.ask(server, b"", "k")
                return [(await self.ask(server, b"", "k"))[2] for _ in range(2)]

        self.assertEqual(asyncio.run(asyncio.wait_for(story(), 60)), [b"3", b"3"])

    def test_the_order_of_a_querys_parameters_does_not_matter(self):
        app = self.counting()
        queries = [b"b=2&a=1&a=0", b"a=1&a=0&b=2", b"a=0&a=1&b=2", b"a=1&b=2", b""]
        asked = self.serve(app, *[(b"", "k", "POST", "/orders", "http", query) for query in queries])
        self.assertEqual([status for status, _, _ in asked], [200, 200, 422, 422, 422])
        self.assertEqual(app.calls, 1)

    def test_the_key_is_in_every_answer_to_it(self):
        app = self.counting(400)
        asked = self.serve(app, (b"", '"k"'), (b"", "a key"), (b"toolong", "k"), (b"", '"k'), (b"", None), max_body=5,
                           required=True)
        self.assertEqual([(status, headers.get(b"idempotency-key")) for status, headers, _ in asked],
                         [(400, b'"k"'), (400, b"a key"), (413, b"k"), (400, None), (400, None)])


if __name__ == "__main__":
    main()
