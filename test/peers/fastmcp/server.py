"""FastMCP with its in-memory OAuth provider, on loopback: `server.py PORT ACCESS_TOKEN_SECONDS`; port 0 is a free one.

It approves whoever asks, for that provider asks nobody. Prints one line of JSON as soon as it can be connected to, and
ends with its standard input, so that it never outlives whoever started it.
"""

import json
import os
import socket
import sys
import threading

import uvicorn
from fastmcp import FastMCP
from fastmcp.server.auth.auth import ClientRegistrationOptions, RevocationOptions
from fastmcp.server.auth.providers import in_memory

SCOPES = ["read", "write"]

# The port is taken before the server is built, for its issuer has it in its name.
port, access_token_seconds = map(int, sys.argv[1:])
listener = socket.create_server(("127.0.0.1", port))
issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"

in_memory.DEFAULT_ACCESS_TOKEN_EXPIRY_SECONDS = access_token_seconds
provider = in_memory.InMemoryOAuthProvider(
    base_url=issuer,
    client_registration_options=ClientRegistrationOptions(enabled=True, valid_scopes=SCOPES, default_scopes=SCOPES),
    revocation_options=RevocationOptions(enabled=True),
)
mcp = FastMCP("peer", auth=provider)


@mcp.tool
def whoami() -> str:
    """Something to be protected."""
    return "somebody with a token"


def end_with_standard_input() -> None:
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_standard_input, daemon=True).start()
print(json.dumps({"issuer": issuer}), flush=True)
# It ends no connection that somebody is just about to use again.
config = uvicorn.Config(mcp.http_app(path="/mcp"), log_level="error", timeout_keep_alive=3600)
uvicorn.Server(config).run(sockets=[listener])
