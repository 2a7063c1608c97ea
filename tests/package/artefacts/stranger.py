"""What a stranger does with the wheel: stranger.py world | claim DATABASE | pay RPC CA_FILE KEY.

Without CA_FILE the environment says."""

import pathlib
import sys
import tempfile

import remit
from remit.testing import CHAIN_ID, World

PAYEE = "0x52908400098527886E0F7030069857D2E4169EE7"


def in_a_world():
    with World() as world, world.engine() as engine:
        made = engine.payouts.create(remit.PayoutRequest("order-1", CHAIN_ID, PAYEE, base_units=25_000_000, token="USDT"))
        world.advance(600)
        print("PAID", engine.payouts.get(made.id).status.name, world.balance(PAYEE, "USDT"))
        try:
            engine.payouts.get("no such payout")
        except remit.Error as error:
            print("ERROR", error.field)


def in_a_database(url):
    with remit.Engine({"database": url, "log_level": "error"}) as engine:
        for _ in range(2):
            with engine.claim("order-1") as claim:
                print("CLAIM", claim.verdict.name, claim.reply.body.decode() if claim.reply else "-")
                if claim.ours:
                    claim.complete(remit.Reply(body=b"done"))


def over_tls(rpc, ca_file, key):
    folder = tempfile.mkdtemp(dir=pathlib.Path.cwd())
    chain = {"id": CHAIN_ID, "rpc": rpc, "confirmations": 1, "poll_ms": 50}
    config = {"database": f"{folder}/remit.db", "log_level": "error", "ca_file": ca_file, "chains": [chain]}
    with remit.Engine(config, environment=not ca_file) as engine:
        engine.keys.unlock_kek(bytes(range(32)))
        engine.keys.import_raw(bytes.fromhex(key))
        engine.start()
        made = engine.payouts.create(remit.PayoutRequest("order-1", CHAIN_ID, PAYEE, base_units=1))
        while True:
            try:
                print("PAID", engine.payouts.wait(made.id, timeout=0.2).status.name)
                return
            except remit.TimedOutError:
                problem = engine.health().chains[0]["problem"]
                if problem and problem != "not asked yet":
                    print("REFUSED", problem)
                    return


print("VERSION", remit.version())
if sys.argv[1] == "world":
    in_a_world()
elif sys.argv[1] == "claim":
    in_a_database(sys.argv[2])
else:
    over_tls(*sys.argv[2:])
