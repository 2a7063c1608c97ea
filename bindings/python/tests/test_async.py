"""The engine for asyncio: in a world, whose time the test moves, and on a real file with the library's threads."""

import asyncio
import threading
import time
from decimal import Decimal

from scene import CHAIN_ID, PAYEE, Case, main, request

import remit
from remit import _abi
from remit import loop as loops


async def while_it(world, awaitable, seconds=1):
    """What is awaited, while simulated time passes."""
    task = asyncio.ensure_future(awaitable)
    await asyncio.sleep(0)
    for _ in range(1000):
        world.advance(seconds)
        await asyncio.sleep(0)
        if task.done():
            break
    return await task


class AsyncCase(Case):
    def setUp(self):
        self.real = self.real_config()

    def run_async(self, main_coroutine):
        return asyncio.run(asyncio.wait_for(main_coroutine, 60))


class InAWorld(AsyncCase):
    def test_a_payout_is_paid_and_told_of(self):
        async def story():
            world = self.world()
            async with world.async_engine() as engine:
                wanted = request("order-1", base_units=None, amount=Decimal("12.5"))
                accepted = await while_it(world, engine.payouts.create(wanted))
                self.assertTrue(accepted.created)
                payout = await while_it(world, engine.payouts.wait(accepted.id, timeout=600))
                self.assertEqual((payout.status, payout.amount), (remit.PayoutStatus.COMPLETED, Decimal("12.5")))
                self.assertEqual(payout, await while_it(world, engine.payouts.find("order-1")))

                async def listen():
                    seen = []
                    async for event in engine.events("app", follow=False):
                        seen.append(event.type)
                        await event.ack()
                    return seen

                self.assertEqual(await while_it(world, listen()), ["payout.pending", "payout.sent", "payout.completed"])
                self.assertEqual(await while_it(world, listen()), [])
            self.assertEqual(world.balance(PAYEE, "USDT"), 12_500_000)

        self.run_async(story())

    def test_errors_are_typed_at_once_and_later(self):
        async def story():
            world = self.world()
            async with world.async_engine() as engine:
                with self.assertRaises(remit.NotFoundError) as caught:
                    await while_it(world, engine.payouts.get("po_none"))
                self.assertEqual(caught.exception.field, "id")
                with self.assertRaises(remit.FixError):
                    await engine.payouts.enqueue([])
                with self.assertRaises(TypeError):
                    await engine.payouts.get(5)
            with self.assertRaises(remit.ClosedError):
                await engine.payouts.get("po_none")

        self.run_async(story())


class OnAFile(AsyncCase):
    def test_what_is_under_way_ends_when_the_engine_closes(self):
        async def story():
            async with remit.AsyncEngine(self.real) as engine:
                id = (await engine.payouts.create(request("x", token=None))).id
                waits = [asyncio.ensure_future(engine.payouts.wait(id, timeout=600)) for _ in range(5)]
                await engine.health()
            outcomes = await asyncio.gather(*waits, return_exceptions=True)
            self.assertEqual([type(o) for o in outcomes], [remit.ClosedError] * 5)

        self.run_async(story())

    def test_fifty_calls_in_flight_and_some_of_them_cancelled(self):
        async def story():
            async with remit.AsyncEngine(self.real) as engine:
                calls = [asyncio.ensure_future(engine.payouts.create(request(f"n{i}", token=None))) for i in range(50)]
                for call in calls[::10]:
                    call.cancel()
                done = await asyncio.gather(*calls, return_exceptions=True)
                self.assertEqual(sum(isinstance(d, remit.Accepted) for d in done), 45)
                self.assertEqual(len({d.id for d in done if isinstance(d, remit.Accepted)}), 45)
                # A cancelled wait does not cancel the work: the payout is there.
                self.assertFalse((await engine.payouts.create(request("n1", token=None))).created)
                self.assertEqual(len(engine._waiting), 0)
                self.assertEqual(len(engine._queue._takers), 1)

        self.run_async(story())

    def test_the_loop_is_never_blocked(self):
        async def story():
            late = 0.0

            async def tick():
                nonlocal late
                while True:
                    began = time.perf_counter()
                    await asyncio.sleep(0.005)
                    late = max(late, time.perf_counter() - began - 0.005)

            async with remit.AsyncEngine(self.real) as engine:
                await engine.keys.unlock_kek(bytes(32))
                ticker = asyncio.ensure_future(tick())
                made = await engine.keys.create("x")
                # Deriving the file's key takes the library most of a second.
                file = await engine.keys.export_v3(made.address, "secret")
                await asyncio.gather(*[engine.payouts.create(request(f"n{i}", token=None)) for i in range(200)])
                ticker.cancel()
            self.assertIn("scrypt", file)
            print(f"the loop was late by at most {late * 1000:.1f} ms")
            self.assertLess(late, 0.3)

        self.run_async(story())

    def test_engines_of_a_loop_share_its_queue(self):
        async def story():
            other = self.real_config()
            async with remit.AsyncEngine(self.real) as one:
                async with remit.AsyncEngine(other) as two:
                    self.assertIs(one._queue, two._queue)
                    a, b = await asyncio.gather(one.payouts.create(request("x", token=None)),
                                                two.payouts.create(request("x", token=None)))
                    self.assertTrue(a.created and b.created)
                self.assertTrue((await one.health()).chains)
            self.assertEqual(len(loops._queues), 0)

        self.run_async(story())

    def test_engines_in_loops_of_several_threads(self):
        failures = []

        def one(number):
            async def story():
                async with remit.AsyncEngine(configs[number]) as engine:
                    for i in range(20):
                        assert (await engine.payouts.create(request(f"n{i}", token=None))).created
            try:
                asyncio.run(story())
            except BaseException as error:
                failures.append(error)

        configs = [self.real_config() for _ in range(4)]
        threads = [threading.Thread(target=one, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(failures, [])

    def test_following_events_wakes_up_at_the_end(self):
        async def story():
            async with remit.AsyncEngine(self.real) as engine:
                await engine.payouts.create(request("x", token=None))
                seen = asyncio.Event()

                async def follow():
                    async for event in engine.events("app", poll=60):
                        await event.ack()
                        seen.set()

                task = asyncio.ensure_future(follow())
                await seen.wait()
            await asyncio.wait_for(task, 30)

        self.run_async(story())

    def test_what_raises_in_a_batch_costs_the_others_nothing(self):
        async def story():
            loop, told, seen = asyncio.get_running_loop(), [], []
            loop.set_exception_handler(lambda _, context: told.append(type(context["exception"])))
            queue = loops.LoopQueue.of(loop)
            done = asyncio.Event()

            def fails(batch, index, item):
                raise ZeroDivisionError

            def takes(batch, index, item):
                seen.append(item.tag)
                if len(seen) == 2:
                    done.set()

            tags = [queue.tag(taker) for taker in (takes, fails, takes)]
            with queue.handle as pointer:
                for tag in tags:
                    _abi.library().queue_wake(pointer, tag, None)
            await done.wait()
            self.assertEqual((seen, told), ([tags[0], tags[2]], [ZeroDivisionError]))
            queue.leave()

        self.run_async(story())

    def test_another_loop_is_told_so_and_may_have_it_after_a_close(self):
        engine = remit.AsyncEngine(self.real)

        async def once(number):
            async with engine:
                return (await engine.payouts.create(request(f"n{number}", token=None))).created

        async def twice():
            return await once(0), await once(1)

        async def elsewhere():
            for asked in (engine.health, engine.open, engine.close):
                with self.assertRaisesRegex(remit.StateError, "another event loop"):
                    await asked()

        async def while_open():
            async with engine:
                await asyncio.get_running_loop().run_in_executor(None, self.run_async, elsewhere())
                with self.assertRaisesRegex(remit.StateError, "is open$"):
                    await engine.open()
                self.assertTrue((await engine.health()).chains)

        self.assertEqual(self.run_async(twice()), (True, True))
        self.assertEqual(self.run_async(once(2)), True)
        self.run_async(while_open())
        self.assertEqual(self.run_async(once(2)), False)

    def test_a_loop_that_ended_first(self):
        engine = remit.AsyncEngine(self.real)
        self.run_async(engine.open())

        async def afterwards():
            for asked in (engine.health, engine.open):
                with self.assertRaisesRegex(remit.StateError, "another event loop"):
                    await asked()
            await engine.close()
            async with engine:
                self.assertTrue((await engine.health()).chains)
            self.assertEqual(len(loops._queues), 0)

        self.run_async(afterwards())

    def test_what_cannot_be_opened_leaves_nothing_behind(self):
        async def story():
            with self.assertRaises(remit.InvalidError):
                await remit.AsyncEngine({"chains": [{"id": CHAIN_ID}]}).open()
            self.assertEqual(len(loops._queues), 0)
            engine = remit.AsyncEngine(self.real)
            with self.assertRaises(remit.ClosedError):
                await engine.health()
            async with engine.lifespan(None) as state:
                self.assertIsNone(state)
                with self.assertRaises(remit.StateError):
                    await engine.open()

        self.run_async(story())


if __name__ == "__main__":
    main()
