"""Idempotency keys from Python: each verdict, effects, host statements, and what a crash leaves."""

import asyncio
import json
import sqlite3
import textwrap
import threading
import time
from ctypes import byref, c_int32, c_void_p
from decimal import Decimal

from scene import Case, main
from test_async import while_it

import remit
from remit import _abi, errors
from remit import _native as native
from remit._native import check, take_blob, take_error
from remit.claims import pairs
from remit import Effect, InFlight, Reply, Statement, Verdict

DONE = Reply(201, (("Content-Type", "application/json"),), b'{"order":1}\x00\xff')


class Sync(Case):
    def test_the_first_executes_and_the_others_replay_byte_for_byte(self):
        with self.world().engine() as engine:
            with engine.claim("key-1", operation="POST /orders", request=b"\x00body") as claim:
                self.assertEqual((claim.verdict, claim.ours, claim.held, claim.epoch), (Verdict.EXECUTE, True, True, 1))
                self.assertIsNone(claim.http())
                claim.complete(DONE)
                claim.complete(DONE)  # equal bytes again are fine
            with engine.claim("key-1", operation="POST /orders", request=b"\x00body") as again:
                self.assertEqual((again.verdict, again.ours, again.reply), (Verdict.REPLAY, False, DONE))
                answer = again.http()
                self.assertEqual((answer.status, answer.body), (201, DONE.body))
                self.assertIn(("Idempotent-Replayed", "true"), answer.headers)
            with self.assertRaises(remit.MismatchError):
                engine.claim("key-1", operation="POST /orders", request=b"other")
            with self.assertRaises(remit.MismatchError):
                engine.claim("key-1", operation="POST /refunds", request=b"\x00body")

    def test_tenants_and_spaces_do_not_meet(self):
        with self.world().engine() as engine:
            for tenant, space in [(None, None), ("t", None), (None, "s"), ("t", "s")]:
                with engine.claim("k", tenant=tenant, space=space) as claim:
                    self.assertEqual((claim.verdict, claim.tenant), (Verdict.EXECUTE, tenant or ""))
                    claim.complete()

    def test_a_request_is_compared_as_canonical_json(self):
        with self.world().engine() as engine:
            with engine.claim("k", request={"amount": Decimal("10.50"), "to": ["a", 1]}) as claim:
                claim.complete(Reply.of({"ok": True, "sum": Decimal("1.10")}))
            with engine.claim("k", request={"to": ["a", 1], "amount": Decimal("10.50")}) as claim:
                self.assertEqual(claim.reply.json(), {"ok": True, "sum": "1.10"})
            with self.assertRaises(remit.MismatchError):
                engine.claim("k", request={"to": ["a", 1], "amount": Decimal("10.51")})
            with self.assertRaises(TypeError):
                engine.claim("k", request={"amount": 10.5})
            self.assertEqual(remit.canonical_json('{"b":1e2,"a":"\\u00e9"}'), '{"a":"é","b":100}'.encode())

    def test_leaving_gives_the_key_back(self):
        with self.world().engine() as engine:
            with self.assertRaises(ZeroDivisionError), engine.claim("k"):
                1 / 0
            engine.tick()
            with engine.claim("k") as claim:
                self.assertEqual((claim.verdict, claim.epoch), (Verdict.EXECUTE, 2))
                claim.release()
            with engine.claim("k") as claim:
                self.assertEqual((claim.verdict, claim.epoch), (Verdict.EXECUTE, 3))

    def test_leaving_after_an_effect_leaves_it_for_recovery(self):
        with self.world().engine() as engine:
            with self.assertRaises(ZeroDivisionError), engine.claim("k") as claim:
                ids = [claim.effect_key("gateway"), claim.effect_key("mail")]
                claim.effect_begin(Effect.IDEMPOTENT)
                self.assertTrue(claim.effects_started)
                with self.assertRaises(remit.StateError):
                    claim.release()
                claim.checkpoint("charged", b"receipt \x00 7")
                claim.effect_begin(Effect.QUERYABLE)
                1 / 0
            engine.tick()
            with engine.recover() as claim:
                self.assertEqual((claim.verdict, claim.key, claim.effect, claim.point, claim.data),
                                 (Verdict.RECOVER, "k", Effect.QUERYABLE, "charged", b"receipt \x00 7"))
                self.assertEqual([claim.effect_key("gateway"), claim.effect_key("mail")], ids)
                self.assertTrue(ids[0].startswith("ek_") and ids[0] != ids[1])
                claim.complete(DONE)
            self.assertIsNone(engine.recover())

    def test_an_effect_that_cannot_be_repeated_is_unknown(self):
        with self.world().engine() as engine:
            with engine.claim("k") as claim:
                claim.effect_begin(Effect.AT_MOST_ONCE)
            engine.tick()
            with engine.claim("k") as claim:
                self.assertEqual(claim.verdict, Verdict.UNKNOWN)
                self.assertNotEqual(claim.doubt, "")
                answer = claim.http()
                self.assertEqual((answer.status, json.loads(answer.body)["status"]), (answer.status, answer.status))
                self.assertGreaterEqual(answer.status, 409)

    def test_a_duplicate_in_flight(self):
        with self.world().engine() as engine, engine.claim("k") as first:
            with engine.claim("k") as second:
                self.assertEqual(second.verdict, Verdict.RUNNING)
                self.assertGreater(second.retry_ms, 0)
                self.assertEqual(second.http().status, 409)
                with self.assertRaises(remit.FixError):
                    second.complete(DONE)
            with engine.claim("k", in_flight=InFlight.WAIT, wait=0.1) as second:
                self.assertEqual(second.verdict, Verdict.RUNNING)
            with self.assertRaises(remit.TimedOutError):
                engine.claim("k", in_flight=InFlight.ATTACH, wait=0.7)
            first.complete(DONE)
            with engine.claim("k", in_flight=InFlight.ATTACH) as second:
                self.assertEqual(second.reply, DONE)

    def test_a_wait_of_nothing_or_next_to_it_is_one_look(self):
        for milliseconds, seconds in ((0, 0), (1, 0.0001), (1, 0.0005), (-1, -0.0001), (700, 0.7), (1100, 1.1)):
            self.assertEqual(native.milliseconds(seconds), milliseconds)
        engine = self.real_engine()
        with engine.claim("k"):
            for wait in (0, 0.0001, 0.5001):
                with self.assertRaises(remit.TimedOutError):
                    engine.claim("k", in_flight=InFlight.ATTACH, wait=wait)
                with engine.claim("k", in_flight=InFlight.WAIT, wait=wait) as second:
                    self.assertEqual(second.verdict, Verdict.RUNNING)
            began = time.monotonic()
            engine.claim("k", in_flight=InFlight.WAIT, wait=0).close()
            self.assertLess(time.monotonic() - began, 4)  # and not the default, 5 seconds
            for in_flight in (InFlight.WAIT, InFlight.ATTACH):
                with self.assertRaises(remit.InvalidError) as caught:
                    engine.claim("k", in_flight=in_flight, wait=-1)
                self.assertEqual(caught.exception.field, "wait_ms")
        with self.assertRaises(remit.FixError):
            engine.claim("new", lease=0.0001)  # not the default

    def test_attached_threads_get_the_reply(self):
        engine = self.real_engine()
        engine.start()
        first = engine.claim("k")
        replies = []
        waiting = threading.Barrier(9)

        def attach():
            waiting.wait()
            with engine.claim("k", in_flight=InFlight.ATTACH) as claim:
                replies.append(claim.reply)

        threads = [threading.Thread(target=attach) for _ in range(8)]
        for thread in threads:
            thread.start()
        waiting.wait()
        first.complete(DONE)
        for thread in threads:
            thread.join(60)
        self.assertEqual(replies, [DONE] * 8)

    def test_the_reply_expires_and_the_key_is_not_used_again(self):
        with self.world() as world, world.engine() as engine:
            with engine.claim("k", keep=1) as claim:
                claim.complete(DONE)
            world.advance(5)
            with engine.claim("k") as claim:
                self.assertEqual(claim.verdict, Verdict.EXPIRED)
            with engine.claim("k", again_after_expiry=True) as claim:
                self.assertEqual(claim.verdict, Verdict.EXECUTE)

    def test_bad_input_names_its_field(self):
        with self.world().engine() as engine:
            for key in ("", "with space", "k" * 256, "é"):
                with self.assertRaises(remit.InvalidError) as caught:
                    engine.claim(key)
                self.assertEqual(caught.exception.field, "key")
            with self.assertRaises(remit.FixError):
                engine.claim("k", lease=0.001)
            with self.assertRaises(TypeError):
                engine.claim(5)
            with engine.claim("k") as claim, self.assertRaises(remit.FixError):
                claim.complete(Reply(99))


class Http(Case):
    def test_the_answer_to_an_error(self):
        self.assertEqual(remit.http_answer(None).status, 400)
        self.assertIn(b"idempotency-key-invalid", remit.http_answer(None).body)
        with self.world().engine() as engine:
            with engine.claim("taken", request=b"a") as claim:
                claim.complete()
            for wanted, key, options in ((400, "", {}), (422, "taken", {"request": b"b"}), (400, "new", {"lease": 0.001})):
                with self.assertRaises(remit.Error) as caught:
                    engine.claim(key, **options)
                answer = remit.http_answer(caught.exception)
                self.assertEqual(answer.status, wanted)
                self.assertIn(("Content-Type", "application/problem+json"), answer.headers)
        away = remit.http_answer(remit.RetryError(-4, "", "the disk is full"))
        self.assertEqual((away.status, dict(away.headers)["Retry-After"]), (503, "1"))
        self.assertEqual(remit.http_answer(remit.FinalError(-8, "id", "nobody")).status, 500)


class Statements(Case):
    def test_the_hosts_statements_commit_or_fail_with_the_reply(self):
        config = self.real_config()
        with remit.Engine(config) as engine:
            create = Statement("CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT, raw BLOB)")
            with engine.claim("setup") as claim:
                claim.complete(statements=[create])
            insert = "INSERT INTO orders (id, note, raw) VALUES (?, ?, ?)"
            with engine.claim("one") as claim:
                claim.complete(
                    DONE,
                    [Statement(insert, (2**63 - 1, "мөнгө", b"\x00\xff"), rows=1), Statement(insert, (1, None, None))],
                )
            with engine.claim("two") as claim:
                with self.assertRaises(remit.FinalError):  # the primary key is taken
                    claim.complete(DONE, [Statement(insert, (2, "x", None)), Statement(insert, (1, "y", None))])
                with self.assertRaises(remit.StateError) as caught:
                    claim.complete(DONE, [Statement("UPDATE orders SET note = 'z' WHERE id = ?", (77,), rows=1)])
                self.assertEqual(caught.exception.field, "statements[0]")
                with self.assertRaises(remit.InvalidError):
                    claim.complete(DONE, [Statement("NONSENSE")])
            for value, kind in ((1.5, TypeError), (Decimal(1), TypeError), (2**63, OverflowError)):
                with engine.claim("three") as claim, self.assertRaises(kind):
                    claim.complete(DONE, [Statement(insert, (3, value, None))])
        with sqlite3.connect(config["database"]) as database:
            self.assertEqual(database.execute("SELECT * FROM orders ORDER BY id").fetchall(),
                             [(1, None, None), (2**63 - 1, "мөнгө", b"\x00\xff")])
        database.close()

    def test_complete_as_statements_for_a_connection_of_the_hosts(self):
        with self.world().engine() as engine, engine.claim("k") as claim:
            statements = claim.complete_sql(DONE)
            self.assertGreater(len(statements), 0)
            self.assertTrue(all(isinstance(s, Statement) and s.sql for s in statements))
            self.assertTrue(any(DONE.body in s.values for s in statements))


class Async(Case):
    def test_verdicts_and_leaving(self):
        async def story():
            world = self.world()
            async with world.async_engine() as engine:
                claim = await while_it(world, engine.claim("k")._make())
                self.assertEqual(claim.verdict, Verdict.EXECUTE)
                await while_it(world, claim.effect_begin(Effect.PURE))
                await while_it(world, claim.checkpoint("half", b"x"))
                await while_it(world, claim.complete(DONE))
                with self.assertRaises(remit.FixError):
                    await while_it(world, claim.effect_begin(Effect.NONE))
                claim.close()
                with self.assertRaises(remit.ClosedError):
                    await claim.release()
                again = await while_it(world, engine.claim("k")._make())
                self.assertEqual((again.verdict, again.reply), (Verdict.REPLAY, DONE))

        asyncio.run(asyncio.wait_for(story(), 60))

    def test_a_hundred_callers_of_one_key_execute_it_once(self):
        config = self.real_config()

        async def story():
            async with remit.AsyncEngine(config) as engine:
                executed = 0

                async def call():
                    nonlocal executed
                    async with engine.claim("k", in_flight=InFlight.ATTACH) as claim:
                        if claim.verdict is Verdict.EXECUTE:
                            executed += 1
                            await claim.effect_begin(Effect.AT_MOST_ONCE)
                            await claim.complete(DONE)
                            return DONE
                        return claim.reply

                replies = await asyncio.gather(*[call() for _ in range(100)])
                self.assertEqual((executed, replies), (1, [DONE] * 100))
                self.assertIsNone(await engine.recover())

        asyncio.run(asyncio.wait_for(story(), 60))

    def test_an_exception_gives_the_key_back(self):
        config = self.real_config()

        async def story():
            async with remit.AsyncEngine(config) as engine:
                with self.assertRaises(ZeroDivisionError):
                    async with engine.claim("k"):
                        1 / 0
                async with engine.claim("k", in_flight=InFlight.WAIT, wait=10) as claim:
                    self.assertEqual((claim.verdict, claim.epoch), (Verdict.EXECUTE, 2))

        asyncio.run(asyncio.wait_for(story(), 60))

    def test_a_cancelled_claim_gives_the_key_back(self):
        config = self.real_config()

        async def story():
            async with remit.AsyncEngine(config) as engine:
                tasks = [asyncio.ensure_future(engine.claim("k")._make()) for _ in range(3)]
                await asyncio.sleep(0)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                async with engine.claim("k", in_flight=InFlight.WAIT, wait=10) as claim:
                    self.assertEqual(claim.verdict, Verdict.EXECUTE)

        asyncio.run(asyncio.wait_for(story(), 60))


class Crash(Case):
    CRASHING = textwrap.dedent("""
        import json, os, sys
        import remit
        engine = remit.Engine(json.loads(sys.argv[1]))
        claim = engine.claim("k", request=b"r")
        print(claim.verdict.name, claim.effect.name, claim.point, claim.effect_key("pay"), flush=True)
        if sys.argv[2] != "NONE":
            claim.effect_begin(remit.Effect[sys.argv[2]])
        os.kill(os.getpid(), 9)
    """)

    def test_each_class_of_effect_after_a_kill(self):
        for effect, verdict in [("NONE", Verdict.RECOVER), ("PURE", Verdict.RECOVER), ("IDEMPOTENT", Verdict.RECOVER),
                                ("QUERYABLE", Verdict.RECOVER), ("AT_MOST_ONCE", Verdict.UNKNOWN)]:
            config = self.real_config()
            died = self.run_python(self.CRASHING, json.dumps(config), effect)
            self.assertEqual(died.returncode, -9, died.stderr)
            with (
                remit.Engine(config) as engine,
                engine.claim("k", request=b"r", in_flight=InFlight.WAIT, wait=30) as claim,
            ):
                self.assertEqual(claim.verdict, verdict, effect)
                if claim.ours:
                    self.assertEqual(claim.effect_key("pay"), died.stdout.split()[-1])
                    claim.complete(DONE)


if __name__ == "__main__":
    main()
