"""What random programs are made of: short scenes of a few calls each, right ones and wrong ones."""

from typing import Any, Callable, List

from claim_scenes import ClaimScenes
from frame import BIG, KEK, PAYEES, RAW_ADDRESS, RAW_KEY
from words import HIDE, KEEP, NULL

Scene = Callable[[], None]


class Scenes(ClaimScenes):
    """All of them, and how often each is played."""

    def all(self) -> List[Scene]:
        return [scene for scene, _ in self.weighted()]

    def weights(self) -> List[int]:
        return [weight for _, weight in self.weighted()]

    def weighted(self) -> List[Any]:
        return [
            (self.enqueue, 10),
            (self.enqueue_wrong, 5),
            (self.look, 8),
            (self.wait, 4),
            (self.cancel, 4),
            (self.advance, 6),
            (self.chain, 5),
            (self.fetch, 10),
            (self.answer, 3),
            (self.keys, 4),
            (self.key_files, 1),
            (self.events, 6),
            (self.ask, 5),
            (self.order, 4),
            (self.care, 3),
            (self.words, 3),
            (self.errors, 4),
            (self.nothing, 4),
            (self.restart, 2),
            (self.host_signs, 1),
            (self.real_engine, 1),
            (self.claim, 12),
            (self.work, 12),
            (self.http, 5),
            (self.canonical, 4),
            (self.recover, 3),
            (self.claims_end, 4),
        ]

    # ---- payouts ---------------------------------------------------------------------------------------------

    def enqueue(self) -> None:
        requests = [self.request() for _ in range(self.random.choice([1, 1, 2, 5]))]
        waiting = self.in_background()
        done = self.call("payout_enqueue", engine=self.on(), requests=requests, **{"async": waiting})
        if waiting is None:
            self.ids += [done(f"out_accepted.{i}.id") for i in range(len(requests))]
        elif self.random.random() < 0.5:
            self.call("payout_enqueue", engine=self.on(), requests=requests)
        if self.random.random() < 0.3:
            self.call(
                "payout_find",
                engine=self.on(),
                tenant=requests[0].get("tenant"),
                external_id=requests[0]["external_id"],
            )

    def enqueue_wrong(self) -> None:
        requests = [self.request() for _ in range(self.random.choice([1, 3]))]
        field, value = self.random.choice(
            [
                ("amount", "1.5"),
                ("amount", "0"),
                ("amount", None),
                ("amount", "1" + "0" * 90),
                ("to", "0x12"),
                ("to", None),
                ("token", "NONE"),
                ("chain_id", 1),
                ("chain_id", BIG),
                ("external_id", ""),
                ("external_id", "x" * 256),
                ("priority", 5000),
                ("from", PAYEES[0]),
                ("deadline_us", -1),
                ("tenant", "t" * 256),
            ]
        )
        self.random.choice(requests)[field] = value
        self.call("payout_enqueue", engine=self.on(), requests=requests, **{"async": self.in_background(0.2)})
        if self.random.random() < 0.3:
            self.call("payout_enqueue", engine=self.on(), requests=[])

    def look(self) -> None:
        given = {"out_payout": NULL} if self.random.random() < 0.3 else {}
        self.call("payout_get", engine=self.on(), id=self.an_id(), **{"async": self.in_background()}, **given)
        self.call("payout_find", engine=self.on(), tenant=self.random.choice([None, ""]),
                  external_id=f"order {self.random.randint(1, self.numbers + 1)}", **{"async": self.in_background()})

    def wait(self) -> None:
        status = self.random.choice([2, 3, 3, 5, 9])
        self.call("payout_wait", engine=self.on(), id=self.an_id(), status=status,
                  timeout_ms=self.random.choice([0, 1000, 300000]), **{"async": self.in_background()})

    def cancel(self) -> None:
        self.call("payout_cancel", engine=self.on(), id=self.an_id(), actor=self.random.choice(["бат", "", None]),
                  reason=self.random.choice([None, self.text()]), **{"async": self.in_background()})

    # ---- the world -------------------------------------------------------------------------------------------

    def advance(self) -> None:
        self.call(
            "world_advance",
            world=self.world("out_world"),
            duration_ms=self.random.choice([0, 1, 500, 15000, 90000, -1]),
        )

    def chain(self) -> None:
        world = self.world("out_world")
        payee = self.random.choice(PAYEES)
        token = self.random.choice([None, "USDT", "NONE"])
        self.call(
            "world_credit",
            world=world,
            token=token,
            address=payee,
            amount=self.random.choice(["1000000", "-1", "x", ""]),
        )
        self.call("world_mine", world=world, block_count=self.random.choice([0, 1, 30, 10001]))
        self.call("world_balance", world=world, token=token, address=payee)
        self.call("world_transfers", world=world, address=self.random.choice([None, payee, "0x1"]),
                  **self.random.choice([{}, {"out_count": NULL}, {"out_transfers": NULL}]))

    # ---- the queue -------------------------------------------------------------------------------------------

    def fetch(self) -> None:
        queue = self.queue("out_queue")
        if self.random.random() < 0.5:
            self.call("world_advance", world=self.world("out_world"), duration_ms=2000)
        self.call("queue_wake", queue=queue, tag=self.random.choice([0, 7, BIG]))
        self.call("queue_fd", queue=queue, out_fd=HIDE)
        batch = self.call(
            "queue_fetch", queue=queue, item_count=self.random.choice([0, 1, 3, 4096, 5000]), timeout_ms=0
        )
        self.call("batch_count", batch=batch("out_batch"))
        for index in range(self.random.randint(1, 5)):
            item = self.call("batch_at", batch=batch("out_batch"), index=index)
            if self.random.random() < 0.2:
                self.call(
                    "work_answer",
                    queue=queue,
                    token=item("return.token"),
                    outcome=self.random.choice([0, 1, 2, 3]),
                    answer=self.random.choice([None, b"no", bytes(65)]),
                )
            if self.maybe(0.5):
                claim = self.call("batch_claim", batch=batch("out_batch"), index=index)
                self.call("claim_look", claim=claim("return"))
                self.claims.append(claim("return"))
        self.call("batch_free", batch=batch("out_batch"))

    def answer(self) -> None:
        self.call(
            "work_answer",
            queue=self.queue("out_queue"),
            token=self.random.choice([0, 1, 2**63, BIG]),
            outcome=self.random.choice([-1, 0, 1, 2, 3, 4]),
            answer=self.random.choice([None, b"", b"busy", bytes(range(256))]),
        )

    # ---- keys ------------------------------------------------------------------------------------------------

    def keys(self) -> None:
        self.call("keys_unlocked", engine=self.on())
        self.call("keys_unlock_kek", engine=self.on(), kek=self.random.choice([KEK, KEK, KEK, bytes(32), b"short"]),
                  ttl_ms=self.random.choice([0, 0, 60000, -1]), **{"async": self.in_background()})
        self.call(
            "keys_create",
            engine=self.on(),
            label=self.random.choice([None, self.text()]),
            **{"async": self.in_background()},
            out_key=self.random.choice([NULL, HIDE]),
        )
        self.call(
            "keys_import",
            engine=self.on(),
            key=self.random.choice([RAW_KEY, bytes(32), b"x"]),
            label=self.text(),
            **{"async": self.in_background()},
            out_key=HIDE,
        )
        if self.maybe(0.4):
            self.call("keys_lock", engine=self.on())

    def key_files(self) -> None:
        """Slow ones: one scrypt each, so the parameters are mostly wrong before it begins."""
        self.call("keys_unlock", engine=self.on(), password=self.random.choice(["", None]), ttl_ms=0)
        self.call(
            "keys_export_v3",
            engine=self.on(),
            address=self.random.choice([PAYEES[0], "0x1", None]),
            password="secret",
            **{"async": self.in_background()},
            out_json=HIDE,
        )
        self.call(
            "keys_import_v3",
            engine=self.on(),
            json=self.random.choice(["{}", "", '{"version":3}']),
            password="secret",
            label=None,
            **{"async": self.in_background()},
            out_key=HIDE,
        )

    # ---- events and administration ---------------------------------------------------------------------------

    def events(self) -> None:
        consumer = self.random.choice(["app", "app", "мөнгө", "", None])
        got = self.call(
            "events_next",
            engine=self.on(),
            consumer=consumer,
            event_count=self.random.choice([0, 1, 5, -1, 10001]),
            **{"async": self.in_background(0.2)},
        )
        self.call(
            "events_ack",
            engine=self.on(),
            consumer=consumer,
            position=self.random.choice([got("out_last"), got("out_last"), 0, 999999, -1]),
            **{"async": self.in_background(0.2)},
        )

    def ask(self) -> None:
        name, json = self.random.choice(
            [
                ("payouts.list", '{"limit":3}'),
                ("payouts.list", '{"status":"sent"}'),
                ("payouts.report", None),
                ("payouts.audit", "{}"),
                ("events.consumers", None),
                ("keys.list", None),
                ("doctor", None),
                ("config", None),
                ("nonsense", None),
                ("", None),
                (None, None),
                ("payouts.list", '{"limit":"x"}'),
                ("payouts.list", "[1]"),
                ("payouts.list", "{"),
                ("payouts.find", '{"external_id":"order 1"}'),
            ]
        )
        hidden = {"out_json": HIDE} if name in ("keys.list", "doctor") else {}
        self.call(
            "query",
            engine=self.on(),
            name=name,
            json=json,
            **{"async": self.in_background(0 if hidden else 0.3)},
            **hidden,
        )

    def order(self) -> None:
        name, json = self.random.choice(
            [
                ("payouts.repair", '{"older_than_ms":1}'),
                ("events.forget", '{"consumer":"app"}'),
                ("events.forget", '{"consumer":"none"}'),
                (
                    "payouts.enqueue",
                    '{"payouts":[{"external_id":"json","chain_id":31337,"to":"%s","amount":"5"}]}' % PAYEES[1],
                ),
                ("payouts.cancel", '{"id":"po_00000000000000000000000000","actor":"a","reason":"r"}'),
                ("payouts.cancel", "{}"),
                ("nonsense", ""),
            ]
        )
        given = {"out_json": NULL} if self.random.random() < 0.2 else {}
        self.call("command", engine=self.on(), name=name, json=json, **{"async": self.in_background()}, **given)

    def care(self) -> None:
        self.call("engine_health", engine=self.on(), **{"async": self.in_background(0.2)})
        self.call("engine_metrics", engine=self.on(), out_text=HIDE)
        self.call("engine_tick", engine=self.on(), budget_us=self.random.choice([0, 1000, -1]), out_next_due_us=HIDE)
        self.numbers += 1
        self.call(
            "engine_backup",
            engine=self.on(),
            path=self.random.choice([f"copy-{self.numbers}.db", "", "no/folder/x.db"]),
            **{"async": self.in_background(0.2)},
            out_error=HIDE,
        )

    def words(self) -> None:
        self.call("abi_version")
        self.call("version_text")
        for status in self.random.sample([0, 1, -1, -7, -20, -21, 99, -(2**31), 2**31 - 1], 3):
            self.call("status_name", status=status)
            self.call("status_text", status=status)
            self.call("status_class", status=status)
        self.call("catalogue", engine=self.on())

    def errors(self) -> None:
        """An error and a blob that outlive their call."""
        wrong = self.call("payout_get", engine=self.on(), id="nobody", out_error=KEEP)
        for what in self.random.sample(["error_status", "error_field", "error_text"], 3):
            self.call(what, error=wrong("out_error"))
        self.call("error_http", status=self.random.choice([-3, -4, -5, -6, -7, -11, 0, -999]),
                  field=self.random.choice(["key", "amount", None]), text=self.random.choice(["is wrong", None]))
        self.call("error_free", error=wrong("out_error"))
        report = self.call("query", engine=self.on(), name="payouts.report", out_json=KEEP)
        self.call("blob_len", blob=report("out_json"))
        self.call("blob_data", blob=report("out_json"))
        self.call("blob_free", blob=report("out_json"))

    def nothing(self) -> None:
        """NULL where a handle belongs."""
        for what in self.random.sample(
            [
                "blob_len",
                "blob_data",
                "blob_free",
                "error_status",
                "error_field",
                "error_text",
                "error_free",
                "engine_free",
                "queue_free",
                "batch_free",
                "batch_count",
                "batch_at",
                "world_free",
                "claim_free",
                "claim_look",
                "claim_held",
                "batch_claim",
                "payout_get",
                "payout_enqueue",
                "queue_fetch",
                "world_advance",
                "keys_lock",
                "engine_start",
                "claim_release",
                "claim_complete",
                "events_next",
            ],
            5,
        ):
            self.call(what, **{"requests": [{}]} if what == "payout_enqueue" else {})

    # ---- engines ---------------------------------------------------------------------------------------------

    def restart(self) -> None:
        """Another engine in the same world. The old one lingers while it has claims."""
        if self.random.random() < 0.5:
            second = self.call("world_engine", world=self.world("out_world"))
            self.call("engine_free", engine=second("out_engine"))
        self.call(
            "engine_stop",
            engine=self.on(),
            drain_ms=self.random.choice([0, 1000, -1]),
            **{"async": self.in_background(0.2)},
        )
        self.call("payout_get", engine=self.on(), id=self.an_id())
        self.call("engine_free", engine=self.on())
        if self.random.random() < 0.95:
            self.claims_end(0)
            batch = self.call("queue_fetch", queue=self.queue("out_queue"), item_count=4096, timeout_ms=0)
            self.call("batch_free", batch=batch("out_batch"))
        self.open_engine(self.random.choice([None, {}]))

    def host_signs(self) -> None:
        """An engine whose keys the host holds. It asks for signatures and gets every answer but a right one."""
        self.restart()
        self.claims_end(0)
        self.call("engine_free", engine=self.on())
        here = {"queue": self.queue("out_queue"), "tag": 4242}
        self.open_engine({"signer": here, "signer_addresses": bytes.fromhex(RAW_ADDRESS[2:])})
        world = self.world("out_world")
        self.call("world_credit", world=world, token=None, address=RAW_ADDRESS, amount="1" + "0" * 18)
        self.call("world_credit", world=world, token="USDT", address=RAW_ADDRESS, amount="1" + "0" * 12)
        self.call("world_mine", world=world, block_count=1)
        self.enqueue()
        for _ in range(self.random.choice([2, 4])):
            self.call("world_advance", world=world, duration_ms=self.random.choice([3000, 15000]))
            batch = self.call("queue_fetch", queue=self.queue("out_queue"), item_count=4096, timeout_ms=0)
            for index in range(3):
                item = self.call("batch_at", batch=batch("out_batch"), index=index)
                self.call(
                    "work_answer",
                    queue=self.queue("out_queue"),
                    token=item("return.token"),
                    outcome=self.random.choice([0, 1, 1, 2, 3]),
                    answer=self.random.choice([None, b"no", bytes(64) + b"\x1b"]),
                )
            self.call("batch_free", batch=batch("out_batch"))

    def real_engine(self) -> None:
        """Outside the world: its ids and times are not repeatable, so little of it is shown."""
        self.numbers += 1
        config = '{"database":"real-%d.db"%s}' % (
            self.numbers,
            self.random.choice(["", ',"nonsense":1', ',"lease_ms":1']),
        )
        engine = self.call("engine_open", config=config, options=self.random.choice([None, {}, {"environment": 1}]))(
            "out_engine"
        )
        self.call("engine_start", engine=engine)
        self.call("engine_start", engine=engine)
        self.call("engine_health", engine=engine, out_health=HIDE)
        self.call("engine_stop", engine=engine, drain_ms=10000)
        self.call("engine_free", engine=engine)
        other = self.call("engine_open_file", path=self.random.choice(["absent.json", ""]))("out_engine")
        self.call("engine_free", engine=other)
