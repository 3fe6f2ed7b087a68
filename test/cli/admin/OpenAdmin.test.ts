/** The admin API as it is opened beside a server: what it has of the server's own, and how it listens. */
import { Effect, Option } from "effect"
import { expect, it, onTestFinished } from "vitest"
import { existingKeys, openForOperator } from "../../../src/cli/OpenStore.ts"
import type { EpochMillis } from "../../../src/core/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { ISSUER } from "../../support/TestServer.ts"
import { adminHere, type AdminHere } from "./AdminHere.ts"

const NOW = 1_700_000_000_000 as EpochMillis

const storeHere = () => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  return `sqlite:${folder.at("grantlog.db")}`
}

const asking = ({ url, credential }: AdminHere, path: string, sent: RequestInit = {}) =>
  fetch(url + path, { ...sent, headers: { authorization: `Bearer ${credential}`, ...sent.headers } })

/** Makes a key beside the store, as a server does that signs for the first time. */
const sign = (store: string) =>
  Effect.gen(function* () {
    const { beside, location } = yield* openForOperator({
      ...{ store, beside: Option.none(), keysFile: Option.none(), issuer: Option.some(ISSUER) },
    })
    const keys = yield* beside.openSigningKeys(yield* existingKeys(location))
    return yield* keys.active("ES256", NOW)
  }).pipe(Effect.scoped, Effect.runPromise)

it("lists the keys that its server signs with: none, or those beside the store", async () => {
  const store = storeHere()
  const listed = async () => {
    await using admin = await adminHere({ store })
    return (await asking(admin, "/admin/signing-keys")).json()
  }
  expect(await listed()).toEqual({ keys: [] })
  const { kid } = await sign(store)
  expect(await listed()).toMatchObject({ keys: [{ kid, alg: "ES256", isCompromised: false }] })
})

it("takes no more of a body that is too large, and closes the connection", async () => {
  await using admin = await adminHere({ store: storeHere() })
  const body = JSON.stringify({ metadata: { client_name: "x".repeat(70_000) } })
  const headers = { "content-type": "application/json" }
  const response = await asking(admin, "/admin/clients", { method: "POST", body, headers })
  expect([response.status, response.headers.get("connection")]).toEqual([413, "close"])
  expect(await response.json()).toMatchObject({ error: "too_large" })
})

it("says which flag names another port, where one is taken", async () => {
  await using admin = await adminHere({ store: storeHere() })
  const port = Number(new URL(admin.url).port)
  await expect(adminHere({ store: storeHere(), port })).rejects.toThrow(
    `port ${port} is taken on 127.0.0.1: choose another with --admin-port`,
  )
})
