"""An engine whose calls wait. Any thread may use it; waiting releases the interpreter's lock."""

import atexit
import json
import logging
import os
import threading
import warnings
import weakref
from ctypes import byref
from types import TracebackType
from typing import Any, Callable, Iterator, List, Mapping, Optional, Sequence, Tuple, Type, TypeVar, Union

from . import _abi, errors, operations
from ._native import Handle, Operation, check, made, take_blob, text
from .claims import Claim, Claiming, Request, claim_options
from .model import Accepted, Event, Health, InFlight, KeyInfo, Payout, PayoutRequest, PayoutStatus, Verdict
from .work import Ports, Signer, Worker

T = TypeVar("T")
Config = Union[str, "os.PathLike[str]", Mapping[str, Any]]
EVENTS_MAX = 10_000
SLICE = 0.5
WAIT = 5.0  # the library's own default for InFlight.WAIT

_open: "weakref.WeakSet[Engine]" = weakref.WeakSet()
_at_exit = threading.Lock()
_registered = False


def _close_all() -> None:
    """At exit the library's threads are ended before the process is taken down around them. Nothing is lost by it."""
    for engine in list(_open):
        engine.close(drain=0)


def _remember(engine: "Engine") -> None:
    global _registered
    with _at_exit:
        if not _registered:
            atexit.register(_close_all)
            _registered = True
        _open.add(engine)


def open_handle(config: Config, options: _abi.EngineOptions, world: Optional[Handle]) -> Handle:
    """A mapping is the configuration itself, anything else the path of its file."""
    library = _abi.library()
    if world is not None:
        given = (None, 0) if not config else text(json.dumps(config))
        with world as inside:
            return Handle(made(library.world_engine, inside, *given, byref(options)), library.engine_free)
    if isinstance(config, Mapping):
        return Handle(made(library.engine_open, *text(json.dumps(config)), byref(options)), library.engine_free)
    return Handle(made(library.engine_open_file, *text(os.fspath(config)), byref(options)), library.engine_free)


class Payouts:
    """Pays many people on a chain, each exactly once."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine

    def enqueue(self, requests: Sequence[PayoutRequest]) -> List[Accepted]:
        """Accepts all or none; they are on disk when it returns. The same again gives the payouts there are."""
        return self._engine._run(operations.Enqueue(requests, self._engine._units))

    def create(self, request: PayoutRequest) -> Accepted:
        return self.enqueue([request])[0]

    def get(self, id: str) -> Payout:
        return self._engine._run(operations.payout_get(id))

    def find(self, external_id: str, tenant: str = "") -> Payout:
        return self._engine._run(operations.payout_find(external_id, tenant))

    def wait(self, id: str, until: PayoutStatus = PayoutStatus.COMPLETED, timeout: float = 60) -> Payout:
        """Until it has the status or is past it; TimedOutError else. A convenience: the event is the truth."""
        return self._engine._patiently(lambda seconds: operations.payout_wait(id, until, seconds), timeout)

    def cancel(self, id: str, actor: str, reason: str) -> None:
        self._engine._run(operations.payout_cancel(id, actor, reason))

    def list(self, **filters: Any) -> Iterator[Payout]:
        """By page, as it is read: tenant, status, chain_id, doubtful, limit (of a page)."""
        after = ""
        while True:
            page, after = operations.read_page(self._engine._run(operations.payouts_page(filters, after)))
            yield from page
            if not after:
                return

    def report(self) -> Any:
        return self._engine.query("payouts.report")


class Keys:
    """Private keys at rest, never in clear."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine

    def unlock(self, password: str, ttl: Optional[float] = None) -> None:
        """ttl in seconds; None: until lock()."""
        self._engine._run(operations.keys_unlock(password, ttl))

    def unlock_kek(self, kek: bytes, ttl: Optional[float] = None) -> None:
        self._engine._run(operations.keys_unlock_kek(kek, ttl))

    def lock(self) -> None:
        with self._engine._handle as pointer:
            check(_abi.library().keys_lock, pointer)

    @property
    def unlocked(self) -> bool:
        return operations.number("keys_unlocked", self._engine._handle) == 1

    def create(self, label: Optional[str] = None) -> KeyInfo:
        return self._engine._run(operations.keys_create(label))

    def import_raw(self, key: bytes, label: Optional[str] = None) -> KeyInfo:
        return self._engine._run(operations.keys_import(key, label))

    def import_v3(self, file: str, password: str, label: Optional[str] = None) -> KeyInfo:
        return self._engine._run(operations.keys_import_v3(file, password, label))

    def export_v3(self, address: str, password: str) -> str:
        return self._engine._run(operations.keys_export_v3(address, password))

    def list(self) -> List[KeyInfo]:
        return operations.read_keys(self._engine.query("keys.list"))


class Engine:
    """One instance over one database.

    config       the configuration as a mapping, or the path of a JSON file.
    signer       holds keys of the host's; asked on a thread of this object's own.
    logger       gets the library's log lines.
    environment  REMIT_* variables override the configuration.
    """

    def __init__(self, config: Config, *, signer: Optional[Signer] = None, logger: Optional[logging.Logger] = None,
                 environment: bool = False, _world: Optional[Handle] = None) -> None:
        ports = Ports(signer, logger)
        self._worker = Worker(ports) if ports.wanted else None
        self._closing = threading.Event()
        self._tokens: Optional[operations.Tokens] = None
        try:
            if self._worker is None:
                self._handle = open_handle(config, ports.options(environment, None, 0), _world)
            else:
                with self._worker.queue as queue:
                    self._handle = open_handle(config, ports.options(environment, queue, 0), _world)
        except BaseException:
            if self._worker is not None:
                self._worker.stop(0)
            raise
        if self._worker is not None and _world is None:
            self._worker.start()
        _remember(self)

    # Made anew each time: kept ones would be a cycle, and a dropped engine would not end at once.
    @property
    def payouts(self) -> Payouts:
        return Payouts(self)

    @property
    def keys(self) -> Keys:
        return Keys(self)

    def __del__(self) -> None:
        handle: Optional[Handle] = getattr(self, "_handle", None)
        if handle is not None and not handle.closed and not handle.forked:
            warnings.warn(f"unclosed {self!r}", ResourceWarning, source=self)
            self.close()

    def _run(self, operation: Operation[T]) -> T:
        return operation.wait(self._handle)

    def _patiently(self, make: Callable[[float], Operation[T]], timeout: Optional[float]) -> T:
        """Waits in slices, so that Ctrl-C need not wait for the end of a long one. None waits without end."""
        left = timeout
        while True:
            now = SLICE if left is None else min(left, SLICE)
            try:
                return self._run(make(now))
            except errors.TimedOutError:
                left = None if left is None else left - now
                if left is not None and left <= 0:
                    raise

    def _units(self, request: PayoutRequest) -> int:
        if self._tokens is None and request.amount is not None:
            self._tokens = operations.Tokens(self.query("config"))
        return self._tokens.base_units(request) if self._tokens is not None else request.base_units or 0

    # ---- the engine's life -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Starts the library's own threads. Without them, work is done in tick() and in calls that wait."""
        with self._handle as pointer:
            check(_abi.library().engine_start, pointer)

    def stop(self, drain: float = 30) -> None:
        """Takes no new work and waits, up to so many seconds, until what is under way is recorded."""
        self._run(operations.stop(drain))

    def tick(self, budget: float = 0.01) -> Tuple[bool, int]:
        """Whether something was done, and when the next tick is useful (microseconds of the boot clock)."""
        return operations.tick(self._handle, budget)

    def close(self, drain: float = 0) -> None:
        """Stops, and ends the library's threads. Calls that wait in other threads end with ClosedError."""
        if self._handle.closed or self._handle.forked:
            return
        self._closing.set()
        try:
            self.stop(drain)
        except errors.Error:
            pass  # nothing is lost: what was under way is on record and goes on at the next start
        self._handle.close()
        if self._worker is not None:
            self._worker.stop(2)

    def __enter__(self) -> "Engine":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    # ---- asking ----------------------------------------------------------------------------------------------

    def query(self, name: str, parameters: Optional[Mapping[str, Any]] = None) -> Any:
        """Asks something of the catalogue; changes nothing."""
        return self._run(operations.query(name, parameters))

    def command(self, name: str, parameters: Optional[Mapping[str, Any]] = None) -> Any:
        """Does something of the catalogue."""
        return self._run(operations.command(name, parameters))

    def catalogue(self) -> Any:
        return json.loads(take_blob(operations.blob("catalogue", self._handle)))

    def health(self) -> Health:
        return self._run(operations.health())

    def doctor(self) -> List[Any]:
        """Integrity and invariants of the whole database; empty is good."""
        findings: List[Any] = self.query("doctor")
        return findings

    def metrics(self) -> str:
        """In Prometheus' text form."""
        return take_blob(operations.blob("engine_metrics", self._handle)).decode()

    def backup(self, path: Union[str, "os.PathLike[str]"]) -> None:
        """Copies the live database into a new file."""
        self._run(operations.backup(os.fspath(path)))

    # ---- idempotency keys ------------------------------------------------------------------------------------

    def claim(
        self,
        key: str,
        *,
        tenant: Optional[str] = None,
        space: Optional[str] = None,
        operation: Optional[str] = None,
        request: Request = None,
        include: Optional[Sequence[str]] = None,
        exclude: Optional[Sequence[str]] = None,
        in_flight: InFlight = InFlight.REJECT,
        wait: Optional[float] = None,
        lease: Optional[float] = None,
        keep: Optional[float] = None,
        again_after_expiry: bool = False,
    ) -> Claim:
        """Claims a key, or says what became of it. request: bytes or text as they are, else as canonical JSON.

        wait: seconds; 0 is one look. WAIT says RUNNING at their end, ATTACH raises TimedOutError and, without `wait`,
        has no end.
        """
        def claiming(seconds: Optional[float]) -> Claiming:
            return Claiming(
                key,
                claim_options(
                    tenant,
                    space,
                    operation,
                    request,
                    include,
                    exclude,
                    in_flight,
                    seconds,
                    lease,
                    keep,
                    again_after_expiry,
                ),
            )

        if in_flight is InFlight.ATTACH:
            return Claim(self._patiently(claiming, wait))
        if in_flight is not InFlight.WAIT:
            return Claim(self._run(claiming(wait)))
        left = WAIT if wait is None else wait
        while True:  # in slices too
            now = min(left, SLICE)
            claim = Claim(self._run(claiming(now)))
            left -= now
            if claim.verdict is not Verdict.RUNNING or left <= 0:
                return claim
            claim.close()

    def recover(self, *, tenant: Optional[str] = None, space: Optional[str] = None, lease: Optional[float] = None,
                keep: Optional[float] = None) -> Optional[Claim]:
        """Takes one key whose worker has died after it had started effects; None when there is none."""
        options = claim_options(tenant, space, None, None, None, None, InFlight.REJECT, None, lease, keep, False)
        try:
            return Claim(self._run(Claiming(None, options)))
        except errors.NotFoundError:
            return None

    # ---- events ----------------------------------------------------------------------------------------------

    def events(self, consumer: str, *, follow: bool = True, poll: float = 0.2, limit: int = 100) -> Iterator[Event]:
        """The events behind the consumer's acknowledged position, each once; event.ack() moves it.

        What is not acknowledged comes again to the next iterator. With follow it waits for more until the engine is
        closed, asking each `poll` seconds; else it ends behind the last one.
        """
        unread = Unread(limit)
        while not self._closing.is_set():
            try:
                rows: List[Mapping[str, Any]] = self._run(operations.events_next(consumer, unread.count))
            except errors.ClosedError:
                return
            fresh = unread.of(rows)
            for row in fresh:
                yield Event(**row, _ack=lambda position: self._run(operations.events_ack(consumer, position)))
            if not fresh and not unread.more:
                if not follow:
                    return
                self._closing.wait(poll)


class Unread:
    """Which of the events that were read were not given out before: reading begins at the acknowledged position."""

    def __init__(self, limit: int) -> None:
        self.count = max(1, min(limit, EVENTS_MAX))
        self.more = False
        self._seen = 0

    def of(self, rows: Sequence[Mapping[str, Any]]) -> List[Mapping[str, Any]]:
        fresh = [row for row in rows if row["position"] > self._seen]
        # A full page without anything new: the host acknowledges late, so look further.
        self.more = not fresh and len(rows) == self.count
        if self.more and self.count == EVENTS_MAX:
            raise errors.StateError(_abi.E_STATE, "consumer", f"has {EVENTS_MAX} events that are not acknowledged")
        if self.more:
            self.count = min(self.count * 10, EVENTS_MAX)
        if fresh:
            self._seen = fresh[-1]["position"]
        return fresh
