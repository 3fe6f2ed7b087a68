"""A sound provider on the MCP Python SDK's contract, in memory: what the faulty ones beside it differ from by one line.

Everything of a grant hangs on one object, which knows its one code, its one unspent refresh token and its live access
tokens. Every decision is made again when a code or a token is exchanged, under the lock of its grant, and what the
caller hands in is only used to find it. It lets the event loop go in every method, as one with a database does.
"""

import asyncio
import secrets
import time
from dataclasses import dataclass, field

from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    OAuthAuthorizationServerProvider,
    RefreshToken,
    RegistrationError,
    TokenError,
    construct_redirect_uri,
)
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

CODE_SECONDS = 300
ACCESS_SECONDS = 3600
REFRESH_SECONDS = 30 * 86400


@dataclass
class Grant:
    client_id: str
    scopes: list[str]
    resource: str | None
    code: AuthorizationCode
    is_redeemed: bool = False
    is_over: bool = False
    refresh: RefreshToken | None = None
    spent: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class SoundProvider(OAuthAuthorizationServerProvider[AuthorizationCode, RefreshToken, AccessToken]):
    def __init__(self):
        self.clients: dict[str, OAuthClientInformationFull] = {}
        self.grants: dict[str, Grant] = {}
        self.access: dict[str, AccessToken] = {}

    def now(self) -> float:
        return time.time()

    async def storage(self) -> None:
        """What a database takes."""
        await asyncio.sleep(0)

    async def get_client(self, client_id):
        await self.storage()
        return self.clients.get(client_id)

    async def register_client(self, client_info):
        await self.storage()
        if client_info.client_id in self.clients:
            raise RegistrationError("invalid_client_metadata", "the id is taken")
        self.clients[client_info.client_id] = client_info

    async def authorize(self, client, params: AuthorizationParams) -> str:
        code = AuthorizationCode(
            code=secrets.token_urlsafe(32),
            scopes=params.scopes or ["read"],
            expires_at=self.now() + CODE_SECONDS,
            client_id=client.client_id,
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            resource=params.resource,
        )
        await self.storage()
        self.grants[code.code] = Grant(client.client_id, code.scopes, params.resource, code)
        return construct_redirect_uri(str(params.redirect_uri), code=code.code, state=params.state)

    def grant_of(self, client, text: str, kind: str) -> Grant | None:
        """The grant that a code or refresh token belongs to, spent or not; another client's or kind's is not found."""
        grant = self.grants.get(text)
        if grant is None or grant.client_id != client.client_id:
            return None
        known = {grant.code.code} if kind == "code" else {*grant.spent, grant.refresh and grant.refresh.token}
        return grant if text in known else None

    async def load_authorization_code(self, client, authorization_code):
        await self.storage()
        grant = self.grant_of(client, authorization_code, "code")
        return None if grant is None else grant.code

    async def exchange_authorization_code(self, client, authorization_code):
        grant = self.grant_of(client, authorization_code.code, "code")
        if grant is None:
            raise TokenError("invalid_grant", "the code is unknown")
        async with grant.lock:
            await self.storage()
            if grant.is_redeemed:
                grant.is_over = True
                raise TokenError("invalid_grant", "the code was redeemed before")
            if self.now() >= grant.code.expires_at:
                raise TokenError("invalid_grant", "the code has expired")
            grant.is_redeemed = True
            return self.issue(grant, grant.scopes)

    async def load_refresh_token(self, client, refresh_token):
        await self.storage()
        grant = self.grant_of(client, refresh_token, "refresh")
        if grant is None or grant.refresh is None:
            return None
        return grant.refresh.model_copy(update={"token": refresh_token})

    async def exchange_refresh_token(self, client, refresh_token, scopes):
        grant = self.grant_of(client, refresh_token.token, "refresh")
        if grant is None or grant.is_over or grant.refresh is None:
            raise TokenError("invalid_grant", "the refresh token is unknown")
        async with grant.lock:
            await self.storage()
            if refresh_token.token in grant.spent:
                grant.is_over = True
                raise TokenError("invalid_grant", "the refresh token was used before")
            if grant.is_over or self.now() >= grant.refresh.expires_at:
                raise TokenError("invalid_grant", "the refresh token has expired")
            if not set(scopes) <= set(grant.scopes):
                raise TokenError("invalid_scope", "the scope was not granted")
            grant.spent.add(refresh_token.token)
            return self.issue(grant, scopes)

    def issue(self, grant: Grant, scopes: list[str]) -> OAuthToken:
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        about = {"client_id": grant.client_id, "resource": grant.resource}
        self.access[access] = AccessToken(
            token=access, scopes=scopes, expires_at=int(self.now()) + ACCESS_SECONDS, **about
        )
        grant.refresh = RefreshToken(
            token=refresh, scopes=grant.scopes, expires_at=int(self.now()) + REFRESH_SECONDS, **about
        )
        self.grants[access] = self.grants[refresh] = grant
        return OAuthToken(
            access_token=access, expires_in=ACCESS_SECONDS, refresh_token=refresh, scope=" ".join(scopes)
        )

    async def load_access_token(self, token):
        await self.storage()
        grant, record = self.grants.get(token), self.access.get(token)
        if grant is None or record is None or grant.is_over or token in grant.revoked:
            return None
        return record if self.now() < record.expires_at else None

    async def revoke_token(self, token):
        grant = self.grants.get(token.token)
        if grant is None:
            return
        async with grant.lock:
            await self.storage()
            grant.is_over = True
