/** Registrations that led nowhere make room for others; what was used is kept. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { overMemory, overSqlite } from "../support/TestServer.ts"
import { startSession } from "../support/Session.ts"

const DAY_SECONDS = 86_400

test.each([overMemory, overSqlite])(
  "a registration that nobody approved for a day is deleted when another comes, and its room is free; $name",
  async (factory) => {
    const { wire, clock, native } = await startSession(factory, { config: { maxDynamicClients: 3 } })
    const used = await wire.newApp()
    await wire.login(used)
    const unused = await wire.newApp()
    const full = await wire.register({ redirect_uris: ["http://127.0.0.1/"] })
    expect(full.status).toBe(403)

    clock.pass(DAY_SECONDS - 1)
    expect((await wire.register({ redirect_uris: ["http://127.0.0.1/"] })).status).toBe(403)
    clock.pass(1)
    expect((await wire.register({ redirect_uris: ["http://127.0.0.1/"] })).status).toBe(201)
    expect(await Effect.runPromise(native.client(unused.clientId))).toBeUndefined()
    expect((await wire.authorize(unused)).status).toBe(400)
    expect((await wire.authorize(used)).status).toBe(303)
  },
)
