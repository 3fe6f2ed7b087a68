/** What a question to a store needs of what lies beside it: the keys that its server signs with. */
import { rmSync } from "node:fs"
import { Effect, Exit, Option, Scope } from "effect"
import { beforeEach, describe, expect, it, onTestFinished } from "vitest"
import { signingKeysIn } from "../../../src/cli/admin/StoreQuestions.ts"
import { existingKeys, openForOperator, type Opened } from "../../../src/cli/OpenStore.ts"
import type { EpochMillis } from "../../../src/core/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { ISSUER } from "../../support/TestServer.ts"

const run = Effect.runPromise
const AT = 1_700_000_000_000 as EpochMillis

let opened: Opened
let within: <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Promise<A>

beforeEach(async () => {
  const folder = temporaryFolder()
  const scope = Scope.makeUnsafe()
  within = (effect) => run(Scope.provide(effect, scope))
  onTestFinished(async () => {
    await run(Scope.close(scope, Exit.void))
    folder[Symbol.dispose]()
  })
  const flags = { store: `sqlite:${folder.at("grantlog.db")}`, beside: Option.none(), keysFile: Option.none() }
  opened = await within(openForOperator({ ...flags, issuer: Option.some(ISSUER) }))
})

describe("the keys that the server signs with", () => {
  /** Makes one, as a server does that signs for the first time. */
  const sign = async () => {
    const ring = await within(existingKeys(opened.location))
    const keys = await within(opened.beside.openSigningKeys(ring))
    return (await run(keys.active("ES256", AT))).kid
  }

  it("are none where it signs nothing, and none are made for the question", async () => {
    const openSigningKeys = () => Effect.die("opened")
    expect(await run(signingKeysIn({ ...opened, beside: { ...opened.beside, openSigningKeys } }))).toEqual([])
  })

  it("are those that lie beside the store", async () => {
    const kid = await sign()
    expect(await run(signingKeysIn(opened))).toMatchObject([{ kid, alg: "ES256" }])
  })

  it("are none where the key ring is elsewhere", async () => {
    await sign()
    rmSync(opened.location.keyFile!)
    expect(await run(signingKeysIn(opened))).toEqual([])
  })
})
