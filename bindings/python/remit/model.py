"""The values of Remit: frozen, compared by content. Money is Decimal or int, never float."""

import dataclasses
import datetime
import enum
import json
from decimal import Decimal
from typing import Any, Callable, Dict, Mapping, Optional, Sequence, Tuple, Union

from . import _abi

Value = Union[None, int, str, bytes]


class Verdict(enum.IntEnum):
    """What an idempotency key means by now."""

    EXECUTE = _abi.VERDICT_EXECUTE
    RECOVER = _abi.VERDICT_RECOVER
    REPLAY = _abi.VERDICT_REPLAY
    RUNNING = _abi.VERDICT_RUNNING
    UNKNOWN = _abi.VERDICT_UNKNOWN
    EXPIRED = _abi.VERDICT_EXPIRED


class Effect(enum.IntEnum):
    """What may be done about an effect on the outside world whose worker has died."""

    NONE = _abi.EFFECT_NONE
    PURE = _abi.EFFECT_PURE
    IDEMPOTENT = _abi.EFFECT_IDEMPOTENT
    QUERYABLE = _abi.EFFECT_QUERYABLE
    AT_MOST_ONCE = _abi.EFFECT_AT_MOST_ONCE


class InFlight(enum.IntEnum):
    """What a claim does while another works on the key."""

    REJECT = _abi.IN_FLIGHT_REJECT
    WAIT = _abi.IN_FLIGHT_WAIT
    ATTACH = _abi.IN_FLIGHT_ATTACH


class PayoutStatus(enum.IntEnum):
    PENDING = _abi.PAYOUT_PENDING
    SENT = _abi.PAYOUT_SENT
    COMPLETED = _abi.PAYOUT_COMPLETED
    FAILED = _abi.PAYOUT_FAILED
    CANCELLED = _abi.PAYOUT_CANCELLED


def to_base_units(amount: Decimal, decimals: int) -> int:
    """12.5 of a token with 6 decimals is 12500000. A ValueError when digits would be lost."""
    if not isinstance(amount, Decimal):
        raise TypeError(f"an amount is a Decimal, not {type(amount).__name__}: Decimal('12.5')")
    sign, digits, exponent = amount.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"an amount must be a number, not {amount}")
    shift = exponent + decimals
    if shift > 100:
        raise ValueError(f"the amount {amount} is too large")
    whole = int("".join(map(str, digits)) or "0")
    whole, lost = (whole * 10**shift, 0) if shift >= 0 else divmod(whole, 10 ** min(-shift, len(digits) + 1))
    if lost:
        raise ValueError(f"the amount {amount} has more than {decimals} decimals")
    return -whole if sign else whole


def from_base_units(base_units: int, decimals: int) -> Decimal:
    """12500000 of a token with 6 decimals is 12.500000, exactly."""
    if not isinstance(base_units, int) or isinstance(base_units, bool):
        raise TypeError(f"base units are an int, not {type(base_units).__name__}")
    return Decimal((base_units < 0, tuple(map(int, str(abs(base_units)))), -decimals))


def moment(microseconds: Optional[int]) -> Optional[datetime.datetime]:
    if microseconds is None:
        return None
    return datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(microseconds=microseconds)


@dataclasses.dataclass(frozen=True)
class PayoutRequest:
    """One payout to accept: an `amount` in units of the token, or `base_units`; one of the two.

    external_id is the host's own number; token a configured symbol or address, None: the chain's coin; sender a
    configured one, None: any.
    """

    external_id: str
    chain_id: int
    to: str
    amount: Optional[Decimal] = None
    base_units: Optional[int] = None
    token: Optional[str] = None
    tenant: str = ""
    sender: Optional[str] = None
    priority: int = 0
    not_before_us: int = 0
    deadline_us: int = 0

    def __post_init__(self) -> None:
        if (self.amount is None) == (self.base_units is None):
            raise TypeError("a payout has either an amount or base_units")
        if self.amount is not None and not isinstance(self.amount, Decimal):
            raise TypeError(f"an amount is a Decimal, not {type(self.amount).__name__}: Decimal('12.5')")
        if self.base_units is not None and (not isinstance(self.base_units, int) or isinstance(self.base_units, bool)):
            raise TypeError(f"base_units is an int, not {type(self.base_units).__name__}")


@dataclasses.dataclass(frozen=True)
class Accepted:
    """created is False when it was there before, with the same content."""

    id: str
    created: bool


@dataclasses.dataclass(frozen=True)
class Payout:
    id: str
    tenant: str
    external_id: str
    chain_id: int
    token: str
    token_address: Optional[str]
    to: str
    base_units: int
    decimals: int
    priority: int
    status: PayoutStatus
    state: str
    reason: str
    doubt: str
    sender: Optional[str]
    nonce: Optional[int]
    tx_hash: Optional[str]
    block_number: Optional[int]
    fee_paid: int
    created_us: int
    sent_us: Optional[int]
    mined_us: Optional[int]
    finished_us: Optional[int]

    @property
    def amount(self) -> Decimal:
        return from_base_units(self.base_units, self.decimals)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Payout":
        given = {f.name: row[f.name] for f in dataclasses.fields(cls) if f.name in row}
        given.update(
            base_units=int(row["amount"]), fee_paid=int(row["fee_paid"]), status=PayoutStatus[row["status"].upper()]
        )
        return cls(**given)


@dataclasses.dataclass(frozen=True)
class Event:
    """A durable event. Acknowledge it when it is done with: until then it comes again."""

    id: str
    position: int
    tenant: str
    subject: str
    subject_sequence: int
    type: str
    version: int
    time_us: int
    data: Mapping[str, Any]
    _ack: Callable[[int], Any] = dataclasses.field(repr=False, compare=False)

    @property
    def time(self) -> datetime.datetime:
        time = moment(self.time_us)
        assert time is not None
        return time

    def ack(self) -> None:
        """This one and all before it are done with."""
        self._ack(self.position)


class AsyncEvent(Event):
    async def ack(self) -> None:  # type: ignore[override]
        await self._ack(self.position)


@dataclasses.dataclass(frozen=True)
class KeyInfo:
    id: str
    address: str
    label: str
    created_us: int


@dataclasses.dataclass(frozen=True)
class Health:
    ok: bool
    problems: Tuple[str, ...]
    keys_unlocked: bool
    chains: Tuple[Mapping[str, Any], ...]
    lanes: Tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, payload: bytes) -> "Health":
        row = json.loads(payload)
        return cls(row["ok"], tuple(row["problems"]), row["keys_unlocked"], tuple(row["chains"]), tuple(row["lanes"]))


@dataclasses.dataclass(frozen=True)
class Reply:
    """What a key replays: status, headers and the body's bytes."""

    status: int = 200
    headers: Sequence[Tuple[str, str]] = ()
    body: bytes = b""
    result_ref: str = ""
    body_omitted: bool = False

    @classmethod
    def of(cls, value: Any, status: int = 200, headers: Sequence[Tuple[str, str]] = ()) -> "Reply":
        """A JSON reply. Decimal becomes text, a float is a TypeError; a Content-Type of the host's own is kept."""
        typed = any(name.lower() == "content-type" for name, _ in headers)
        body = exact_json(value, (",", ":")).encode()
        return cls(status, tuple(headers) if typed else (("Content-Type", "application/json"), *headers), body)

    def json(self) -> Any:
        return json.loads(self.body, parse_float=Decimal)


@dataclasses.dataclass(frozen=True)
class Statement:
    """A statement of the host's own, which commits or fails with the reply. rows: so many must be found; None: any."""

    sql: str
    values: Sequence[Value] = ()
    rows: Optional[int] = None


@dataclasses.dataclass(frozen=True)
class HttpAnswer:
    status: int
    headers: Tuple[Tuple[str, str], ...]
    body: bytes


def as_json(value: Any) -> Any:
    """What json.dumps does not know: money is text in JSON."""
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def exact_json(value: Any, separators: Optional[Tuple[str, str]] = None) -> str:
    """JSON of a host's value; a float anywhere in it is refused, because it may be money."""
    refuse_floats(value)
    return json.dumps(value, ensure_ascii=False, default=as_json, separators=separators)


def refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("a float is never exact: give Decimal, int or str")
    if isinstance(value, Mapping):
        for name, item in value.items():
            refuse_floats(name)
            refuse_floats(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            refuse_floats(item)


Json = Dict[str, Any]
