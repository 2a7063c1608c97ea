"""A simulated world for a host's own tests: a chain with a token, a funded sender, a clock that moves only when told,
and the real engine in it. No account, no network, no waiting. For one thread."""

import json
import logging
import os
import weakref
from ctypes import byref, c_uint64, c_void_p, sizeof
from types import TracebackType
from typing import Any, List, Mapping, Optional, Type, Union

from . import _abi
from ._native import Handle, check, made, milliseconds, optional, take_blob, text
from .aio import AsyncEngine
from .engine import Engine
from .work import Signer

CHAIN_ID = 31337
TOKEN = "USDT"
STEP_MS = 500


class World:
    """The same seed and the same calls give the same run. With a folder it outlives the process."""

    def __init__(self, *, seed: int = 1, senders: int = 1, block_interval: float = 12,
                 folder: Union[None, str, "os.PathLike[str]"] = None) -> None:
        options = _abi.WorldOptions()
        options.struct_size = sizeof(options)
        options.sender_count, options.seed = senders, seed
        options.block_interval_ms = milliseconds(block_interval)
        options.folder, options.folder_len = optional(None if folder is None else os.fspath(folder))
        library = _abi.library()
        self._handle = Handle(made(library.world_open, byref(options)), library.world_free)
        self._engines: "weakref.WeakSet[Engine]" = weakref.WeakSet()

    def config(self) -> Any:
        """The configuration that fits, to change and give to engine()."""
        out = c_void_p()
        with self._handle as pointer:
            check(_abi.library().world_config, pointer, byref(out))
        return json.loads(take_blob(out))

    def engine(self, config: Optional[Mapping[str, Any]] = None, *, signer: Optional[Signer] = None,
               logger: Optional[logging.Logger] = None) -> Engine:
        """The real engine in this world, one at a time; do not start it. A signer is asked in advance()."""
        engine = Engine(config or {}, signer=signer, logger=logger, _world=self._handle)
        self._engines.add(engine)
        return engine

    def async_engine(self, config: Optional[Mapping[str, Any]] = None, *, signer: Optional[Signer] = None,
                     logger: Optional[logging.Logger] = None) -> AsyncEngine:
        """The same for asyncio: what is awaited happens while advance() runs."""
        return AsyncEngine(config or {}, signer=signer, logger=logger, _world=self._handle)

    def advance(self, seconds: float) -> None:
        """Lets simulated time pass: the engine ticks, blocks are mined, the host's signer is asked."""
        left = milliseconds(seconds)
        worked = [engine._worker for engine in self._engines if engine._worker is not None]
        while left > 0:
            step = min(left, STEP_MS) if worked else left
            with self._handle as pointer:
                check(_abi.library().world_advance, pointer, step)
            left -= step
            for worker in worked:
                if not worker.queue.closed:
                    worker.service()

    def mine(self, blocks: int = 1) -> None:
        """At once, without time passing."""
        with self._handle as pointer:
            check(_abi.library().world_mine, pointer, blocks)

    def credit(self, address: str, base_units: int, token: Optional[str] = None) -> None:
        """Gives coins or tokens, from the next block on."""
        with self._handle as pointer:
            check(_abi.library().world_credit, pointer, *optional(token), *text(address), *text(str(base_units)))

    def balance(self, address: str, token: Optional[str] = None) -> int:
        out = c_void_p()
        with self._handle as pointer:
            check(_abi.library().world_balance, pointer, *optional(token), *text(address), byref(out))
        return int(take_blob(out))

    def transfers(self, address: Optional[str] = None) -> List[Mapping[str, Any]]:
        """What really moved on the canonical chain, the oldest first."""
        count, out = c_uint64(), c_void_p()
        with self._handle as pointer:
            check(_abi.library().world_transfers, pointer, *optional(address), byref(count), byref(out))
        found: List[Mapping[str, Any]] = json.loads(take_blob(out))
        return found

    def close(self) -> None:
        self._handle.close()

    def __enter__(self) -> "World":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()
