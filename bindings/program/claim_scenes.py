"""Scenes of idempotency keys."""

from typing import Any, List, Optional

from frame import Frame
from words import HIDE, Word


class ClaimScenes(Frame):
    """Claims of a few keys, so that they meet each other."""

    def claim_options(self) -> Optional[Any]:
        right: List[Any] = [
            None,
            None,
            {},
            {"request": b"\x00\xff" * 3},
            {"operation": "POST /orders", "tenant": "t1"},
            {"request": b'{"b":1.0,"a":[1,2]}', "request_form": 1},
            {"request": b'{ "a":[1,2], "b":1 }', "request_form": 1},
            {"request": b'{"a":1,"note":"x"}', "request_form": 1, "exclude": '["/note"]'},
            {"lease_ms": 2000, "keep_ms": 3000},
            {"again_after_expiry": 1, "space": "S"},
            {"in_flight": 1, "wait_ms": 100},
            {"in_flight": 2, "wait_ms": 50},
        ]
        wrong: List[Any] = [
            {"in_flight": 9},
            {"lease_ms": 1},
            {"request": b"{", "request_form": 1},
            {"exclude": "x", "request_form": 1},
            {"wait_ms": -1},
            {"request": b""},
            {"tenant": "t" * 256},
        ]
        return self.random.choice(right if self.random.random() < 0.85 else wrong)

    def claim(self) -> None:
        key = self.random.choice([f"key-{self.random.randint(1, 16)}"] * 12 + ["", None, "with space", "k" * 256])
        waiting = self.in_background(0.2)
        got = self.call(
            "idempotency_claim", engine=self.on(), key=key, options=self.claim_options(), **{"async": waiting}
        )
        self.call("claim_look", claim=got("out_claim"))
        if waiting is None:
            self.claims.append(got("out_claim"))
        if self.random.random() < 0.5:
            self.work()

    def a_claim(self) -> Optional[Word]:
        return self.random.choice(self.claims[-3:]) if self.claims else None

    def reply(self) -> Any:
        return self.random.choice(
            [
                None,
                {},
                {"status": 201, "headers": '[["Content-Type","text/plain"],["X-Other","1"]]', "body": b"done \x00\xfe"},
                {"body": b""},
                {"status": 99},
                {"headers": "{}"},
                {"status": 503, "body": b"busy", "result_ref": "s3://x"},
            ]
        )

    def statements(self) -> List[Any]:
        made = [
            {
                "sql": "CREATE TABLE IF NOT EXISTS host_orders (id INTEGER PRIMARY KEY, note TEXT, raw BLOB)",
                "values": None,
            }
        ]
        values = [{"kind": 1, "integer": self.random.choice([self.random.randint(1, 10**6), -(2**63), 2**63 - 1])},
                  self.random.choice([{"kind": 0}, {"kind": 2, "data": self.text().replace("\x01", "")}]),
                  self.random.choice([{"kind": 3, "data": b"\x00\x01\xff"}, {}])]
        made.append(
            {
                "row_count": self.random.choice([0, 1, 1, 2, -1]),
                "sql": "INSERT INTO host_orders (id, note, raw) VALUES (?, ?, ?)",
                "values": values,
            }
        )
        return self.random.choice(
            [made, made, made[:1], [{"sql": "NONSENSE"}], [{"sql": "SELECT ?", "values": [{"kind": 9}]}]]
        )

    def work(self) -> None:
        claim = self.a_claim()
        self.call("claim_held", claim=claim)
        self.call("claim_effect_key", claim=claim, step=self.random.choice(["gateway", "", "Төлөх"]))
        if self.maybe(0.4):
            self.call(
                "claim_effect_begin",
                claim=claim,
                effect=self.random.choice([0, 1, 2, 3, 4, 9]),
                **{"async": self.in_background(0.2)},
            )
        if self.maybe(0.4):
            self.call("claim_checkpoint", claim=claim, point=self.random.choice(["charged", "", None]),
                      data=self.random.choice([None, b"", b"\x00\x01 so far"]), **{"async": self.in_background(0.2)})
        if self.maybe(0.4):
            self.call("claim_complete_sql", claim=claim, reply=self.reply(), out_json=HIDE)
        if self.maybe(0.6):
            self.call(
                "claim_complete",
                claim=claim,
                reply=self.reply(),
                statements=self.random.choice([None, [], self.statements()]),
                **{"async": self.in_background(0.2)},
            )
        if self.maybe(0.2):
            self.call("claim_release", claim=claim, **{"async": self.in_background(0.2)})
        self.call("claim_look", claim=claim)

    def http(self) -> None:
        self.call("claim_http", claim=self.a_claim())

    def canonical(self) -> None:
        self.call(
            "canonical_json",
            json=self.random.choice(['{"b":1e2,"a":"\\u00e9"}', '[1,2', "", None, '{"amount":1,"x":{"y":2}}']),
            include=self.random.choice([None, None, '["/x"]', "x"]),
            exclude=self.random.choice([None, '["/amount"]', '["/x/y"]']),
        )

    def recover(self) -> None:
        got = self.call(
            "idempotency_recover",
            engine=self.on(),
            options=self.random.choice([None, {}, {"space": "S"}, {"tenant": "t1"}]),
            **{"async": self.in_background(0.2)},
        )
        self.call("claim_look", claim=got("out_claim"))
        self.claims.append(got("out_claim"))

    def claims_end(self, left: int = 2) -> None:
        self.random.shuffle(self.claims)
        while len(self.claims) > left:
            self.call("claim_free", claim=self.claims.pop())
