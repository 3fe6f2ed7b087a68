"""The Python half of `grantlog check python:…`: somebody's provider, called as the handlers of its SDK call it.

Takes rounds of calls as lines of JSON on standard input, and answers each with what has ended. In between everything
stands still, so that the same calls meet in the same way again. The calls of a round are tasks of one event loop; the
turns that they lose are drawn from the seed. A record goes out as what can be seen of it and comes back as a number,
which stands for the very object that the provider made. What the provider prints goes to standard error. Needs the
standard library and what the provider imports, and judges nothing.
"""

import sys

if sys.version_info < (3, 10):
    sys.exit("Python 3.10 or newer is needed, and this is %d.%d" % sys.version_info[:2])

from grantlog_clock import Hands, go_by, turn_clocks, turn_timers

turn_clocks()

import asyncio
import collections
import contextvars
import functools
import json
import os
import random
import signal
import threading
import time

from grantlog_loop import Loop, Selector, Staggered
from grantlog_target import Unusable, maker_of, place_of, told

# What lies beside this file is not to be found by the names of the provider's modules, which lie where it was started.
OWN_FOLDER, sys.path[0] = sys.path[0], os.getcwd()

# What a program raises without meaning to; a handler answers it with an internal error.
ACCIDENTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    MemoryError,
    NameError,
    RecursionError,
    TypeError,
    asyncio.CancelledError,
    asyncio.InvalidStateError,
)

# So many turns after the clock was turned, what was due has happened.
SETTLING_TURNS = 4
MAX_LOST_TURNS = 3
EXIT_FAULT = 3

# Whose task it is.
owner = contextvars.ContextVar("owner", default=None)


class Guest:
    """A provider, what it has handed out, and its own time."""

    def __init__(self, provider, records, hands: Hands):
        self.provider, self.records, self.hands = provider, records, hands
        self.held = []
        self.lost_turns = int

    def turn_to(self, now: int) -> bool:
        """Whether time went on; its monotonic clock never goes back."""
        passed = max(0, now - self.hands.now)
        self.hands.now, self.hands.ahead = now, self.hands.ahead + passed
        return passed > 0

    def hold(self, value) -> dict:
        if value is None or isinstance(value, str):
            return {"value": value}
        self.held.append(value)
        return {"value": self.records.plain(value), "held": len(self.held) - 1}

    def given(self, argument):
        """What a number stands for; what is made of what is told."""
        if not isinstance(argument, dict):
            return argument
        if "held" in argument:
            return self.held[argument["held"]]
        if "client" in argument:
            return self.records.client_from(argument["client"])
        return self.records.params_from(argument["params"])

    async def call(self, method: str, arguments: list) -> dict:
        if method == "wait":
            return await self.wait(*arguments)
        # The protocol of the SDK has no `verify_token`: its verifier asks for the record.
        name = "load_access_token" if method == "verify_token" and not hasattr(self.provider, method) else method

        async def called():
            return await getattr(self.provider, name)(*map(self.given, arguments))

        return self.hold(await Staggered(called(), self.lost_turns))

    async def wait(self, turn_count: int, way: int | None) -> dict:
        """So many turns of the loop; from now on, every call loses turns in that `way`."""
        if way is not None:
            self.lost_turns = functools.partial(random.Random(way).randint, 0, MAX_LOST_TURNS)
        for _ in range(turn_count):
            await asyncio.sleep(0)
        return {"value": None}


def failure_of(error: BaseException) -> dict:
    code = getattr(error, "error", None)
    is_accident = isinstance(error, ACCIDENTS) or type(error).__name__ == "ValidationError"
    # What an accident says may hold what was presented; where it happened says more.
    message = place_of(error).strip(" ()") if is_accident else str(error)
    return {
        "name": type(error).__name__,
        "message": message,
        "code": code if isinstance(code, str) else None,
        "isAccident": is_accident,
    }


class Bridge:
    def __init__(self, make, records, selector: Selector, stdin, send):
        self.make, self.records, self.selector, self.stdin, self.send = make, records, selector, stdin, send
        self.guests = {}
        self.tasks = set()
        self.ended = []
        self.ahead = 0
        self.called = collections.Counter()
        self.stirred = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.loop.set_task_factory(self.started)
        selector.beat = self.stirred.set

    def started(self, loop, coroutine, **options) -> asyncio.Task:
        """Keeps every task that a provider starts, to end it with the provider."""
        task = asyncio.Task(coroutine, loop=loop, **options)
        task.owner = owner.get()
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def serve(self) -> None:
        """Round by round. Reading holds everything up: a provider's own tasks do not go on while nothing is asked."""
        for line in self.stdin:
            self.selector.jumped = 0
            await self.take(json.loads(line))
            # Where all wait for something outside, it is told that they do.
            await self.stirred.wait()
            self.stirred.clear()
            ended, self.ended = self.ended, []
            self.send({"ended": ended})

    async def take(self, calls: list) -> None:
        self.called.update(call["guest"] for call in calls)
        has_passed = False
        for call in calls:
            guest = self.guests.get(call["guest"])
            if guest is not None:
                has_passed = guest.turn_to(call["now"]) or has_passed
                self.turn_timers(guest.hands)
        if has_passed:
            for _ in range(SETTLING_TURNS):
                await asyncio.sleep(0)
        for call in calls:
            self.loop.create_task(self.answer(**call))

    def turn_timers(self, hands: Hands) -> None:
        """Timers are everybody's, and so go by the time of whoever is tried alone."""
        self.ahead = max(self.ahead, hands.ahead)
        if len(self.called) == 1:
            turn_timers(hands.ahead)

    async def answer(self, id: int, guest: int, now: int, method: str, arguments: list) -> None:
        try:
            reply = await self.reply_to(now, guest, method, arguments)
        except (SystemExit, KeyboardInterrupt) as error:
            self.send({"fault": f"it ended Python in `{method}`: {told(error)}"})
            os._exit(EXIT_FAULT)
        except Unusable as error:
            reply = {"error": {"name": "Unusable", "message": str(error), "code": None, "isAccident": False}}
        except BaseException as error:
            reply = {"error": failure_of(error)}
        self.called -= collections.Counter([guest])
        self.ended.append({"id": id, **reply})
        self.stirred.set()

    async def reply_to(self, now: int, guest: int, method: str, arguments: list) -> dict:
        owner.set(guest)
        if method == "make":
            hands = Hands(now, self.ahead)
            go_by(hands)
            self.turn_timers(hands)
            self.guests[guest] = made = Guest(await self.make(), self.records, hands)
            return {"value": {"hasVerifier": hasattr(made.provider, "verify_token")}}
        elif method == "dispose":
            self.guests.pop(guest, None)
            for task in self.tasks:
                if task.owner == guest and task is not asyncio.current_task():
                    task.cancel()
        else:
            go_by(self.guests[guest].hands)
            return await self.guests[guest].call(method, arguments)
        return {"value": None}


def target_of(module: str, attribute: str):
    make = maker_of(module, attribute)
    sys.path.append(OWN_FOLDER)
    try:
        # Not before the provider's module, whose lack of the SDK is told better.
        import grantlog_records
    except ImportError as error:
        raise Unusable(f"`{sys.executable}` has no MCP SDK: name the interpreter that has it with --python") from error
    finally:
        sys.path.remove(OWN_FOLDER)
    return make, grantlog_records


async def run(module: str, attribute: str, selector: Selector, stdin, send) -> None:
    try:
        make, records = target_of(module, attribute)
        bridge = Bridge(make, records, selector, stdin, send)
        await make()
    except Unusable as error:
        return send({"fault": str(error)})
    send({"ready": ".".join(map(str, sys.version_info[:3]))})
    await bridge.serve()


def end_with(parent: int) -> None:
    """A provider that holds the event loop would outlive whoever started it."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(EXIT_FAULT)


def main(module: str, attribute: str) -> None:
    # An interrupt is for the command, which ends this by closing its input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stdin, stdout = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)

    def send(message: dict) -> None:
        stdout.write(json.dumps(message).encode() + b"\n")
        stdout.flush()

    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    selector = Selector()
    loop = Loop(selector)
    asyncio.set_event_loop(loop)
    loop.run_until_complete(run(module, attribute, selector, stdin, send))
    # What the provider has left running is not waited for.
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
