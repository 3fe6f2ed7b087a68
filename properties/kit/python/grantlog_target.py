"""What a target names, found and made: a function, a class or an instance, in a module or in a file.

Each try wants a provider that nothing was done to: a function or a class is called each time, and the module of an
instance is run anew. What cannot be used is said in a sentence.
"""

import asyncio
import importlib
import importlib.util
import inspect
import os
import sys
import traceback

METHODS = (
    "get_client",
    "register_client",
    "authorize",
    "load_authorization_code",
    "exchange_authorization_code",
    "load_refresh_token",
    "exchange_refresh_token",
    "load_access_token",
    "revoke_token",
)

# What FastMCP's providers have to be told of themselves; nobody connects to it.
BASE_URL = "http://127.0.0.1:8000"


class Unusable(Exception):
    """Why there is no provider, in a sentence."""


def place_of(error: BaseException, folder: str = os.path.dirname(__file__)) -> str:
    """The line that it was raised at: the innermost one outside of this bridge and of importing."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if not f.filename.startswith((folder, "<frozen"))]
    return f" ({os.path.basename(own[-1].filename)}, line {own[-1].lineno})" if own else ""


def told(error: BaseException) -> str:
    lines = " ".join(str(error).split())
    return f"{type(error).__name__}: {lines}{place_of(error)}" if lines else f"{type(error).__name__}{place_of(error)}"


def _file_module(path: str):
    path = os.path.abspath(path)
    if not os.path.isfile(path):
        raise Unusable(f"there is no file `{path}`")
    folder, name = os.path.split(path)
    parts = [os.path.splitext(name)[0]]
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, parent = os.path.split(folder)
        parts.insert(0, parent)
    sys.path.insert(0, folder)
    if len(parts) > 1:
        return importlib.import_module(".".join(parts))
    # A file may have the name of a module that is loaded already.
    own = parts[0] if parts[0] not in sys.modules else f"{parts[0]} of the provider"
    spec = importlib.util.spec_from_file_location(own, path)
    if spec is None or spec.loader is None:
        raise Unusable(f"`{path}` is no Python file")
    module = sys.modules[own] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _module(name: str):
    try:
        if name.endswith(".py") or "/" in name or os.sep in name:
            return _file_module(name)
        return importlib.import_module(name)
    except Unusable:
        raise
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(error.name + ".")):
            raise Unusable(f"there is no module `{error.name}` in this folder, nor for `{sys.executable}`") from error
        hint = f"`{sys.executable}` has no module `{error.name}`: name the interpreter that has it with --python"
        raise Unusable(f"`{name}` cannot be imported: {hint}") from error
    except BaseException as error:
        raise Unusable(f"`{name}` cannot be imported: {told(error)}") from error


def _member(module, name: str, attribute: str):
    found = module
    for part in attribute.split("."):
        if not hasattr(found, part):
            own = [
                key
                for key, value in vars(module).items()
                if not key.startswith("_") and getattr(value, "__module__", None) == module.__name__
            ]
            there = f"; it has {', '.join(own)}" if own else ""
            raise Unusable(f"`{name}` has no `{attribute}`{there}")
        found = getattr(found, part)
    return found


def _missing(provider) -> list:
    """The methods that it lacks; those that the SDK's protocol only declares do nothing."""
    sdk = sys.modules.get("mcp.server.auth.provider")
    declared = getattr(sdk, "OAuthAuthorizationServerProvider", None)
    return [
        name
        for name in METHODS
        if not callable(getattr(provider, name, None))
        or (declared is not None and getattr(type(provider), name, None) is getattr(declared, name, declared))
    ]


def _arguments(target, meant: str) -> dict:
    try:
        parameters = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):
        return {}
    wanted = [
        p.name
        for p in parameters
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
    if not wanted:
        return {}
    if wanted == ["base_url"]:
        return {"base_url": BASE_URL}
    raise Unusable(f"{meant} wants `{'`, `'.join(wanted)}`: name a function that takes nothing and makes a provider")


def maker_of(name: str, attribute: str):
    """A coroutine function that makes a provider, each time another one."""
    module = _module(name)
    target = _member(module, name, attribute)
    meant = f"`{attribute}` of `{name}`"
    is_instance = not inspect.isclass(target) and not _missing(target)
    if not is_instance and not callable(target):
        raise Unusable(f"{meant} is no function, no class and no provider, but {type(target).__name__}")
    arguments = {} if is_instance else _arguments(target, meant)
    made_last = target if is_instance else None

    async def make():
        nonlocal made_last
        try:
            if is_instance:
                module.__spec__.loader.exec_module(module)
                made = _member(module, name, attribute)
            else:
                made = target(**arguments)
                if inspect.isawaitable(made):
                    made = await made
        except asyncio.CancelledError:
            raise
        except Exception as error:
            raise Unusable(f"{meant} threw {told(error)}") from error
        missing = _missing(made)
        if missing:
            raise Unusable(f"what {meant} makes is not a provider: it has no {', no '.join(missing)}")
        if made is made_last:
            raise Unusable(f"{meant} is the same provider each time: name a function or a class that makes a new one")
        made_last = made
        return made

    return make
