"""Fork, and every way a process can end while work is under way: no hang, no crash, nothing lost."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading

from scene import PACKAGE, Case, main, request

import remit

BUSY = """
import asyncio, json, os, sys, threading
import remit
config = json.loads(sys.argv[1])

class Slow:
    addresses = ["0xd41c057fd1c78805AAC12B0A94a405c0461A6FBb"]
    def sign(self, address, digests):
        threading.Event().wait()

def busy():
    engine = remit.Engine(config, signer=Slow())
    engine.start()
    request = remit.PayoutRequest("x", 31337, "0x52908400098527886E0F7030069857D2E4169EE7", base_units=1)
    id = engine.payouts.create(request).id
    for _ in range(3):
        threading.Thread(target=lambda: engine.payouts.wait(id, timeout=3600), daemon=True).start()
    return engine

async def busy_async():
    engine = await remit.AsyncEngine(config).open()
    request = remit.PayoutRequest("x", 31337, "0x52908400098527886E0F7030069857D2E4169EE7", base_units=1)
    id = (await engine.payouts.create(request)).id
    for _ in range(3):
        asyncio.ensure_future(engine.payouts.wait(id, timeout=3600))
    await asyncio.sleep(0)
    return engine

threading.excepthook = lambda args: None
"""


class Ending(Case):
    def ends(self, program, code, config=None):
        """Exits with that code, quickly, and what it had accepted is there for the next one."""
        config = config or self.real_config()
        done = self.run_python(BUSY + textwrap.dedent(program), json.dumps(config), timeout=30)
        self.assertEqual(done.returncode, code, done.stderr)
        with remit.Engine(config) as engine:
            self.assertEqual(engine.payouts.find("x").status, remit.PayoutStatus.PENDING)
        return done

    def test_at_the_end_of_the_program(self):
        done = self.ends("engine = busy()", 0)
        self.assertEqual(done.stderr, "")

    def test_by_sys_exit(self):
        self.ends("engine = busy(); sys.exit(3)", 3)

    def test_by_an_exception_that_nobody_catches(self):
        done = self.ends("engine = busy(); raise RuntimeError('over')", 1)
        self.assertIn("RuntimeError: over", done.stderr)

    def test_by_os_exit(self):
        self.ends("engine = busy(); os._exit(5)", 5)

    def test_by_a_signal(self):
        self.ends("engine = busy(); os.kill(os.getpid(), 15)", -signal.SIGTERM)
        self.ends("engine = busy(); os.kill(os.getpid(), 9)", -signal.SIGKILL)

    def test_without_a_reference_left(self):
        self.ends("busy()", 0)

    def test_when_the_loop_ended_without_closing(self):
        self.ends("asyncio.run(busy_async())", 0)
        self.ends("engine = asyncio.run(busy_async())", 0)

    def test_when_the_loop_was_stopped_by_an_exception(self):
        done = self.ends("""
            async def story():
                await busy_async()
                raise RuntimeError("over")
            asyncio.run(story())
        """, 1)
        self.assertIn("RuntimeError: over", done.stderr)

    def test_by_ctrl_c_while_a_call_waits(self):
        config = self.real_config()
        program = BUSY + textwrap.dedent("""
            engine = busy()
            print("waiting", flush=True)
            engine.payouts.wait(engine.payouts.find("x").id, timeout=3600)
        """)
        process = subprocess.Popen([sys.executable, "-c", program, json.dumps(config)], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(PACKAGE)})
        self.assertEqual(process.stdout.readline(), "waiting\n")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        self.assertEqual(process.returncode, -signal.SIGINT)
        self.assertIn("KeyboardInterrupt", said)


class Forking(Case):
    def in_child(self, body):
        """Runs body in a forked child; 0 when it says True."""
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                code = 0 if body() else 2
            except BaseException as error:
                os.write(2, repr(error).encode() + b"\n")
            finally:
                os._exit(code)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def test_the_child_is_refused_and_the_parent_goes_on(self):
        class Idle:
            addresses = ["0xd41c057fd1c78805AAC12B0A94a405c0461A6FBb"]

            def sign(self, address, digests):
                return []

        engine = self.real_engine(signer=Idle())
        engine.start()
        engine.payouts.create(request("before", token=None))
        stop = threading.Event()

        def hammer():  # the parent is inside calls, and holds locks, while it forks
            while not stop.is_set():
                engine.payouts.find("before")

        thread = threading.Thread(target=hammer)
        thread.start()

        def child():
            for call in (engine.health, engine.metrics, lambda: engine.payouts.find("before"), engine.start,
                         lambda: engine.keys.unlocked):
                try:
                    call()
                    return False
                except remit.ForkedError:
                    pass
            engine.close()
            own = remit.Engine(child_config)
            own.start()
            made = own.payouts.create(request("in the child", token=None)).created
            own.close()
            return made

        for _ in range(5):
            child_config = self.real_config()
            self.assertEqual(self.in_child(child), 0)
        stop.set()
        thread.join(30)
        self.assertTrue(engine.payouts.create(request("after", token=None)).created)
        self.assertEqual(engine.query("payouts.audit"), [])

    def test_a_child_that_ends_in_the_ordinary_way(self):
        done = self.run_python(BUSY + textwrap.dedent("""
            engine = busy()
            pid = os.fork()
            if pid == 0:
                sys.exit(7)
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
            assert engine.payouts.find("x").id
        """), json.dumps(self.real_config()), timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_child_of_a_loop(self):
        done = self.run_python(BUSY + textwrap.dedent("""
            async def story():
                engine = await busy_async()
                pid = os.fork()
                if pid == 0:
                    try:
                        await engine.health()
                    except BaseException as error:
                        os._exit(7 if type(error) is remit.ForkedError else 1)
                    os._exit(2)
                assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
                await engine.health()
                await engine.close()
            asyncio.run(story())
        """), json.dumps(self.real_config()), timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    main()
