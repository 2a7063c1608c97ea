"""Work and log lines that the library gives to the host through a queue. It runs no host code on threads of its own."""

import contextlib
import json
import logging
import threading
from ctypes import byref, c_void_p, pointer, string_at
from typing import Any, Awaitable, Callable, List, Mapping, Optional, Protocol, Sequence, Tuple, Union

from . import _abi, errors
from ._native import Handle, check, made


class Signer(Protocol):
    """Holds keys and signs with them. It may be asked again for the same: at most one transfer is ever mined."""

    @property
    def addresses(self) -> Sequence[str]:
        """Of the keys: 0x and 40 digits."""

    def sign(self, address: str, digests: Sequence[bytes]) -> Union[Sequence[bytes], Awaitable[Sequence[bytes]]]:
        """For each digest of 32 bytes, 65: r, s in the low half, and the recovery id, 0 or 1. A coroutine function is
        for AsyncEngine only. An exception means: not signed, ask again."""


LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)
Answer = Tuple[int, bytes]
PASS: Answer = (_abi.WORK_PASS, b"")
UNKNOWN: Answer = (_abi.WORK_UNKNOWN, b"")


class Item:
    """A copy of an item, for use after its batch."""

    __slots__ = ("tag", "kind", "status", "value", "token", "payload", "field", "text")

    def __init__(self, item: Any) -> None:
        self.tag: int = item.tag
        self.kind: int = item.kind
        self.status: int = item.status
        self.value: int = item.value
        self.token: int = item.token
        self.payload: bytes = string_at(item.payload, item.payload_len)
        self.field: str = item.error_field.decode()
        self.text: str = item.error_text.decode()


def open_queue() -> Handle:
    library = _abi.library()
    return Handle(made(library.queue_open), library.queue_free)


def report_here(error: BaseException) -> None:
    """As of an exception that ends a thread; but this one goes on."""
    given = (type(error), error, error.__traceback__, threading.current_thread())
    threading.excepthook(threading.ExceptHookArgs(given))


def fetch(queue: Handle, timeout_ms: int, handle: Callable[[int, int, Item], None],
          report: Callable[[BaseException], None] = report_here) -> int:
    """Takes items and gives each to `handle`, with the batch and its index there. Says how many there were.

    What `handle` raises costs no other item its turn: it is reported, or raised at the end if it ends the program.
    """
    library = _abi.library()
    out = c_void_p()
    with queue as at:
        check(library.queue_fetch, at, 0, timeout_ms, byref(out))
    batch = out.value or 0
    ending: Optional[BaseException] = None
    try:
        count = int(library.batch_count(batch))
        for index in range(count):
            try:
                handle(batch, index, Item(library.batch_at(batch, index).contents))
            except Exception as error:
                with contextlib.suppress(Exception):  # the report is the host's code too
                    report(error)
            except BaseException as error:
                ending = ending or error
    finally:
        library.batch_free(batch)
    if ending is not None:
        raise ending
    return count


def address_bytes(addresses: Sequence[str]) -> bytes:
    out = []
    for address in addresses:
        digits = address[2:] if address.startswith("0x") else ""
        try:
            data = bytes.fromhex(digits)
        except ValueError:
            data = b""
        if len(data) != 20:
            raise ValueError(f"signer.addresses: {address!r} is not 0x and 40 digits")
        out.append(data)
    return b"".join(out)


class Ports:
    """What an engine is given besides its configuration, as the ABI wants it."""

    def __init__(self, signer: Optional[Signer], logger: Optional[logging.Logger]) -> None:
        self.signer = signer
        self.logger = logger
        self.addresses = address_bytes(signer.addresses) if signer is not None else b""

    @property
    def wanted(self) -> bool:
        return self.signer is not None or self.logger is not None

    def options(self, environment: bool, queue: Optional[int], tag: int) -> _abi.EngineOptions:
        made_options = _abi.EngineOptions()
        made_options.struct_size = _abi.SIZES[_abi.EngineOptions]
        made_options.environment = environment
        if queue is not None:
            here = _abi.Async(queue, tag)
            if self.logger is not None:
                made_options.log = pointer(here)
            if self.signer is not None:
                made_options.signer = pointer(here)
                made_options.signer_addresses, made_options.signer_addresses_len = self.addresses, len(self.addresses)
        return made_options

    def log(self, item: Item) -> None:
        if self.logger is not None:
            fields = item.payload.decode() if item.payload else ""
            self.logger.log(LEVELS[max(0, min(item.status, 3))], "%s%s", item.text, f" {fields}" if fields else "")


def signing(item: Item) -> Optional[Tuple[str, List[bytes]]]:
    """What is to be signed; None when the work is of another kind."""
    work: Mapping[str, Any] = json.loads(item.payload)
    if work.get("work") != "sign":
        return None
    return work["address"], [bytes.fromhex(digest[2:]) for digest in work["digests"]]


def signed(signatures: Sequence[bytes]) -> Answer:
    return _abi.WORK_DONE, b"".join(bytes(s) for s in signatures)


def failed(error: BaseException) -> Answer:
    if not isinstance(error, Exception):
        return _abi.WORK_UNKNOWN, type(error).__name__.encode()  # it was broken off somewhere
    # The name only: the text of a host's exception may hold what must not be written down.
    return _abi.WORK_FAILED, type(error).__name__.encode()


def answer(queue: Handle, token: int, given: Answer) -> bool:
    """False when it came too late: the library fences it. One of a wrong form becomes a failure; the work ends."""
    outcome, data = given
    try:
        with queue as at:
            check(_abi.library().work_answer, at, token, outcome, data, len(data))
    except errors.InvalidError as error:
        return outcome == _abi.WORK_DONE and answer(queue, token, (_abi.WORK_FAILED, error.text.encode()))
    except (errors.FencedError, errors.ClosedError):
        return False
    return True


class Worker:
    """Fetches an engine's queue: on a thread of its own, or, in a simulated world, whenever the world is advanced."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self.late = 0
        self.queue = open_queue()
        self._stopping = False
        self._thread: Optional[threading.Thread] = None

    def start(self) -> None:
        # A daemon: a sign() that hangs must not hang the end of the process.
        self._thread = threading.Thread(target=self._run, name="remit-host-work", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping:
            try:
                fetch(self.queue, -1, self._handle)
            except errors.ClosedError:
                return
            except errors.Error:
                raise
            except BaseException as error:  # sys.exit() in a log handler ends no thread of the package's
                with contextlib.suppress(Exception):
                    report_here(error)

    def service(self) -> int:
        """Does what is there, without waiting."""
        return fetch(self.queue, 0, self._handle)

    def _handle(self, _: int, __: int, item: Item) -> None:
        if item.kind == _abi.ITEM_LOG:
            self._ports.log(item)
        elif item.kind == _abi.ITEM_WORK:
            given = UNKNOWN
            try:
                given = self._sign(item)
            finally:
                self.late += not answer(self.queue, item.token, given)

    def _sign(self, item: Item) -> Answer:
        try:
            signer, asked = self._ports.signer, signing(item)
            if signer is None or asked is None:
                return PASS
            signatures = signer.sign(*asked)
            if not isinstance(signatures, Sequence):
                raise TypeError("sign() of a signer of Engine gives a list of bytes")
            return signed(signatures)
        except KeyboardInterrupt:
            raise  # in a world the signer has the main thread
        except BaseException as error:  # sys.exit() too: no signature would ever be given again
            return failed(error)

    def stop(self, timeout: float) -> None:
        self._stopping = True
        if self._thread is not None and not self.queue.forked:
            try:
                with self.queue as at:
                    check(_abi.library().queue_wake, at, 0)
            except errors.Error:
                pass
            if self._thread is not threading.current_thread():
                self._thread.join(timeout)
        self.queue.close()
