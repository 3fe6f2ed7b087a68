/**
 * From an operation to the command that the provider would send for it: numbers become ids, secrets facts.
 *
 * The same work as in `src/provider`, done once more without it: what is presented is looked up among all that was
 * issued, a successor is a digest over what was presented. Nothing is decided here.
 */
import {
  accessKey,
  narrowed,
  type Ancestor,
  type Command,
  type CommandOf,
  type EpochMillis,
  type PresentedRefresh,
  type PresentedToken,
  type Resources,
  type Scopes,
  type VerifierFact,
} from "../../src/core/index.ts"
import { OVERLAP_MILLIS } from "../Model.ts"
import { JWT_BEARER, TOKEN_EXCHANGE } from "../Operation.ts"
import type { Operation, OperationOf, Presented, Verifier } from "../Operation.ts"
import type { Machine } from "./State.ts"
import { approvalOf, callerOf, detailsOf, documentDigest, grantIdFor, offerOf, versioned } from "./Facts.ts"
import { approveDevice, redeemDevice } from "./Devices.ts"
import { registrationOf, rotatedSecret, secretAfter } from "./Registrations.ts"
import {
  APP_URI,
  CHALLENGE,
  KEY_ID,
  LOOPBACK_URI,
  OTHER_CHALLENGE,
  UNREGISTERED_URI,
  clientIdOf,
  digestOf,
  grantIdOf,
  jktOf,
  subjectIdOf,
} from "./Names.ts"

/** `undefined` for what is no command: looking at a token, time going by, and what a server keeps beside the machine. */
export const commandFor = (machine: Machine, operation: Operation): Command | undefined => {
  const at = machine.at as EpochMillis
  switch (operation._tag) {
    case "Verify":
    case "Pass":
    case "Invite":
    case "Push":
      return undefined
    case "Initialize":
      return { _tag: "InitializeIssuer", issuer: "https://issuer.example", keyId: KEY_ID, at }
    case "RaiseIssuerEpoch":
      return { _tag: "RaiseIssuerEpoch", reason: "a restored backup", at }
    case "Register": {
      const registration = registrationOf(operation.profile, operation.flaw)
      const clientId = clientIdOf(operation.client)
      const { document, isSelfRegistered } = operation.profile
      return {
        _tag: "RegisterClient",
        clientId,
        ...registration,
        audience: null,
        origin: document !== undefined ? "document" : isSelfRegistered ? "dynamic" : "operator",
        ...(document === undefined ? {} : { metadataDigest: documentDigest(document) }),
        appSchemes: [],
        at,
      }
    }
    case "Update": {
      const { metadata } = registrationOf(operation.profile, operation.flaw)
      const { document } = operation.profile
      const named = document === undefined ? {} : { metadataDigest: documentDigest(document) }
      const changed = secretAfter(machine.clients[operation.client], metadata)
      const clientId = clientIdOf(operation.client)
      return { _tag: "UpdateClient", clientId, metadata, ...changed, ...named, appSchemes: [], at }
    }
    case "RotateSecret":
      return {
        _tag: "RotateClientSecret",
        clientId: clientIdOf(operation.client),
        secret: rotatedSecret,
        ...(operation.hasOverlap === true ? { overlapUntil: (machine.at + OVERLAP_MILLIS) as EpochMillis } : {}),
        at,
      }
    case "DisableClient":
    case "EnableClient":
    case "DeleteClient":
      return { _tag: operation._tag, clientId: clientIdOf(operation.client), at }
    case "EndSessions":
      return { _tag: "RevokeSubjectSessions", subjectId: subjectIdOf(operation.subject), at }
    case "DisableSubject":
    case "EnableSubject":
    case "ForgetSubject":
      return { _tag: operation._tag, subjectId: subjectIdOf(operation.subject), at }
    case "Approve":
      return operation.isDevice === true ? approveDevice(machine, operation, at) : openGrant(machine, operation, at)
    case "Deny": {
      const { grant, client, subject } = operation
      const redirectUri = operation.redirectUri === "loopback" ? LOOPBACK_URI : UNREGISTERED_URI
      const named = { grantId: grantIdOf(grant), clientId: clientIdOf(client), subjectId: subjectIdOf(subject) }
      return operation.isDevice === true
        ? { _tag: "DenyDevice", ...named, code: digestOf(`code ${grant}`), at }
        : { _tag: "DenyGrant", ...named, redirectUri, at }
    }
    case "Redeem":
      return operation.isDevice === true ? redeemDevice(machine, operation, at) : redeemCode(machine, operation, at)
    case "Refresh":
      return refresh(machine, operation, at)
    case "ClientCredentials":
      return {
        _tag: "IssueToken",
        grantId: grantIdOf(machine.grants.length),
        grantType: operation.assertion === undefined ? "client_credentials" : JWT_BEARER,
        basis:
          operation.subject === undefined
            ? { _tag: "ClientCredentials" }
            : { _tag: "Policy", subjectId: subjectIdOf(operation.subject), approvedAt: at, policy: "tests" },
        ...callerOf(machine, operation),
        scopes: operation.scopes as Scopes | null,
        resources: (operation.resources ?? []) as Resources,
        ...detailsOf(operation.details),
        offer: offerOf(machine),
        jkt: jktOf(operation.key ?? null),
        accessToken: digestOf(`access ${machine.accessTokens.length}`),
        at,
      }
    case "Exchange":
      return exchangeToken(machine, operation, at)
    case "Revoke":
      return revokeToken(machine, operation, at)
    case "RevokeGrant": {
      const subjectId = operation.subject === "operator" ? null : subjectIdOf(operation.subject)
      return { _tag: "RevokeGrant", grantId: grantIdOf(operation.grant), subjectId, at }
    }
  }
}

const openGrant = (machine: Machine, operation: OperationOf<"Approve">, at: EpochMillis): CommandOf<"OpenGrant"> => {
  const { redirectUri, key } = operation
  const uris = { loopback: LOOPBACK_URI, app: APP_URI, unregistered: UNREGISTERED_URI }
  return {
    _tag: "OpenGrant",
    ...approvalOf(machine, operation, at),
    ...detailsOf(operation.details),
    request: {
      redirectUri: uris[redirectUri],
      redirectUriProvidedExplicitly: true,
      codeChallenge: CHALLENGE,
      jkt: jktOf(key),
    },
  }
}

const verifiers: Readonly<Record<Verifier, VerifierFact | null>> = {
  right: { wellFormed: true, challenge: CHALLENGE },
  wrong: { wellFormed: true, challenge: OTHER_CHALLENGE },
  malformed: { wellFormed: false, challenge: null },
  absent: null,
}

const redeemCode = (machine: Machine, operation: OperationOf<"Redeem">, at: EpochMillis): CommandOf<"RedeemCode"> => {
  const { code, verifier, redirectUri, resources, key } = operation
  const grant = code === "made up" ? undefined : machine.grants[code]
  const registered = grant?._tag === "Open" ? (grant.request?.redirectUri ?? LOOPBACK_URI) : LOOPBACK_URI
  return {
    _tag: "RedeemCode",
    ...callerOf(machine, operation),
    ...versioned,
    grantId: grantIdFor(code === "made up" ? undefined : code),
    isCodeKnown: grant?._tag === "Open" && grant.code !== null,
    verifier: verifiers[verifier],
    redirectUri: { right: registered, wrong: UNREGISTERED_URI, absent: null }[redirectUri],
    resources: resources as Resources | null,
    ...detailsOf(operation.details),
    jkt: jktOf(key),
    accessToken: digestOf(`access ${machine.accessTokens.length}`),
    refreshToken: digestOf(`refresh ${machine.refreshTokens.length}`),
    at,
  }
}

const refresh = (machine: Machine, operation: OperationOf<"Refresh">, at: EpochMillis): CommandOf<"Refresh"> => {
  const { token, scopes, resources, key } = operation
  return {
    _tag: "Refresh",
    ...callerOf(machine, operation),
    ...versioned,
    grantId: grantIdFor(token === "made up" ? undefined : machine.refreshTokens[token]?.grant),
    presented: presentedOn(machine, operation),
    scopes: scopes as Scopes | null,
    resources: resources as Resources | null,
    ...detailsOf(operation.details),
    jkt: jktOf(key),
    at,
  }
}

const presentedOn = (machine: Machine, { token, details, ...asked }: OperationOf<"Refresh">): PresentedRefresh => {
  const issued = token === "made up" ? undefined : machine.refreshTokens[token]
  const grant = issued === undefined ? undefined : machine.grants[issued.grant]
  if (issued === undefined || grant?._tag !== "Open" || grant.refresh === null) return { _tag: "Unknown" }
  const { current, previous } = grant.refresh
  const { digest, generation, jkt } = issued
  if (digest !== current.digest && digest !== previous?.digest) return { _tag: "Older", digest, generation, jkt }

  const access = narrowed(grant, { ...asked, ...detailsOf(details) } as Parameters<typeof narrowed>[1])
  const subset = "_tag" in access ? "" : accessKey(access)
  const accessToken = digestOf(`access by ${token} for ${subset} with ${asked.key}`)
  const { isRetryKeyMissing = false } = machine.policy
  if (digest !== current.digest) return { _tag: "Previous", accessToken: isRetryKeyMissing ? null : accessToken }
  const refreshToken = digestOf(`refresh by ${token}`)
  return { _tag: "Current", successor: { refreshToken, accessToken, keyId: KEY_ID } }
}

/** Where the machine finds a presented access token; nowhere, for one that was made up. */
export const namedBy = (machine: Machine, token: Presented): Ancestor => {
  const issued = issuedOf(machine, "access", token)
  return { grantId: grantIdFor(issued?.grant), digest: issued?.digest ?? digestOf("made up") }
}

const exchangeToken = (
  machine: Machine,
  operation: OperationOf<"Exchange">,
  at: EpochMillis,
): CommandOf<"ExchangeToken"> => {
  const { token, actor, mayAct, scopes, resources, key } = operation
  return {
    _tag: "ExchangeToken",
    grantId: grantIdOf(machine.grants.length),
    grantType: TOKEN_EXCHANGE,
    ...callerOf(machine, operation),
    subject: namedBy(machine, token),
    actor: actor === null ? null : namedBy(machine, actor),
    policy: "tests",
    mayAct: mayAct === null ? null : clientIdOf(mayAct),
    scopes: scopes as Scopes | null,
    resources: resources as Resources | null,
    ...detailsOf(operation.details),
    offer: offerOf(machine),
    jkt: jktOf(key),
    accessToken: digestOf(`access ${machine.accessTokens.length}`),
    at,
  }
}

const revokeToken = (machine: Machine, operation: OperationOf<"Revoke">, at: EpochMillis): CommandOf<"RevokeToken"> => {
  const { kind, token, cascade } = operation
  const { clientId, authentication } = callerOf(machine, operation)
  const issued = issuedOf(machine, kind, token)
  const presented: PresentedToken =
    issued === undefined
      ? { _tag: "Unknown" }
      : kind === "refresh"
        ? { _tag: "RefreshToken" }
        : { _tag: "AccessToken", digest: issued.digest }
  return {
    _tag: "RevokeToken",
    clientId,
    authentication,
    grantId: grantIdFor(issued?.grant),
    presented,
    cascade,
    at,
  }
}

const issuedOf = (machine: Machine, kind: "access" | "refresh", token: Presented) =>
  token === "made up" ? undefined : (kind === "access" ? machine.accessTokens : machine.refreshTokens)[token]
