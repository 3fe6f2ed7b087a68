/**
 * Redeeming a code: it is spent, and the first access and refresh token are issued.
 *
 * A code is spent once. A second redemption by whoever holds the code, the verifier and the client is proof that the
 * code was stolen or the client is confused: the grant dies. Anything less than that proof changes nothing alive.
 */
import { isPublic } from "../Client.ts"
import type { CommandOf } from "../Command.ts"
import { accept, deny, denyWith, type Decision } from "../Decision.ts"
import type { AccessToken, AttemptFault, AuthorizationRequest } from "../Event.ts"
import { MAX_REFUSED_ATTEMPTS, type OpenGrant } from "../Grant.ts"
import type { Generation } from "../Ids.ts"
import { isGrantAlive } from "../Liveness.ts"
import type { State } from "../State.ts"
import { expiry, isLive } from "../Time.ts"
import { issueAccessToken, narrowed, type Access } from "./Access.ts"
import { requireTokenClient } from "./ClientStanding.ts"

type RedeemCode = CommandOf<"RedeemCode">

export const redeemCode = (state: State, command: RedeemCode): Decision => {
  const client = requireTokenClient(state, command, "authorization_code")
  if (client._tag === "Refused") return { events: [], reply: client }

  const { grant } = state
  if (grant._tag === "Absent" || grant._tag === "Denied" || !command.isCodeKnown) return deny("code-unknown")
  //= OAUTH21-4.1.3-code-client-binding
  if (grant.clientId !== client.clientId) return deny("code-of-another-client")
  if (grant._tag === "Revoked" || !isGrantAlive(state, command.at)) return deny("grant-ended")

  const { code, request } = grant
  if (code === null || request === null) return deny("code-unknown")
  //= OAUTH21-4.1.2-code-short-life
  if (code.redeemedAt === null && !isLive(command.at, code.expiresAt)) return deny("code-expired")

  const fault = attemptFault(request, command)
  if (fault !== undefined) return refuseAttempt(grant, code.refusedCount, fault, command)

  //= OAUTH21-4.1.3-code-single-use
  //= OAUTH21-4.1.3-code-reuse-revokes
  if (code.redeemedAt !== null) {
    const { grantId, at } = command
    // INVARIANT: a valid replay leaves nothing of the grant alive (ReplayKillsGrant).
    return denyWith(
      [
        { _tag: "AuthorizationCodeReplayed", grantId, replayedAt: at },
        { _tag: "GrantRevoked", grantId, reason: "code_replayed", revokedAt: at },
      ],
      "code-replayed",
    )
  }

  const access = narrowed(grant, { ...command, scopes: null })
  if ("_tag" in access) return { events: [], reply: access }
  return firstTokens(grant, code.digest, isPublic(client), command, access)
}

/** What is wrong with the attempt of a client that holds the code; an absent redirect URI counts as right. */
const attemptFault = (request: AuthorizationRequest, command: RedeemCode): AttemptFault | undefined => {
  const fault = verifierFault(request.codeChallenge, command.verifier)
  if (fault !== undefined) return fault
  //= OAUTH21-10.2-redirect-uri-compat
  if (command.redirectUri !== null && command.redirectUri !== request.redirectUri) return "redirect_uri_wrong"
  //= RFC9449-10-code-binding
  if (request.jkt !== null && command.jkt !== request.jkt) return "key_wrong"
  return undefined
}

/** A verifier belongs to a challenge, and a challenge to a verifier. */
const verifierFault = (
  challenge: AuthorizationRequest["codeChallenge"],
  verifier: RedeemCode["verifier"],
): AttemptFault | undefined => {
  //= OAUTH21-4.1.3-verifier-iff-challenge
  if (challenge === null) return verifier === null ? undefined : "verifier_wrong"
  if (verifier === null) return "verifier_missing"
  //= RFC7636-4.1-verifier-format
  if (!verifier.wellFormed) return "verifier_malformed"
  //= OAUTH21-4.1.3-verifier-correct
  //= RFC7636-4.6-mismatch-invalid-grant
  return verifier.challenge === challenge ? undefined : "verifier_wrong"
}

/** Wrong attempts are recorded at most 8 times for each code. The code lives on, because S256 cannot be guessed. */
//= OAUTH21-7.5.2-bad-replay-no-revoke
const refuseAttempt = (grant: OpenGrant, refusedCount: number, fault: AttemptFault, { at }: RedeemCode): Decision =>
  refusedCount >= MAX_REFUSED_ATTEMPTS
    ? deny("code-attempt-wrong")
    : denyWith(
        [{ _tag: "AuthorizationCodeAttemptRefused", grantId: grant.grantId, fault, refusedAt: at }],
        "code-attempt-wrong",
      )

/** The first tokens of a grant whose code, `parent`, is spent with them. */
export const firstTokens = (
  grant: OpenGrant,
  parent: AccessToken["digest"],
  isPublicClient: boolean,
  command: CommandOf<"RedeemCode" | "RedeemDeviceCode">,
  access: Access,
): Decision => {
  const { grantId } = grant
  const { jkt, afterVersion, lifetimes, at } = command
  const generation = (grant.refreshable ? 1 : 0) as Generation
  const accessToken: AccessToken = {
    digest: command.accessToken,
    generation,
    parent,
    ...access,
    jkt,
    issuedAt: at,
    expiresAt: expiry(at, lifetimes.accessToken, grant.expiresAt),
  }
  //= OAUTH21-3.2.3-rt-bound-to-grant
  //= OAUTH21-4.3.3-rt-idle-expiry
  //= RFC9449-5-rt-bound-public
  const refreshToken = {
    digest: command.refreshToken,
    generation,
    afterVersion,
    jkt: isPublicClient ? jkt : null,
    issuedAt: at,
    expiresAt: expiry(at, lifetimes.refreshIdle, grant.expiresAt),
  }
  return accept(
    [
      { _tag: "AuthorizationCodeRedeemed", grantId, redeemedAt: at },
      ...issueAccessToken(grantId, grant.accessTokens, accessToken),
      ...(grant.refreshable ? [{ _tag: "RefreshTokenIssued" as const, grantId, parent, ...refreshToken }] : []),
    ],
    { _tag: "TokensIssued", accessToken, refreshToken: grant.refreshable ? refreshToken : null, isRetry: false },
  )
}
