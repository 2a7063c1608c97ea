# Generated from include/remit/*.h by bindings/generate/generate.py. Do not edit.
"""The C ABI, 1:1, by ctypes. The names are those of the headers without their remit_ and REMIT_.

The headers are the manual. Nothing is loaded by importing this: library() loads on first use.
Calls release the interpreter's lock.
"""

import ctypes
import os
import threading
from ctypes import POINTER, Structure, c_char, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Dict, List, Optional, Tuple

# ---- constants ----
# Grows when a program built for an older header can no longer be served: compare it with remit_abi_version.
ABI_VERSION = 1
# As a length: the text ends at its NUL.
ZSTR = 18446744073709551615

# remit_status: How a call went: REMIT_OK, REMIT_E_MISUSE, ... with the numbers and meanings of status.h.
# The call did what it says.
OK = 0
# A NULL, a bad length, a spent handle.
E_MISUSE = -1
# The data or options are of a newer library.
E_NEWER = -2
# The input is refused; the error names the field.
E_INVALID = -3
# The database could not be used.
E_STORE = -4
# The commit's fate is not known: read, then decide.
E_STORE_LOST = -5
# The id stands for other content.
E_MISMATCH = -6
# Another worker took over. Cause no effect.
E_FENCED = -7
# There is no such thing.
E_NOT_FOUND = -8
# Another live process holds it.
E_BUSY = -9
# The deadline of the wait passed; the work goes on.
E_TIMEOUT = -10
# The instance fenced itself; open it anew and look.
E_BROKEN = -11
# The handle is of the parent process; open your own.
E_FORKED = -12
# The instance is draining or closed.
E_CLOSED = -13
# Memory ran out.
E_NO_MEMORY = -14
# The other side could not be asked.
E_NETWORK = -15
# An effect was started and its outcome is not known.
E_UNKNOWN = -16
# The other side refused, definitely.
E_REFUSED = -17
# The data is damaged or was tampered with.
E_CORRUPT = -18
# The password or key does not open this.
E_WRONG_KEY = -19
# Not possible in the state it is in.
E_STATE = -20
# No call gives it.
STATUS_NEVER = 1

# remit_class: What a caller does about a status.
# Nothing to do.
CLASS_DONE = 0
# Fix the code, the configuration or the input; nothing was done.
CLASS_FIX = 1
# Nothing was done; make the same call again.
CLASS_RETRY = 2
# It may have been done: ask before anything is done again.
CLASS_ASK = 3
# Definite: repeating the call gives the same answer.
CLASS_FINAL = 4

# remit_verdict: What a key means by now. Every verdict comes with REMIT_OK: none of them is an error.
# Ours, and nothing was done before: do the work, complete it.
VERDICT_EXECUTE = 1
# Ours, after another died: go on from its point and effect.
VERDICT_RECOVER = 2
# Done before: the reply on record, byte for byte.
VERDICT_REPLAY = 3
# Another works on it (HTTP 409): come back after retry_ms.
VERDICT_RUNNING = 4
# An effect that cannot be repeated is in doubt: resolve first.
VERDICT_UNKNOWN = 5
# The reply was kept its time; the key is not used again.
VERDICT_EXPIRED = 6

# remit_effect: What may be done about an effect on the outside world whose worker has died.
# No effect is under way.
EFFECT_NONE = 0
# Repeat it.
EFFECT_PURE = 1
# Repeat it with the same remit_claim_effect_key.
EFFECT_IDEMPOTENT = 2
# Ask the other side first.
EFFECT_QUERYABLE = 3
# Never repeat it: the key becomes UNKNOWN.
EFFECT_AT_MOST_ONCE = 4

# remit_in_flight: What a claim does while another works on the key.
# Says RUNNING.
IN_FLIGHT_REJECT = 0
# Waits up to wait_ms for the outcome, then says RUNNING.
IN_FLIGHT_WAIT = 1
# Waits for the outcome; TIMEOUT after wait_ms, if given.
IN_FLIGHT_ATTACH = 2

# remit_request_form: How request bytes become a fingerprint.
# As they are.
REQUEST_BYTES = 0
# As canonical JSON (RFC 8785): its spelling does not matter.
REQUEST_JSON = 1

# remit_value_kind: What kind of value a statement is given.
# SQL's NULL.
VALUE_NULL = 0
# integer.
VALUE_INTEGER = 1
# data, as UTF-8.
VALUE_TEXT = 2
# data, as bytes.
VALUE_BYTES = 3

# remit_payout_status: Where a payout stands.
# Accepted; perhaps signed, not yet given to a node.
PAYOUT_PENDING = 1
# A node may have it: in doubt until the chain has decided.
PAYOUT_SENT = 2
# Paid, proven by the chain, and deep enough.
PAYOUT_COMPLETED = 3
# Not paid, and it never will be; its reason says why.
PAYOUT_FAILED = 4
# Withdrawn while nothing was signed.
PAYOUT_CANCELLED = 5

# remit_item_kind: What an item is. Skip kinds that you do not know.
# The outcome of a call that did not wait.
ITEM_RESULT = 1
# Reserved for durable events; remit_events_next reads them.
ITEM_EVENT = 2
# Something the host shall do: answer its token.
ITEM_WORK = 3
# A line for the host's log.
ITEM_LOG = 4
# Somebody called remit_queue_wake.
ITEM_WAKE = 5

# remit_work_outcome: How work for the host went. Silence means UNKNOWN, never DONE.
# It may have been done.
WORK_UNKNOWN = 0
# Done; the answer is what the work asks for.
WORK_DONE = 1
# Definitely not done; the answer is the reason as text.
WORK_FAILED = 2
# Not mine: as if the host had not offered to do it.
WORK_PASS = 3

# Of every status: its number, its name without E_, its class, its meaning.
STATUSES: Tuple[Tuple[int, str, str, str], ...] = (
    (0, "OK", "DONE", "The call did what it says."),
    (-1, "MISUSE", "FIX", "A NULL, a bad length, a spent handle."),
    (-2, "NEWER", "FIX", "The data or options are of a newer library."),
    (-3, "INVALID", "FIX", "The input is refused; the error names the field."),
    (-4, "STORE", "RETRY", "The database could not be used."),
    (-5, "STORE_LOST", "ASK", "The commit's fate is not known: read, then decide."),
    (-6, "MISMATCH", "FINAL", "The id stands for other content."),
    (-7, "FENCED", "FINAL", "Another worker took over. Cause no effect."),
    (-8, "NOT_FOUND", "FINAL", "There is no such thing."),
    (-9, "BUSY", "RETRY", "Another live process holds it."),
    (-10, "TIMEOUT", "RETRY", "The deadline of the wait passed; the work goes on."),
    (-11, "BROKEN", "FIX", "The instance fenced itself; open it anew and look."),
    (-12, "FORKED", "FIX", "The handle is of the parent process; open your own."),
    (-13, "CLOSED", "RETRY", "The instance is draining or closed."),
    (-14, "NO_MEMORY", "RETRY", "Memory ran out."),
    (-15, "NETWORK", "RETRY", "The other side could not be asked."),
    (-16, "UNKNOWN", "ASK", "An effect was started and its outcome is not known."),
    (-17, "REFUSED", "FINAL", "The other side refused, definitely."),
    (-18, "CORRUPT", "FINAL", "The data is damaged or was tampered with."),
    (-19, "WRONG_KEY", "FINAL", "The password or key does not open this."),
    (-20, "STATE", "FINAL", "Not possible in the state it is in."),
)

# ---- structs ----


class Id(Structure):
    # A generated id, as "po_...": at most 32 bytes and a NUL. Fixed for ever; a value, no thread owns it.
    _fields_ = [
        # Zeros behind the text.
        ("text", c_char * 40),
    ]


class Async(Structure):
    # Where the outcome of a call that does not wait shall go. Fixed for ever; a value, no thread owns it.
    _fields_ = [
        # Kept alive until the item was pushed.
        ("queue", c_void_p),
        # Comes back with the item.
        ("tag", c_uint64),
    ]


class EngineOptions(Structure):
    # What a host gives an engine besides its configuration. A value, no thread owns it.
    _fields_ = [
        # Set by REMIT_ENGINE_OPTIONS_INIT.
        ("struct_size", c_uint32),
        # 1: REMIT_* variables override the configuration.
        ("environment", c_uint32),
        # Log lines go there; NULL: nowhere.
        ("log", POINTER(Async)),
        # Work to sign for signer_addresses goes there; or NULL.
        ("signer", POINTER(Async)),
        # Addresses whose keys the host holds, 20 bytes each.
        ("signer_addresses", c_char_p),
        # In bytes.
        ("signer_addresses_len", c_size_t),
    ]


class ClaimOptions(Structure):
    # How to claim. A value, no thread owns it.
    _fields_ = [
        # Set by REMIT_CLAIM_OPTIONS_INIT.
        ("struct_size", c_uint32),
        # What to do while another works on the key.
        ("in_flight", c_int32),
        # 0: 5,000 for WAIT, no end for ATTACH; up to 24 h.
        ("wait_ms", c_int64),
        # Silence after which others may take over; 1,000 to 24 h.
        ("lease_ms", c_int64),
        # The reply is kept so long from completion; 7 days.
        ("keep_ms", c_int64),
        # How the request becomes a fingerprint.
        ("request_form", c_int32),
        # 1: an expired key executes anew.
        ("again_after_expiry", c_int32),
        # NULL: the empty tenant.
        ("tenant", c_char_p),
        ("tenant_len", c_size_t),
        # The namespace; NULL: the empty one.
        ("space", c_char_p),
        ("space_len", c_size_t),
        # What the key is for, as "POST /orders"; NULL: anything.
        ("operation", c_char_p),
        ("operation_len", c_size_t),
        # What the key stands for; NULL: the key alone decides.
        ("request", c_char_p),
        # May be 0: an empty request is one, too.
        ("request_len", c_size_t),
        # JSON array of paths; NULL: all. Only with REQUEST_JSON.
        ("include", c_char_p),
        ("include_len", c_size_t),
        # JSON array of paths, never of an amount or currency.
        ("exclude", c_char_p),
        ("exclude_len", c_size_t),
    ]


class Reply(Structure):
    # A reply to put on record. A value, no thread owns it.
    _fields_ = [
        # Set by REMIT_REPLY_INIT.
        ("struct_size", c_uint32),
        # 100 to 599; 0 is 200.
        ("status", c_int32),
        # JSON array of [name, value]; NULL: none. See idempotency.hpp.
        ("headers", c_char_p),
        ("headers_len", c_size_t),
        # NULL: empty.
        ("body", c_char_p),
        ("body_len", c_size_t),
        # Where the result is had if the body is too large to keep.
        ("result_ref", c_char_p),
        ("result_ref_len", c_size_t),
    ]


class Value(Structure):
    # A value for a statement's placeholder. A value, no thread owns it.
    _fields_ = [
        # Which of the others counts.
        ("kind", c_int32),
        # 0.
        ("reserved", c_int32),
        ("integer", c_int64),
        # Text or bytes.
        ("data", c_char_p),
        ("data_len", c_size_t),
    ]


class Statement(Structure):
    # A statement of the host's own on tables of its own. In an array, struct_size is the distance from one to the
    # next and the same in all. A value, no thread owns it.
    _fields_ = [
        # Set by REMIT_STATEMENT_INIT.
        ("struct_size", c_uint32),
        # 0.
        ("reserved", c_int32),
        # So many rows must be found; 0: any number, -1: none.
        ("row_count", c_int64),
        # One statement: ? on SQLite, $1 on PostgreSQL.
        ("sql", c_char_p),
        ("sql_len", c_size_t),
        # For its placeholders.
        ("values", POINTER(Value)),
        ("value_count", c_size_t),
    ]


class ClaimView(Structure):
    # What a claim found, made by the library only, read through remit_claim_look; it may grow at its end. Changes
    # only when a call on the claim gives FENCED. As its claim: one thread at a time.
    _fields_ = [
        # What the key means.
        ("verdict", c_int32),
        # RECOVER: what the worker before had under way.
        ("effect", c_int32),
        # 1: the key can not be given back any more.
        ("effects_started", c_int32),
        # REPLAY: the status on record.
        ("reply_status", c_int32),
        # REPLAY, 1: the body was too large; look at result_ref.
        ("body_omitted", c_int32),
        # 0.
        ("reserved", c_int32),
        # Counts the workers that had the key.
        ("epoch", c_int64),
        # RUNNING: when to come back.
        ("retry_ms", c_int64),
        # The key's tenant.
        ("tenant", c_char_p),
        # The key.
        ("key", c_char_p),
        # What it is for.
        ("operation", c_char_p),
        # UNKNOWN: why.
        ("doubt", c_char_p),
        # RECOVER: how far the worker before came.
        ("point", c_char_p),
        # RECOVER: what it kept with that point.
        ("data", c_void_p),
        ("data_len", c_size_t),
        # REPLAY: JSON array of [name, value].
        ("reply_headers", c_char_p),
        # REPLAY: the body's bytes, and a NUL.
        ("reply_body", c_void_p),
        ("reply_body_len", c_size_t),
        # REPLAY: as it was given.
        ("result_ref", c_char_p),
    ]


class PayoutRequest(Structure):
    # One payout to accept. In an array, struct_size is the distance from one to the next and the same in all. A
    # value, no thread owns it.
    _fields_ = [
        # Set by REMIT_PAYOUT_REQUEST_INIT.
        ("struct_size", c_uint32),
        # Higher goes first; -1000 to 1000.
        ("priority", c_int32),
        # A configured chain.
        ("chain_id", c_uint64),
        # 0: at once.
        ("not_before_us", c_int64),
        # Not signed after it; 0: none.
        ("deadline_us", c_int64),
        # The host's own number: 1 to 255 bytes.
        ("external_id", c_char_p),
        ("external_id_len", c_size_t),
        # A configured symbol or 0x address; NULL: the chain's coin.
        ("token", c_char_p),
        ("token_len", c_size_t),
        # 0x and 40 digits; a mixed case must be the right checksum.
        ("to", c_char_p),
        ("to_len", c_size_t),
        # Base units in decimal, at least 1.
        ("amount", c_char_p),
        ("amount_len", c_size_t),
        # NULL: the empty tenant.
        ("tenant", c_char_p),
        ("tenant_len", c_size_t),
        # A configured sender; NULL: any.
        ("from", c_char_p),
        ("from_len", c_size_t),
    ]


class PayoutAccepted(Structure):
    # What became of one request. Fixed for ever. A value, no thread owns it.
    _fields_ = [
        # "po_..."
        ("id", Id),
        # 0: it was there before, with the same content.
        ("created", c_int32),
        # 0.
        ("reserved", c_int32),
    ]


class Item(Structure):
    # One item, made by the library only, read through remit_batch_at; it may grow at its end. Immutable; any thread
    # may read it while its batch lives.
    _fields_ = [
        # That of the remit_async it came by.
        ("tag", c_uint64),
        ("kind", c_int32),
        # RESULT: how the call went. LOG: 0 debug to 3 error.
        ("status", c_int32),
        # RESULT: the call's number output, as its comment says.
        ("value", c_int64),
        # WORK: what remit_work_answer takes.
        ("token", c_uint64),
        # JSON, or "": the result, the work, the log line's fields.
        ("payload", c_void_p),
        ("payload_len", c_size_t),
        # RESULT that is not OK: the field, or "".
        ("error_field", c_char_p),
        # RESULT that is not OK: what was wrong. LOG: the event's name.
        ("error_text", c_char_p),
    ]


class WorldOptions(Structure):
    # How to make a world. A value, no thread owns it.
    _fields_ = [
        # Set by REMIT_WORLD_OPTIONS_INIT.
        ("struct_size", c_uint32),
        # Keys that the engine can sign with; 1. At most 64.
        ("sender_count", c_uint32),
        # The same seed and calls give the same run; 1.
        ("seed", c_uint64),
        # 12,000; negative: blocks come by remit_world_mine only.
        ("block_interval_ms", c_int64),
        # Keeps chain and database in files there, which outlive the process; NULL: in memory.
        ("folder", c_char_p),
        ("folder_len", c_size_t),
    ]


# As the C compiler has them; a test compares.
SIZES: Dict[Any, int] = {Id: 40, Async: 16, EngineOptions: 40, ClaimOptions: 136, Reply: 56, Value: 32, Statement: 48,
                         ClaimView: 128, PayoutRequest: 128, PayoutAccepted: 48, Item: 64, WorldOptions: 40}


# ---- functions: result, arguments ----
FUNCTIONS: Dict[str, Tuple[Any, List[Any]]] = {
    "abi_version": (c_int32, []),
    "version_text": (c_char_p, []),
    "status_name": (c_char_p, [c_int32]),
    "status_text": (c_char_p, [c_int32]),
    "status_class": (c_int32, [c_int32]),
    "blob_data": (c_void_p, [c_void_p]),
    "blob_len": (c_size_t, [c_void_p]),
    "blob_free": (None, [c_void_p]),
    "error_status": (c_int32, [c_void_p]),
    "error_field": (c_char_p, [c_void_p]),
    "error_text": (c_char_p, [c_void_p]),
    "error_free": (None, [c_void_p]),
    "query": (c_int32, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, POINTER(Async), POINTER(c_void_p),
        POINTER(c_void_p)]),
    "command": (c_int32, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, POINTER(Async), POINTER(c_void_p),
        POINTER(c_void_p)]),
    "catalogue": (c_int32, [c_void_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "engine_open": (c_int32, [c_char_p, c_size_t, POINTER(EngineOptions), POINTER(c_void_p), POINTER(c_void_p)]),
    "engine_open_file": (c_int32, [c_char_p, c_size_t, POINTER(EngineOptions), POINTER(c_void_p), POINTER(c_void_p)]),
    "engine_tick": (c_int32, [c_void_p, c_int64, POINTER(c_int32), POINTER(c_int64), POINTER(c_void_p)]),
    "engine_start": (c_int32, [c_void_p, POINTER(c_void_p)]),
    "engine_stop": (c_int32, [c_void_p, c_int64, POINTER(Async), POINTER(c_void_p)]),
    "engine_health": (c_int32, [c_void_p, POINTER(Async), POINTER(c_int32), POINTER(c_void_p), POINTER(c_void_p)]),
    "engine_metrics": (c_int32, [c_void_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "engine_backup": (c_int32, [c_void_p, c_char_p, c_size_t, POINTER(Async), POINTER(c_void_p)]),
    "engine_free": (None, [c_void_p]),
    "events_next": (c_int32, [c_void_p, c_char_p, c_size_t, c_int32, POINTER(Async), POINTER(c_int64),
        POINTER(c_void_p), POINTER(c_void_p)]),
    "events_ack": (c_int32, [c_void_p, c_char_p, c_size_t, c_int64, POINTER(Async), POINTER(c_void_p)]),
    "idempotency_claim": (c_int32, [c_void_p, c_char_p, c_size_t, POINTER(ClaimOptions), POINTER(Async),
        POINTER(c_int32), POINTER(c_void_p), POINTER(c_void_p)]),
    "idempotency_recover": (c_int32, [c_void_p, POINTER(ClaimOptions), POINTER(Async), POINTER(c_int32),
        POINTER(c_void_p), POINTER(c_void_p)]),
    "batch_claim": (c_void_p, [c_void_p, c_size_t]),
    "claim_look": (POINTER(ClaimView), [c_void_p]),
    "claim_held": (c_int32, [c_void_p]),
    "claim_effect_key": (c_int32, [c_void_p, c_char_p, c_size_t, POINTER(Id), POINTER(c_void_p)]),
    "claim_effect_begin": (c_int32, [c_void_p, c_int32, POINTER(Async), POINTER(c_void_p)]),
    "claim_checkpoint": (c_int32, [c_void_p, c_char_p, c_size_t, c_void_p, c_size_t, POINTER(Async),
        POINTER(c_void_p)]),
    "claim_complete": (c_int32, [c_void_p, POINTER(Reply), POINTER(Statement), c_size_t, POINTER(Async),
        POINTER(c_void_p)]),
    "claim_complete_sql": (c_int32, [c_void_p, POINTER(Reply), POINTER(c_void_p), POINTER(c_void_p)]),
    "claim_release": (c_int32, [c_void_p, POINTER(Async), POINTER(c_void_p)]),
    "claim_http": (c_int32, [c_void_p, POINTER(c_int32), POINTER(c_void_p), POINTER(c_void_p), POINTER(c_void_p)]),
    "error_http": (c_int32, [c_int32, c_char_p, c_size_t, c_char_p, c_size_t, POINTER(c_int32), POINTER(c_void_p),
        POINTER(c_void_p), POINTER(c_void_p)]),
    "canonical_json": (c_int32, [c_char_p, c_size_t, c_char_p, c_size_t, c_char_p, c_size_t, POINTER(c_void_p),
        POINTER(c_void_p)]),
    "claim_free": (None, [c_void_p]),
    "keys_unlock": (c_int32, [c_void_p, c_char_p, c_size_t, c_int64, POINTER(Async), POINTER(c_void_p)]),
    "keys_unlock_kek": (c_int32, [c_void_p, c_void_p, c_size_t, c_int64, POINTER(Async), POINTER(c_void_p)]),
    "keys_lock": (c_int32, [c_void_p, POINTER(c_void_p)]),
    "keys_unlocked": (c_int32, [c_void_p, POINTER(c_int32), POINTER(c_void_p)]),
    "keys_create": (c_int32, [c_void_p, c_char_p, c_size_t, POINTER(Async), POINTER(c_void_p), POINTER(c_void_p)]),
    "keys_import": (c_int32, [c_void_p, c_void_p, c_size_t, c_char_p, c_size_t, POINTER(Async), POINTER(c_void_p),
        POINTER(c_void_p)]),
    "keys_import_v3": (c_int32, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, c_char_p, c_size_t, POINTER(Async),
        POINTER(c_void_p), POINTER(c_void_p)]),
    "keys_export_v3": (c_int32, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, POINTER(Async), POINTER(c_void_p),
        POINTER(c_void_p)]),
    "payout_enqueue": (c_int32, [c_void_p, POINTER(PayoutRequest), c_size_t, POINTER(Async), POINTER(PayoutAccepted),
        POINTER(c_void_p)]),
    "payout_get": (c_int32, [c_void_p, c_char_p, c_size_t, POINTER(Async), POINTER(c_int32), POINTER(c_void_p),
        POINTER(c_void_p)]),
    "payout_find": (c_int32, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, POINTER(Async), POINTER(c_int32),
        POINTER(c_void_p), POINTER(c_void_p)]),
    "payout_wait": (c_int32, [c_void_p, c_char_p, c_size_t, c_int32, c_int64, POINTER(Async), POINTER(c_int32),
        POINTER(c_void_p), POINTER(c_void_p)]),
    "payout_cancel": (c_int32, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, c_char_p, c_size_t, POINTER(Async),
        POINTER(c_void_p)]),
    "queue_open": (c_int32, [POINTER(c_void_p), POINTER(c_void_p)]),
    "queue_fd": (c_int32, [c_void_p, POINTER(c_int32), POINTER(c_void_p)]),
    "queue_fetch": (c_int32, [c_void_p, c_size_t, c_int64, POINTER(c_void_p), POINTER(c_void_p)]),
    "queue_wake": (c_int32, [c_void_p, c_uint64, POINTER(c_void_p)]),
    "queue_free": (None, [c_void_p]),
    "batch_count": (c_size_t, [c_void_p]),
    "batch_at": (POINTER(Item), [c_void_p, c_size_t]),
    "batch_free": (None, [c_void_p]),
    "work_answer": (c_int32, [c_void_p, c_uint64, c_int32, c_void_p, c_size_t, POINTER(c_void_p)]),
    "world_open": (c_int32, [POINTER(WorldOptions), POINTER(c_void_p), POINTER(c_void_p)]),
    "world_config": (c_int32, [c_void_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "world_engine": (c_int32, [c_void_p, c_char_p, c_size_t, POINTER(EngineOptions), POINTER(c_void_p),
        POINTER(c_void_p)]),
    "world_advance": (c_int32, [c_void_p, c_int64, POINTER(c_void_p)]),
    "world_mine": (c_int32, [c_void_p, c_uint64, POINTER(c_void_p)]),
    "world_credit": (c_int32, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, c_char_p, c_size_t,
        POINTER(c_void_p)]),
    "world_balance": (c_int32, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, POINTER(c_void_p),
        POINTER(c_void_p)]),
    "world_transfers": (c_int32, [c_void_p, c_char_p, c_size_t, POINTER(c_uint64), POINTER(c_void_p),
        POINTER(c_void_p)]),
    "world_free": (None, [c_void_p]),
}


class Library:
    """The functions of one loaded library."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.handle = ctypes.CDLL(path)
        asked = self.handle.remit_abi_version
        asked.restype, asked.argtypes = c_int32, []
        version = asked()
        if version != ABI_VERSION:
            raise ImportError(f"{path} has the ABI version {version}, this package needs {ABI_VERSION}")

    def __getattr__(self, name: str) -> Any:
        """A function at its first use; from then on it is an attribute."""
        if name not in FUNCTIONS:
            raise AttributeError(f"the C ABI has no remit_{name}")
        function = getattr(self.handle, "remit_" + name)
        function.restype, function.argtypes = FUNCTIONS[name]
        setattr(self, name, function)
        return function


def candidates() -> List[str]:
    """REMIT_LIBRARY alone if it is set; else the package's own file; else what the system's loader finds."""
    given = os.environ.get("REMIT_LIBRARY")
    if given:
        return [given]
    own = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_lib", "libremit.so")
    return [own] if os.path.exists(own) else ["libremit.so.0", "libremit.so"]


_loaded: Optional[Library] = None
_loading = threading.Lock()


def library() -> Library:
    global _loaded
    if _loaded is None:
        with _loading:
            if _loaded is None:
                _loaded = _load(candidates())
    return _loaded


def _load(paths: List[str]) -> Library:
    said = []
    for path in paths:
        try:
            return Library(path)
        except OSError as error:
            said.append(f"{path}: {error}")
    raise ImportError("the library of Remit was not found; REMIT_LIBRARY can name it. " + "; ".join(said))
