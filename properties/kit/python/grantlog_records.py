"""Records on their way: what can be seen of an object that a provider made, and the objects that it is given.

What is seen has the names that Python has for it. Nothing is judged, and nothing is left out because it looks wrong.
"""

import dataclasses
import datetime
import enum
import math

from mcp.server.auth.provider import AuthorizationParams
from mcp.shared.auth import OAuthClientInformationFull

MAX_DEPTH = 5


def _members(value):
    fields = getattr(type(value), "model_fields", None)
    if fields is not None:
        extra = getattr(value, "model_extra", None) or {}
        return {**{name: getattr(value, name, None) for name in fields}, **extra}
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(name): one for name, one in value.items()}
    return {name: one for name, one in getattr(value, "__dict__", {}).items() if not name.startswith("_")}


def plain(value, depth: int = 0):
    """A value as JSON has it; an endless number is one that is not there."""
    if isinstance(value, enum.Enum):
        return plain(value.value, depth)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if depth < MAX_DEPTH:
        if isinstance(value, (list, tuple, set, frozenset)):
            return [plain(one, depth + 1) for one in value]
        members = _members(value)
        if members:
            return {name: plain(one, depth + 1) for name, one in members.items()}
    return str(value)


def client_from(members: dict) -> OAuthClientInformationFull:
    try:
        return OAuthClientInformationFull(**members)
    except ValueError:
        # Versions of the SDK that know no Basic authentication know secrets in the body.
        return OAuthClientInformationFull(**{**members, "token_endpoint_auth_method": "client_secret_post"})


def params_from(members: dict) -> AuthorizationParams:
    return AuthorizationParams(**members)
