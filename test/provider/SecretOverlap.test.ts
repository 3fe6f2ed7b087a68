/** A secret is replaced without an outage: for as long as was said both are taken, over HTTP and after a restart. */
import { Effect } from "effect"
import { expect, it } from "vitest"
import { addService, startSession } from "../support/Session.ts"
import { overMemory, overSqlite, serve, serverOver } from "../support/TestServer.ts"
import { wireClient, type App, type WireClient } from "../support/WireClient.ts"

const statusOf = async (wire: WireClient, app: App) =>
  (await wire.token(app, { grant_type: "client_credentials" })).status

it.each([overMemory, overSqlite])(
  "both secrets are taken until the overlap ends, and then the new one ($name)",
  async (factory) => {
    const session = await startSession(factory)
    const { native, clock, wire, store, keys } = session
    const old = await addService(session)
    const { client_secret: clientSecret } = await Effect.runPromise(
      native.rotateClientSecret(old.clientId, { overlapSeconds: 60 }),
    )
    const fresh = { ...old, clientSecret: clientSecret! }
    expect([await statusOf(wire, old), await statusOf(wire, fresh)]).toEqual([200, 200])
    const again = await serverOver({ store, keys, clock })
    const restarted = wireClient(await serve(again.native))
    expect(await statusOf(restarted, old)).toBe(200)
    clock.pass(60)
    expect([await statusOf(wire, old), await statusOf(wire, fresh)]).toEqual([401, 200])
  },
)

it("a rotation without an overlap ends the secret at once, and the one before it", async () => {
  const session = await startSession(overMemory)
  const { native, wire } = session
  const first = await addService(session)
  const second = await Effect.runPromise(native.rotateClientSecret(first.clientId, { overlapSeconds: 3600 }))
  const third = await Effect.runPromise(native.rotateClientSecret(first.clientId))
  const statuses = []
  for (const { client_secret } of [{ client_secret: first.clientSecret }, second, third]) {
    statuses.push(await statusOf(wire, { ...first, clientSecret: client_secret! }))
  }
  expect(statuses).toEqual([401, 401, 200])
})

it.each([-1, 0.5, 31 * 86_400 + 1, Number.NaN])(
  "an overlap of %s seconds is refused, and nothing is rotated",
  async (overlapSeconds) => {
    const session = await startSession(overMemory)
    const app = await addService(session)
    const refused = await Effect.runPromise(
      Effect.flip(session.native.rotateClientSecret(app.clientId, { overlapSeconds })),
    )
    expect(refused).toMatchObject({ error: "invalid_request" })
    expect(await statusOf(session.wire, app)).toBe(200)
  },
)
