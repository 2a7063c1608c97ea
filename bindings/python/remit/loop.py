"""The queue of an asyncio loop: the loop watches its descriptor, and what arrives finds its taker by a tag."""

import asyncio
import itertools
import weakref
from ctypes import byref, c_int32
from typing import Callable, Dict

from . import _abi
from ._native import check
from .work import Item, fetch, open_queue

Taker = Callable[[int, int, Item], None]

_queues: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, LoopQueue]" = weakref.WeakKeyDictionary()


class LoopQueue:
    """One queue for each loop, shared by its engines."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.handle = open_queue()
        self._tags = itertools.count(1)
        self._takers: Dict[int, Taker] = {}
        self._users = 0
        fd = c_int32()
        with self.handle as pointer:
            check(_abi.library().queue_fd, pointer, byref(fd))
        self._loop, self._fd = loop, fd.value
        loop.add_reader(self._fd, self.drain)

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> "LoopQueue":
        queue = _queues.get(loop)
        if queue is None or queue.handle.forked:
            queue = _queues[loop] = cls(loop)
        queue._users += 1
        return queue

    def leave(self) -> None:
        self._users -= 1
        if self._users == 0:
            self._loop.remove_reader(self._fd)
            del _queues[self._loop]
            self.handle.close()

    def tag(self, taker: Taker) -> int:
        tag = next(self._tags)
        self._takers[tag] = taker
        return tag

    def forget(self, tag: int) -> None:
        self._takers.pop(tag, None)

    def drain(self) -> None:
        while fetch(self.handle, 0, self._take, self._report) == 256:
            pass

    def _report(self, error: BaseException) -> None:
        self._loop.call_exception_handler({"message": "an item for the host was not handled", "exception": error})

    def _take(self, batch: int, index: int, item: Item) -> None:
        taker = self._takers.get(item.tag)
        if taker is not None:
            taker(batch, index, item)
