/**
 * The grant lifecycle: one approval, its code, and the tokens that descend from it.
 *
 * The state is of constant size whatever happens: one code, the current and the previous refresh generation, at most
 * 64 live access tokens, at most 9 answers to one retried generation. Older generations are recognised by the entry that
 * a refresh token names, not here.
 */
import * as Schema from "effect/Schema"
import { DetailTexts } from "./AuthorizationDetails.ts"
import { AccessToken, AuthorizationRequest, Basis, Descent, Epochs, GrantEnd } from "./Event.ts"
import type { Event, GrantEvent } from "./Event.ts"
import { ClientId, Digest, Generation, GrantId, Jkt, KeyId, StreamVersion, SubjectId } from "./Ids.ts"
import type { LoginContext } from "./LoginContext.ts"
import { Resources } from "./Resource.ts"
import { Scopes } from "./Scope.ts"
import { EpochMillis, isLive } from "./Time.ts"

export const MAX_LIVE_ACCESS_TOKENS = 64
export const MAX_REFUSED_ATTEMPTS = 8
export const MAX_RETRIES = 8

/** What a grant keeps of a live access token: its digest and its expiry. Oldest first. */
export const LiveAccessToken = Schema.Struct({ digest: Digest, expiresAt: EpochMillis })
export type LiveAccessToken = typeof LiveAccessToken.Type

export const Code = Schema.Struct({
  digest: Digest,
  issuedAt: EpochMillis,
  expiresAt: EpochMillis,
  redeemedAt: Schema.NullOr(EpochMillis),
  refusedCount: Schema.Int,
})

/** The unspent refresh token. The token names `afterVersion`, which is kept so that the token can be formed again. */
export const CurrentRefresh = Schema.Struct({
  digest: Digest,
  generation: Generation,
  afterVersion: Schema.NullOr(StreamVersion),
  jkt: Schema.NullOr(Jkt),
  issuedAt: EpochMillis,
  expiresAt: EpochMillis,
})

/** The spent one before it: what is needed to give the same answer again. `answers` are access tokens, the first one first. */
export const PreviousRefresh = Schema.Struct({
  digest: Digest,
  generation: Generation,
  jkt: Schema.NullOr(Jkt),
  issuedAt: EpochMillis,
  rotatedAt: EpochMillis,
  expiresAt: EpochMillis,
  keyId: KeyId,
  retryCount: Schema.Int,
  answers: Schema.Array(AccessToken),
})

const identity = { grantId: GrantId, clientId: ClientId, subjectId: Schema.NullOr(SubjectId) }

/** The state of one grant: absent, denied, open, or ended. */
export const Grant = Schema.TaggedUnion({
  Absent: {},
  /** `deviceCode`: whoever asks with it is told. */
  Denied: { ...identity, deniedAt: EpochMillis, deviceCode: Schema.optionalKey(Digest) },
  Open: {
    ...identity,
    basis: Basis,
    request: Schema.NullOr(AuthorizationRequest),
    scopes: Scopes,
    resources: Resources,
    authorizationDetails: Schema.optionalKey(DetailTexts),
    refreshable: Schema.Boolean,
    epochs: Epochs,
    openedAt: EpochMillis,
    expiresAt: EpochMillis,
    descent: Schema.optionalKey(Descent),
    code: Schema.NullOr(Code),
    refresh: Schema.NullOr(Schema.Struct({ current: CurrentRefresh, previous: Schema.NullOr(PreviousRefresh) })),
    accessTokens: Schema.Array(LiveAccessToken),
  },
  Revoked: { ...identity, reason: GrantEnd, revokedAt: EpochMillis },
})
export type Grant = typeof Grant.Type

/** A grant that was approved and has not ended. */
export type OpenGrant = Extract<Grant, { _tag: "Open" }>

/** The login that a grant goes back to, as far as it is known. */
//= RFC9470-6-token-says
export const loginOf = (basis: Basis): LoginContext | undefined => ("login" in basis ? basis.login : undefined)

export const absentGrant: Grant = { _tag: "Absent" }

type Opened = Extract<Event, { _tag: "GrantOpened" }>

// INVARIANT: a grant that has a code and no request is a device's; when it asked is in the log.
const open = ({ _tag, metadataDigest, device, ...opened }: Opened): OpenGrant => ({
  _tag: "Open",
  ...opened,
  code: null,
  refresh: null,
  accessTokens: [],
})

const evolveOpen = (grant: OpenGrant, event: Exclude<GrantEvent, Opened>): Grant => {
  switch (event._tag) {
    case "GrantDenied":
      return grant
    case "AuthorizationCodeIssued": {
      const { digest, issuedAt, expiresAt } = event
      return { ...grant, code: { digest, issuedAt, expiresAt, redeemedAt: null, refusedCount: 0 } }
    }
    case "AuthorizationCodeRedeemed":
      return grant.code === null ? grant : { ...grant, code: { ...grant.code, redeemedAt: event.redeemedAt } }
    case "AuthorizationCodeReplayed":
    case "RefreshTokenReused":
      return grant
    case "AuthorizationCodeAttemptRefused":
      return grant.code === null
        ? grant
        : { ...grant, code: { ...grant.code, refusedCount: grant.code.refusedCount + 1 } }
    case "AccessTokenIssued": {
      const { _tag, grantId, ...token } = event
      // INVARIANT: expired tokens leave the list with the next issue, so its length follows live tokens and not
      // history.
      const alive = grant.accessTokens.filter((one) => isLive(event.issuedAt, one.expiresAt))
      const accessTokens = [...alive, { digest: token.digest, expiresAt: token.expiresAt }]
      return { ...grant, accessTokens, refresh: withAnswer(grant.refresh, token) }
    }
    case "AccessTokenRevoked":
      return { ...grant, accessTokens: grant.accessTokens.filter((one) => one.digest !== event.digest) }
    case "RefreshTokenIssued": {
      const { _tag, grantId, parent, ...current } = event
      return { ...grant, refresh: { current, previous: null } }
    }
    case "RefreshTokenRotated": {
      if (grant.refresh === null) return grant
      const { afterVersion: _, ...spent } = grant.refresh.current
      const { digest, generation, afterVersion, jkt, rotatedAt, expiresAt, keyId } = event
      return {
        ...grant,
        refresh: {
          current: { digest, generation, afterVersion, jkt, issuedAt: rotatedAt, expiresAt },
          previous: { ...spent, rotatedAt, keyId, retryCount: 0, answers: [] },
        },
      }
    }
    case "RefreshTokenRetried": {
      const previous = grant.refresh?.previous ?? null
      if (grant.refresh === null || previous === null) return grant
      const retried = { ...previous, retryCount: previous.retryCount + 1 }
      return { ...grant, refresh: { ...grant.refresh, previous: retried } }
    }
    case "GrantRevoked": {
      const { grantId, clientId, subjectId } = grant
      const { reason, revokedAt } = event
      return { _tag: "Revoked", grantId, clientId, subjectId, reason, revokedAt }
    }
    default:
      return event satisfies never
  }
}

/** An access token derived from the spent refresh token is one of the answers that a retry repeats. */
const withAnswer = (refresh: OpenGrant["refresh"], token: AccessToken): OpenGrant["refresh"] =>
  refresh === null || refresh.previous === null || token.parent !== refresh.previous.digest
    ? refresh
    : { ...refresh, previous: { ...refresh.previous, answers: [...refresh.previous.answers, token] } }

export const evolveGrant = (grant: Grant, event: GrantEvent): Grant => {
  switch (grant._tag) {
    case "Absent":
      if (event._tag === "GrantOpened") return open(event)
      if (event._tag === "GrantDenied") {
        const { _tag, redirectUri, ...denied } = event
        return { _tag: "Denied", ...denied }
      }
      return grant
    case "Open":
      return event._tag === "GrantOpened" ? grant : evolveOpen(grant, event)
    case "Denied":
    case "Revoked":
      return grant
    default:
      return grant satisfies never
  }
}
