"""Idempotency keys: claim one, look at the verdict, do the work, complete it."""

import json
from ctypes import byref, c_int32, c_void_p, sizeof, string_at
from types import TracebackType
from typing import TYPE_CHECKING, Any, Awaitable, Generator, List, Mapping, Optional, Sequence, Tuple, Type, Union

from . import _abi, errors
from ._native import Handle, Operation, check, milliseconds, nothing, optional, take_blob, text
from .model import Effect, HttpAnswer, InFlight, Reply, Statement, Value, Verdict, exact_json

if TYPE_CHECKING:
    from .aio import AsyncEngine

CLAIM_OPTIONS_SIZE = sizeof(_abi.ClaimOptions)
Request = Union[None, bytes, str, Mapping[str, Any], Sequence[Any]]


def claim_options(tenant: Optional[str], space: Optional[str], operation: Optional[str], request: Request,
                  include: Optional[Sequence[str]], exclude: Optional[Sequence[str]], in_flight: InFlight,
                  wait: Optional[float], lease: Optional[float], keep: Optional[float],
                  again_after_expiry: bool) -> _abi.ClaimOptions:
    # Zero is every default: only what is given costs anything.
    made = _abi.ClaimOptions(CLAIM_OPTIONS_SIZE, in_flight)
    if lease or keep:
        made.lease_ms, made.keep_ms = milliseconds(lease or 0), milliseconds(keep or 0)
    if wait is not None:
        made.wait_ms = milliseconds(wait) or 1  # 0 is the default in the ABI; here it is one look
    if again_after_expiry:
        made.again_after_expiry = 1
    if tenant is not None:
        made.tenant, made.tenant_len = text(tenant)
    if space is not None:
        made.space, made.space_len = text(space)
    if operation is not None:
        made.operation, made.operation_len = text(operation)
    if request is not None:
        if not isinstance(request, (bytes, str)):
            request, made.request_form = exact_json(request), _abi.REQUEST_JSON
        data = request.encode() if isinstance(request, str) else request
        made.request, made.request_len = data, len(data)
    if include is not None:
        made.request_form = _abi.REQUEST_JSON
        made.include, made.include_len = text(json.dumps(list(include)))
    if exclude is not None:
        made.request_form = _abi.REQUEST_JSON
        made.exclude, made.exclude_len = text(json.dumps(list(exclude)))
    return made


class Claiming(Operation[Handle]):
    """remit_idempotency_claim, or _recover without a key: what comes of it is a handle."""

    __slots__ = ()

    def __init__(self, key: Optional[str], options: _abi.ClaimOptions) -> None:
        inputs = (byref(options),) if key is None else (*text(key), byref(options))
        super().__init__("idempotency_recover" if key is None else "idempotency_claim", inputs, _never, c_int32, True)

    def wait(self, handle: Handle) -> Handle:
        out = c_void_p()
        with handle as pointer:
            check(getattr(_abi.library(), self.function), pointer, *self.inputs, None, None, byref(out))
        return Handle(out.value or 0, _abi.library().claim_free)

    def outcome(self, batch: int, index: int, value: int, payload: bytes) -> Handle:
        claim = _abi.library().batch_claim(batch, index)
        if not claim:
            raise errors.ClosedError(_abi.E_CLOSED)
        return Handle(claim, _abi.library().claim_free)


def _never(_: int, __: bytes) -> Handle:
    raise AssertionError("a claim is not read from text")


def completing(reply: Optional[Reply], statements: Sequence[Statement]) -> Operation[None]:
    array = (_abi.Statement * len(statements))(*[statement(s) for s in statements]) if statements else None
    return Operation("claim_complete", (reply_struct(reply), array, len(statements)), nothing)


def reply_struct(reply: Optional[Reply]) -> Any:
    if reply is None:
        return None
    made = _abi.Reply()
    made.struct_size = sizeof(made)
    made.status = reply.status
    made.headers, made.headers_len = optional(json.dumps([list(h) for h in reply.headers]) if reply.headers else None)
    made.body, made.body_len = reply.body, len(reply.body)
    made.result_ref, made.result_ref_len = optional(reply.result_ref or None)
    return byref(made)


def statement(given: Statement) -> _abi.Statement:
    made = _abi.Statement()
    made.struct_size = sizeof(made)
    made.row_count = 0 if given.rows is None else given.rows or -1
    made.sql, made.sql_len = text(given.sql)
    made.values = (_abi.Value * len(given.values))(*[value(v) for v in given.values])
    made.value_count = len(given.values)
    return made


def value(given: Value) -> _abi.Value:
    made = _abi.Value()
    if isinstance(given, int):
        if not -(2**63) <= given < 2**63:
            raise OverflowError("an integer of a statement has 64 bits; give a larger one as text")
        made.kind, made.integer = _abi.VALUE_INTEGER, given
    elif isinstance(given, (str, bytes)):
        made.kind = _abi.VALUE_TEXT if isinstance(given, str) else _abi.VALUE_BYTES
        data = given.encode() if isinstance(given, str) else given
        made.data, made.data_len = data, len(data)
    elif given is not None:
        raise TypeError(f"a statement takes None, int, str and bytes, not {type(given).__name__}")
    return made


def pairs(headers: bytes) -> Tuple[Tuple[str, str], ...]:
    return tuple((name, said) for name, said in json.loads(headers or b"[]"))


class ClaimView:
    """What a claim found. After FencedError it tells what became of the key."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._look()

    def _look(self) -> None:
        with self._handle as pointer:
            view = _abi.library().claim_look(pointer).contents
            self.verdict = Verdict(view.verdict)
            self.effect = Effect(view.effect)
            self.effects_started = view.effects_started == 1
            self.epoch: int = view.epoch
            self.retry_ms: int = view.retry_ms
            self.tenant: str = view.tenant.decode()
            self.key: str = view.key.decode()
            self.operation: str = view.operation.decode()
            self.doubt: str = view.doubt.decode()
            self.point: str = view.point.decode()
            self.data: bytes = string_at(view.data, view.data_len)
            self.reply: Optional[Reply] = None
            if self.verdict is Verdict.REPLAY:
                self.reply = Reply(
                    view.reply_status,
                    pairs(view.reply_headers),
                    string_at(view.reply_body, view.reply_body_len),
                    view.result_ref.decode(),
                    view.body_omitted == 1,
                )

    @property
    def ours(self) -> bool:
        """EXECUTE or RECOVER: the work is ours to do."""
        return self.verdict in (Verdict.EXECUTE, Verdict.RECOVER)

    @property
    def held(self) -> bool:
        """Whether the lease was still ours when last heard of: ask before each effect."""
        with self._handle as pointer:
            return bool(_abi.library().claim_held(pointer))

    def effect_key(self, step: str) -> str:
        """The external id of an effect of this key: the same for every worker and every retry."""
        out = _abi.Id()
        with self._handle as pointer:
            check(_abi.library().claim_effect_key, pointer, *text(step), byref(out))
        return str(out.text.decode())

    def http(self) -> Optional[HttpAnswer]:
        """What an HTTP server answers by the verdict; None when the work is ours."""
        status, headers, body = c_int32(), c_void_p(), c_void_p()
        with self._handle as pointer:
            check(_abi.library().claim_http, pointer, byref(status), byref(headers), byref(body))
        answer = HttpAnswer(status.value, pairs(take_blob(headers)), take_blob(body))
        return answer if answer.status else None

    def complete_sql(self, reply: Optional[Reply] = None) -> List[Statement]:
        """What complete would write, for a transaction on a connection of the host's own."""
        out = c_void_p()
        with self._handle as pointer:
            check(_abi.library().claim_complete_sql, pointer, reply_struct(reply), byref(out))
        return [
            Statement(
                row["sql"],
                tuple(map(sql_value, row["values"])),
                None if row["row_count"] == 0 else max(row["row_count"], 0),
            )
            for row in json.loads(take_blob(out))
        ]

    def close(self) -> None:
        """A key that is not completed is given back if no effect was started, else it waits for takeover."""
        self._handle.close()


def sql_value(given: Any) -> Value:
    if isinstance(given, dict):
        return bytes.fromhex(given["hex"][2:])
    result: Value = given
    return result


class Claim(ClaimView):
    """A claimed key, used by one thread at a time. Leaving its `with` without complete() gives it back."""

    def _call(self, operation: Operation[None]) -> None:
        try:
            operation.wait(self._handle)
        except errors.FencedError:
            self._look()
            raise

    def effect_begin(self, effect: Effect) -> None:
        """Durable before the effect: from here on the key can not be given back."""
        self._call(Operation("claim_effect_begin", (int(effect),), nothing))
        self.effects_started = True

    def checkpoint(self, point: str, data: Optional[bytes] = None) -> None:
        self._call(Operation("claim_checkpoint", (*text(point), data, len(data or b"")), nothing))

    def complete(self, reply: Optional[Reply] = None, statements: Sequence[Statement] = ()) -> None:
        """Puts the reply on record; the statements commit or fail with it."""
        self._call(completing(reply, statements))

    def release(self) -> None:
        self._call(Operation("claim_release", (), nothing))

    def __enter__(self) -> "Claim":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()


class AsyncClaim(ClaimView):
    """The same for asyncio."""

    def __init__(self, handle: Handle, engine: "AsyncEngine") -> None:
        self._engine = engine
        super().__init__(handle)

    async def _call(self, operation: Operation[None]) -> None:
        try:
            await self._engine._run(operation, self._handle)
        except errors.FencedError:
            self._look()
            raise

    async def effect_begin(self, effect: Effect) -> None:
        await self._call(Operation("claim_effect_begin", (int(effect),), nothing))
        self.effects_started = True

    async def checkpoint(self, point: str, data: Optional[bytes] = None) -> None:
        await self._call(Operation("claim_checkpoint", (*text(point), data, len(data or b"")), nothing))

    async def complete(self, reply: Optional[Reply] = None, statements: Sequence[Statement] = ()) -> None:
        await self._call(completing(reply, statements))

    async def release(self) -> None:
        await self._call(Operation("claim_release", (), nothing))

    async def __aenter__(self) -> "AsyncClaim":
        return self

    async def __aexit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                        trace: Optional[TracebackType]) -> None:
        self.close()


class ClaimCall(Awaitable[AsyncClaim]):
    """`claim = await engine.claim(...)` or `async with engine.claim(...) as claim`."""

    def __init__(self, engine: "AsyncEngine", operation: Claiming) -> None:
        self._engine = engine
        self._operation = operation
        self._claim: Optional[AsyncClaim] = None

    def __await__(self) -> Generator[Any, None, AsyncClaim]:
        return self._make().__await__()

    async def _make(self) -> AsyncClaim:
        return AsyncClaim(await self._engine._run(self._operation), self._engine)

    async def __aenter__(self) -> AsyncClaim:
        self._claim = await self._make()
        return self._claim

    async def __aexit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                        trace: Optional[TracebackType]) -> None:
        if self._claim is not None:
            self._claim.close()


def canonical_json(
    document: str, include: Optional[Sequence[str]] = None, exclude: Optional[Sequence[str]] = None
) -> bytes:
    """Canonical JSON (RFC 8785), whole or in part: what a fingerprint is made of."""
    out = c_void_p()
    paths = [optional(None if p is None else json.dumps(list(p))) for p in (include, exclude)]
    check(_abi.library().canonical_json, *text(document), *paths[0], *paths[1], byref(out))
    return take_blob(out)
