/** Two processes on one SQLite file, `grantlog serve` and a program that mounts the library; and the command beside them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { grantlog, grantlogJson } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { objectionsTo, readLog, successorOf } from "./support/LogAudit.ts"
import { serve, serveProgram, type RunningServer } from "./support/ServeProcess.ts"
import { digestOf } from "./support/Session.ts"
import {
  authorize,
  grantOf,
  introspect,
  login,
  redeem,
  refresh,
  register,
  revoke,
  type Client,
} from "./support/Wire.ts"

const ROUNDS = 20
const PARALLEL = 8
const RESOURCE = "http://localhost:9999/mcp"

const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const store = ["--store", `sqlite:${file}`]
let servers: readonly [RunningServer, RunningServer]
let resourceServer: Client

beforeAll(async () => {
  const serving = await serve(file)
  servers = [serving, await serveProgram(new URL("support/library.ts", import.meta.url), file, serving.issuer)]
  resourceServer = await grantlogJson<Client>(["client", "add", "--name", "rs", "--audience", RESOURCE, ...store])
})

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()))
  folder[Symbol.dispose]()
})

/** The same request to both processes in turn, all at once. */
const spread = <A>(send: (url: string) => Promise<A>): Promise<ReadonlyArray<A>> =>
  Promise.all(Array.from({ length: PARALLEL }, (_, index) => send(servers[index % 2]!.url)))

/** What both processes say of a token to its resource server. */
const isActive = async (token: string): Promise<ReadonlyArray<boolean>> =>
  Promise.all(servers.map(async ({ url }) => (await introspect(url, resourceServer, token)).body.active))

describe(`of ${PARALLEL} requests at once, spread over both processes, in each of ${ROUNDS} rounds`, () => {
  it("one redeems the code, the others get invalid_grant, and the grant is dead", async () => {
    const client = await register(servers[0].url)
    for (let round = 0; round < ROUNDS; round++) {
      const authorized = await authorize(servers[round % 2]!.url, client, { resource: RESOURCE })
      const replies = await spread((url) => redeem(url, client, authorized))
      const won = replies.filter(({ status }) => status === 200)
      expect(won).toHaveLength(1)
      const refused = replies.filter(({ status, body }) => status === 400 && body.error === "invalid_grant")
      expect(refused).toHaveLength(PARALLEL - 1)

      const { access_token, refresh_token } = won[0]!.body
      expect(await isActive(access_token)).toEqual([false, false])
      const again = await spread((url) => refresh(url, client, refresh_token))
      expect(new Set(again.map(({ status, body }) => `${status} ${body.error}`))).toEqual(
        new Set(["400 invalid_grant"]),
      )
    }
  })

  it("all that refresh one token get its one successor, byte for byte", async () => {
    const client = await register(servers[0].url)
    let { refresh_token: token } = await login(servers[0].url, client, { resource: RESOURCE })
    for (let round = 0; round < ROUNDS; round++) {
      const replies = await spread((url) => refresh(url, client, token))
      expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: PARALLEL }, () => 200))
      expect(new Set(replies.map(({ body }) => `${body.access_token} ${body.refresh_token}`)).size).toBe(1)
      const { access_token, refresh_token } = replies[0]!.body
      expect(successorOf(await readLog(file), digestOf(token))).toBe(digestOf(refresh_token))
      expect(await isActive(access_token)).toEqual([true, true])
      token = refresh_token
    }
  })

  it("a revocation among refreshes leaves nothing alive once it is acknowledged", async () => {
    const client = await register(servers[0].url)
    for (let round = 0; round < ROUNDS; round++) {
      const tokens = await login(servers[0].url, client, { resource: RESOURCE })
      let sent = 0
      const replies = await spread((url) =>
        sent++ === round % PARALLEL
          ? revoke(url, client, tokens.refresh_token).then(() => undefined)
          : refresh(url, client, tokens.refresh_token),
      )
      const issued = replies.flatMap((reply) => (reply?.status === 200 ? [reply.body] : []))
      for (const { access_token } of [tokens, ...issued]) expect(await isActive(access_token)).toEqual([false, false])
      for (const { refresh_token } of issued) {
        expect((await refresh(servers[1].url, client, refresh_token)).body.error).toBe("invalid_grant")
      }
    }
  })

  it("the log has no gap and no fork, and the rows are what it folds to", async () => {
    const entries = await readLog(file)
    expect(objectionsTo(entries)).toEqual([])
    expect(await grantlogJson(["rebuild", ...store])).toMatchObject({ differingRowCount: 0 })
  })
})

describe("the command, while both processes serve", () => {
  it("disables a client: its tokens are inactive and it is refused; enabled again, they live on", async () => {
    const client = await register(servers[0].url)
    const tokens = await login(servers[0].url, client, { resource: RESOURCE })
    await grantlogJson(["client", "disable", client.client_id, ...store])
    expect(await isActive(tokens.access_token)).toEqual([false, false])
    for (const { url } of servers) {
      expect(await refresh(url, client, tokens.refresh_token)).toMatchObject({
        status: 400,
        body: { error: "unauthorized_client" },
      })
      const { location } = await authorize(url, client)
      expect([location.searchParams.get("error"), location.searchParams.get("code")]).toEqual([
        "unauthorized_client",
        null,
      ])
    }
    await grantlogJson(["client", "enable", client.client_id, ...store])
    expect(await isActive(tokens.access_token)).toEqual([true, true])
    expect((await refresh(servers[1].url, client, tokens.refresh_token)).status).toBe(200)
  })

  it("revokes a grant: nothing of it is alive in either process", async () => {
    const client = await register(servers[0].url)
    const tokens = await login(servers[1].url, client, { resource: RESOURCE })
    await grantlogJson(["grant", "revoke", grantOf(tokens.access_token), ...store])
    expect(await isActive(tokens.access_token)).toEqual([false, false])
    for (const { url } of servers) {
      expect((await refresh(url, client, tokens.refresh_token)).body.error).toBe("invalid_grant")
    }
  })

  it("adds a resource server that can ask at once", async () => {
    const audience = "http://localhost:9998/other"
    const added = await grantlogJson<Client>(["client", "add", "--name", "late", "--audience", audience, ...store])
    const client = await register(servers[0].url)
    const { access_token } = await login(servers[0].url, client, { resource: audience })
    for (const { url } of servers) expect((await introspect(url, added, access_token)).body.aud).toBe(audience)
  })

  it("adds an account whose password comes on standard input", async () => {
    const added = await grantlogJson(["user", "add", "bob", "--password-stdin", ...store], { input: "correct horse\n" })
    expect(added).toMatchObject({ name: "bob", hasPassword: true })
  })

  it("does not serve a file that is served already", async () => {
    const refused = await grantlog(["serve", "--port", "0", ...store])
    expect(refused).toEqual({
      code: 1,
      stdout: "",
      stderr: `grantlog: another grantlog serves \`${file}\`: stop it, or use another --store\n`,
    })
  })
})
