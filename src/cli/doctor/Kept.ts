/** What the store says: whose its log is, whether the keys are its keys, the last checkpoint, and whether time agrees. */
import { existsSync } from "node:fs"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { contradictionNow, type CheckpointPlace } from "../../audit/proof/Checkpoints.ts"
import type { Head } from "../../log/index.ts"
import { keyRing } from "../../provider/Keys.ts"
import { requireOwner } from "../../provider/LogOwner.ts"
import { existingKeys, openExisting, type Opened } from "../OpenStore.ts"
import type { ServeFlags } from "../ServeFlags.ts"
import type { StoreLocation } from "../StoreLocation.ts"
import { advice, examined, failed, fault, good, type Finding } from "./Finding.ts"

const clockFinding = ({ size, recordedAt }: Head, now: number): Finding => {
  if (size === 0) return good("clock", "nothing was written yet that it could contradict")
  const behind = recordedAt - now
  return behind > 0
    ? fault("clock", `this machine's clock is ${behind} ms behind the newest entry of the log: set it right`)
    : good("clock", "not behind the newest entry of the log")
}

const checkpointFinding = Effect.fnUntraced(function* ({ log }: Opened, place: CheckpointPlace) {
  const kept = yield* place.read
  yield* contradictionNow(log, place.readKey, place)
  return kept.length
})

/** A store that the first start makes: advice, unless its keys are there without it. */
const absence = (file: string, keyFile: string | undefined): Finding =>
  keyFile !== undefined && existsSync(keyFile)
    ? fault("store", `\`${file}\` is not there, but its key ring \`${keyFile}\` is: put the store back`)
    : advice("store", `\`${file}\` is not there yet: \`grantlog serve\` makes it, and its keys`)

/** What is in the store that these flags name. */
export const keptFindings = Effect.fnUntraced(function* (
  flags: ServeFlags,
  { file, keyFile }: StoreLocation,
  issuer: string,
): Effect.fn.Return<ReadonlyArray<Finding>, never, Scope.Scope> {
  if (file !== undefined && !existsSync(file)) return [absence(file, keyFile)]
  const found = yield* Effect.result(openExisting(flags))
  if (Result.isFailure(found)) return [failed("store", found.failure)]
  const opened = found.success
  const { log, location, beside } = opened
  const now = yield* Clock.currentTimeMillis
  const owned = Effect.flatMap(existingKeys(location), (ring) => requireOwner(log.rows, issuer, keyRing(ring)))
  return [
    good("store", `\`${location.name}\` can be read`),
    yield* examined("keys", owned, () =>
      good("keys", "the key ring is that of this log, and the log that of this issuer"),
    ),
    yield* examined("checkpoints", checkpointFinding(opened, beside.checkpoints), (count) =>
      count === 0
        ? advice("checkpoints", "none is kept: `serve` signs one, and so does `grantlog checkpoint`")
        : good("checkpoints", "the log agrees with the last one"),
    ),
    yield* examined("clock", log.head, (head) => clockFinding(head, now)),
  ]
})
