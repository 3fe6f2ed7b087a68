/** The subject's row, and the issuer's: the epochs that every grant is held against. */
import {
  evolveIssuer,
  evolveSubject,
  initialIssuer,
  initialSubject,
  type Issuer,
  isIssuerEvent,
  type Subject,
  isSubjectEvent,
} from "../core/index.ts"
import type { Recorded, RowReader, RowWriter } from "../log/index.ts"
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

export const applyToSubject = (rows: RowWriter, subjectId: string, entries: ReadonlyArray<Recorded>): void => {
  const before = readSubject(rows, subjectId).state
  const state = entries.reduce<Subject>(
    (subject, { event }) => (isSubjectEvent(event) ? evolveSubject(subject, event) : subject),
    before,
  )
  const { status, epoch } = state
  const version = entries.at(-1)!.version
  rows.put(subjectTable, { subject_id: subjectId, version, state: subjectCodec.encode(state), status, epoch })
}

export const applyToIssuer = (rows: RowWriter, entries: ReadonlyArray<Recorded>): void => {
  const before = readIssuer(rows).state
  const state = entries.reduce<Issuer>(
    (issuer, { event }) => (isIssuerEvent(event) ? evolveIssuer(issuer, event) : issuer),
    before,
  )
  if (state._tag === "Uninitialized") return
  const version = entries.at(-1)!.version
  rows.put(issuerTable, { id: ISSUER, version, state: issuerCodec.encode(state), epoch: state.epoch })
}
