"""The engine for asyncio. Calls return at once; their outcomes arrive at a queue whose descriptor the loop watches."""

import asyncio
import contextlib
import json
import logging
import os
import weakref
from functools import partial
from types import TracebackType
from typing import (
    Any,
    AsyncIterator,
    Awaitable,
    Callable,
    List,
    Mapping,
    Optional,
    Sequence,
    Set,
    Tuple,
    Type,
    TypeVar,
    Union,
)

from . import _abi, errors, operations
from ._native import Handle, Operation, check, take_blob
from .claims import AsyncClaim, ClaimCall, Claiming, Request, claim_options
from .engine import Config, Unread, open_handle
from .loop import LoopQueue
from .model import Accepted, AsyncEvent, Health, InFlight, KeyInfo, Payout, PayoutRequest, PayoutStatus
from .work import PASS, UNKNOWN, Answer, Item, Ports, Signer, answer, failed, signed, signing

T = TypeVar("T")

_engines: "weakref.WeakSet[AsyncEngine]" = weakref.WeakSet()


class AsyncPayouts:
    """Pays many people on a chain, each exactly once."""

    def __init__(self, engine: "AsyncEngine") -> None:
        self._engine = engine

    async def enqueue(self, requests: Sequence[PayoutRequest]) -> List[Accepted]:
        return await self._engine._run(operations.Enqueue(requests, await self._engine._units(requests)))

    async def create(self, request: PayoutRequest) -> Accepted:
        return (await self.enqueue([request]))[0]

    async def get(self, id: str) -> Payout:
        return await self._engine._run(operations.payout_get(id))

    async def find(self, external_id: str, tenant: str = "") -> Payout:
        return await self._engine._run(operations.payout_find(external_id, tenant))

    async def wait(self, id: str, until: PayoutStatus = PayoutStatus.COMPLETED, timeout: float = 60) -> Payout:
        return await self._engine._run(operations.payout_wait(id, until, timeout))

    async def cancel(self, id: str, actor: str, reason: str) -> None:
        await self._engine._run(operations.payout_cancel(id, actor, reason))

    async def list(self, **filters: Any) -> AsyncIterator[Payout]:
        after = ""
        while True:
            page, after = operations.read_page(await self._engine._run(operations.payouts_page(filters, after)))
            for payout in page:
                yield payout
            if not after:
                return

    async def report(self) -> Any:
        return await self._engine.query("payouts.report")


class AsyncKeys:
    """Private keys at rest, never in clear."""

    def __init__(self, engine: "AsyncEngine") -> None:
        self._engine = engine

    async def unlock(self, password: str, ttl: Optional[float] = None) -> None:
        await self._engine._run(operations.keys_unlock(password, ttl))

    async def unlock_kek(self, kek: bytes, ttl: Optional[float] = None) -> None:
        await self._engine._run(operations.keys_unlock_kek(kek, ttl))

    def lock(self) -> None:
        with self._engine._handle as pointer:
            check(_abi.library().keys_lock, pointer)

    @property
    def unlocked(self) -> bool:
        return operations.number("keys_unlocked", self._engine._handle) == 1

    async def create(self, label: Optional[str] = None) -> KeyInfo:
        return await self._engine._run(operations.keys_create(label))

    async def import_raw(self, key: bytes, label: Optional[str] = None) -> KeyInfo:
        return await self._engine._run(operations.keys_import(key, label))

    async def import_v3(self, file: str, password: str, label: Optional[str] = None) -> KeyInfo:
        return await self._engine._run(operations.keys_import_v3(file, password, label))

    async def export_v3(self, address: str, password: str) -> str:
        return await self._engine._run(operations.keys_export_v3(address, password))

    async def list(self) -> List[KeyInfo]:
        return operations.read_keys(await self._engine.query("keys.list"))


class AsyncEngine:
    """One instance over one database, in one loop: `async with remit.AsyncEngine(config) as engine`.

    Its parameters are those of Engine. Entering opens it and, unless start is False, starts the library's own threads:
    without them nothing is done but in tick().
    """

    def __init__(self, config: Config, *, signer: Optional[Signer] = None, logger: Optional[logging.Logger] = None,
                 environment: bool = False, start: bool = True, _world: Optional[Handle] = None) -> None:
        self._config, self._environment, self._start, self._world = config, environment, start, _world
        self._ports = Ports(signer, logger)
        self._opened: Optional[Handle] = None
        self._loop: Optional[asyncio.AbstractEventLoop] = None  # while it is open
        self._queue: LoopQueue
        self._closing: asyncio.Event
        self._tasks: "Set[asyncio.Task[None]]" = set()
        self._waiting: "Set[asyncio.Future[Any]]" = set()
        self._tokens: Optional[operations.Tokens] = None
        self._work_tag = 0

    @property
    def payouts(self) -> AsyncPayouts:
        return AsyncPayouts(self)

    @property
    def keys(self) -> AsyncKeys:
        return AsyncKeys(self)

    # ---- the engine's life -----------------------------------------------------------------------------------

    @property
    def _handle(self) -> Handle:
        if self._opened is None:
            raise errors.ClosedError(_abi.E_CLOSED, "", "it was not opened")
        return self._opened

    async def _aside(self, function: Callable[..., T], *arguments: Any) -> T:
        """Runs what blocks without a queue on another thread; a world is for one thread only."""
        if self._world is not None:
            return function(*arguments)
        return await asyncio.get_running_loop().run_in_executor(None, partial(function, *arguments))

    async def open(self) -> "AsyncEngine":
        """May be done again after close(), in another loop too."""
        if self._opened is not None and self._opened.forked:
            raise errors.ForkedError(_abi.E_FORKED)
        if self._loop is not None:
            self._same_loop(asyncio.get_running_loop())
            raise errors.StateError(_abi.E_STATE, "", "it is open")
        self._loop = asyncio.get_running_loop()
        self._closing = asyncio.Event()
        self._queue = LoopQueue.of(self._loop)
        self._work_tag = self._queue.tag(self._take_work)
        self._tokens = None
        try:
            self._opened = await self._aside(self._open_handle)
        except BaseException:
            self._leave()
            raise
        _remember(self)
        try:
            if self._start and self._world is None:
                await self.start()
        except BaseException:
            await self.close()
            raise
        return self

    def _open_handle(self) -> Handle:
        with self._queue.handle as queue:
            options = self._ports.options(self._environment, queue if self._ports.wanted else None, self._work_tag)
            return open_handle(self._config, options, self._world)

    def _same_loop(self, running: asyncio.AbstractEventLoop) -> None:
        """An outcome arrives in the loop that opened the engine; awaited in another, it never would."""
        if self._loop is not None and self._loop is not running:
            raise errors.StateError(_abi.E_STATE, "", "it was opened in another event loop: close it there first")

    def _leave(self) -> None:
        self._loop, self._tasks, self._waiting = None, set(), set()
        self._queue.forget(self._work_tag)
        self._queue.leave()

    async def start(self) -> None:
        await self._aside(self._start_threads)

    def _start_threads(self) -> None:
        with self._handle as pointer:
            check(_abi.library().engine_start, pointer)

    async def stop(self, drain: float = 30) -> None:
        """Takes no new work and waits, up to so many seconds, until what is under way is recorded."""
        await self._run(operations.stop(drain))

    async def tick(self, budget: float = 0.01) -> Tuple[bool, int]:
        return await self._aside(operations.tick, self._handle, budget)

    async def close(self, drain: float = 0) -> None:
        """Stops, and ends the library's threads. Calls under way end with ClosedError."""
        if self._opened is None or self._opened.closed or self._opened.forked:
            return
        over = self._loop is not None and self._loop.is_closed()  # its loop ended first: nobody waits there any more
        if not over:
            self._same_loop(asyncio.get_running_loop())
            self._closing.set()
        await self._aside(self._end, drain)
        if self._loop is None:
            return  # another close() was faster
        if not over:
            self._queue.drain()
            for waiting in list(self._waiting):
                if not waiting.done():
                    waiting.set_exception(errors.ClosedError(_abi.E_CLOSED))
            for task in list(self._tasks):
                task.cancel()
        self._leave()

    def _end(self, drain: float) -> None:
        if self._opened is None or self._opened.closed or self._opened.forked:
            return
        try:
            operations.stop(drain).wait(self._opened)
        except errors.Error:
            pass  # nothing is lost: what was under way is on record and goes on at the next start
        self._opened.close()

    async def __aenter__(self) -> "AsyncEngine":
        return await self.open()

    async def __aexit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                        trace: Optional[TracebackType]) -> None:
        await self.close()

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Any = None) -> AsyncIterator[None]:
        """For an ASGI application: FastAPI(lifespan=engine.lifespan)."""
        async with self:
            yield

    # ---- calls and work --------------------------------------------------------------------------------------

    async def _run(self, operation: Operation[T], handle: Optional[Handle] = None) -> T:
        on = handle or self._handle
        if on.forked:  # before asyncio says that the child has no loop
            raise errors.ForkedError(_abi.E_FORKED)
        loop = asyncio.get_running_loop()
        self._same_loop(loop)
        future: "asyncio.Future[T]" = loop.create_future()

        def taken(batch: int, index: int, item: Item) -> None:
            self._queue.forget(tag)
            if future.done():
                return
            try:
                if item.status:
                    raise errors.make(item.status, item.field, item.text)
                future.set_result(operation.outcome(batch, index, item.value, item.payload))
            except Exception as error:
                future.set_exception(error)

        tag = self._queue.tag(taken)
        try:
            with self._queue.handle as queue:
                operation.submit(on, _abi.Async(queue, tag))
        except BaseException:
            self._queue.forget(tag)
            raise
        self._waiting.add(future)
        try:
            return await future
        finally:
            self._waiting.discard(future)

    def _take_work(self, _: int, __: int, item: Item) -> None:
        if item.kind == _abi.ITEM_LOG:
            self._ports.log(item)
        elif item.kind == _abi.ITEM_WORK:
            task = asyncio.get_running_loop().create_task(self._do(item))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _do(self, item: Item) -> None:
        queue, given = self._queue.handle, UNKNOWN
        try:
            given = await self._sign(item)
        finally:
            answer(queue, item.token, given)

    async def _sign(self, item: Item) -> Answer:
        try:
            signer, asked = self._ports.signer, signing(item)
            if signer is None or asked is None:
                return PASS
            if asyncio.iscoroutinefunction(signer.sign):
                return signed(await signer.sign(*asked))
            signatures = await asyncio.get_running_loop().run_in_executor(None, signer.sign, *asked)
            return signed(await signatures if isinstance(signatures, Awaitable) else signatures)
        except (asyncio.CancelledError, KeyboardInterrupt):
            raise
        except BaseException as error:  # sys.exit() of a signer on another thread does not end the loop
            return failed(error)

    async def _units(self, requests: Sequence[PayoutRequest]) -> Callable[[PayoutRequest], int]:
        if self._tokens is None and any(request.amount is not None for request in requests):
            self._tokens = operations.Tokens(await self.query("config"))
        tokens = self._tokens
        return tokens.base_units if tokens is not None else lambda request: request.base_units or 0

    # ---- asking ----------------------------------------------------------------------------------------------

    async def query(self, name: str, parameters: Optional[Mapping[str, Any]] = None) -> Any:
        return await self._run(operations.query(name, parameters))

    async def command(self, name: str, parameters: Optional[Mapping[str, Any]] = None) -> Any:
        return await self._run(operations.command(name, parameters))

    def catalogue(self) -> Any:
        return json.loads(take_blob(operations.blob("catalogue", self._handle)))

    async def health(self) -> Health:
        return await self._run(operations.health())

    async def doctor(self) -> List[Any]:
        findings: List[Any] = await self.query("doctor")
        return findings

    def metrics(self) -> str:
        return take_blob(operations.blob("engine_metrics", self._handle)).decode()

    async def backup(self, path: Union[str, "os.PathLike[str]"]) -> None:
        await self._run(operations.backup(os.fspath(path)))

    # ---- idempotency keys and events -------------------------------------------------------------------------

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
    ) -> ClaimCall:
        """To be awaited, or entered: `async with engine.claim(key) as claim`."""
        options = claim_options(
            tenant, space, operation, request, include, exclude, in_flight, wait, lease, keep, again_after_expiry
        )
        return ClaimCall(self, Claiming(key, options))

    async def recover(self, *, tenant: Optional[str] = None, space: Optional[str] = None, lease: Optional[float] = None,
                      keep: Optional[float] = None) -> Optional[AsyncClaim]:
        options = claim_options(tenant, space, None, None, None, None, InFlight.REJECT, None, lease, keep, False)
        try:
            return AsyncClaim(await self._run(Claiming(None, options)), self)
        except errors.NotFoundError:
            return None

    async def events(
        self, consumer: str, *, follow: bool = True, poll: float = 0.2, limit: int = 100
    ) -> AsyncIterator[AsyncEvent]:
        """As Engine.events; `await event.ack()`."""
        unread, closing = Unread(limit), self._closing
        while not closing.is_set():
            try:
                rows: List[Mapping[str, Any]] = await self._run(operations.events_next(consumer, unread.count))
            except errors.ClosedError:
                return
            fresh = unread.of(rows)
            for row in fresh:
                yield AsyncEvent(**row, _ack=lambda position: self._run(operations.events_ack(consumer, position)))
            if not fresh and not unread.more:
                if not follow:
                    return
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(closing.wait(), poll)


def _close_all() -> None:
    for engine in list(_engines):
        engine._end(0)


_registered = False


def _remember(engine: AsyncEngine) -> None:
    """As with Engine: at exit the library's threads end first."""
    global _registered
    if not _registered:
        import atexit

        atexit.register(_close_all)
        _registered = True
    _engines.add(engine)
