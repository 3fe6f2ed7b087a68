"""Holds a dashboard against the model that Grafana publishes of its JSON: every member is known, and of its type."""

import enum
import json
import sys
import types
import typing

from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard


def fits(value, hint) -> bool:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if hint is typing.Any or hint is object:
        return True
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, one) for one in args)
    if origin is typing.Literal:
        return value in args
    if origin is list:
        return isinstance(value, list) and all(fits(one, args[0]) for one in value)
    if origin is dict:
        return isinstance(value, dict) and all(fits(one, args[1]) for one in value.values())
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return value in [one.value for one in hint]
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if not isinstance(hint, type):
        return True
    return isinstance(value, hint)


def misfits(thing, at=""):
    if isinstance(thing, list):
        for index, one in enumerate(thing):
            yield from misfits(one, f"{at}[{index}]")
    if not type(thing).__module__.startswith("grafana_foundation_sdk"):
        return
    hints = typing.get_type_hints(type(thing))
    for name, value in vars(thing).items():
        if name in hints and not fits(value, hints[name]):
            yield f"{at}.{name} is {value!r}, which is no {hints[name]}"
        yield from misfits(value, f"{at}.{name}")


def lost(told, read, at=""):
    if isinstance(told, dict) and isinstance(read, dict):
        for name, value in told.items():
            if name not in read:
                yield f"{at}.{name} is not known"
            else:
                yield from lost(value, read[name], f"{at}.{name}")
    elif isinstance(told, list) and isinstance(read, list) and len(told) == len(read):
        for index, pair in enumerate(zip(told, read)):
            yield from lost(*pair, f"{at}[{index}]")
    elif told != read:
        yield f"{at} is {told!r}, and was read as {read!r}"


plugins.register_default_plugins()
said = json.load(sys.stdin)
model = Dashboard.from_json(said)
print(json.dumps([*misfits(model), *lost(said, json.loads(JSONEncoder().encode(model)))]))
