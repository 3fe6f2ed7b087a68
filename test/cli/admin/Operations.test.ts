/** What an operator asks about something that goes while it is asked: it is not there, as if it had been asked later. */
import { Effect } from "effect"
import { expect, it } from "vitest"
import { adminEndpoints } from "../../../src/cli/admin/AdminEndpoints.ts"
import { operations } from "../../../src/cli/admin/operations/index.ts"
import type { AuthorizationServer } from "../../../src/provider/index.ts"
import { logins, run } from "../../audit/Logins.ts"

const CREDENTIAL = "c".repeat(43)

const unasked = Effect.die("not asked for")

/** Asks by the admin API of a server, of which something is done once an operation has found what it is about. */
const asking = ({ native, store }: Awaited<ReturnType<typeof logins>>, meanwhile: Partial<AuthorizationServer>) => {
  const endpoints = adminEndpoints({
    place: {
      workplace: Effect.succeed({
        server: { ...native, ...meanwhile },
        log: store,
        beside: { forgetLedger: undefined },
        subjectKeys: undefined,
      } as never),
      examined: unasked,
      withArchives: Effect.succeed,
      signingKeys: unasked,
      requestOrigins: unasked,
      onProgress: () => {},
    },
    operations,
    credential: CREDENTIAL,
    document: () => "{}",
    host: undefined,
  })
  return async (method: string, path: string) => {
    const headers = { host: "localhost", authorization: `Bearer ${CREDENTIAL}` }
    const { status, body } = await run(
      endpoints({ method, path, query: "", headers, body: "", source: "192.0.2.1" }, "request"),
    )
    return [status, JSON.parse(body) as unknown]
  }
}

it.each(["enable", "disable", "secret"])("a client that is deleted meanwhile is not there to %s", async (verb) => {
  const world = await logins()
  const { native } = world
  await run(native.disableClient("app"))
  const ask = asking(world, {
    client: (id) => Effect.tap(native.client(id), () => Effect.orDie(native.deleteClient(id))),
  })
  expect(await ask("POST", `/admin/clients/app/${verb}`)).toEqual([
    404,
    { error: "not_found", error_description: "there is no client `app`" },
  ])
})

it("an account whose subject is forgotten meanwhile is not there to enable", async () => {
  const world = await logins()
  const { native } = world
  const { subjectId } = (await run(native.accounts.add("eve", undefined, native.now())))!
  await run(native.disableSubject(subjectId))
  const { accounts } = native
  const find: typeof accounts.find = (name) =>
    Effect.tap(accounts.find(name), () => Effect.orDie(native.forgetSubject(subjectId)))
  const ask = asking(world, { accounts: { ...accounts, find } })
  expect(await ask("POST", "/admin/accounts/eve/enable")).toEqual([
    404,
    { error: "not_found", error_description: "there is no account `eve`" },
  ])
})
