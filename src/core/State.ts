/**
 * The state that one command is decided against: the grant it is about, and those whose standing it depends on.
 *
 * A slice, not the world: one issuer, one client, one subject, one grant. Each is folded from a stream of its own.
 */
import { Client, absentClient, evolveClient } from "./Client.ts"
import type { ClientEvent, Event, GrantEvent, IssuerEvent, SubjectEvent } from "./Event.ts"
import { Grant, absentGrant, evolveGrant } from "./Grant.ts"
import { Issuer, evolveIssuer, initialIssuer } from "./Issuer.ts"
import { Subject, evolveSubject, initialSubject } from "./Subject.ts"

/** What a command is decided on: one issuer, one client, one subject, one grant. */
export interface State {
  readonly issuer: Issuer
  readonly client: Client
  readonly subject: Subject
  readonly grant: Grant
}

/** The state before anything happened. */
export const initial: State = {
  issuer: initialIssuer,
  client: absentClient,
  subject: initialSubject,
  grant: absentGrant,
}

/** Which lifecycle an event belongs to. */
export type Lifecycle = keyof State

/** Which part of the state an event changes. */
export const lifecycleOf = (event: Event): Lifecycle => {
  if (event._tag.startsWith("Issuer")) return "issuer"
  if (event._tag.startsWith("Client")) return "client"
  return event._tag.startsWith("Subject") ? "subject" : "grant"
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
  switch (lifecycleOf(event)) {
    case "issuer":
      return { ...state, issuer: evolveIssuer(state.issuer, event as IssuerEvent) }
    case "client":
      return { ...state, client: evolveClient(state.client, event as ClientEvent) }
    case "subject":
      return { ...state, subject: evolveSubject(state.subject, event as SubjectEvent) }
    case "grant":
      return { ...state, grant: evolveGrant(state.grant, event as GrantEvent) }
  }
}

/** The stream an event is appended to: `issuer`, `client-<id>`, `subject-<id>` or `grant-<id>`. */
export const streamOf = (event: Event): string => {
  if ("grantId" in event) return `grant-${event.grantId}`
  if ("clientId" in event) return `client-${event.clientId}`
  return "subjectId" in event ? `subject-${event.subjectId}` : "issuer"
}
