/**
 * Makes the golden vectors that are missing: `node test/log/vectors.ts`.
 *
 * One file in `spec/vectors/events/` for every event type at its newest schema version (`<Type>.json`, from version 2 on
 * `<Type>.<version>.json`), some of another form, and `sealed.json`. A file that is there is never written again: what was stored once is
 * read for ever. `bytes` is the canonical text exactly as it is stored and hashed, `leaf` its hash, `recorded` what
 * reading gives. `Vectors.test.ts` holds the code against them.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { eventTypes, schemaVersionOf, streamOf, type Event, type EventType } from "../../src/core/index.ts"
import { toStored, type Recorded } from "../../src/log/index.ts"
import { exampleOf, otherExamples, recordedExample } from "./Examples.ts"

export interface Vector {
  readonly bytes: string
  readonly leaf: string
  readonly recorded: Recorded
}

export const vectorFolder = fileURLToPath(new URL("../../spec/vectors/", import.meta.url))

const write = (name: string, event: Event, sealed: string | null): void => {
  const path = `${vectorFolder}events/${name}.json`
  if (existsSync(path)) return
  const recorded = recordedExample(event, streamOf(event), sealed)
  const { bytes, leaf } = toStored(recorded)
  const vector: Vector = { bytes, leaf, recorded }
  writeFileSync(path, `${JSON.stringify(vector, null, 2)}\n`)
}

export const vectorNameOf = (type: EventType): string =>
  schemaVersionOf(type) === 1 ? type : `${type}.${schemaVersionOf(type)}`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(`${vectorFolder}events`, { recursive: true })
  for (const type of eventTypes) write(vectorNameOf(type), exampleOf(type), null)
  for (const [name, event] of Object.entries(otherExamples)) write(name, event, null)
  write(
    "sealed",
    exampleOf("AccessTokenIssued"),
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..bm9uY2U.Y2lwaGVydGV4dA.dGFn",
  )
}
