/** An explanation as data, for whatever prints it. Times are in milliseconds since the epoch. */
import type { JwtChecked } from "../asof/PresentedJwt.ts"
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
  /** What to ask or to do next. */
  readonly next: ReadonlyArray<Command>
  /** How to show somebody else that it is so. */
  readonly proof: ReadonlyArray<Command>
}

export type Kind = "code" | "refresh token" | "access token" | "grant" | "client" | "subject"

/** What is known of something that was issued or recorded here. */
export interface Explained extends Advice {
  /** It was issued or recorded here. */
  readonly isOurs: true
  /** What it is. */
  readonly kind: Kind
  /** The id, or the SHA-256 of a code or token. */
  readonly id: string
  /** The grant that it belongs to; `null` for a client or subject. */
  readonly grantId: string | null
  /** The client that it was given to, or that it is; `null` for a subject. */
  readonly clientId: string | null
  /** What the client calls itself; `null` where it does not. */
  readonly clientName: string | null
  /** Whose it is; `null` for a client, and where one acts for itself. */
  readonly subjectId: string | null
  /** The moment that all of it is about. */
  readonly asOf: Moment
  /** Where a JWT was asked about: what was checked of it. Absent for anything else. */
  readonly jwt?: JwtChecked
  /** Whether it is alive, and if not, since when and why. */
  readonly standing: Standing
  /** The events that ended it, and those that would have ended it otherwise. */
  readonly chain: ReadonlyArray<EventLine>
  /** The approval, the code, each generation, the thing itself. */
  readonly ancestry: ReadonlyArray<EventLine>
  /** The events in which it was presented, or something was done to it. Verifications are not recorded. */
  readonly presentations: ReadonlyArray<EventLine>
  /** How many are left out above: generations in the middle of the ancestry, and older events. */
  readonly untold: { readonly generations: number; readonly presentations: number }
  /** What came of it and is alive. */
  readonly descendants: ReadonlyArray<Relative>
  /** What else of its grant is alive. */
  readonly siblings: ReadonlyArray<Relative>
  /** Of a client or subject: the grants of which something is alive, those that last longest first. */
  readonly grants: ReadonlyArray<AliveGrant>
  /** Whether there may be more such grants than are named. */
  readonly hasMoreGrants: boolean
}

/** A grant of a client or subject of which something is alive. */
export interface AliveGrant {
  /** The id of the grant. */
  readonly grantId: string
  /** The client that it was given to. */
  readonly clientId: string
  /** What the client calls itself; `null` where it does not. */
  readonly clientName: string | null
  /** Who gave it; `null` where a client acts for itself. */
  readonly subjectId: string | null
  /** When it was opened. */
  readonly openedAt: number
  /** How many codes and tokens of it are alive. */
  readonly aliveCount: number
}

/** What is said of something that was never issued or recorded here. */
export interface NotOurs extends Advice {
  /** It was never issued or recorded here, or what is known of it is in an archive. */
  readonly isOurs: false
  /** Where what is known of it is; `null` unless it is in an archive that was not given. */
  readonly archived: ArchivedGrant | null
  /** The moment that it is about. */
  readonly asOf: Moment
  /** Where a JWT was asked about that names a token of this log: what was checked of it. */
  readonly jwt?: JwtChecked
  /** What can be said of it nevertheless, in a sentence without a period. */
  readonly sentence: string
}

/** A grant that has ended, whose entries were taken out of the log. */
export interface ArchivedGrant {
  /** The id of the grant. */
  readonly grantId: string
  /** The number of the archive, from 1. */
  readonly archive: number
  /** The name that its file had when it was made. */
  readonly file: string
  /** How many entries the grant has. */
  readonly entryCount: number
}

/** What something is, whether it is alive, and if not, why; `isOurs` tells the two apart. */
export type Explanation = Explained | NotOurs
