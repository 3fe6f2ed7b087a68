"""Authlib's OAuth 2.0 client at a server: `client.py ISSUER`. One line of JSON in, one line out.

In: `{"registration": {...}, "key": JWK, "audience": ...}`, of which all but the first is for `private_key_jwt`. Out: what
it was told, step by step. Its browser goes where it is sent, and reads the redirect without following it.
"""

import json
import os
import sys
import urllib.error
import urllib.request

from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import import_key

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
REDIRECT_URI = "http://127.0.0.1:8123/callback"
RESOURCE = "http://localhost:9999/mcp"


class Unfollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class ForIssuer(PrivateKeyJWT):
    """Authlib keeps the `jti` in the claims that it was given, so that they are given anew for each assertion."""

    audience: str | None = None

    def sign(self, auth, token_endpoint):
        self.claims = {} if self.audience is None else {"aud": self.audience}
        return super().sign(auth, token_endpoint)


def location_of(url: str) -> str:
    try:
        urllib.request.build_opener(Unfollowed).open(url)
    except urllib.error.HTTPError as error:
        return error.headers["location"]
    raise SystemExit("nobody was sent back")


def read(url: str, body: dict | None = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def error_of(ask) -> str:
    try:
        ask()
    except Exception as error:  # Authlib has a class for each code
        return getattr(error, "error", repr(error))
    return "none"


def main(issuer: str, registration: dict, key: dict | None = None, audience: str | None = None) -> dict:
    server = read(f"{issuer}/.well-known/oauth-authorization-server")
    client = read(server["registration_endpoint"], {"redirect_uris": [REDIRECT_URI], **registration})
    method = registration["token_endpoint_auth_method"]
    session = OAuth2Client(
        client["client_id"],
        client.get("client_secret") if key is None else import_key(key),
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        scope="read",
        redirect_uri=REDIRECT_URI,
        code_challenge_method="S256",
    )
    if key is not None:
        proof = ForIssuer(server["token_endpoint"], alg="ES256")
        proof.audience = audience
        session.register_client_auth_method(proof)
    verifier = generate_token(48)
    url, state = session.create_authorization_url(
        server["authorization_endpoint"], code_verifier=verifier, resource=RESOURCE
    )
    answer = location_of(url)
    redeem = lambda: session.fetch_token(
        server["token_endpoint"], authorization_response=answer, state=state, code_verifier=verifier
    )
    if key is not None and audience is None:
        return {"redeemed": error_of(redeem)}
    first = dict(redeem())
    told = {"token_type": first["token_type"], "scope": first["scope"]}
    second = dict(session.refresh_token(server["token_endpoint"], first["refresh_token"]))
    told["refreshed"] = second["access_token"] != first["access_token"]
    if method != "none":
        look = lambda: session.introspect_token(server["introspection_endpoint"], token=second["access_token"]).json()
        told["active"] = look()["active"]
    session.revoke_token(server["revocation_endpoint"], token=second["refresh_token"], token_type_hint="refresh_token")
    if method != "none":
        told["revoked"] = not look()["active"]
    told["again"] = error_of(lambda: session.refresh_token(server["token_endpoint"], second["refresh_token"]))
    return told


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], **json.loads(sys.stdin.readline()))), flush=True)
