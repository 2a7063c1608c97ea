"""Idempotency keys for any ASGI application (Starlette, FastAPI, Quart, Litestar):

    app = FastAPI(lifespan=engine.lifespan)
    app.add_middleware(IdempotencyMiddleware, engine=engine, required=True, tenant=lambda scope: scope["user"].name)

The fingerprint is the method and path (the operation), the query with its parameters sorted by name, and the body's raw
bytes; no header is part of it. The reply's bytes are what is replayed. Which replies are put on record, and what a handler
has to say of its effects: docs/idempotency.md.
"""

import dataclasses
import json
import re
from typing import Any, Awaitable, Callable, Iterable, List, MutableMapping, Optional, Sequence, Tuple

from . import _abi, errors
from .aio import AsyncEngine
from .claims import AsyncClaim
from .http import http_answer
from .model import HttpAnswer, InFlight, Reply, Statement

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')


@dataclasses.dataclass
class Attempt:
    """The work on a key, for its handler: `request.state.attempt`. The statements commit or fail with the reply."""

    claim: AsyncClaim
    statements: List[Statement] = dataclasses.field(default_factory=list)


def key_of(values: Sequence[bytes]) -> str:
    """The key in the Idempotency-Key headers of a request: a string of RFC 8941 ("abc"), or as it is (abc)."""
    if len(values) != 1:
        raise errors.InvalidError(_abi.E_INVALID, "key", "is given more than once" if values else "is missing")
    text = values[0].decode("latin-1").strip(" \t")
    if not text.startswith('"'):
        return text
    quoted = QUOTED.fullmatch(text)
    if quoted is None:
        raise errors.InvalidError(_abi.E_INVALID, "key", "is no string of RFC 8941")
    return re.sub(r"\\(.)", r"\1", quoted[1])


def sorted_query(query: bytes) -> bytes:
    """By name: ?a=1&b=2 is ?b=2&a=1. Those of one name keep their order, which may mean something."""
    parameters: List[bytes] = query.split(b"&")
    parameters.sort(key=lambda parameter: parameter.split(b"=", 1)[0])
    return b"&".join(parameters)


class IdempotencyMiddleware:
    """Answers a request once per key. The reply is settled and sent when the application has ended it: what it does
    after that, as background tasks, delays and changes nothing.

    methods    those whose requests are looked at.
    required   a request without a key is refused with 400; else it passes by.
    tenant     names whom a key belongs to, out of the ASGI scope: by who was authenticated, never by address.
    in_flight  while another works on the key: 409, or wait for its reply, for `wait` seconds.
    lease      see AsyncEngine.claim, as for space and keep.
    max_body   longer requests are refused with 413: a request is read whole before it is run.
    """

    def __init__(self, app: Application, *, engine: AsyncEngine, methods: Iterable[str] = ("POST", "PATCH"),
                 required: bool = False, tenant: Optional[Callable[[Scope], str]] = None, space: Optional[str] = None,
                 in_flight: InFlight = InFlight.REJECT, wait: Optional[float] = None, lease: Optional[float] = None,
                 keep: Optional[float] = None, max_body: int = 1024 * 1024) -> None:
        self._app, self._engine, self._methods, self._required = app, engine, frozenset(methods), required
        self._tenant, self._space, self._in_flight, self._wait = tenant, space, in_flight, wait
        self._lease, self._keep, self._max_body = lease, keep, max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        keys = [value for name, value in scope.get("headers", ()) if name == b"idempotency-key"]
        if scope["type"] != "http" or scope["method"] not in self._methods or not (keys or self._required):
            return await self._app(scope, receive, send)
        respond = _Respond(send)
        try:
            key = key_of(keys)
            respond.key = keys[0]
            body = await self._read(receive)
            if body is None:
                return None
            if len(body) > self._max_body:
                return await respond(_problem(413, "too-large", "The request is too large", "Send less at once."))
            claim = await self._claim(scope, key, body)
        except errors.Error as error:
            return await respond(http_answer(error))
        async with claim:
            answer = claim.http()
            if answer is None:
                return await self._work(scope, receive, body, _Exchange(Attempt(claim), respond))
        return await respond(answer)

    async def _read(self, receive: Receive) -> Optional[bytes]:
        body, more = b"", True
        while more and len(body) <= self._max_body:
            message = await receive()
            if message["type"] != "http.request":
                return None  # the client is gone
            body, more = body + message.get("body", b""), message.get("more_body", False)
        return body

    async def _claim(self, scope: Scope, key: str, body: bytes) -> AsyncClaim:
        query = sorted_query(scope.get("query_string", b""))
        path = scope.get("raw_path") or scope["path"].encode()
        return await self._engine.claim(
            key, tenant=None if self._tenant is None else self._tenant(scope), space=self._space,
            operation=f"{scope['method']} {path.decode('latin-1')}", request=b"?%b\n%b" % (query, body) if query else body,
            in_flight=self._in_flight, wait=self._wait, lease=self._lease, keep=self._keep)

    async def _work(self, scope: Scope, receive: Receive, body: bytes, exchange: "_Exchange") -> None:
        unread = [{"type": "http.request", "body": body, "more_body": False}]

        async def read() -> Message:
            return unread.pop() if unread else await receive()

        # No extensions: they are other ways to answer, past what is put on record.
        state = {**scope.get("state", {}), "attempt": exchange.attempt}
        try:
            await self._app({**scope, "state": state, "extensions": {}}, read, exchange.send)
            if exchange.failure is not None:
                raise exchange.failure  # of settling; the application caught it, but nothing was answered
            if not exchange.ended:
                raise RuntimeError("the application returned without ending its reply")
        except Exception:
            if not exchange.settled:
                await _given_back(exchange.attempt.claim)
            raise


class _Exchange:
    """Takes what the application answers. At its end the key is settled and the client answered, in this order."""

    def __init__(self, attempt: Attempt, respond: "_Respond") -> None:
        self.attempt, self._respond = attempt, respond
        self.ended = self.settled = False
        self.failure: Optional[Exception] = None
        self._status = 500
        self._headers: Tuple[Tuple[str, str], ...] = ()
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        if self.ended:
            raise RuntimeError("the application had ended its reply")
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = tuple((bytes(name).decode("latin-1"), bytes(value).decode("latin-1"))
                                  for name, value in message.get("headers", ()))
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                self.ended = True
                await self._end()

    async def _end(self) -> None:
        try:
            answer = await self._settle()
        except Exception as error:
            self.failure = error
            raise
        self.settled = True
        self.attempt.claim.close()  # what runs on behind the reply holds no key
        await self._respond(answer)

    async def _settle(self) -> HttpAnswer:
        claim, said = self.attempt.claim, HttpAnswer(self._status, self._headers, bytes(self._body))
        try:
            if said.status >= 400 and await _given_back(claim):
                return said  # nothing was done: whoever asks again gets a new answer
            if said.status >= 500:
                return INTERRUPTED
            await self._complete(Reply(said.status, said.headers, said.body))
        except errors.FencedError as error:
            return claim.http() or http_answer(error)
        except (errors.RetryError, errors.AskError) as error:
            return http_answer(error)
        return said

    async def _complete(self, reply: Reply) -> None:
        try:
            await self.attempt.claim.complete(reply, self.attempt.statements)
        except errors.AskError:  # it may be on record: the same once more settles it
            await self.attempt.claim.complete(reply, self.attempt.statements)


async def _given_back(claim: AsyncClaim) -> bool:
    """False when an effect was begun: then the key is not free again, whatever happens."""
    try:
        await claim.release()
        return True
    except errors.StateError:
        return False
    except errors.Error:
        return not claim.effects_started  # the store is away; closing the claim gives it back when it can


class _Respond:
    """Answers the client, with its key once that is known."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.key: Optional[bytes] = None

    async def __call__(self, answer: HttpAnswer) -> None:
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        names = {name for name, _ in headers}
        if self.key is not None and b"idempotency-key" not in names:
            headers.append((b"idempotency-key", self.key))
        if answer.status not in (204, 304) and b"content-length" not in names:
            headers.append((b"content-length", str(len(answer.body)).encode()))
        await self._send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": answer.body})


def _problem(status: int, kind: str, title: str, detail: str, *more: Tuple[str, str]) -> HttpAnswer:
    body = {"type": f"urn:remit:problem:{kind}", "title": title, "status": status, "detail": detail}
    return HttpAnswer(status, (("Content-Type", "application/problem+json"), *more), json.dumps(body).encode())


INTERRUPTED = _problem(503, "idempotency-interrupted", "The request was interrupted",
                       "Send the same request again: it goes on from where it was.", ("Retry-After", "1"))
