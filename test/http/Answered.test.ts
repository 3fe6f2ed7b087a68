/** What whoever watches is told of a request: the endpoint, the answer and its error, and nothing that was sent. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { authorizationServer, createHandler, ephemeralKeys, memoryStore } from "../../src/entry/grantlog.ts"
import type { Answered } from "../../src/entry/http.ts"
import { makeTurns } from "../../src/http/login/Turns.ts"

const ISSUER = "http://localhost:4000/as"
const REDIRECT_URI = "https://app.example/callback"
const SENT = "planted-7c1f"

const refusal = {
  status: 303,
  headers: { location: `${REDIRECT_URI}?error=access_denied&state=${SENT}#error=${SENT}` },
  body: "",
}

const watched = async () => {
  const told: Array<Answered> = []
  const config = { issuer: ISSUER, resources: "any" } as const
  const server = await authorizationServer({ store: memoryStore(), keys: ephemeralKeys(), config })
  const handle = createHandler(server, {
    mounted: [["GET", "/refusing", () => Effect.succeed(refusal)]],
    onAnswered: (answered) => told.push(answered),
  })
  /** The answer to a request, and what was told of it. */
  const ask = async (path: string, init?: RequestInit) => {
    const { status, headers } = await handle(new Request(ISSUER + path, init))
    return { status, id: headers.get("x-request-id"), told: told.at(-1)! }
  }
  const { client_id } = await server.addClient({ metadata: { redirect_uris: [REDIRECT_URI] } })
  return { ask, told, clientId: client_id }
}

describe("of a request is told", () => {
  it("the endpoint as the server has it, and the id that the answer has", async () => {
    const { ask } = await watched()
    const { id, told } = await ask("/healthz")
    expect(told).toMatchObject({ method: "GET", endpoint: "/as/healthz", status: 200, requestId: id })
    expect(told).not.toHaveProperty("error")
    expect([told.at > 0, told.millis >= 0]).toEqual([true, true])
  })

  it("no path that is none, and no method of a stranger's making", async () => {
    const { ask } = await watched()
    expect((await ask(`/${SENT}?code=${SENT}`, { method: "PROPFIND" })).told).toMatchObject({
      ...{ method: "other", endpoint: "none", status: 404, error: "not_found" },
    })
    expect((await ask("/token", { method: "OPTIONS" })).told).toMatchObject({ method: "OPTIONS", status: 204 })
  })

  it("the OAuth error, whether a program or a client by redirect gets it, and of a page none", async () => {
    const { ask } = await watched()
    const body = new URLSearchParams({
      grant_type: "authorization_code",
      client_id: SENT,
      code: SENT,
      code_verifier: SENT,
    })
    expect((await ask("/token", { method: "POST", body })).told).toMatchObject({ status: 401, error: "invalid_client" })
    const refused = (await ask("/refusing")).told
    expect(refused).toMatchObject({ endpoint: "/as/refusing", status: 303, error: "access_denied" })
    const page = (await ask(`/authorize?client_id=${SENT}`)).told
    expect([page.status, page.error]).toEqual([400, undefined])
  })

  it("nothing that was sent", async () => {
    const { ask, told, clientId } = await watched()
    await ask(`/authorize?client_id=${clientId}&redirect_uri=${REDIRECT_URI}&state=${SENT}&scope=${SENT}`)
    await ask("/revoke", { method: "POST", body: new URLSearchParams({ token: SENT, client_id: SENT }) })
    await ask(`/${SENT}`, { headers: { "user-agent": SENT, cookie: SENT } })
    expect(told).toHaveLength(3)
    expect(JSON.stringify(told)).not.toContain(SENT)
    expect(JSON.stringify(told)).not.toContain(clientId)
  })
})

it("of passwords is told how many are looked at or wait, down to none", async () => {
  const lengths: Array<number> = []
  const turns = makeTurns((length) => lengths.push(length))
  const work = Effect.sync(() => lengths.at(-1))
  expect(await Effect.runPromise(Effect.all([turns.take("a", work), turns.take("b", work)]))).toHaveLength(2)
  expect(lengths).toEqual([1, 0, 1, 0])
})
