/** What happens to a device code at the same time, by other instances, and across a restart: over HTTP, for every log. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { postgresStores, overPostgres } from "../../support/OverPostgres.ts"
import { addResourceServer } from "../../support/Session.ts"
import { dealings, deviceSetting, television } from "../../support/Television.ts"
import {
  ACCOUNT,
  ISSUER,
  openSqlite,
  overMemory,
  overSqlite,
  serve,
  serverOver,
  type Setting,
} from "../../support/TestServer.ts"
import { wireClient } from "../../support/WireClient.ts"
import { memoryStore, type AuthorizationServer } from "../../../src/provider/index.ts"

const CALLERS = 8
const ROUNDS = 6
const setting: Setting = deviceSetting({ isAutoApproving: false })
const run = Effect.runPromise

/** As somebody does at the page. */
const allow = async (native: AuthorizationServer, userCode: string) => {
  const { subjectId } = await run(native.accounts.ensure(ACCOUNT, native.now()))
  const approval = { _tag: "User", subjectId, approvedAt: native.now() } as const
  return run(native.devices.approve({ userCode, approval, scopes: null, resources: [] }))
}

describe.each([overMemory, overSqlite, ...overPostgres])("$name", (factory) => {
  test("RFC8628-3.4-single-use: of eight polls of an approved code one gets tokens, the others end the grant", async () => {
    const server = await factory.start(setting)
    const wire = wireClient(server.url)
    const app = await wire.newApp(television)
    const watcher = await addResourceServer(server)
    const { ask, poll } = dealings(wire, app, ISSUER)
    for (let round = 0; round < ROUNDS; round++) {
      const asked = await ask()
      await allow(server.native, asked.userCode)
      const answers = await Promise.all(Array.from({ length: CALLERS }, () => poll(asked)))
      const won = answers.filter(({ status }) => status === 200)
      expect(won).toHaveLength(1)
      expect(answers.filter(({ body }) => body.error === "invalid_grant")).toHaveLength(CALLERS - 1)
      const { body } = won[0]!
      expect(await wire.isActive(watcher, body.access_token!)).toBe(false)
      expect((await wire.refresh(app, body.refresh_token!)).status).toBe(400)
    }
  })

  //= A50
  test("RFC10027-mitigations-one-time-codes: of eight who answer a code one is the first, and the others are told so", async () => {
    const server = await factory.start(setting)
    const wire = wireClient(server.url)
    const app = await wire.newApp(television)
    const { ask, poll } = dealings(wire, app, ISSUER)
    for (let round = 0; round < ROUNDS; round++) {
      const asked = await ask()
      const { subjectId } = await run(server.native.accounts.ensure(ACCOUNT, server.native.now()))
      const answers = await Promise.allSettled(
        Array.from({ length: CALLERS }, (_, caller) =>
          caller % 2 === 0
            ? allow(server.native, asked.userCode)
            : run(server.native.devices.deny({ userCode: asked.userCode, subjectId })),
        ),
      )
      expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
      const isAllowed = answers.findIndex(({ status }) => status === "fulfilled") % 2 === 0
      const { status, body } = await poll(asked)
      expect([status, body.error]).toEqual(isAllowed ? [200, undefined] : [400, "access_denied"])
    }
  })
})

describe.each<readonly [string, () => ReturnType<typeof memoryStore>]>([
  ["memory", memoryStore],
  ["SQLite", openSqlite],
  ...postgresStores,
])("over %s", (_, open) => {
  test("what one instance is asked, another answers and a third redeems, as after a restart", async () => {
    const [first, second] = [await serverOver({ ...setting, store: open() }), undefined]
    const again = () => serverOver({ ...setting, store: first.store, keys: first.keys, clock: first.clock })
    const wireOf = async ({ native }: { readonly native: AuthorizationServer }) => wireClient(await serve(native))
    expect(second).toBeUndefined()
    const app = await (await wireOf(first)).newApp(television)
    const asked = await dealings(await wireOf(first), app, ISSUER).ask()
    const pending = await dealings(await wireOf(await again()), app, ISSUER).poll(asked)
    expect(pending.body.error).toBe("authorization_pending")
    await allow((await again()).native, asked.userCode)
    const third = dealings(await wireOf(await again()), app, ISSUER)
    expect((await third.poll(asked)).status).toBe(200)
    const fourth = dealings(await wireOf(await again()), app, ISSUER)
    expect((await fourth.poll(asked)).body.error).toBe("invalid_grant")
  })
})
