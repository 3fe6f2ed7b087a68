"""Providers that go their own way, and are sound: by other clocks, without rotation, loud ones."""

import asyncio
import sys
import time
from datetime import datetime, timedelta, timezone

from sound import ACCESS_SECONDS, CODE_SECONDS, SoundProvider


class ByDatetime(SoundProvider):
    def now(self) -> float:
        return datetime.now(timezone.utc).timestamp()


class ByMonotonicClock(SoundProvider):
    """What has ended is known by a clock that nobody sets, as a cache with a time to live does it."""

    def __init__(self):
        super().__init__()
        self.began_at, self.began = time.time(), time.monotonic()

    def now(self) -> float:
        return round(self.began_at + time.monotonic() - self.began)


class ByTimers(SoundProvider):
    """What has ended is taken away by a timer of the event loop."""

    def issue(self, grant, scopes):
        tokens = super().issue(grant, scopes)
        asyncio.get_running_loop().call_later(ACCESS_SECONDS, self.access.pop, tokens.access_token, None)
        return tokens

    async def load_access_token(self, token):
        await self.storage()
        grant, record = self.grants.get(token), self.access.get(token)
        return None if grant is None or grant.is_over else record


class Loud(SoundProvider):
    """Prints, also beside Python's own way to standard output."""

    async def storage(self):
        print("to the storage")
        sys.__stdout__.write("and back\n")
        await asyncio.sleep(0)


class Slow(SoundProvider):
    """Its storage takes time."""

    async def storage(self):
        await asyncio.sleep(0.001)


class InAnotherThread(SoundProvider):
    """Its storage is another thread's, as that of many databases, and takes a while."""

    async def storage(self):
        await asyncio.to_thread(time.sleep, 0.01)


class ExpiryLeftToHandler(SoundProvider):
    """What has ended is given all the same: the SDK's handlers look at the end that a record names."""

    async def load_access_token(self, token):
        await self.storage()
        grant, record = self.grants.get(token), self.access.get(token)
        return None if grant is None or grant.is_over else record
