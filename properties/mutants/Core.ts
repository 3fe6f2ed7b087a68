/** Mutants of the machine, for the engines that try it beside the model: each must break a promise, and soon. */
import { against, explore, random } from "./Engines.ts"
import { edit, type Edit, type Mutant } from "./Mutant.ts"

const GRANT = "src/core/Grant.ts"
const LIVENESS = "src/core/Liveness.ts"
const ACCESS = "src/core/decide/Access.ts"
const OPEN = "src/core/decide/OpenGrant.ts"
const REDEEM = "src/core/decide/RedeemCode.ts"
const REFRESH = "src/core/decide/Refresh.ts"
const REVOKE = "src/core/decide/RevokeToken.ts"

const core = (promise: string | undefined, name: string, ...edits: ReadonlyArray<Edit>): Mutant =>
  against([explore, random], promise, "core", name, ...edits)

export const coreMutants: ReadonlyArray<Mutant> = [
  core(
    undefined,
    "a rotation leaves the spent refresh token the current one",
    edit(REFRESH, "return accept([rotated, ...issueAccessToken(", "return accept([...issueAccessToken("),
  ),
  core(
    "OnlyTheOwnerCanHarm",
    "a replay is judged before the proofs of who replays",
    edit(
      REDEEM,
      "const fault = attemptFault(request, command)",
      "const fault = code.redeemedAt === null ? attemptFault(request, command) : undefined",
    ),
  ),
  core(
    "OnlyTheOwnerCanHarm",
    "whose a code is matters only until it was spent",
    edit(
      REDEEM,
      "if (grant.clientId !== client.clientId)",
      `if (grant.clientId !== client.clientId && grant._tag === "Open" && grant.code?.redeemedAt === null)`,
    ),
  ),
  core(
    "ExpiryIsExact",
    "a code can be redeemed at the very end of its life",
    edit(
      REDEEM,
      "if (code.redeemedAt === null && !isLive(command.at, code.expiresAt))",
      "if (code.redeemedAt === null && command.at > code.expiresAt)",
    ),
  ),
  core(
    "ReuseKillsGrant",
    "the retry window begins anew with each retry",
    edit(
      GRANT,
      "const retried = { ...previous, retryCount: previous.retryCount + 1 }",
      "const retried = { ...previous, retryCount: previous.retryCount + 1, rotatedAt: event.retriedAt }",
    ),
  ),
  core(
    "RetryIsIdempotent",
    "there is no retry window",
    edit(
      REFRESH,
      "return isLive(at, endOf(previous.rotatedAt, command.lifetimes.retryWindow))",
      "return isLive(at, at)",
    ),
  ),
  {
    ...core(
      "ReuseKillsGrant",
      "a refresh token spent long ago is refused, and its grant lives on",
      edit(
        REFRESH,
        "return reuse(grant, presented.digest, presented.generation, command)",
        `return deny("refresh-unknown")`,
      ),
    ),
    // Two rotations lie between a token and being old, and each waits for the window to end.
    commandsNeeded: 7,
  },
  core(
    "ScopeNeverGrows",
    "a refresh gives whatever scope is asked for",
    edit(
      ACCESS,
      "if (scopes !== null && !isSubset(scopes, grant.scopes))",
      "if (scopes !== null && grant === undefined)",
    ),
    edit(
      ACCESS,
      "scopes === null ? grant.scopes : grant.scopes.filter((scope) => scopes.includes(scope))",
      "scopes ?? grant.scopes",
    ),
  ),
  core(
    undefined,
    "a scope that was asked for narrowly is given in full",
    edit(
      ACCESS,
      "scopes: scopes === null ? grant.scopes : grant.scopes.filter((scope) => scopes.includes(scope)),",
      "scopes: grant.scopes,",
    ),
  ),
  core(
    "AudienceNeverGrows",
    "a token for one resource is for all of the grant",
    edit(
      ACCESS,
      "resources: meant === undefined ? grant.resources : grant.resources.filter((one) => meant.includes(one)),",
      "resources: grant.resources,",
    ),
  ),
  core(
    "AudienceNeverGrows",
    "a refresh forgets which resources the token is for",
    edit(
      REFRESH,
      "parent: current.digest,\n    ...access,",
      "parent: current.digest,\n    ...access,\n    resources: [],",
    ),
  ),
  core(
    "BoundMeansBound",
    "a code without a verifier is taken as it is",
    edit(REDEEM, `if (verifier === null) return "verifier_missing"`, "if (verifier === null) return undefined"),
  ),
  core(
    "BoundMeansBound",
    "the key that a code is bound to is not compared",
    edit(
      REDEEM,
      "if (request.jkt !== null && command.jkt !== request.jkt)",
      "if (request.jkt !== null && command.jkt === null)",
    ),
  ),
  core(
    "BoundMeansBound",
    "the key that a refresh token is bound to is not compared",
    edit(REFRESH, "if (boundTo !== null && boundTo !== command.jkt)", "if (boundTo !== null && command.jkt === null)"),
  ),
  core(
    "BoundMeansBound",
    "a refresh token works for any client",
    edit(REFRESH, `if (grant.clientId !== client.clientId) return deny("refresh-of-another-client")`, ""),
  ),
  core(
    "RevocationIsFinal",
    "revoking with cascade ends only the newest access token",
    edit(
      REVOKE,
      "return command.cascade\n    ? revokeAll",
      `const newest = grant.accessTokens.at(-1)!.digest
  return command.cascade
    ? accept([{ _tag: "AccessTokenRevoked", grantId, digest: newest, reason: "client", revokedAt: at }])`,
    ),
  ),
  core(
    "OnlyTheOwnerCanHarm",
    "any client can revoke any token",
    edit(REVOKE, "if (grant.clientId !== client.clientId) return accept([])", ""),
  ),
  core(
    "RevocationIsFinal",
    "ending the sessions of a subject ends no grant",
    edit(LIVENESS, "now.subject === grant.epochs.subject", "now.subject !== undefined"),
  ),
  core(
    "RevocationIsFinal",
    "raising the epoch of the issuer ends no grant",
    edit(LIVENESS, "now.issuer === grant.epochs.issuer", "now.issuer !== undefined"),
  ),
  core(
    "RevocationIsFinal",
    "the tokens of a disabled client go on",
    edit(
      LIVENESS,
      `state.client._tag === "Registered" && state.client.status === "enabled"`,
      `state.client._tag === "Registered"`,
    ),
  ),
  core(
    undefined,
    "a disabled client gets tokens",
    edit(
      "src/core/decide/ClientStanding.ts",
      `if (client.status === "disabled") return refused("client-disabled")`,
      "",
    ),
  ),
  core(
    "ExpiryIsExact",
    "a code lives as long as its grant",
    edit(OPEN, "endOf(at, lifetimes.code)", "endOf(at, lifetimes.grant)"),
  ),
  core(
    "ExpiryIsExact",
    "a request is approved however long it has lain",
    edit(OPEN, `isLive(at, endOf(requestedAt, lifetimes.request)) ? client : refused("request-expired")`, "client"),
  ),
  core(
    "RequestIsAnsweredOnce",
    "a request that was denied can be approved",
    edit(
      OPEN,
      `if (state.grant._tag !== "Absent")`,
      `if (state.grant._tag !== "Absent" && state.grant._tag !== "Denied")`,
    ),
    edit(
      GRANT,
      `case "Denied":\n    case "Revoked":\n      return grant`,
      `case "Denied":\n      return event._tag === "GrantOpened" ? open(event) : grant\n    case "Revoked":\n      return grant`,
    ),
  ),
  core(
    "ConsentComesFirst",
    "a client that registered itself gets a token that nobody approved",
    edit(
      "src/core/Client.ts",
      `client.origin === "operator" || registrationGrants.includes(grantType)`,
      `client.metadata.grant_types.includes(grantType) || registrationGrants.includes(grantType)`,
    ),
  ),
  core(
    "ConsentComesFirst",
    "a grant is opened on another document than the one that describes its client",
    edit(
      "src/core/decide/OpenGrant.ts",
      `client.origin === "document" && client.metadataDigest !== metadataDigest`,
      `client.origin === "document" && metadataDigest === null`,
    ),
  ),
  core(
    "ConsentComesFirst",
    "a request that names no resource is for every one that is known",
    edit(
      ACCESS,
      "if (defaultResource !== null) return [defaultResource]",
      "if (defaultResource !== null) return known",
    ),
  ),
  core(
    "ConsentComesFirst",
    "a scope that is asked for beside others is granted with all of them",
    edit(ACCESS, "if (known.length > 0) return known", "if (known.length > 0) return usable"),
  ),
  core(
    "StateIsBounded",
    "access tokens that expired are kept",
    edit(GRANT, "grant.accessTokens.filter((one) => isLive(event.issuedAt, one.expiresAt))", "grant.accessTokens"),
  ),
  {
    ...core(
      "OutsidersCannotGrowTheLog",
      "every wrong attempt at a code is recorded",
      edit(REDEEM, "refusedCount >= MAX_REFUSED_ATTEMPTS", "refusedCount > MAX_REFUSED_ATTEMPTS * 1000"),
    ),
    // A code, the eight attempts that may be recorded, and one more.
    commandsNeeded: 10,
  },
]
