"""The clock that a Python provider is tried under: it stands where it was set, until it is set anew.

`time.time`, `datetime.now` and their kin say what was set; `time.monotonic` and the timers of asyncio go on by themselves
and jump ahead as far as time is turned ahead. Providers that are tried at the same time may each have their own. What the
database or the operating system says by other ways is not turned. Has to be imported before anything that may keep
`time.time` under a name of its own.
"""

import contextvars
import ctypes
import datetime
import gc
import math
import time

_monotonic_ns = time.monotonic_ns
_jumped_ns = 0
_loop_ahead_millis = 0


class Hands:
    """Somebody's time: since the epoch, and how far the monotonic clock is ahead of the real one; in milliseconds."""

    def __init__(self, now: int, ahead: int):
        self.now, self.ahead = now, ahead


_own = contextvars.ContextVar("hands", default=None)
# For threads, which do not know for whom they work.
_latest = Hands(time.time_ns() // 1_000_000, 0)


def go_by(hands: Hands) -> None:
    """From now on, in this task and whatever it starts."""
    global _latest
    _own.set(hands)
    _latest = hands


def turn_timers(ahead_millis: int) -> None:
    """What timers of asyncio go by, which are everybody's."""
    global _loop_ahead_millis
    _loop_ahead_millis = ahead_millis


def jump(seconds: float) -> None:
    """The monotonic clock is ahead by so much more, for good."""
    global _jumped_ns
    _jumped_ns += math.ceil(seconds * 1e9)


def loop_time() -> float:
    return (_monotonic_ns() + _loop_ahead_millis * 1_000_000 + _jumped_ns) / 1e9


def _hands() -> Hands:
    return _own.get() or _latest


def _time_ns() -> int:
    return _hands().now * 1_000_000


def _time() -> float:
    return _hands().now / 1000


def _turned_monotonic_ns() -> int:
    return _monotonic_ns() + _hands().ahead * 1_000_000 + _jumped_ns


def _turned_monotonic() -> float:
    return _turned_monotonic_ns() / 1e9


def _at_now(name: str):
    """The function of `time` with that name, which takes a time in seconds, or now."""
    real = getattr(time, name)
    return lambda seconds=None: real(_time() if seconds is None else seconds)


_gmtime, _localtime, _ctime = map(_at_now, ("gmtime", "localtime", "ctime"))
_real_asctime, _real_strftime = time.asctime, time.strftime


def _now(cls, tz=None):
    return cls.fromtimestamp(_time(), tz)


def _utcnow(cls):
    return cls.fromtimestamp(_time(), datetime.timezone.utc).replace(tzinfo=None)


def _put(kind: type, name: str, function) -> None:
    """In place, so that the type stays the one that everybody else has; `setattr` refuses to change one written in C."""
    gc.get_referents(kind.__dict__)[0][name] = classmethod(function)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))


def turn_clocks() -> None:
    """From now on, for the whole process."""
    time.time, time.time_ns = _time, _time_ns
    time.monotonic, time.monotonic_ns = _turned_monotonic, _turned_monotonic_ns
    time.gmtime, time.localtime, time.ctime = _gmtime, _localtime, _ctime
    time.asctime = lambda parts=None: _real_asctime(_localtime() if parts is None else parts)
    time.strftime = lambda form, parts=None: _real_strftime(form, _localtime() if parts is None else parts)
    _put(datetime.datetime, "now", _now)
    _put(datetime.datetime, "utcnow", _utcnow)
