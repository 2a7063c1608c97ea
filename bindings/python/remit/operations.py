"""Every call that may wait, once, for the engine that waits and for the one that does not."""

import json
from ctypes import byref, c_int32, c_int64, c_void_p, sizeof
from decimal import Decimal
from typing import Any, Callable, List, Mapping, Optional, Sequence, Tuple

from . import _abi
from ._native import Handle, Operation, check, milliseconds, nothing, optional, text
from .model import Accepted, Health, KeyInfo, Payout, PayoutRequest, PayoutStatus, exact_json, to_base_units

COIN_DECIMALS = 18


class Tokens:
    """The decimals of the configured tokens, out of the configuration in force."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._known = {(chain["id"], name.lower()): token["decimals"] for chain in config["chains"]
                       for token in chain["tokens"] for name in (token["symbol"], token["address"])}

    def base_units(self, request: PayoutRequest) -> int:
        if request.amount is None:
            assert request.base_units is not None
            return request.base_units
        decimals = COIN_DECIMALS
        if request.token is not None and request.token != "native":
            found = self._known.get((request.chain_id, request.token.lower()))
            if found is None:
                raise ValueError(f"the decimals of {request.token!r} on chain {request.chain_id} are not configured")
            decimals = found
        return to_base_units(request.amount, decimals)


class Enqueue(Operation[List[Accepted]]):
    """Its output is an array of the caller's own, so it waits in its own way."""

    __slots__ = ("count",)

    def __init__(self, requests: Sequence[PayoutRequest], units: Callable[[PayoutRequest], int]) -> None:
        self.count = len(requests)
        array = (_abi.PayoutRequest * self.count)(*[payout_request(r, units(r)) for r in requests])
        super().__init__("payout_enqueue", (array, self.count), read_accepted, payload=True)

    def wait(self, handle: Handle) -> List[Accepted]:
        accepted = (_abi.PayoutAccepted * self.count)()
        with handle as pointer:
            check(_abi.library().payout_enqueue, pointer, *self.inputs, None, accepted)
        return [Accepted(one.id.text.decode(), one.created == 1) for one in accepted]


def payout_request(given: PayoutRequest, base_units: int) -> _abi.PayoutRequest:
    made = _abi.PayoutRequest()
    made.struct_size = sizeof(made)
    made.priority, made.chain_id = given.priority, given.chain_id
    made.not_before_us, made.deadline_us = given.not_before_us, given.deadline_us
    made.external_id, made.external_id_len = text(given.external_id)
    made.token, made.token_len = optional(given.token)
    made.to, made.to_len = text(given.to)
    made.amount, made.amount_len = text(str(base_units))
    made.tenant, made.tenant_len = text(given.tenant)
    sender, sender_len = optional(given.sender)
    setattr(made, "from", sender)
    made.from_len = sender_len
    return made


def read_accepted(_: int, payload: bytes) -> List[Accepted]:
    return [Accepted(one["id"], one["created"]) for one in json.loads(payload)]


def read_payout(_: int, payload: bytes) -> Payout:
    return Payout.of(json.loads(payload))


def read_json(_: int, payload: bytes) -> Any:
    return json.loads(payload, parse_float=Decimal)


def read_key(_: int, payload: bytes) -> KeyInfo:
    return KeyInfo(**json.loads(payload))


def read_health(_: int, payload: bytes) -> Health:
    return Health.of(payload)


def payout_get(id: str) -> Operation[Payout]:
    return Operation("payout_get", text(id), read_payout, c_int32, True)


def payout_find(external_id: str, tenant: str) -> Operation[Payout]:
    return Operation("payout_find", (*text(tenant), *text(external_id)), read_payout, c_int32, True)


def payout_wait(id: str, until: PayoutStatus, timeout: float) -> Operation[Payout]:
    return Operation("payout_wait", (*text(id), int(until), milliseconds(timeout)), read_payout, c_int32, True)


def payout_cancel(id: str, actor: str, reason: str) -> Operation[None]:
    return Operation("payout_cancel", (*text(id), *text(actor), *text(reason)), nothing)


def payouts_page(filters: Mapping[str, Any], after: str) -> Operation[Any]:
    given = {name: value for name, value in filters.items() if value is not None}
    if isinstance(given.get("status"), PayoutStatus):
        given["status"] = given["status"].name.lower()
    return query("payouts.list", {**given, **({"after": after} if after else {})})


def read_page(page: Mapping[str, Any]) -> Tuple[List[Payout], str]:
    return [Payout.of(row) for row in page["payouts"]], page["next"]


def query(name: str, parameters: Optional[Mapping[str, Any]]) -> Operation[Any]:
    return Operation(
        "query",
        (*text(name), *optional(None if parameters is None else exact_json(parameters))),
        read_json,
        payload=True,
    )


def command(name: str, parameters: Optional[Mapping[str, Any]]) -> Operation[Any]:
    return Operation("command", (*text(name), *optional(None if parameters is None else exact_json(parameters))),
                     read_json, payload=True)


def health() -> Operation[Health]:
    return Operation("engine_health", (), read_health, c_int32, True)


def backup(path: str) -> Operation[None]:
    return Operation("engine_backup", text(path), nothing)


def stop(drain: float) -> Operation[None]:
    return Operation("engine_stop", (milliseconds(drain),), nothing)


def events_next(consumer: str, count: int) -> Operation[List[Mapping[str, Any]]]:
    return Operation("events_next", (*text(consumer), count), read_json, c_int64, True)


def events_ack(consumer: str, position: int) -> Operation[None]:
    return Operation("events_ack", (*text(consumer), position), nothing)


def keys_unlock(password: str, ttl: Optional[float]) -> Operation[None]:
    return Operation("keys_unlock", (*text(password), milliseconds(ttl or 0)), nothing)


def keys_unlock_kek(kek: bytes, ttl: Optional[float]) -> Operation[None]:
    return Operation("keys_unlock_kek", (bytes(kek), len(kek), milliseconds(ttl or 0)), nothing)


def keys_create(label: Optional[str]) -> Operation[KeyInfo]:
    return Operation("keys_create", optional(label), read_key, payload=True)


def keys_import(key: bytes, label: Optional[str]) -> Operation[KeyInfo]:
    return Operation("keys_import", (bytes(key), len(key), *optional(label)), read_key, payload=True)


def keys_import_v3(file: str, password: str, label: Optional[str]) -> Operation[KeyInfo]:
    return Operation("keys_import_v3", (*text(file), *text(password), *optional(label)), read_key, payload=True)


def keys_export_v3(address: str, password: str) -> Operation[str]:
    return Operation(
        "keys_export_v3", (*text(address), *text(password)), lambda _, payload: payload.decode(), payload=True
    )


def read_keys(rows: Sequence[Mapping[str, Any]]) -> List[KeyInfo]:
    return [KeyInfo(**row) for row in rows]


# ---- what does not wait: straight answers ------------------------------------------------------------------------


def number(function: str, handle: Handle) -> int:
    out = c_int32()
    with handle as pointer:
        check(getattr(_abi.library(), function), pointer, byref(out))
    return out.value


def tick(handle: Handle, budget: float) -> Tuple[bool, int]:
    progressed, due = c_int32(), c_int64()
    with handle as pointer:
        check(_abi.library().engine_tick, pointer, round(budget * 1_000_000), byref(progressed), byref(due))
    return progressed.value == 1, due.value


def blob(function: str, handle: Handle) -> c_void_p:
    out = c_void_p()
    with handle as pointer:
        check(getattr(_abi.library(), function), pointer, byref(out))
    return out
