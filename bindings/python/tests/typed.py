"""A host's program that uses the whole package: mypy --strict takes it, but for the lines marked with refused."""

import asyncio
import datetime
from decimal import Decimal
from typing import List, Optional, Sequence

import remit
from remit import Effect, InFlight, PayoutStatus, Reply, Statement, Verdict
from remit.testing import World


class Vault:
    addresses: Sequence[str] = ["0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"]

    def sign(self, address: str, digests: Sequence[bytes]) -> List[bytes]:
        return [bytes(65) for _ in digests]


class AsyncVault(Vault):
    async def sign(self, address: str, digests: Sequence[bytes]) -> List[bytes]:  # type: ignore[override]
        return [bytes(65) for _ in digests]


def pay(engine: remit.Engine) -> Decimal:
    wanted = remit.PayoutRequest("W-77", 1, "0x0", amount=Decimal("12.5"), token="USDT")
    accepted: remit.Accepted = engine.payouts.create(wanted)
    payout = engine.payouts.wait(accepted.id, until=PayoutStatus.SENT, timeout=5)
    when: Optional[int] = payout.sent_us
    for event in engine.events("app", follow=False):
        time: datetime.datetime = event.time
        event.ack()
        print(time, when)
    return payout.amount


def answer(engine: remit.Engine, key: str, body: bytes) -> Optional[Reply]:
    try:
        with engine.claim(key, request=body, in_flight=InFlight.WAIT, wait=5) as claim:
            if claim.verdict is Verdict.REPLAY:
                return claim.reply
            claim.effect_begin(Effect.IDEMPOTENT)
            reply = Reply.of({"paid": True})
            claim.complete(reply, [Statement("UPDATE orders SET paid = 1 WHERE no = ?", [key], rows=1)])
            return reply
    except remit.AskError as error:
        print(error.status, error.name, error.field, error.text)
        return None


async def story() -> None:
    async with remit.AsyncEngine("remit.json", signer=AsyncVault()) as engine:
        async with engine.claim("k") as claim:
            await claim.complete()
        found: remit.Payout = await engine.payouts.get("po_1")
        async for event in engine.events("app"):
            await event.ack()
        async for payout in engine.payouts.list(status=PayoutStatus.SENT):
            print(payout.amount + found.amount)


def wrong(engine: remit.Engine) -> None:
    remit.PayoutRequest("x", 1, "0x0", amount=1.5)  # refused
    remit.PayoutRequest("x", 1, "0x0", base_units="1")  # refused
    engine.payouts.get(5)  # refused
    engine.claim("k", in_flight="wait")  # refused
    remit.Engine("remit.json", signer=object())  # refused
    total: int = engine.payouts.get("po_1").amount  # refused
    print(total)
    Statement("SELECT ?", [1.5])  # refused


if __name__ == "__main__":
    with World() as world, world.engine(signer=Vault()) as inside:
        print(pay(inside))
    asyncio.run(story())
