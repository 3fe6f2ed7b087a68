/** The subject's row, and the issuer's: the epochs that every grant is held against. */
import {
  initialIssuer,
  initialSubject,
  type Issuer,
  type IssuerEvent,
  type Subject,
  type SubjectEvent,
} from "../core/index.ts"
import type { RowChange, RowReader } from "../log/index.ts"
import { issuerCodec, subjectCodec } from "./Codec.ts"
import type { Versioned } from "./GrantRow.ts"
import { issuerTable, subjectTable } from "./Tables.ts"

const ISSUER = "issuer"

export const readSubject = (rows: RowReader, subjectId: string): Versioned<Subject> => {
  const row = rows.get(subjectTable, [subjectId])
  return row === undefined
    ? { state: initialSubject, version: 0 }
    : { state: subjectCodec.decode(row["state"]), version: Number(row["version"]) }
}

export const readIssuer = (rows: RowReader): Versioned<Issuer> => {
  const row = rows.get(issuerTable, [ISSUER])
  return row === undefined
    ? { state: initialIssuer, version: 0 }
    : { state: issuerCodec.decode(row["state"]), version: Number(row["version"]) }
}

export const subjectChanges = (
  subjectId: string,
  before: Versioned<Subject>,
  after: Subject,
  events: ReadonlyArray<SubjectEvent>,
): ReadonlyArray<RowChange> => {
  const { status, epoch } = after
  const version = before.version + events.length
  const row = { subject_id: subjectId, version, state: subjectCodec.encode(after), status, epoch }
  return [{ _tag: "Put", table: subjectTable, row }]
}

export const issuerChanges = (
  before: Versioned<Issuer>,
  after: Issuer,
  events: ReadonlyArray<IssuerEvent>,
): ReadonlyArray<RowChange> => {
  if (after._tag === "Uninitialized") return []
  const version = before.version + events.length
  const row = { id: ISSUER, version, state: issuerCodec.encode(after), epoch: after.epoch }
  return [{ _tag: "Put", table: issuerTable, row }]
}
