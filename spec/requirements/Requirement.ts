/**
 * The shape of one requirement: what a document asks, of whom, and how it can be seen to hold.
 *
 * A requirement is cited by its id, in `//= <id>` above the branch that enforces it. The types never say how it is met.
 */
import type { DocumentId } from "./Documents.ts"

/** How strongly the document asks; `DEF`, `POLICY` and `SUPERSEDED` are ours (see `Meta.ts`). */
export type Level = "MUST" | "MUST NOT" | "SHOULD" | "SHOULD NOT" | "MAY" | "DEF" | "POLICY" | "SUPERSEDED"

/** Who has to do it: authorization server, resource server, client. */
export type Role = "AS" | "RS" | "client"

/** Where it shows. */
export type Observable = "wire" | "internal" | "ui" | "deploy"

/** How soon it has to hold. */
export type Priority = "P0" | "P1" | "P2"

export interface Requirement {
  /** `<DOC>-<section>-<slug>`; of a draft's the slug is the stable part. */
  readonly id: string
  readonly doc: DocumentId
  /** Section number or heading, several joined by a slash. */
  readonly section: string
  readonly level: Level
  readonly roles: readonly Role[]
  readonly observable: Observable
  readonly priority: Priority
  readonly text: string
}
