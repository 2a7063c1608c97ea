"""Handles of the library, and calls on them that wait."""

import os
import threading
from ctypes import byref, c_int32, c_int64, c_void_p, string_at
from typing import Any, Callable, Generic, List, Optional, Tuple, Type, TypeVar, Union

from . import _abi, errors

T = TypeVar("T")
Number = Union[Type[c_int32], Type[c_int64]]


class Handle:
    """An owned pointer, used as `with handle as pointer`.

    It is freed when it was closed and the last call on it has returned, whichever thread that is in. In a forked child
    it does nothing but raise: no lock is touched, because another thread of the parent may have held it.
    """

    __slots__ = ("_pointer", "_free", "_process", "_lock", "_users", "_closed", "__weakref__")

    def __init__(self, pointer: int, free: Callable[[int], None]) -> None:
        self._pointer = pointer
        self._free = free
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._users = 0
        self._closed = False

    def __enter__(self) -> int:
        if os.getpid() != self._process:
            raise errors.ForkedError(_abi.E_FORKED)
        with self._lock:
            if self._closed:
                raise errors.ClosedError(_abi.E_CLOSED, "", "it was closed")
            self._users += 1
        return self._pointer

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            last = self._closed and self._users == 0
        if last:
            self._free(self._pointer)

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def forked(self) -> bool:
        return os.getpid() != self._process

    def close(self) -> None:
        if self.forked:
            return
        with self._lock:
            last = not self._closed and self._users == 0
            self._closed = True
        if last:
            self._free(self._pointer)

    def __del__(self) -> None:
        if hasattr(self, "_closed"):
            self.close()


def text(value: str) -> Tuple[bytes, int]:
    """A text and its length, as the ABI wants them."""
    if not isinstance(value, str):
        raise TypeError(f"a str is wanted, not {type(value).__name__}")
    data = value.encode("utf-8")
    return data, len(data)


def optional(value: Optional[str]) -> Tuple[Optional[bytes], int]:
    return (None, 0) if value is None else text(value)


def milliseconds(seconds: float) -> int:
    """Never 0 for a time that is not 0: in the ABI that is the default, which may mean without end."""
    rounded = round(seconds * 1000)
    return rounded if rounded or not seconds else 1 if seconds > 0 else -1


def take_blob(blob: c_void_p) -> bytes:
    library = _abi.library()
    try:
        return string_at(library.blob_data(blob), library.blob_len(blob))
    finally:
        library.blob_free(blob)


def take_error(status: int, error: c_void_p) -> errors.Error:
    if not error.value:
        return errors.make(status, "", "")
    library = _abi.library()
    try:
        return errors.make(status, library.error_field(error).decode(), library.error_text(error).decode())
    finally:
        library.error_free(error)


def check(function: Any, *arguments: Any) -> None:
    """Calls a status function whose error is its last parameter."""
    error = c_void_p()
    status = function(*arguments, byref(error))
    if status:
        raise take_error(status, error)


def made(function: Any, *arguments: Any) -> int:
    """The same for one that makes a handle."""
    out = c_void_p()
    check(function, *arguments, byref(out))
    return out.value or 0


class Operation(Generic[T]):
    """A call with its inputs, for an engine that waits and for one that does not.

    Waiting or not, the outcome is at most one number and one text; `read` makes the result of them. Which of the two
    the function has is said by `number` (its type) and `payload`.
    """

    __slots__ = ("function", "inputs", "read", "number", "payload")

    def __init__(self, function: str, inputs: Tuple[Any, ...], read: Callable[[int, bytes], T],
                 number: Optional[Number] = None, payload: bool = False) -> None:
        self.function = function
        self.inputs = inputs
        self.read = read
        self.number = number
        self.payload = payload

    def wait(self, handle: Handle) -> T:
        number = self.number() if self.number else None
        blob = c_void_p() if self.payload else None
        outputs: List[Any] = [byref(out) for out in (number, blob) if out is not None]
        with handle as pointer:
            check(getattr(_abi.library(), self.function), pointer, *self.inputs, None, *outputs)
        return self.read(number.value if number is not None else 0, take_blob(blob) if blob is not None else b"")

    def submit(self, handle: Handle, async_: _abi.Async) -> None:
        outputs = [None] * (bool(self.number) + self.payload)
        with handle as pointer:
            check(getattr(_abi.library(), self.function), pointer, *self.inputs, byref(async_), *outputs)

    def outcome(self, batch: int, index: int, value: int, payload: bytes) -> T:
        """Out of a queue's item, while its batch lives."""
        return self.read(value, payload)


def nothing(_: int, __: bytes) -> None:
    return None
