"""The waiting engine: payouts, events, keys and administration, in a simulated world and on a real file."""

import json
import logging
import signal
import sys
import threading
import time
import warnings
from decimal import Decimal

from scene import CHAIN_ID, PAYEE, Case, main, request

import remit
from remit import _abi

KEK = bytes(range(32))
RAW_KEY = bytes(31) + b"\x07"


class Payouts(Case):
    def test_a_payout_is_paid_once_and_tells_its_amount(self):
        world = self.world()
        with world.engine() as engine:
            accepted = engine.payouts.create(request("order-1", base_units=None, amount=Decimal("12.5")))
            self.assertTrue(accepted.created)
            self.assertEqual(
                engine.payouts.create(request("order-1", base_units=12_500_000)), remit.Accepted(accepted.id, False)
            )
            payout = engine.payouts.wait(accepted.id, timeout=600)
            self.assertEqual((payout.status, payout.base_units, payout.amount, payout.decimals),
                             (remit.PayoutStatus.COMPLETED, 12_500_000, Decimal("12.5"), 6))
            self.assertEqual(payout, engine.payouts.get(accepted.id))
            self.assertEqual(payout, engine.payouts.find("order-1"))
        self.assertEqual(world.balance(PAYEE, "USDT"), 12_500_000)
        self.assertEqual(len(world.transfers(PAYEE)), 1)

    def test_the_coin_has_18_decimals_and_an_unknown_token_is_refused(self):
        world = self.world()
        with world.engine() as engine:
            paid = engine.payouts.create(
                request("coin", base_units=None, token=None, amount=Decimal("0.000000000000000001"))
            )
            self.assertEqual(engine.payouts.get(paid.id).base_units, 1)
            with self.assertRaisesRegex(ValueError, "NONE"):
                engine.payouts.create(request("other", base_units=None, token="NONE", amount=Decimal(1)))
            address = world.config()["chains"][0]["tokens"][0]["address"]
            engine.payouts.create(request("by address", base_units=None, token=address, amount=Decimal("1.5")))
            self.assertEqual(engine.payouts.find("by address").base_units, 1_500_000)

    def test_errors_are_typed_and_name_the_field(self):
        with self.world().engine() as engine:
            engine.payouts.create(request("taken"))
            with self.assertRaises(remit.MismatchError):
                engine.payouts.create(request("taken", base_units=2))
            with self.assertRaises(remit.InvalidError) as caught:
                engine.payouts.enqueue([request("a"), request("b", base_units=0)])
            self.assertEqual(caught.exception.field, "[1].amount")
            with self.assertRaises(remit.NotFoundError):
                engine.payouts.get("po_none")
            with self.assertRaises(remit.TimedOutError):
                engine.payouts.wait(engine.payouts.find("taken").id, timeout=1.2)
            with self.assertRaises(TypeError):
                engine.payouts.get(7)

    def test_cancel_list_and_report(self):
        with self.world(senders=1).engine() as engine:
            ids = [one.id for one in engine.payouts.enqueue([request(f"n{i}", not_before_us=2**60) for i in range(7)])]
            engine.payouts.cancel(ids[0], "бат", "changed his mind")
            self.assertEqual(engine.payouts.get(ids[0]).status, remit.PayoutStatus.CANCELLED)
            with self.assertRaises(remit.StateError):
                engine.payouts.cancel(ids[0], "бат", "again")
            self.assertEqual([p.id for p in engine.payouts.list(limit=2)], ids)
            self.assertEqual([p.id for p in engine.payouts.list(status=remit.PayoutStatus.PENDING, limit=4)], ids[1:])
            self.assertEqual(engine.payouts.report()["by_status"]["pending"], 6)


class Events(Case):
    def test_events_come_until_they_are_acknowledged(self):
        with self.world().engine() as engine:
            engine.payouts.enqueue([request(f"n{i}") for i in range(5)])
            first = list(engine.events("app", follow=False, limit=2))
            self.assertEqual([e.type for e in first], ["payout.pending"] * 5)
            self.assertEqual([e.data["external_id"] for e in first], [f"n{i}" for i in range(5)])
            first[2].ack()
            again = list(engine.events("app", follow=False))
            self.assertEqual([e.position for e in again], [e.position for e in first[3:]])
            again[-1].ack()
            self.assertEqual(list(engine.events("app", follow=False)), [])
            self.assertEqual(first[0].time.year, 2023)
            self.assertEqual(len(list(engine.events("another", follow=False))), 5)

    def test_following_ends_with_the_engine(self):
        engine = self.real_engine()
        engine.payouts.create(request("x", token=None))
        seen, first = [], threading.Event()

        def follow():
            for event in engine.events("app", poll=60):
                event.ack()
                seen.append(event.type)
                first.set()

        thread = threading.Thread(target=follow)
        thread.start()
        self.assertTrue(first.wait(30))
        engine.close()
        thread.join(30)
        self.assertFalse(thread.is_alive())
        self.assertEqual(seen, ["payout.pending"])


class Keys(Case):
    def test_keys_are_made_imported_listed_and_locked(self):
        with self.world().engine() as engine:
            self.assertFalse(engine.keys.unlocked)
            with self.assertRaises(remit.StateError):
                engine.keys.create("x")
            engine.keys.unlock_kek(KEK)
            self.assertTrue(engine.keys.unlocked)
            made = engine.keys.create("үндсэн")
            taken = engine.keys.import_raw(RAW_KEY)
            self.assertEqual(taken.address, "0xd41c057fd1c78805AAC12B0A94a405c0461A6FBb")
            self.assertEqual({k.address for k in engine.keys.list()}, {made.address, taken.address})
            self.assertEqual(made.label, "үндсэн")
            engine.keys.lock()
            self.assertFalse(engine.keys.unlocked)
            with self.assertRaises(remit.WrongKeyError):
                engine.keys.unlock_kek(bytes(32))

    def test_key_files_go_out_and_come_in(self):
        with self.world().engine() as engine:
            engine.keys.unlock_kek(KEK)
            address = engine.keys.import_raw(RAW_KEY, "a").address
            file = engine.keys.export_v3(address, "файлын нууц үг")
        with self.world(seed=2).engine() as other:
            other.keys.unlock_kek(KEK)
            with self.assertRaises(remit.WrongKeyError):
                other.keys.import_v3(file, "wrong")
            self.assertEqual(other.keys.import_v3(file, "файлын нууц үг").address, address)


class Administration(Case):
    def test_health_metrics_doctor_catalogue_and_backup(self):
        world = self.world()
        with world.engine() as engine:
            engine.payouts.create(request("n"))
            world.advance(120)
            health = engine.health()
            self.assertTrue(health.ok, health)
            self.assertEqual(health.chains[0]["chain_id"], CHAIN_ID)
            self.assertIn("# TYPE remit_", engine.metrics())
            self.assertEqual(engine.doctor(), [])
            self.assertIn("payouts.list", {entry["name"] for entry in engine.catalogue()})
            with self.assertRaises(remit.NotFoundError):
                engine.query("no.such")
            with self.assertRaises(remit.InvalidError) as caught:
                engine.command("payouts.cancel", {"id": 5, "actor": "a", "reason": "r"})
            self.assertEqual(caught.exception.field, "id")
        real = self.real_engine()
        copy = self.folder() / "copy.db"
        real.backup(copy)
        self.assertTrue(copy.read_bytes().startswith(b"SQLite format 3"))

    def test_log_lines_reach_a_logger(self):
        logger = logging.getLogger("remit-test")
        world = self.world()
        with (
            self.assertLogs(logger, "DEBUG") as seen,
            world.engine({**world.config(), "log_level": "debug"}, logger=logger) as engine,
        ):
            engine.payouts.create(request("n"))
            with self.assertRaises(remit.FixError):
                engine.tick(-1)
            world.advance(60)
        self.assertGreater(len(seen.records), 0)

    def test_a_log_handler_that_raises_ends_nothing(self):
        told, enough = [], threading.Event()

        class Raising(logging.Handler):
            lines = 0

            def emit(self, record):
                self.lines += 1
                if self.lines == 1:
                    raise ZeroDivisionError
                if self.lines == 2:
                    sys.exit("of the handler")
                enough.set()

        logger = logging.Logger("remit-raising")
        logger.addHandler(Raising())
        hook, threading.excepthook = threading.excepthook, lambda args: told.append(args.exc_type)
        self.addCleanup(setattr, threading, "excepthook", hook)
        # Nobody listens at its node: that is told again and again.
        engine = remit.Engine({**self.real_config(), "log_level": "debug"}, logger=logger)
        self.addCleanup(engine.close)
        engine.start()
        self.assertTrue(enough.wait(60))
        self.assertEqual(told, [ZeroDivisionError, SystemExit])
        self.assertTrue(engine._worker._thread.is_alive())


class Life(Case):
    def test_a_file_or_a_mapping_configures_it(self):
        with self.assertRaises(remit.InvalidError) as caught:
            remit.Engine({"database": "x.db", "chains": [{"id": 1}]})
        self.assertEqual(caught.exception.field, "chains[0].rpc")
        folder = self.folder()
        (folder / "remit.json").write_text('{"database":"%s"}' % (folder / "a.db"))
        with remit.Engine(folder / "remit.json") as engine:
            self.assertEqual(engine.query("config")["database"], str(folder / "a.db"))
        with self.assertRaises(remit.NotFoundError):
            remit.Engine(str(folder / "absent.json"))

    def test_start_stop_and_close_any_number_of_times(self):
        engine = self.real_engine()
        engine.start()
        with self.assertRaises(remit.StateError):
            engine.start()
        engine.stop(drain=10)
        engine.close()
        engine.close()
        with self.assertRaises(remit.ClosedError):
            engine.health()

    def test_closing_ends_a_wait_in_another_thread(self):
        engine = self.real_engine()
        engine.start()
        id = engine.payouts.create(request("x", token=None)).id
        outcome = []

        def wait():
            try:
                engine.payouts.wait(id, timeout=600)
            except remit.Error as error:
                outcome.append(type(error))

        threads = [threading.Thread(target=wait) for _ in range(4)]
        for thread in threads:
            thread.start()
        engine.close()
        for thread in threads:
            thread.join(30)
        self.assertEqual(outcome, [remit.ClosedError] * 4)

    def test_a_dropped_engine_is_collected(self):
        class Idle:
            addresses = [PAYEE]

            def sign(self, address, digests):
                return []

        world = self.world()
        engine = world.engine()
        engine.payouts.create(request("x"))
        with self.assertWarns(ResourceWarning):
            del engine
        with world.engine() as engine:  # one at a time: the first one is gone
            self.assertEqual(engine.payouts.find("x").external_id, "x")
        before = threading.active_count()
        engine = self.real_engine(signer=Idle())
        self.assertEqual(threading.active_count(), before + 1)
        self.doCleanups()
        with self.assertWarns(ResourceWarning):
            engine = remit.Engine(self.real_config(), signer=Idle())
            del engine
        self.assertEqual(threading.active_count(), before)

    def test_many_threads_share_an_engine(self):
        engine = self.real_engine()
        engine.start()
        ids = []

        def work(thread):
            for i in range(25):
                ids.append(engine.payouts.create(request(f"{thread}-{i % 20}", token=None)).id)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual((len(ids), len(set(ids))), (200, 160))

    def test_a_waiting_call_lets_other_threads_run(self):
        """A fetch without end holds the thread in the library; only a thread that runs meanwhile can end it."""
        from remit import work

        queue = work.open_queue()
        seen, entered = [], threading.Event()

        def wait():
            entered.set()
            seen.append(work.fetch(queue, -1, lambda batch, index, item: seen.append(item.tag)))

        thread = threading.Thread(target=wait)
        thread.start()
        entered.wait()
        with queue as pointer:
            _abi.library().queue_wake(pointer, 42, None)
        thread.join(30)
        self.assertEqual(seen, [42, 1])
        queue.close()

    def test_python_runs_while_a_call_of_the_engine_waits(self):
        """What ends the wait stands behind the counting: were the lock held, neither would ever end."""
        done = self.run_python("""
            import json, sys, threading
            import remit
            from remit.claims import Claiming, claim_options
            engine = remit.Engine(json.loads(sys.argv[1]))
            first, entered = engine.claim("k"), threading.Event()

            def attach():
                options = claim_options(*[None] * 6, remit.InFlight.ATTACH, *[None] * 3, False)
                entered.set()
                with remit.claims.Claim(engine._run(Claiming("k", options))) as claim:  # one wait, without end
                    print(claim.verdict.name, claim.reply.body)

            thread = threading.Thread(target=attach)
            thread.start()
            entered.wait()
            counted = sum(1 for _ in range(5_000_000))
            print(thread.is_alive(), counted, flush=True)
            first.complete(remit.Reply(body=b"x"))
            thread.join()
            engine.close()
        """, json.dumps(self.real_config()))
        self.assertEqual(done.stdout, "True 5000000\nREPLAY b'x'\n", done.stderr)

    def test_a_signal_is_heard_while_a_call_waits(self):
        engine = self.real_engine()
        with engine.claim("k"):
            for in_flight in (remit.InFlight.WAIT, remit.InFlight.ATTACH):
                began = time.monotonic()
                before = signal.signal(signal.SIGALRM, signal.default_int_handler)
                try:
                    with self.assertRaises(KeyboardInterrupt):
                        signal.setitimer(signal.ITIMER_REAL, 0.3)
                        engine.claim("k", in_flight=in_flight, wait=20)
                finally:
                    signal.signal(signal.SIGALRM, before)
                self.assertLess(time.monotonic() - began, 10)


if __name__ == "__main__":
    warnings.simplefilter("error")
    main()
