"""Signers written in Python pay on a real node; what they answer late or wrongly does no harm. Needs REMIT_ANVIL."""

import asyncio
import sys
import threading

from coincurve import PrivateKey
from scene import CHAIN_ID, PAYEE, Case, Node, main

import remit

RAW_KEY = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")  # anvil's first account
ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


class Wallet:
    """A key in Python's hands."""

    def __init__(self):
        self.addresses = [ADDRESS]
        self.asked = 0
        self._key = PrivateKey(RAW_KEY)

    def sign(self, address, digests):
        self.asked += 1
        assert address.lower() == ADDRESS.lower() and all(len(d) == 32 for d in digests)
        return [self._key.sign_recoverable(digest, hasher=None) for digest in digests]


class AsyncWallet(Wallet):
    async def sign(self, address, digests):
        await asyncio.sleep(0)
        return super().sign(address, digests)


class Moody(Wallet):
    """Wrong in every way first, right at last."""

    def sign(self, address, digests):
        right = super().sign(address, digests)
        moods = [
            lambda: [],
            lambda: None,
            lambda: [b"x"] * len(digests),
            lambda: [s[:64] + b"\x1b" for s in right],
            lambda: 1 / 0,
            lambda: sys.exit("of the signer"),
        ]
        return right if self.asked > len(moods) else moods[self.asked - 1]()


class OnAnvil(Case):
    @classmethod
    def setUpClass(cls):
        cls.node = Node()
        cls.addClassCleanup(cls.node.stop)

    def setUp(self):
        self.config = self.real_config(rpc=self.node.url, resend_ms=1000)
        self.before = self.node.balance(PAYEE)

    def requests(self, count):
        return [remit.PayoutRequest(f"n{i}", CHAIN_ID, PAYEE, base_units=1000) for i in range(count)]

    def received(self):
        return self.node.balance(PAYEE) - self.before

    def mine_until(self, done):
        """anvil mines with each transaction; more blocks make the payouts deep enough."""
        while not done.wait(0.05):
            self.node.rpc("evm_mine")

    def pay(self, engine, count):
        ids = [one.id for one in engine.payouts.enqueue(self.requests(count))]
        done = threading.Event()
        miner = threading.Thread(target=self.mine_until, args=(done,))
        miner.start()
        try:
            return [engine.payouts.wait(id, timeout=60).status for id in ids]
        finally:
            done.set()
            miner.join()

    def test_a_signer_pays(self):
        wallet = Wallet()
        with remit.Engine(self.config, signer=wallet) as engine:
            engine.start()
            self.assertEqual(self.pay(engine, 20), [remit.PayoutStatus.COMPLETED] * 20)
            self.assertEqual(engine.payouts.find("n0").sender, ADDRESS)
        self.assertEqual(self.received(), 20_000)
        self.assertGreater(wallet.asked, 0)

    def test_a_moody_signer_pays_once(self):
        wallet = Moody()
        with remit.Engine(self.config, signer=wallet) as engine:
            engine.start()
            self.assertEqual(self.pay(engine, 1), [remit.PayoutStatus.COMPLETED])
        self.assertEqual(self.received(), 1000)
        self.assertEqual(wallet.asked, 7)

    def test_a_signer_in_a_loop_pays(self):
        for wallet in (AsyncWallet(), Wallet(), Moody()):
            self.config = self.real_config(rpc=self.node.url)
            self.before = self.node.balance(PAYEE)

            async def story():
                async with remit.AsyncEngine(self.config, signer=wallet) as engine:
                    ids = [one.id for one in await engine.payouts.enqueue(self.requests(5))]
                    waits = asyncio.gather(*[engine.payouts.wait(id) for id in ids])
                    while not waits.done():
                        await asyncio.get_running_loop().run_in_executor(None, self.node.rpc, "evm_mine")
                        await asyncio.wait([waits], timeout=0.05)
                    return [payout.status for payout in await waits]

            self.assertEqual(asyncio.run(story()), [remit.PayoutStatus.COMPLETED] * 5)
            self.assertEqual(self.received(), 5000)

    def test_an_answer_after_the_engine_has_gone_is_fenced(self):
        asked, go_on = threading.Event(), threading.Event()

        class Late(Wallet):
            def sign(self, address, digests):
                asked.set()
                go_on.wait()
                return super().sign(address, digests)

        engine = remit.Engine(self.config, signer=Late())
        engine.start()
        engine.payouts.enqueue(self.requests(1))
        self.assertTrue(asked.wait(30))
        worker = engine._worker
        engine._handle.close()  # the engine only: its queue stays, so that the late answer can be told
        go_on.set()
        worker.stop(30)
        self.assertEqual(worker.late, 1)
        self.assertEqual(self.received(), 0)
        with remit.Engine(self.config, signer=Wallet()) as engine:
            engine.start()
            self.assertEqual(self.pay(engine, 1), [remit.PayoutStatus.COMPLETED])
        self.assertEqual(self.received(), 1000)

    def test_an_address_that_is_none_is_refused(self):
        class Nobody(Wallet):
            def __init__(self):
                super().__init__()
                self.addresses = ["0x12"]

        with self.assertRaisesRegex(ValueError, "signer.addresses"):
            remit.Engine(self.config, signer=Nobody())


if __name__ == "__main__":
    main()
