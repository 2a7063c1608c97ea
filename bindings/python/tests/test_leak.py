"""Memory stays flat over many calls of every kind. 20,000 calls; REMIT_LONG=1: a million."""

import asyncio
import gc
import itertools
import os

from scene import LONG, Case, main

import remit

CALLS = 1_000_000 if LONG else 20_000
WRITES = CALLS // (20 if LONG else 3)  # they wait for the disk
KEYS = 1000  # so many, in turn: the database does not grow without end
ALLOWED = 1_500_000  # bytes; 100 bytes lost in each of the quick run's calls would be 1,600,000


def resident():
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Flat(Case):
    def flat(self, calls, count):
        """The calls in turn; the first fifth fills caches."""
        turn = itertools.cycle(calls)
        for _ in range(count // 5):
            next(turn)()
        before = resident()
        for _ in range(count - count // 5):
            next(turn)()
        grown = resident() - before
        print(f"{count} calls: {grown / 1000:+.0f} kB")
        self.assertLess(grown, ALLOWED)

    def test_calls_that_wait(self):
        worked = []
        with remit.Engine(self.real_config()) as engine:
            engine.start()
            id = engine.payouts.create(
                remit.PayoutRequest("n", 31337, "0x" + "11" * 20, base_units=1, not_before_us=2**60)
            ).id
            with engine.claim("done") as claim:
                claim.complete(remit.Reply(body=b"x" * 1000))

            def fails():
                try:
                    engine.payouts.get("po_" + "x" * 20)
                except remit.NotFoundError:
                    pass

            def misuse():
                try:
                    engine.payouts.enqueue([])
                except remit.FixError:
                    pass

            def replays():
                with engine.claim("done") as claim:
                    assert len(claim.reply.body) == 1000

            keys = itertools.cycle([f"k{i}" for i in range(KEYS)])

            def works():
                with engine.claim(next(keys), request={"n": 1}) as claim:
                    if claim.ours:  # in the first round; then they replay
                        charges(claim)
                        claim.complete(remit.Reply.of({"paid": True}), [remit.Statement("SELECT ?", (1,))])
                        worked.append(1)

            def charges(claim):
                claim.effect_begin(remit.Effect.IDEMPOTENT)
                claim.effect_key("charge")
                claim.checkpoint("charged", b"x" * 100)

            def gives_back():
                with engine.claim("free") as claim:
                    claim.release()

            held, completed = engine.claim("held"), engine.claim("completed")
            self.addCleanup(held.close)
            self.addCleanup(completed.close)

            self.flat(
                [
                    fails,
                    lambda: engine.payouts.get(id),
                    misuse,
                    engine.metrics,
                    lambda: engine.keys.unlocked,
                    replays,
                    lambda: engine.query("config"),
                    lambda: list(engine.events("app", follow=False)),
                ],
                CALLS,
            )
            writes = [works, gives_back, lambda: charges(held), lambda: completed.complete(remit.Reply.of({"paid": True}))]
            self.flat(writes, WRITES)
        self.assertGreaterEqual(len(worked), KEYS)

    def test_calls_that_do_not_wait(self):
        config = self.real_config()

        async def story():
            async with remit.AsyncEngine(config) as engine:
                id = (
                    await engine.payouts.create(
                        remit.PayoutRequest("n", 31337, "0x" + "11" * 20, base_units=1, not_before_us=2**60)
                    )
                ).id

                async def fails():
                    try:
                        await engine.payouts.get("po_none")
                    except remit.NotFoundError:
                        pass

                async def works(key):
                    async with engine.claim(key) as claim:
                        if claim.ours:
                            await claim.effect_begin(remit.Effect.PURE)
                            await claim.checkpoint("half", b"x" * 100)
                            await claim.complete(remit.Reply(body=b"x"))
                            done.append(key)

                async def some(count):
                    for _ in range(count // 50):
                        calls = [engine.payouts.get(id) if i % 2 else fails() for i in range(45)]
                        await asyncio.gather(*calls, *[works(next(keys)) for _ in range(5)])

                done, keys = [], itertools.cycle([f"k{i}" for i in range(KEYS)])

                await some(CALLS // 5 // 4)
                before = resident()
                await some(CALLS // 4)
                grown = resident() - before
                print(f"{CALLS // 4} calls in flight by 50: {grown / 1000:+.0f} kB")
                self.assertLess(grown, ALLOWED)
                self.assertGreater(len(done), KEYS // 2)

        asyncio.run(story())

    def test_engines_and_worlds(self):
        def one():
            with self.world() as world, world.engine() as engine:
                engine.health()

        for _ in range(5):
            one()
        before = resident()
        for _ in range(300 if LONG else 30):
            one()
            self.doCleanups()
        self.assertLess(resident() - before, 2 * ALLOWED)


if __name__ == "__main__":
    main()
