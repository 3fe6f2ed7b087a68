/**
 * The state that one command is decided against: the grant it is about, and those whose standing it depends on.
 *
 * A slice, not the world: one issuer, one client, one subject, one grant, and where tokens were exchanged the few that the
 * grant came of. Each is folded from a stream of its own.
 */
import { Client, absentClient, evolveClient } from "./Client.ts"
import {
  isClientEvent,
  isGrantEvent,
  isIssuerEvent,
  isSubjectEvent,
  type AccessToken,
  type Ancestor,
  type Event,
} from "./Event.ts"
import { Grant, absentGrant, evolveGrant } from "./Grant.ts"
import { Issuer, evolveIssuer, initialIssuer } from "./Issuer.ts"
import { Subject, evolveSubject, initialSubject } from "./Subject.ts"

/** A token that the grant at hand came of, or that a command presents for another; with whose it is. */
export interface AncestorState {
  readonly named: Ancestor
  readonly grant: Grant
  readonly client: Client
  readonly subject: Subject
  /** As it was issued; `null` where it is not among what its grant has alive. */
  readonly token: AccessToken | null
}

/** What a command is decided on: one issuer, one client, one subject, one grant, and what that one came of. */
export interface State {
  /** Whose log it is, and the epoch before which nothing counts. */
  readonly issuer: Issuer
  /** The client that the command is about. */
  readonly client: Client
  /** The subject whose grant it is. */
  readonly subject: Subject
  /** The grant that the command is about. */
  readonly grant: Grant
  /** Of every token that the grant or a presented token came of; one that is missing here counts as ended. */
  readonly ancestors: ReadonlyArray<AncestorState>
}

/** The state before anything happened. */
export const initial: State = {
  issuer: initialIssuer,
  client: absentClient,
  subject: initialSubject,
  grant: absentGrant,
  ancestors: [],
}

/** The part of the state that a stream is folded into. */
export type Lifecycle = Exclude<keyof State, "ancestors">

/** Which lifecycle an event belongs to: that of the group of events that names it, and of no other. */
export const lifecycleOf = (event: Event): Lifecycle => {
  if (isGrantEvent(event)) return "grant"
  if (isClientEvent(event)) return "client"
  if (isSubjectEvent(event)) return "subject"
  return isIssuerEvent(event) ? "issuer" : (event satisfies never)
}

/**
 * The state after an event. Pure; it refuses nothing, for what happened has happened.
 *
 * @example
 * import { decide, evolve, initial, type EpochMillis, type KeyId } from "grantlog/core"
 *
 * const at = 1_800_000_000_000 as EpochMillis
 * const command = { _tag: "InitializeIssuer", issuer: "https://id.example.com", keyId: "k_1" as KeyId, at } as const
 * const state = decide(initial, command).events.reduce(evolve, initial)
 */
export const evolve = (state: State, event: Event): State => {
  if (isGrantEvent(event)) return { ...state, grant: evolveGrant(state.grant, event) }
  if (isClientEvent(event)) return { ...state, client: evolveClient(state.client, event) }
  if (isSubjectEvent(event)) return { ...state, subject: evolveSubject(state.subject, event) }
  return isIssuerEvent(event) ? { ...state, issuer: evolveIssuer(state.issuer, event) } : (event satisfies never)
}

/** The stream an event is appended to: `issuer`, `client-<id>`, `subject-<id>` or `grant-<id>`. */
export const streamOf = (event: Event): string => {
  if ("grantId" in event) return `grant-${event.grantId}`
  if ("clientId" in event) return `client-${event.clientId}`
  return "subjectId" in event ? `subject-${event.subjectId}` : "issuer"
}
