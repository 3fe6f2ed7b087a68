/** An explanation as data, for whatever prints it. Times are in milliseconds since the epoch. */
import type { Relative } from "./Lineage.ts"
import type { Moment } from "../asof/Moment.ts"
import type { Standing } from "../asof/Standing.ts"
import type { EventLine } from "./EventLine.ts"

/** A command to type. */
export interface Command {
  readonly command: string
  /** What it is for, without a period. */
  readonly purpose: string
}

export interface Advice {
  readonly next: ReadonlyArray<Command>
  readonly proof: ReadonlyArray<Command>
}

export type Kind = "code" | "refresh token" | "access token" | "grant" | "client" | "subject"

/** What is known of something that was issued or recorded here. */
export interface Explained extends Advice {
  readonly isOurs: true
  readonly kind: Kind
  /** The id, or the SHA-256 of a code or token. */
  readonly id: string
  readonly grantId: string | null
  readonly clientId: string | null
  /** What the client calls itself; `null` where it does not. */
  readonly clientName: string | null
  readonly subjectId: string | null
  readonly asOf: Moment
  readonly standing: Standing
  /** The events that ended it, and those that would have ended it otherwise. */
  readonly chain: ReadonlyArray<EventLine>
  /** The approval, the code, each generation, the thing itself. */
  readonly ancestry: ReadonlyArray<EventLine>
  /** The events in which it was presented, or something was done to it. Verifications are not recorded. */
  readonly presentations: ReadonlyArray<EventLine>
  /** How many are left out above: generations in the middle of the ancestry, and older events. */
  readonly untold: { readonly generations: number; readonly presentations: number }
  readonly descendants: ReadonlyArray<Relative>
  readonly siblings: ReadonlyArray<Relative>
  /** Of a client or subject: the grants of which something is alive, those that last longest first. */
  readonly grants: ReadonlyArray<AliveGrant>
  /** Whether there may be more such grants than are named. */
  readonly hasMoreGrants: boolean
}

/** A grant of a client or subject of which something is alive. */
export interface AliveGrant {
  readonly grantId: string
  readonly clientId: string
  readonly clientName: string | null
  readonly subjectId: string | null
  readonly openedAt: number
  readonly aliveCount: number
}

/** What is said of something that was never issued or recorded here. */
export interface NotOurs extends Advice {
  readonly isOurs: false
  readonly asOf: Moment
  /** What can be said of it nevertheless, in a sentence without a period. */
  readonly sentence: string
}

/** What something is, whether it is alive, and if not, why; `isOurs` tells the two apart. */
export type Explanation = Explained | NotOurs
