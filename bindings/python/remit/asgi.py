"""Idempotency keys for any ASGI application (Starlette, FastAPI, Quart, Litestar):

    app = FastAPI(lifespan=engine.lifespan)
    app.add_middleware(IdempotencyMiddleware, engine=engine, required=True, tenant=lambda scope: scope["user"].name)

The request's raw bytes are the fingerprint, the reply's are what is replayed. Which replies are put on record, and what a
handler has to say of its effects: docs/idempotency.md.
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


class IdempotencyMiddleware:
    """Answers a request once per key.

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
        try:
            key = key_of(keys)
            body = await self._read(receive)
            if body is None:
                return None
            if len(body) > self._max_body:
                return await _send(send, _problem(413, "too-large", "The request is too large", "Send less at once."))
            claim = await self._claim(scope, key, body)
        except errors.Error as error:
            return await _send(send, http_answer(error))
        async with claim:
            answer = claim.http() or await self._work(scope, receive, body, Attempt(claim))
        return await _send(send, answer)

    async def _read(self, receive: Receive) -> Optional[bytes]:
        body, more = b"", True
        while more and len(body) <= self._max_body:
            message = await receive()
            if message["type"] != "http.request":
                return None  # the client is gone
            body, more = body + message.get("body", b""), message.get("more_body", False)
        return body

    async def _claim(self, scope: Scope, key: str, body: bytes) -> AsyncClaim:
        query: bytes = scope.get("query_string", b"")
        path = scope.get("raw_path") or scope["path"].encode()
        return await self._engine.claim(
            key, tenant=None if self._tenant is None else self._tenant(scope), space=self._space,
            operation=f"{scope['method']} {path.decode('latin-1')}", request=b"?%b\n%b" % (query, body) if query else body,
            in_flight=self._in_flight, wait=self._wait, lease=self._lease, keep=self._keep)

    async def _work(self, scope: Scope, receive: Receive, body: bytes, attempt: Attempt) -> HttpAnswer:
        unread = [{"type": "http.request", "body": body, "more_body": False}]

        async def read() -> Message:
            return unread.pop() if unread else await receive()

        said = _Said()
        # No extensions: they are other ways to answer, past what is put on record.
        state = {**scope.get("state", {}), "attempt": attempt}
        try:
            await self._app({**scope, "state": state, "extensions": {}}, read, said.send)
        except Exception:
            await _given_back(attempt.claim)
            raise
        try:
            if said.status >= 400 and await _given_back(attempt.claim):
                return said.answer()  # nothing was done: whoever asks again gets a new answer
            if said.status >= 500:
                return INTERRUPTED
            await self._complete(attempt, said)
        except errors.FencedError as error:
            return attempt.claim.http() or http_answer(error)
        except (errors.RetryError, errors.AskError) as error:
            return http_answer(error)
        return said.answer()

    async def _complete(self, attempt: Attempt, said: "_Said") -> None:
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in said.headers]
        reply = Reply(said.status, headers, bytes(said.body))
        try:
            await attempt.claim.complete(reply, attempt.statements)
        except errors.AskError:  # it may be on record: the same once more settles it
            await attempt.claim.complete(reply, attempt.statements)


class _Said:
    """What the application answered."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: List[Tuple[bytes, bytes]] = []
        self.body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [(bytes(name), bytes(value)) for name, value in message.get("headers", ())]
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    def answer(self) -> HttpAnswer:
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in self.headers)
        return HttpAnswer(self.status, headers, bytes(self.body))


async def _given_back(claim: AsyncClaim) -> bool:
    """False when an effect was begun: then the key is not free again, whatever happens."""
    try:
        await claim.release()
        return True
    except errors.StateError:
        return False
    except errors.Error:
        return not claim.effects_started  # the store is away; closing the claim gives it back when it can


async def _send(send: Send, answer: HttpAnswer) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    if answer.status not in (204, 304) and not any(name == b"content-length" for name, _ in headers):
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def _problem(status: int, kind: str, title: str, detail: str, *more: Tuple[str, str]) -> HttpAnswer:
    body = {"type": f"urn:remit:problem:{kind}", "title": title, "status": status, "detail": detail}
    return HttpAnswer(status, (("Content-Type", "application/problem+json"), *more), json.dumps(body).encode())


INTERRUPTED = _problem(503, "idempotency-interrupted", "The request was interrupted",
                       "Send the same request again: it goes on from where it was.", ("Retry-After", "1"))
