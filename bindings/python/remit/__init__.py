"""Remit: an embeddable payment engine. Importing it loads no library and starts nothing; that is done on first use."""

from typing import TYPE_CHECKING, Any

from .errors import (AskError, BrokenError, ClosedError, Error, FencedError, FinalError, FixError, ForkedError,
                     InvalidError, MismatchError, NotFoundError, RetryError, StateError, TimedOutError, WrongKeyError)

if TYPE_CHECKING:
    from .aio import AsyncEngine
    from .claims import AsyncClaim, Claim, canonical_json
    from .engine import Engine
    from .http import http_answer
    from .model import (
        Accepted,
        AsyncEvent,
        Effect,
        Event,
        Health,
        HttpAnswer,
        InFlight,
        KeyInfo,
        Payout,
        PayoutRequest,
        PayoutStatus,
        Reply,
        Statement,
        Verdict,
        from_base_units,
        to_base_units,
    )
    from .work import Signer

__all__ = [
    "Accepted",
    "AskError",
    "AsyncClaim",
    "AsyncEngine",
    "AsyncEvent",
    "BrokenError",
    "Claim",
    "ClosedError",
    "Effect",
    "Engine",
    "Error",
    "Event",
    "FencedError",
    "FinalError",
    "FixError",
    "ForkedError",
    "Health",
    "HttpAnswer",
    "InFlight",
    "InvalidError",
    "KeyInfo",
    "MismatchError",
    "NotFoundError",
    "Payout",
    "PayoutRequest",
    "PayoutStatus",
    "Reply",
    "RetryError",
    "Signer",
    "StateError",
    "Statement",
    "TimedOutError",
    "Verdict",
    "WrongKeyError",
    "canonical_json",
    "from_base_units",
    "http_answer",
    "to_base_units",
    "version",
]

# Loaded when they are asked for, so that a program which imports Remit starts no slower for it.
_LATER = {"AsyncEngine": "aio", "Engine": "engine", "Signer": "work", "http_answer": "http",
          **dict.fromkeys(["AsyncClaim", "Claim", "canonical_json"], "claims")}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'remit' has no attribute {name!r}")
    import importlib

    found = getattr(importlib.import_module(f"remit.{_LATER.get(name, 'model')}"), name)
    globals()[name] = found
    return found


def version() -> str:
    """Of the library that is loaded."""
    from . import _abi

    return str(_abi.library().version_text().decode())
