/**
 * An entry as a line for a person: what happened, with ids and digests and nothing else.
 *
 * A digest is cut to as much as tells it from others; the entry has the whole of it.
 */
import type { Descent, Event } from "../../core/index.ts"
import { detailOf } from "../../protocol/index.ts"
import type { Recorded } from "../../log/index.ts"
import type { OpenedRequestOrigin } from "../../provider/index.ts"
import { called, type NameOf } from "./ClientNames.ts"

/** One entry as a line. Times are in milliseconds since the epoch. */
export interface EventLine {
  /** Where the entry stands in the log: an index. */
  readonly position: number
  /** When it was recorded. */
  readonly at: number
  /** The type of its event. */
  readonly type: Event["_tag"]
  /** What happened, without a period. */
  readonly sentence: string
  /** Who did it: the id of a client or subject, or `operator`. */
  readonly actor: string | null
  /** The name of the client that did it, if a client did. */
  readonly actorName: string | null
  /** The name of the client that the event names, if it names one. */
  readonly clientName: string | null
  /** The id of the request that caused it. Entries with the same id have the same request. */
  readonly correlationId: string
  /** The id of the event that led to it within that request. */
  readonly causationId: string | null
  /** Whether the origin of its request is recorded, which is sealed. */
  readonly isRequestOriginSealed: boolean
  /** The origin of its request, if opening it was asked for. */
  readonly requestOrigin?: OpenedRequestOrigin
}

export const shortDigest = (digest: string): string => `${digest.slice(0, 12)}…`

const faults: Readonly<Record<Extract<Event, { _tag: "AuthorizationCodeAttemptRefused" }>["fault"], string>> = {
  verifier_missing: "without a code verifier",
  verifier_malformed: "with a code verifier that is none",
  verifier_wrong: "with the wrong code verifier",
  redirect_uri_wrong: "with another redirect URI",
  key_wrong: "with another key",
}

const ends: Readonly<Record<Extract<Event, { _tag: "GrantRevoked" }>["reason"], string>> = {
  code_replayed: "because its code was replayed",
  refresh_token_reused: "because a refresh token was reused",
  client: "by its client",
  subject: "by whoever approved it",
  operator: "by the operator",
}

const scopesOf = (scopes: ReadonlyArray<string>): string => (scopes.length === 0 ? "no scope" : scopes.join(" "))

/** Who acts, the current one first. */
const acting = (descent: Descent | undefined): string =>
  descent === undefined || descent.actors.length === 0 ? "" : `; acting: ${descent.actors.join(", for which acted ")}`

interface Allowed {
  readonly scopes: ReadonlyArray<string>
  readonly authorizationDetails?: ReadonlyArray<string>
}

/** Scopes, and the types of whatever else is allowed. */
const accessOf = ({ scopes, authorizationDetails = [] }: Allowed): string => {
  const types = authorizationDetails.map((text) => detailOf(text).type)
  return types.length === 0 ? scopesOf(scopes) : `${scopesOf(scopes)}, with details of ${types.join(", ")}`
}

const opened = (
  { basis, subjectId, metadataDigest, device, descent, ...access }: Extract<Event, { _tag: "GrantOpened" }>,
  client: string,
): string => {
  // In full: it is what everything that was approved of the document is asked for by.
  const described = metadataDigest === null ? "" : `, as the document ${metadataDigest} describes it`
  const asked = device === undefined ? "" : `on a device that asked at ${new Date(device.requestedAt).toISOString()}, `
  const what = `${asked}for ${accessOf(access)}${described}${acting(descent)}`
  switch (basis._tag) {
    case "ClientCredentials":
      return `${client} got a grant of its own, ${what}`
    case "User":
      return `subject ${basis.subjectId} approved ${client}, ${what}`
    case "Auto":
      return `${client} was approved for subject ${basis.subjectId} without asking, ${what}`
    case "Exchange":
      return `the policy ${basis.policy} let ${client} exchange access token ${shortDigest(descent?.ancestors[0]?.digest ?? "")}${subjectId === null ? "" : ` of subject ${subjectId}`}, ${what}`
    case "Policy":
      return `the policy ${basis.policy} approved ${client} for subject ${basis.subjectId}, ${what}`
  }
}

/** By the thumbprint of the key, as proofs and introspection show it. */
const boundTo = (jkt: string | null): string => (jkt === null ? "" : `, bound to the key ${shortDigest(jkt)}`)

const tokenSentence = (event: Event): string | undefined => {
  switch (event._tag) {
    case "AuthorizationCodeIssued":
      return `a code was issued (${shortDigest(event.digest)})`
    case "AuthorizationCodeRedeemed":
      return "the code was redeemed"
    case "AuthorizationCodeReplayed":
      return "the code was redeemed a second time, with everything right: a replay"
    case "AuthorizationCodeAttemptRefused":
      return `the code was presented ${faults[event.fault]}, and refused`
    case "AccessTokenIssued":
      return `access token of generation ${event.generation} issued (${shortDigest(event.digest)}), for ${accessOf(event)}${boundTo(event.jkt)}`
    case "AccessTokenRevoked":
      return `access token ${shortDigest(event.digest)} ended, ${event.reason === "client" ? "by its client" : "to make room"}`
    case "RefreshTokenIssued":
      return `refresh token of generation ${event.generation} issued (${shortDigest(event.digest)})${boundTo(event.jkt)}`
    case "RefreshTokenRotated":
      return `refresh token ${shortDigest(event.parent)} spent, generation ${event.generation} issued (${shortDigest(event.digest)})${boundTo(event.jkt)}`
    case "RefreshTokenRetried":
      return `the spent refresh token of generation ${event.generation} presented again inside the retry window, and answered the same`
    case "RefreshTokenReused":
      return `the spent refresh token of generation ${event.generation} presented again (${shortDigest(event.digest)}): a reuse`
    default:
      return undefined
  }
}

/** The event in a line, without a period. Clients appear by their ids, with their names if they are known. */
export const eventSentence = (event: Event, nameOf: NameOf = nameless): string => {
  const client = "clientId" in event ? `client ${called(event.clientId, nameOf(event.clientId))}` : ""
  switch (event._tag) {
    case "GrantOpened":
      return opened(event, client)
    case "GrantDenied":
      return `subject ${event.subjectId} denied ${client}${event.deviceCode === undefined ? "" : ", which asked on a device"}`
    case "GrantRevoked":
      return `the grant ended ${ends[event.reason]}, with everything that came of it`
    case "ClientRegistered":
      return event.metadataDigest === undefined
        ? `${client} registered (${event.origin}${event.policy === undefined ? "" : `, by the policy \`${event.policy}\``})`
        : `${client} became known, described by a document (${shortDigest(event.metadataDigest)})`
    case "ClientUpdated":
      return event.metadataDigest === undefined
        ? `the registration of ${client} changed`
        : `${client} became known by another document (${shortDigest(event.metadataDigest)})`
    case "ClientSecretRotated":
      return event.overlapUntil === undefined
        ? `${client} got a new secret`
        : `${client} got a new secret, and keeps the old one until ${new Date(event.overlapUntil).toISOString()}`
    case "ClientDisabled":
      return `${client} disabled: its grants are suspended`
    case "ClientEnabled":
      return `${client} enabled: its grants are resumed`
    case "ClientDeleted":
      return `${client} deleted: its grants ended`
    case "SubjectSessionsRevoked":
      return `every grant of subject ${event.subjectId} ended`
    case "SubjectDisabled":
      return `subject ${event.subjectId} disabled: every grant of theirs ended`
    case "SubjectEnabled":
      return `subject ${event.subjectId} enabled`
    case "SubjectForgotten":
      return `subject ${event.subjectId} forgotten: every grant of theirs ended`
    case "IssuerInitialized":
      return `the log became that of ${event.issuer}`
    case "IssuerEpochRaised":
      return `every grant that was opened before ended: ${event.reason}`
    default:
      return tokenSentence(event) ?? event._tag
  }
}

const nameless: NameOf = () => undefined

export const eventLineOf = (
  { position, recordedAt, event, actor, correlationId, causationId, sealed }: Recorded,
  nameOf: NameOf = nameless,
): EventLine => ({
  position,
  at: recordedAt,
  type: event._tag,
  sentence: eventSentence(event, nameOf),
  actor,
  actorName: nameOf(actor) ?? null,
  clientName: ("clientId" in event ? nameOf(event.clientId) : undefined) ?? null,
  correlationId,
  causationId,
  isRequestOriginSealed: sealed !== null,
})
