"""A FastMCP server that takes the tokens of a running grantlog: it introspects them, or verifies JWTs by itself.

Takes a free loopback port and prints its address as one line of JSON. Then it reads one line with `issuer`, and with
`client_id` and `client_secret`, its own credentials at that issuer, or `jwks_uri`, and serves. With `as_url` it names the issuer by pydantic's URL
type, as FastMCP's settings do, which writes a slash behind an address without a path. It ends with its standard input.
"""

import json
import os
import socket
import sys
import threading

import uvicorn
from fastmcp import FastMCP
from fastmcp.server.auth import RemoteAuthProvider
from fastmcp.server.auth.providers.introspection import IntrospectionTokenVerifier
from fastmcp.server.auth.providers.jwt import JWTVerifier
from fastmcp.server.dependencies import get_access_token
from pydantic import AnyHttpUrl

# The port is taken before anything else is known, for the audience of the tokens has it in its name.
listener = socket.create_server(("127.0.0.1", 0))
origin = f"http://localhost:{listener.getsockname()[1]}"
print(json.dumps({"url": f"{origin}/mcp"}), flush=True)
settings = json.loads(sys.stdin.readline())

address = settings["issuer"].rstrip("/")
if "jwks_uri" in settings:
    verifier = JWTVerifier(
        jwks_uri=settings["jwks_uri"],
        issuer=settings["issuer"],
        audience=f"{origin}/mcp",
        algorithm=settings["algorithm"],
        required_scopes=["read"],
    )
else:
    verifier = IntrospectionTokenVerifier(
        introspection_url=f"{address}/introspect",
        client_id=settings["client_id"],
        client_secret=settings["client_secret"],
        required_scopes=["read"],
    )
issuer = AnyHttpUrl(address) if settings.get("as_url") else settings["issuer"]
auth = RemoteAuthProvider(token_verifier=verifier, authorization_servers=[issuer], base_url=origin)
mcp = FastMCP("resource", auth=auth)


@mcp.tool
def whoami() -> str:
    """Who you are, by the token you came with."""
    token = get_access_token()
    return f"{token.subject} may {' and '.join(token.scopes)}"


def end_with_standard_input() -> None:
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_standard_input, daemon=True).start()
# It ends no connection that somebody is just about to use again.
config = uvicorn.Config(mcp.http_app(path="/mcp"), log_level="error", timeout_keep_alive=3600)
uvicorn.Server(config).run(sockets=[listener])
