"""What all scenes of a random program stand in: a world, an engine, a queue, and what may be referred to."""

import random
from typing import Any, Callable, List

from words import KEEP, Word

Reference = Callable[[str], Word]

KEK = bytes(range(32))
RAW_KEY = bytes(31) + b"\x07"  # of 0xd41c057fd1c78805AAC12B0A94a405c0461A6FBb
RAW_ADDRESS = "0xd41c057fd1c78805AAC12B0A94a405c0461A6FBb"
PAYEES = ["0x52908400098527886E0F7030069857D2E4169EE7", "0x8617e340b3d01fa5f11f306f4090fd50e238070d",
          "0xde709f2102306220921060314715629080e2fb77"]
TEXTS = ["", "plain", "two words", "Төлбөр 😀", "quote \" and \\ and, {braces} = [all] %41", "new\nline\ttab\x01"]
BIG = 18446744073709551615


class Frame:
    """Writes steps into a program and remembers what may be referred to."""

    def __init__(self, program: Any, chance: random.Random, seed: int) -> None:
        self.call = program.call
        self.random = chance
        self.seed = seed
        self.world: Reference
        self.engine: Reference
        self.queue: Reference
        self.ids: List[Word] = []
        self.claims: List[Word] = []
        self.numbers = 0
        self.tag = 0
        self.every = True

    # ---- the frame -------------------------------------------------------------------------------------------

    def begin(self) -> None:
        options = {"seed": self.seed, "sender_count": self.random.choice([0, 1, 3]),
                   "block_interval_ms": self.random.choice([0, 2000])}
        self.world = self.call("world_open", options=options)
        self.queue = self.call("queue_open")
        self.open_engine(None)

    def open_engine(self, options: Any) -> None:
        if self.maybe(0.5):
            config = self.call("world_config", world=self.world("out_world"), out_config=KEEP)
            self.engine = self.call(
                "world_engine", world=self.world("out_world"), config=config("out_config"), options=options
            )
            self.call("blob_free", blob=config("out_config"))
        else:
            self.engine = self.call("world_engine", world=self.world("out_world"), options=options)

    def end(self) -> None:
        last = [lambda: self.call("engine_free", engine=self.engine("out_engine")),
                lambda: self.call("world_free", world=self.world("out_world")),
                lambda: self.call("queue_free", queue=self.queue("out_queue"))]
        last += [lambda c=c: self.call("claim_free", claim=c) for c in self.claims]  # type: ignore[misc]
        self.random.shuffle(last)
        for step in last:
            step()

    # ---- small pieces ----------------------------------------------------------------------------------------

    def on(self) -> Word:
        return self.engine("out_engine")

    def in_background(self, often: float = 0.3) -> Any:
        """The async parameter: mostly the call waits."""
        if self.random.random() >= often:
            return None
        self.tag += 1
        return {"queue": self.queue("out_queue"), "tag": self.random.choice([self.tag, BIG, BIG - self.tag])}

    def maybe(self, chance: float) -> bool:
        """While each scene is played for the first time, every call in it is made."""
        return self.every or self.random.random() < chance

    def text(self) -> str:
        return self.random.choice(TEXTS)

    def an_id(self) -> Any:
        if self.ids and self.random.random() < 0.85:
            return self.random.choice(self.ids)
        return self.random.choice(["po_00000000000000000000000000", "nonsense", ""])

    def request(self) -> Any:
        self.numbers += 1
        given = {
            "chain_id": 31337,
            "external_id": f"order {self.numbers}",
            "token": self.random.choice([None, "USDT", "USDT"]),
            "to": self.random.choice(PAYEES),
            "amount": str(self.random.choice([1, 999, 10**6, 123456789])),
        }
        if self.random.random() < 0.3:
            given["tenant"] = self.random.choice(
                ["", "two words", "Төлбөр 😀", "quote \" and \\ and, {braces} = [all] %41"]
            )
        if self.random.random() < 0.3:
            given["priority"] = self.random.randint(-1000, 1000)
        return given
