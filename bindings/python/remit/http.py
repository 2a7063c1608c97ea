"""What an HTTP server answers when claim() or complete() raised; the answer by a verdict is claim.http()."""

from ctypes import byref, c_int32, c_void_p
from typing import Optional

from . import _abi
from ._native import check, take_blob, text
from .claims import pairs
from .errors import Error
from .model import HttpAnswer


def http_answer(error: Optional[Error]) -> HttpAnswer:
    """The library's own table. None: the request came without a key."""
    status, field, said = (_abi.E_INVALID, "key", "is missing") if error is None else (error.status, error.field, error.text)
    answer, headers, body = c_int32(), c_void_p(), c_void_p()
    check(_abi.library().error_http, status, *text(field), *text(said), byref(answer), byref(headers), byref(body))
    return HttpAnswer(answer.value, pairs(take_blob(headers)), take_blob(body))
