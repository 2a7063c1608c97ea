"""payout.py -- pay somebody exactly once, although the program is killed between pay and complete.

Run it three times with the same folder. The first run kills itself once the payment was sent, the second one
asks the chain what became of it, the third one finds it done. The chain is simulated, the engine is the real one.
"""
import os
import signal
import sys
from decimal import Decimal

import remit
from remit.testing import CHAIN_ID, World

PAYEE = "0x52908400098527886E0F7030069857D2E4169EE7"


def say(what: str, text: str) -> None:
    print(f"{what:<8} {text}", flush=True)


def run(folder: str) -> None:
    with World(folder=folder) as world, world.engine() as engine:
        payouts = engine.payouts
        accepted = payouts.create(
            remit.PayoutRequest("order-1001", CHAIN_ID, PAYEE, amount=Decimal("25"), token="USDT"))

        if accepted.created:
            say("PAY", "order-1001: 25 USDT")
            payouts.wait(accepted.id, remit.PayoutStatus.SENT)
            say("SENT", "a node has it; now the power fails")
            os.kill(os.getpid(), signal.SIGKILL)

        if payouts.get(accepted.id).status is remit.PayoutStatus.COMPLETED:
            say("REPLAY", "order-1001 was paid before; nothing is done again")
        else:
            say("UNKNOWN", "order-1001 was sent, its outcome is not known: asking the chain")
            paid = payouts.wait(accepted.id, timeout=600).status is remit.PayoutStatus.COMPLETED
            say("DONE", "order-1001 is paid" if paid else "order-1001 is not paid")

        payments = len(world.transfers(PAYEE))
        say("CHAIN", f"payments: {payments}, the payee has {world.balance(PAYEE, 'USDT')} base units")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: payout.py FOLDER")
    run(sys.argv[1])
