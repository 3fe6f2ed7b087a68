/**
 * Why something is not alive: each reason with its sentence, the requirements behind it, and whether it can pass.
 *
 * The requirement ids are those of `spec/requirements`; a test looks each of them up there.
 */
export interface Rule {
  /** A stable name, for programs. */
  readonly rule: string
  /** A sentence without a period. */
  readonly sentence: string
  /** Ids of the clauses that ask for it, as `grantlog spec` shows them. */
  readonly requirements: ReadonlyArray<string>
  /** Whether the reason can pass. Then the thing is suspended and not dead. */
  readonly isPassing: boolean
  /** Whether it proves that somebody else holds, or held, what was given to the client. */
  readonly isTheft: boolean
}

const rule = (name: string, sentence: string, ...requirements: ReadonlyArray<string>): Rule => ({
  rule: name,
  sentence,
  requirements,
  isPassing: false,
  isTheft: false,
})

const theft = (...named: Parameters<typeof rule>): Rule => ({ ...rule(...named), isTheft: true })

const passing = (...named: Parameters<typeof rule>): Rule => ({ ...rule(...named), isPassing: true })

export const rules = {
  denied: rule("denied", "the request was denied", "OAUTH21-4.3.1-rt-grant-active"),
  codeReplayed: theft(
    "code-replayed",
    "its code was redeemed a second time by somebody who held code and verifier: the grant ended with everything that came of it",
    "OAUTH21-4.1.3-code-reuse-revokes",
    "OAUTH21-4.1.3-code-single-use",
  ),
  refreshTokenReused: theft(
    "refresh-token-reused",
    "a spent refresh token was presented again and no lost reply explains it: two parties hold this grant's tokens, so it ended",
    "OAUTH21-4.3.1-rt-replay-detection",
    "RFC9700-4.14.2-rt-family-revoke",
  ),
  revokedByClient: rule(
    "revoked-by-client",
    "its client revoked the grant",
    "RFC7009-2-revoke-refresh",
    "RFC7009-2.1-cascade",
  ),
  revokedBySubject: rule("revoked-by-subject", "whoever approved it took that back", "OAUTH21-7.9-user-can-revoke"),
  revokedByOperator: rule(
    "revoked-by-operator",
    "the operator of this server revoked the grant",
    "OAUTH21-4.3.1-rt-grant-active",
  ),
  issuerEpochRaised: rule(
    "issuer-epoch-raised",
    "everything that was opened before was ended, for the whole issuer",
    "RFC7662-4-all-state-checks",
  ),
  clientDeleted: rule("client-deleted", "its client was deleted", "RFC7662-4-all-state-checks"),
  subjectDisabled: rule(
    "subject-disabled",
    "whoever approved it was disabled, which ended every grant of theirs",
    "GTR-3.3-revoke-all",
  ),
  subjectSessionsRevoked: rule(
    "subject-sessions-revoked",
    "every grant of whoever approved it was ended",
    "GTR-3.3-revoke-all",
  ),
  subjectForgotten: rule(
    "subject-forgotten",
    "whoever approved it was forgotten, which ended every grant of theirs",
    "GTR-3.3-revoke-all",
  ),
  ancestorEnded: rule("ancestor-ended", "a token that it came of is not alive any more", "RFC7662-4-all-state-checks"),
  grantExpired: rule("grant-expired", "the grant came to its absolute end", "RTEXP-5-never-outlive-grant"),
  clientDisabled: passing(
    "client-disabled",
    "its client is disabled; enabling it resumes the grant",
    "RFC7662-4-all-state-checks",
  ),
  redeemed: rule("redeemed", "the code was redeemed, as it can be once", "OAUTH21-4.1.3-code-single-use"),
  codeExpired: rule("code-expired", "the code was not redeemed in time", "OAUTH21-4.1.2-code-short-life"),
  accessTokenExpired: rule("access-token-expired", "the access token expired", "RFC7662-4-all-state-checks"),
  accessTokenRevoked: rule("access-token-revoked", "its client revoked this access token", "RFC7009-2.1-owner-only"),
  tooManyTokens: rule(
    "too-many-access-tokens",
    "the grant had 64 access tokens alive, and the oldest made room for a new one",
    "RFC7662-4-all-state-checks",
  ),
  rotated: rule(
    "rotated",
    "the refresh token was spent, and a successor took its place; inside the retry window its client is answered the same again",
    "MCP-AUTHZ-as-rotate-public",
  ),
  refreshTokenExpired: rule(
    "refresh-token-expired",
    "the refresh token was not used in time",
    "OAUTH21-4.3.3-rt-idle-expiry",
  ),
  clientGone: rule("deleted", "the client was deleted for good", "RFC7662-4-all-state-checks"),
  subjectOff: passing("disabled", "the subject is disabled; enabling it revives no grant", "GTR-3.3-revoke-all"),
  subjectGone: rule(
    "forgotten",
    "the subject was forgotten for good, and every grant of theirs ended",
    "GTR-3.3-revoke-all",
  ),
  clientOff: passing(
    "disabled",
    "the client is disabled, and its grants with it; enabling it resumes them",
    "RFC7662-4-all-state-checks",
  ),
} as const satisfies Readonly<Record<string, Rule>>
