/**
 * The last checkpoint and its key in a place that several instances share and that no backup of the log brings back.
 *
 * Both are in one row, so that a checkpoint replaces only the one it was held against, and only under the key that
 * signed it. Copies in files belong to this machine, and are held against the log as well.
 */
import * as Effect from "effect/Effect"
import type { Place, Row, StoreFault, Table } from "../../log/index.ts"
import {
  isSameText,
  isAhead,
  keyFromText,
  keyIsGone,
  newKeyText,
  readCheckpoints,
  requireKey,
  setFilesAside,
  withWitnessed,
  witnessedFileOf,
  writeCheckpoints,
  writeWitnessed,
} from "./CheckpointFiles.ts"
import { CheckpointFault, type CheckpointPlace } from "./Checkpoints.ts"

export const checkpointTable: Table = {
  name: "checkpoints",
  columns: { name: "TEXT", key: "TEXT", checkpoint: "TEXT" },
  key: ["name"],
  indexes: [],
}

const LAST = "last"
const WITNESSED = "witnessed"

const attempt = <A>(body: () => A): Effect.Effect<A, CheckpointFault> =>
  Effect.try({ try: body, catch: (cause) => cause as CheckpointFault })

const asCheckpointFault = ({ message }: StoreFault) => new CheckpointFault({ reason: "not-kept", message })

/** `name` stands for the place in messages; `copies` are files of this machine. */
export const checkpointsIn = (place: Place, name: string, copies: ReadonlyArray<string>): CheckpointPlace => {
  const last = Effect.mapError(place.get([LAST]), asCheckpointFault)
  const exchange = (...exchanges: Parameters<Place["exchange"]>[0]) =>
    Effect.mapError(place.exchange(exchanges), asCheckpointFault)
  const witnessed = Effect.mapError(place.get([WITNESSED]), asCheckpointFault)
  const inRow = (row: Row | undefined) => (typeof row?.["checkpoint"] === "string" ? [row["checkpoint"]] : [])
  const keptIn = (row: Row | undefined) => attempt(() => [...inRow(row), ...readCheckpoints(copies)])
  const keyIn = (row: Row) => attempt(() => keyFromText(String(row["key"]), name))
  return {
    read: Effect.flatMap(last, keptIn),
    replace: Effect.fnUntraced(function* (before, checkpoint, key) {
      const row = yield* last
      if (row === undefined) return yield* keyIsGone(name)
      const found = yield* keyIn(row)
      yield* attempt(() => requireKey(found, key, name))
      if (!isSameText(yield* keptIn(row), before)) return false
      if (!(yield* exchange({ before: row, after: { ...row, checkpoint } }))) return false
      yield* attempt(() => writeCheckpoints(copies, checkpoint))
      return true
    }),
    readWitnessed: Effect.flatMap(witnessed, (row) =>
      attempt(() => [...inRow(row), ...readCheckpoints(copies.map(witnessedFileOf))]),
    ),
    keepWitnessed: Effect.fnUntraced(function* (checkpoint, key) {
      for (;;) {
        const [row, before] = [yield* last, yield* witnessed]
        if (row === undefined) return yield* keyIsGone(name)
        const found = yield* keyIn(row)
        yield* attempt(() => requireKey(found, key, name))
        const after = { name: WITNESSED, key: null, checkpoint }
        const isKept =
          !isAhead(inRow(before), checkpoint, key) ||
          (yield* exchange(before === undefined ? { after } : { before, after }))
        if (isKept) return yield* attempt(() => writeWitnessed(copies, checkpoint, key))
      }
    }),
    readKey: Effect.flatMap(last, (row) => {
      if (row !== undefined) return keyIn(row)
      const message = `there is no checkpoint key at \`${name}\`: serve once to make it, or name it`
      return Effect.fail(new CheckpointFault({ reason: "no-key", message }))
    }),
    openKey: Effect.fnUntraced(function* (issuer, secrets) {
      const row = yield* last
      if (row !== undefined) return yield* keyIn(row)
      if ((yield* keptIn(row)).length > 0) return yield* keyIsGone(name)
      const made = { name: LAST, key: newKeyText(issuer, secrets), checkpoint: null }
      // Another instance may just have made it.
      return yield* keyIn((yield* exchange({ after: made })) ? made : ((yield* last) ?? made))
    }),
    readKeyText: Effect.map(last, (row) => (row === undefined ? undefined : String(row["key"]))),
    takeKey: Effect.fnUntraced(function* (key) {
      const row = yield* last
      if (row === undefined && (yield* exchange({ after: { name: LAST, key, checkpoint: null } }))) return
      const found = yield* keyIn(row ?? (yield* last) ?? { key })
      yield* attempt(() => requireKey(found, keyFromText(key, name), name))
    }),
    setAside: Effect.fnUntraced(function* (size) {
      const row = yield* last
      if (row !== undefined) yield* exchange({ before: row }, { after: { ...row, name: `until-${size}` } })
      const cosigned = yield* witnessed
      if (cosigned !== undefined)
        yield* exchange({ before: cosigned }, { after: { ...cosigned, name: `${WITNESSED}-until-${size}` } })
      yield* attempt(() => setFilesAside(withWitnessed(copies), size))
    }),
  }
}
