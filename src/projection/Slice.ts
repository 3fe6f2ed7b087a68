/**
 * The slice of the world that a command is decided against: one issuer, client, subject and grant, as of one moment, and
 * the version of each stream that they were folded from.
 */
import {
  ancestorsOf,
  type Ancestor,
  type AncestorState,
  type Grant,
  type Lifecycle,
  type Resource,
  type Resources,
  type State,
} from "../core/index.ts"
import type { Check, RowReader } from "../log/index.ts"
import { readAudiences } from "./Audience.ts"
import { readClient } from "./ClientRow.ts"
import { accessCodec } from "./Codec.ts"
import { noGrant, readGrant } from "./GrantRow.ts"
import { readIssuer, readSubject } from "./SubjectRow.ts"
import { accessTable } from "./Tables.ts"

/** Which client, subject and grant a command is about; the owners of an existing grant are found by themselves. */
export interface About {
  readonly clientId?: string
  readonly subjectId?: string
  readonly grantId?: string
  /** The grant id was made up just now: nothing is there to be read, and the append finds out if there is. */
  readonly isNewGrant?: boolean
  /** Access tokens that are presented for another; the subject is that of the first. */
  readonly presented?: ReadonlyArray<Ancestor>
  /** The resources that are asked for, and those that are configured: what resource servers were added for is read too. */
  readonly resources?: { readonly asked: Resources; readonly configured: Resources }
}

export interface Slice {
  readonly state: State
  readonly versions: Readonly<Record<Lifecycle, number>>
  /** When the row of the grant says that it may be removed; `null` where there is none. */
  readonly grantDiesAt: number | null
  readonly streams: Readonly<Record<Lifecycle, string | undefined>>
  /** The streams that what the grant came of was folded from. */
  readonly ancestry: ReadonlyArray<Check>
  /** What resource servers were added for, as far as the resources that are asked for may mean it. */
  readonly audiences: ReadonlyArray<Resource>
}

export const readSlice = (rows: RowReader, about: About): Slice => {
  const grant = about.isNewGrant === true ? noGrant : readGrant(rows, about.grantId ?? "")
  const known = grant.state._tag === "Absent" ? undefined : grant.state
  const ancestry = readAncestry(rows, grant.state, about.presented ?? NONE)
  const from = ancestry[0]?.ancestor.grant
  const giver = from === undefined || from._tag === "Absent" ? undefined : from.subjectId
  const clientId = about.clientId ?? known?.clientId
  const subjectId = about.subjectId ?? known?.subjectId ?? giver ?? undefined
  const client = readClient(rows, clientId ?? "")
  const subject = readSubject(rows, subjectId ?? "")
  const issuer = readIssuer(rows)
  return {
    state: {
      issuer: issuer.state,
      client: client.state,
      subject: subject.state,
      grant: grant.state,
      ancestors: ancestry.map(({ ancestor }) => ancestor),
    },
    versions: { issuer: issuer.version, client: client.version, subject: subject.version, grant: grant.version },
    grantDiesAt: grant.diesAt,
    streams: {
      issuer: "issuer",
      client: clientId === undefined ? undefined : `client-${clientId}`,
      subject: subjectId === undefined ? undefined : `subject-${subjectId}`,
      grant: about.grantId === undefined ? undefined : `grant-${about.grantId}`,
    },
    ancestry: ancestry.flatMap(({ checks }) => checks),
    audiences: about.resources === undefined ? [] : readAudiences(rows, about.resources),
  }
}

const NONE: ReadonlyArray<Ancestor> = []

interface ReadAncestor {
  readonly ancestor: AncestorState
  readonly checks: ReadonlyArray<Check>
}

/** What is presented, and everything that it or the grant came of, each once. */
const readAncestry = (
  rows: RowReader,
  grant: Grant,
  presented: ReadonlyArray<Ancestor>,
): ReadonlyArray<ReadAncestor> => {
  const own = grant._tag === "Open" ? ancestorsOf(grant) : NONE
  const read = new Map<string, ReadAncestor>()
  const readAll = (all: ReadonlyArray<Ancestor>) => {
    for (const named of all) if (!read.has(named.digest)) read.set(named.digest, readAncestor(rows, named))
  }
  readAll([...presented, ...own])
  for (const { ancestor } of [...read.values()]) {
    if (ancestor.grant._tag === "Open") readAll(ancestorsOf(ancestor.grant))
  }
  return [...read.values()]
}

const readAncestor = (rows: RowReader, named: Ancestor): ReadAncestor => {
  const { grantId, digest } = named
  const row = rows.get(accessTable, [grantId, digest])
  const token = row === undefined ? null : accessCodec.decode(row["state"])
  const grant = readGrant(rows, grantId)
  const { clientId, subjectId } = grant.state._tag === "Absent" ? NOBODY : grant.state
  const client = readClient(rows, clientId)
  const subject = readSubject(rows, subjectId ?? "")
  return {
    ancestor: { named, grant: grant.state, client: client.state, subject: subject.state, token },
    checks: [
      { stream: `grant-${grantId}`, version: grant.version },
      { stream: `client-${clientId}`, version: client.version },
      ...(subjectId === null ? [] : [{ stream: `subject-${subjectId}`, version: subject.version }]),
    ],
  }
}

const NOBODY = { clientId: "", subjectId: null }
