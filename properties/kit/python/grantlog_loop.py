"""The event loop that a Python provider is tried on: what calls lose in turns, and what waiting costs.

A call that sleeps is not slept for: where nothing but timers can wake the loop, the monotonic clock jumps to the next of
them. Where a thread, a socket or another process may, it is waited for as long as it takes. Whoever waits for long is
told of it now and then, so that a provider that waits can be told from one that holds the loop.
"""

import asyncio
import functools
import selectors
import threading

from grantlog_clock import jump, loop_time

BEAT_SECONDS = 0.005

# As long as a call is waited for: what sleeps longer than that is seen to.
MAX_JUMP_SECONDS = 5


class Selector(selectors.DefaultSelector):
    """Waits for what may wake the loop; `beat` is called when nothing did for a while."""

    def __init__(self):
        super().__init__()
        self.beat = lambda: None
        self.jumped = 0
        # This one, and the one that ends Python with who started it.
        self.own_threads = 2

    def _is_alone(self) -> bool:
        # The loop's own line to itself is always registered.
        return len(self.get_map()) <= 1 and threading.active_count() <= self.own_threads

    def select(self, timeout=None):
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is not None and self.jumped + timeout <= MAX_JUMP_SECONDS and self._is_alone():
            self.jumped += timeout
            jump(timeout)
            return ready
        ready = super().select(BEAT_SECONDS if timeout is None else min(timeout, BEAT_SECONDS))
        if not ready:
            self.beat()
        return ready


class Loop(asyncio.SelectorEventLoop):
    def time(self) -> float:
        return loop_time()


class Staggered:
    """Awaits a coroutine, and loses some turns of the loop before its first step and whenever it has waited."""

    def __init__(self, coroutine, lost_turns):
        self.coroutine = coroutine
        self.lost_turns = lost_turns

    def __await__(self):
        step = functools.partial(self.coroutine.send, None)
        while True:
            try:
                for _ in range(self.lost_turns()):
                    yield
            except BaseException as thrown:
                step = functools.partial(self.coroutine.throw, thrown)
            try:
                waited_for = step()
            except StopIteration as end:
                return end.value
            try:
                yield waited_for
                step = functools.partial(self.coroutine.send, None)
            except BaseException as thrown:
                step = functools.partial(self.coroutine.throw, thrown)
