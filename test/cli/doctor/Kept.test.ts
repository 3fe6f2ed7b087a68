/** What `grantlog doctor` says of what is in a store, word for word. */
import { writeFileSync } from "node:fs"
import { Clock, Effect } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { checkpointNow } from "../../../src/audit/index.ts"
import { defaultOf } from "../../../src/cli/Defaults.ts"
import { advice, fault, good } from "../../../src/cli/doctor/Finding.ts"
import { keptFindings } from "../../../src/cli/doctor/Kept.ts"
import { openLog } from "../../../src/cli/OpenStore.ts"
import { serveFlags, type ServeFlags } from "../../../src/cli/ServeFlags.ts"
import { locate } from "../../../src/cli/StoreLocation.ts"
import { checkpointsBeside } from "../../../src/embedded/BesideFile.ts"
import { liveRandomness, sqliteStore } from "../../../src/provider/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { grantlogJsonHere } from "../../live/support/InProcess.ts"

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

const defaults = Object.fromEntries(
  Object.entries(serveFlags).map(([name, flag]) => [name, defaultOf(flag)]),
) as unknown as ServeFlags

describe("of a store", () => {
  const issuer = "http://localhost:4000"
  const kept = (name: string, now: number) =>
    Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const flags = { ...defaults, store: `sqlite:${folder.at(name)}` }
          const clock = { currentTimeMillis: Effect.succeed(now) } as Clock.Clock
          return yield* Effect.provideService(keptFindings(flags, yield* locate(flags), issuer), Clock.Clock, clock)
        }),
      ),
    )
  it("that is in no file none is missed", async () => {
    const flags = { ...defaults, store: "memory:" }
    const opening = Effect.flatMap(locate(flags), (location) => keptFindings(flags, location, issuer))
    const message =
      "`memory:` is the store of the process that serves, which no command can see: serve with --store sqlite:FILE, and name that"
    expect(await Effect.runPromise(Effect.scoped(opening))).toEqual([fault("store", message)])
  })

  const SIGNED = good("checkpoints", "the log agrees with the last one")
  const NONE = advice("checkpoints", "none is kept: `serve` signs one, and so does `grantlog checkpoint`")

  it("that is sound it is said what was looked at, and how far this clock is behind its newest entry", async () => {
    const store = ["--store", `sqlite:${folder.at("kept.db")}`]
    const app = ["client", "add", "--name", "app", "--redirect-uri", "http://127.0.0.1/", "--issuer", issuer]
    await grantlogJsonHere([...app, ...store])
    const { recordedAt } = await Effect.runPromise(
      Effect.scoped(Effect.flatMap(openLog({ ...defaults, store: store[1]! }), ({ log }) => log.head)),
    )
    const others = [
      good("store", `\`sqlite:${folder.at("kept.db")}\` can be read`),
      good("keys", "the key ring is that of this log, and the log that of this issuer"),
    ]
    const sound = good("clock", "not behind the newest entry of the log")
    expect(await kept("kept.db", recordedAt)).toEqual([...others, NONE, sound])
    const place = checkpointsBeside(folder.at("kept.db"), [])
    await Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const { log } = yield* openLog({ ...defaults, store: store[1]! })
          yield* checkpointNow(log, yield* place.openKey(issuer, liveRandomness), place)
        }),
      ),
    )
    expect(await kept("kept.db", recordedAt)).toEqual([...others, SIGNED, sound])
    expect((await kept("kept.db", recordedAt - 7)).at(-1)).toEqual(
      fault("clock", "this machine's clock is 7 ms behind the newest entry of the log: set it right"),
    )
  })

  it("in which nothing was written yet no clock is behind, and one that is not there is told with its ring", async () => {
    await Effect.runPromise(sqliteStore(folder.at("empty.db")).close)
    expect((await kept("empty.db", -1)).at(-1)).toEqual(
      good("clock", "nothing was written yet that it could contradict"),
    )
    const lost = folder.at("lost.db")
    expect(await kept("lost.db", 0)).toEqual([
      advice("store", `\`${lost}\` is not there yet: \`grantlog serve\` makes it, and its keys`),
    ])
    writeFileSync(`${lost}.keys.json`, "")
    expect(await kept("lost.db", 0)).toEqual([
      fault("store", `\`${lost}\` is not there, but its key ring \`${lost}.keys.json\` is: put the store back`),
    ])
  })
})
