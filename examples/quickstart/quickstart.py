"""quickstart.py -- answer a request exactly once, although the program is killed between charging and answering.

quickstart.py FOLDER DATABASE, three times: the first run kills itself once the customer was charged, the second one
recovers the key and completes it, the third one replays the reply. The database is a file, or postgresql://...
"""
import os
import signal
import sys

import remit


def say(what: str, text: str) -> None:
    print(f"{what:<8} {text}", flush=True)


def charge(folder: str, key: str) -> bool:
    """A payment gateway that charges once per key, as good ones do."""
    try:
        open(f"{folder}/charge-{key}", "x").close()
        return True
    except FileExistsError:
        return False


def run(folder: str, database: str) -> None:
    order = {"amount": "25.00", "currency": "EUR"}
    with remit.Engine({"database": database, "log_level": "error"}) as engine:
        engine.start()  # it renews the claim's lease
        with engine.claim("order-1001", operation="POST /orders", request=order) as claim:
            if claim.reply:
                return say("REPLAY", claim.reply.body.decode())
            if claim.verdict is remit.Verdict.EXECUTE:
                say("EXECUTE", "order 1001, 25.00 EUR")
            if claim.verdict is remit.Verdict.RECOVER:
                say("RECOVER", "its worker died while it charged the customer")
            claim.effect_begin(remit.Effect.IDEMPOTENT)
            fresh = charge(folder, claim.effect_key("charge"))
            say("CHARGE", "the gateway took 25.00 EUR" if fresh else "the gateway knows the key: nothing is taken twice")
            if claim.verdict is remit.Verdict.EXECUTE:
                os.kill(os.getpid(), signal.SIGKILL)

            # The order's row and the reply are written together, or not at all.
            number = "$1" if database.startswith("postgres") else "?"
            reply = remit.Reply.of({"order": 1001, "paid": True})
            claim.complete(reply, [
                remit.Statement("CREATE TABLE IF NOT EXISTS orders (number INTEGER PRIMARY KEY)"),
                remit.Statement(f"INSERT INTO orders (number) VALUES ({number})", [1001], rows=1),
            ])
            say("DONE", reply.body.decode())


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: quickstart.py FOLDER DATABASE")
    run(*sys.argv[1:])
