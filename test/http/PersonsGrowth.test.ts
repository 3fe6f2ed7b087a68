/** What somebody who is signed in adds to the log by pressing buttons: what they gave and took back, and nothing beside it. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { memoryStore } from "../../src/provider/index.ts"
import { openSqlite } from "../support/TestServer.ts"
import { VERIFIER, authorizeUrl, newBrowser, startFrontDoor } from "../support/FrontDoor.ts"
import { wireClient } from "../support/WireClient.ts"

const run = Effect.runPromise

test.each([
  ["memory", memoryStore],
  ["sqlite", openSqlite],
] as const)(
  "disconnecting all again and again adds an event for what stands, and nothing where nothing does, over %s",
  async (_, open) => {
    const { issuer, store, native } = await startFrontDoor({ store: open() })
    const wire = wireClient(issuer)
    const app = await wire.newApp()
    const browser = newBrowser(issuer)
    await browser.signIn(await browser.get("/login"))
    const sizeNow = async () => (await run(store.head)).size
    const disconnectAll = async () =>
      expect((await browser.submit(await browser.get("/account"), "/account", { action: "revoke-all" })).status).toBe(
        303,
      )
    const connect = async () => {
      const page = await browser.walk(authorizeUrl(app.clientId, { state: crypto.randomUUID() }))
      const { location } = await browser.submit(page, "/consent", { decision: "allow" })
      const code = new URL(location!).searchParams.get("code")!
      return (await wire.redeem(app, { code, verifier: VERIFIER })).body.access_token!
    }

    const atFirst = await sizeNow()
    for (let times = 0; times < 5; times++) await disconnectAll()
    expect(await sizeNow()).toBe(atFirst)

    for (let round = 0; round < 2; round++) {
      const tokens = [await connect(), await connect()]
      const before = await sizeNow()
      await Promise.all(Array.from({ length: 5 }, disconnectAll))
      expect(await sizeNow()).toBe(before + 1)
      for (const token of tokens) expect(await run(native.verify(token))).toBeUndefined()
    }
  },
)
