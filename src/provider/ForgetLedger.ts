/**
 * The forget ledger: the subjects that this store has to forget, in places that a restored backup does not bring back.
 *
 * A line is written before anything is done, and another one when everything is done, so that what was interrupted is
 * finished, and a person who comes back with a backup is forgotten again. The ledger holds ids and times, and lines are
 * only ever added.
 */
import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { EpochMillis, SubjectId } from "../core/index.ts"
import { appendToFile } from "../files/SmallFile.ts"
import { StoreFault, asFault, type Place, type Row, type Table } from "../log/index.ts"

export interface Forgetting {
  readonly subjectId: SubjectId
  /** Whether everything was done at least once. */
  readonly isFinished: boolean
}

/** Who is to be forgotten, whatever a restored backup says. */
export interface ForgetLedger {
  /** Every subject that is to be forgotten, in the order of the ledger. */
  readonly read: Effect.Effect<ReadonlyArray<Forgetting>, StoreFault>
  /** When this is done, the line is durable in every place. */
  readonly intend: (subjectId: SubjectId, at: EpochMillis) => Effect.Effect<void, StoreFault>
  /** Notes that everything was done for this subject. */
  readonly finish: (subjectId: SubjectId, at: EpochMillis) => Effect.Effect<void, StoreFault>
}

const Line = Schema.Struct({
  subjectId: SubjectId,
  forgottenAt: Schema.optionalKey(EpochMillis),
  finishedAt: Schema.optionalKey(EpochMillis),
})
type Line = typeof Line.Type
const decodeLine = Schema.decodeUnknownResult(Schema.fromJsonString(Line))

const codeOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? String(cause)

const readText = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return ""
    const message = `the forget ledger \`${path}\` cannot be read (${codeOf(cause)}): make it readable`
    throw new StoreFault({ reason: "disk", message, cause })
  }
}

const linesOf = (path: string): ReadonlyArray<Line> => {
  const lines = readText(path).split("\n")
  // What a crash cut off was never acknowledged, and stands where the next line begins.
  return lines.flatMap((text, index) => {
    if (text === "") return []
    const line = decodeLine(text)
    if (Result.isSuccess(line)) return [line.success]
    if (isCutOff(text)) return []
    const message = `line ${index + 1} of the forget ledger \`${path}\` is damaged: put back a copy of the file`
    throw new StoreFault({ reason: "corrupt", message })
  })
}

/** Whether a line was cut off. */
const isCutOff = (text: string): boolean => text.startsWith("{") && !text.endsWith("}")

const append = (path: string, line: Line): void => {
  try {
    const text = readText(path)
    // It is a line of its own, even if a crash cut off the line before.
    appendToFile(path, `${text === "" || text.endsWith("\n") ? "" : "\n"}${JSON.stringify(line)}\n`)
  } catch (cause) {
    if (cause instanceof StoreFault) throw cause
    const message = `the forget ledger \`${path}\` cannot be written (${codeOf(cause)}): make it and its folder writable`
    throw new StoreFault({ reason: "disk", message, cause })
  }
}

interface Lines {
  readonly read: Effect.Effect<ReadonlyArray<Line>, StoreFault>
  readonly add: (line: Line) => Effect.Effect<void, StoreFault>
}

const linesIn = (path: string): Lines => ({
  read: Effect.try({ try: () => linesOf(path), catch: asFault }),
  add: (line) => Effect.try({ try: () => append(path, line), catch: asFault }),
})

export const forgottenTable: Table = {
  name: "forgotten",
  columns: { subject_id: "TEXT", forgotten_at: "INTEGER", finished_at: "INTEGER" },
  key: ["subject_id"],
  indexes: [["forgotten_at", "subject_id"]],
}

const decodeRow = Schema.decodeUnknownResult(Line)

const lineFrom = ({ subject_id: subjectId, forgotten_at: forgottenAt, finished_at: finishedAt }: Row) =>
  Result.getOrThrowWith(
    decodeRow({
      subjectId,
      ...(forgottenAt === null ? {} : { forgottenAt }),
      ...(finishedAt === null ? {} : { finishedAt }),
    }),
    () =>
      new StoreFault({ reason: "corrupt", message: "a row of the forget ledger is damaged: put back a copy of it" }),
  )

/** One row for each subject. A time that is known is never overwritten. */
const rowsIn = (place: Place): Lines => ({
  read: Effect.flatMap(place.list({ orderBy: ["forgotten_at", "subject_id"] }), (rows) =>
    Effect.try({ try: () => rows.map(lineFrom), catch: asFault }),
  ),
  add: Effect.fnUntraced(function* ({ subjectId, forgottenAt = null, finishedAt = null }) {
    for (;;) {
      const before = yield* place.get([subjectId])
      const after = {
        subject_id: subjectId,
        forgotten_at: before?.["forgotten_at"] ?? forgottenAt,
        finished_at: before?.["finished_at"] ?? finishedAt,
      }
      if (yield* place.exchange([{ before, after }])) return
    }
  }),
})

/** A ledger in each of these places; a text is the path of a file. A subject in any of them is to be forgotten. */
export const forgetLedger = (places: ReadonlyArray<string | Place>): ForgetLedger => {
  const all = places.map((place) => (typeof place === "string" ? linesIn(place) : rowsIn(place)))
  const add = (line: Line) => Effect.forEach(all, (lines) => lines.add(line), { discard: true })
  return {
    read: Effect.map(
      Effect.forEach(all, (lines) => lines.read),
      (found) => {
        const finished = new Map<SubjectId, boolean>()
        for (const { subjectId, finishedAt } of found.flat()) {
          finished.set(subjectId, finished.get(subjectId) === true || finishedAt !== undefined)
        }
        return [...finished].map(([subjectId, isFinished]) => ({ subjectId, isFinished }))
      },
    ),
    intend: (subjectId, forgottenAt) => add({ subjectId, forgottenAt }),
    finish: (subjectId, finishedAt) => add({ subjectId, finishedAt }),
  }
}
