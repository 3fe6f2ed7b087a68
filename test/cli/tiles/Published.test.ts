/** Which checkpoint is published with tiles, where the newest was cosigned by nobody. */
import { Effect, Option } from "effect"
import { expect, it } from "vitest"
import { publishedHead } from "../../../src/cli/tiles/Published.ts"
import { emptyRoot, parseWitnessKey, signCheckpoint, signingKey, type Quorum } from "../../../src/log/index.ts"
import { memoryCheckpoints } from "../../audit/proof/MemoryCheckpoints.ts"
import { cosigner } from "../../support/Witness.ts"

const key = signingKey("id.example.com", Buffer.alloc(32, 1))
const witness = cosigner("w.example", "ed25519")
const other = cosigner("v.example", "ed25519")
const oldest = signCheckpoint(5, emptyRoot, key)
const older = signCheckpoint(7, emptyRoot, key)
const cosigned = older + witness.sign(older.slice(0, older.lastIndexOf("\n\n") + 1))
const newest = signCheckpoint(9, emptyRoot, key)
const quorum = (count: number, ...of: ReadonlyArray<typeof witness>): Quorum => ({
  keys: of.map(({ vkey }) => parseWitnessKey(vkey)!),
  count,
})

it.each<[string, Quorum | undefined, string | undefined]>([
  ["the newest, where nobody asks for witnesses", undefined, newest],
  ["the last that was cosigned, where witnesses are asked", quorum(0, witness), cosigned],
  ["the last that was cosigned, where they are demanded", quorum(1, witness), cosigned],
  ["the newest, where those that are asked cosigned nothing yet", quorum(0, other), newest],
  ["none, where those that are demanded cosigned nothing yet", quorum(1, other), undefined],
  ["none, where more are demanded", quorum(2, witness, other), undefined],
])("it is %s", async (_, demanded, expected) => {
  const storage = { ...memoryCheckpoints(oldest, newest), readWitnessed: Effect.succeed([cosigned]) }
  const head = await Effect.runPromise(publishedHead(storage, key, demanded))
  expect(Option.getOrUndefined(head)?.checkpoint).toBe(expected)
})
