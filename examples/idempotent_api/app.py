"""app.py -- an HTTP API that answers each request once, by its Idempotency-Key (FastAPI).

DATABASE  of Remit, with a table of the shop's own: CREATE TABLE orders (id TEXT PRIMARY KEY, amount TEXT)
GATEWAY   where the price list, the payment gateway and the messenger are
PORT      to listen at
"""
import asyncio
import json
import os
import urllib.request
from typing import Any, Dict

import remit
import uvicorn
from fastapi import FastAPI, Request
from remit.asgi import IdempotencyMiddleware

database = os.environ["DATABASE"]
values = "($1, $2)" if database.startswith("postgres") else "(?, ?)"

engine = remit.AsyncEngine({"database": database, "log_level": "error"})
app = FastAPI(lifespan=engine.lifespan)
app.add_middleware(IdempotencyMiddleware, engine=engine, required=True,
                   tenant=lambda scope: dict(scope["headers"]).get(b"x-merchant", b"").decode(),
                   in_flight=remit.InFlight[os.environ.get("IN_FLIGHT", "reject").upper()])


async def ask(path: str, **what: str) -> Any:
    asked = urllib.request.Request(os.environ["GATEWAY"] + path, json.dumps(what).encode())
    return json.load(await asyncio.to_thread(urllib.request.urlopen, asked))


@app.post("/orders", status_code=201)
async def order(item: Dict[str, str], request: Request) -> Dict[str, str]:
    attempt = request.state.attempt
    price = await ask("/price", item=item["item"])                  # only looks: when it fails, the key is free again
    await attempt.claim.effect_begin(remit.Effect.IDEMPOTENT)       # from here on a crash is gone on from
    key = attempt.claim.effect_key("charge")
    charge = await ask("/charge", key=key, amount=price["amount"])  # the same key, however often it is asked
    # The order stands when the reply does, or neither.
    statement = remit.Statement(f"INSERT INTO orders (id, amount) VALUES {values}", [charge["id"], price["amount"]], rows=1)
    attempt.statements.append(statement)
    return {"order": charge["id"], "amount": price["amount"]}


@app.post("/messages", status_code=202)
async def message(text: Dict[str, str], request: Request) -> Dict[str, bool]:
    await request.state.attempt.claim.effect_begin(remit.Effect.AT_MOST_ONCE)  # the messenger knows no keys
    await ask("/send", **text)
    return {"sent": True}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
