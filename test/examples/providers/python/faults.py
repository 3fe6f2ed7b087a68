"""Providers with one fault each, made of the sound one beside this file."""

import asyncio

from mcp.server.auth.provider import TokenError
from sound import ACCESS_SECONDS, SoundProvider


class CheckThenSet(SoundProvider):
    """Whether a code was redeemed is asked, then the storage is waited for, then it is noted."""

    async def exchange_authorization_code(self, client, authorization_code):
        grant = self.grant_of(client, authorization_code.code, "code")
        if grant is None:
            raise TokenError("invalid_grant", "the code is unknown")
        if grant.is_redeemed:
            grant.is_over = True
            raise TokenError("invalid_grant", "the code was redeemed before")
        if self.now() >= grant.code.expires_at:
            raise TokenError("invalid_grant", "the code has expired")
        await self.storage()
        grant.is_redeemed = True
        return self.issue(grant, grant.scopes)


class LockedTooLate(SoundProvider):
    """The lock is taken once it is known that the refresh token is unspent."""

    async def exchange_refresh_token(self, client, refresh_token, scopes):
        grant = self.grant_of(client, refresh_token.token, "refresh")
        if grant is None or grant.is_over or grant.refresh is None:
            raise TokenError("invalid_grant", "the refresh token is unknown")
        if refresh_token.token in grant.spent:
            grant.is_over = True
            raise TokenError("invalid_grant", "the refresh token was used before")
        async with grant.lock:
            await self.storage()
            if grant.is_over or self.now() >= grant.refresh.expires_at:
                raise TokenError("invalid_grant", "the refresh token has expired")
            if not set(scopes) <= set(grant.scopes):
                raise TokenError("invalid_scope", "the scope was not granted")
            grant.spent.add(refresh_token.token)
            return self.issue(grant, scopes)




class ASecondTooLong(SoundProvider):
    """An access token is alive at its end."""

    async def load_access_token(self, token):
        await self.storage()
        grant, record = self.grants.get(token), self.access.get(token)
        if grant is None or record is None or grant.is_over or token in grant.revoked:
            return None
        return record if self.now() <= record.expires_at else None


class KeyLookup(SoundProvider):
    """An unknown token is looked up as if it were known."""

    async def load_refresh_token(self, client, refresh_token):
        await self.storage()
        grant = self.grants[refresh_token]
        return await super().load_refresh_token(client, refresh_token) if grant else None
