/**
 * The slice of the world that a command is decided against: one issuer, client, subject and grant, as of one moment, and
 * the version of each stream that they were folded from.
 */
import type { Lifecycle, Resource, Resources, State } from "../core/index.ts"
import type { RowReader } from "../log/index.ts"
import { readAudiences } from "./Audience.ts"
import { readClient } from "./ClientRow.ts"
import { noGrant, readGrant } from "./GrantRow.ts"
import { readIssuer, readSubject } from "./SubjectRow.ts"

/** Which client, subject and grant a command is about; the owners of an existing grant are found by themselves. */
export interface About {
  readonly clientId?: string
  readonly subjectId?: string
  readonly grantId?: string
  /** The grant id was made up just now: nothing is there to be read, and the append finds out if there is. */
  readonly isNewGrant?: boolean
  /** The resources that are asked for, and those that are configured: what resource servers were added for is read too. */
  readonly resources?: { readonly asked: Resources; readonly configured: Resources }
}

export interface Slice {
  readonly state: State
  readonly versions: Readonly<Record<Lifecycle, number>>
  /** When the row of the grant says that it may be removed; `null` where there is none. */
  readonly grantDiesAt: number | null
  readonly streams: Readonly<Record<Lifecycle, string | undefined>>
  /** What resource servers were added for, as far as the resources that are asked for may mean it. */
  readonly audiences: ReadonlyArray<Resource>
}

export const readSlice = (rows: RowReader, about: About): Slice => {
  const grant = about.isNewGrant === true ? noGrant : readGrant(rows, about.grantId ?? "")
  const known = grant.state._tag === "Absent" ? undefined : grant.state
  const clientId = about.clientId ?? known?.clientId
  const subjectId = about.subjectId ?? known?.subjectId ?? undefined
  const client = readClient(rows, clientId ?? "")
  const subject = readSubject(rows, subjectId ?? "")
  const issuer = readIssuer(rows)
  return {
    state: { issuer: issuer.state, client: client.state, subject: subject.state, grant: grant.state },
    versions: { issuer: issuer.version, client: client.version, subject: subject.version, grant: grant.version },
    grantDiesAt: grant.diesAt,
    streams: {
      issuer: "issuer",
      client: clientId === undefined ? undefined : `client-${clientId}`,
      subject: subjectId === undefined ? undefined : `subject-${subjectId}`,
      grant: about.grantId === undefined ? undefined : `grant-${about.grantId}`,
    },
    audiences: about.resources === undefined ? [] : readAudiences(rows, about.resources),
  }
}
