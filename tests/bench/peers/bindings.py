"""Claim and complete by the Python package, one caller: rate, p50 and p99 in us."""

import os
import sys
import time

import remit

seconds, database = float(sys.argv[1]), sys.argv[2]
body = b"x" * 300
reply = remit.Reply(status=200, headers=(("Content-Type", "application/json"),), body=body)
us = []
with remit.Engine({"database": database, "log_level": "error"}) as engine:
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        before = time.perf_counter()
        with engine.claim(os.urandom(16).hex(), space="bench", operation="POST /orders", request=body) as claim:
            assert claim.verdict is remit.Verdict.EXECUTE
            claim.complete(reply)
        us.append((time.perf_counter() - before) * 1e6)
    elapsed = time.perf_counter() - start
us.sort()
print(len(us) / elapsed, us[len(us) // 2], us[len(us) * 99 // 100])
