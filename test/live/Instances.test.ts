/** Several processes on one log, SQLite's or PostgreSQL's, and the command beside them: they answer as one does. */
import { readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { issuerRules } from "./IssuerRules.ts"
import { grantlog, grantlogJson } from "./support/Command.ts"
import { databases, hasPostgres, PASSWORD } from "./support/Databases.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { hosts, onFile, onPostgres, type Hosted } from "./support/Hosts.ts"
import { grantlogJsonHere } from "./support/InProcess.ts"
import { objectionsTo, successorOf } from "./support/LogAudit.ts"
import { serveAs } from "./support/ServeProcess.ts"
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

const ROUNDS = 8
const PARALLEL = 8
const RESOURCE = "http://localhost:9999/mcp"

describe.each(hosts)("$name", (host) => {
  let hosted: Hosted
  let resourceServer: Client
  let turn = 0

  beforeAll(async () => {
    hosted = await host.start()
    resourceServer = await grantlogJsonHere<Client>([
      "client",
      "add",
      "--name",
      "rs",
      "--audience",
      RESOURCE,
      ...hosted.store,
    ])
  })

  afterAll(() => hosted.stop())

  /** Where the next request goes to. */
  const next = (): string => hosted.urls[turn++ % hosted.urls.length]!

  /** The same request so many times at once, spread over all of them. */
  const spread = <A>(send: (url: string) => Promise<A>): Promise<ReadonlyArray<A>> =>
    Promise.all(Array.from({ length: PARALLEL }, () => send(next())))

  /** What they say of a token to its resource server, each of them. */
  const isActive = async (token: string): Promise<ReadonlySet<boolean>> =>
    new Set(
      await Promise.all(
        hosted.servers.map(async ({ url }) => (await introspect(url, resourceServer, token)).body.active),
      ),
    )
  const active = new Set([true])
  const inactive = new Set([false])

  describe(`of ${PARALLEL} requests at once, spread over them, in each of ${ROUNDS} rounds`, () => {
    it("one redeems the code, the others get invalid_grant, and the grant is dead", async () => {
      const client = await register(next())
      for (let round = 0; round < ROUNDS; round++) {
        const authorized = await authorize(next(), client, { resource: RESOURCE })
        const replies = await spread((url) => redeem(url, client, authorized))
        const won = replies.filter(({ status }) => status === 200)
        expect(won).toHaveLength(1)
        const refused = replies.filter(({ status, body }) => status === 400 && body.error === "invalid_grant")
        expect(refused).toHaveLength(PARALLEL - 1)

        const { access_token, refresh_token } = won[0]!.body
        expect(await isActive(access_token)).toEqual(inactive)
        const again = await spread((url) => refresh(url, client, refresh_token))
        expect(new Set(again.map(({ status, body }) => `${status} ${body.error}`))).toEqual(
          new Set(["400 invalid_grant"]),
        )
      }
    })

    it("all that refresh one token get its one successor, byte for byte", async () => {
      const client = await register(next())
      let { refresh_token: token } = await login(next(), client, { resource: RESOURCE })
      const tokens = [token]
      for (let round = 0; round < ROUNDS; round++) {
        const replies = await spread((url) => refresh(url, client, token))
        expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: PARALLEL }, () => 200))
        expect(new Set(replies.map(({ body }) => `${body.access_token} ${body.refresh_token}`)).size).toBe(1)
        const { access_token, refresh_token } = replies[0]!.body
        expect(await isActive(access_token)).toEqual(active)
        tokens.push((token = refresh_token))
      }
      const [log, digests] = [await hosted.readLog(), tokens.map(digestOf)]
      expect(digests.slice(0, -1).map((digest) => successorOf(log, digest))).toEqual(digests.slice(1))
    })

    it("a revocation among refreshes leaves nothing alive once it is acknowledged", async () => {
      const client = await register(next())
      for (let round = 0; round < ROUNDS; round++) {
        const tokens = await login(next(), client, { resource: RESOURCE })
        let sent = 0
        const replies = await spread((url) =>
          sent++ === round % PARALLEL
            ? revoke(url, client, tokens.refresh_token).then(() => undefined)
            : refresh(url, client, tokens.refresh_token),
        )
        const issued = replies.flatMap((reply) => (reply?.status === 200 ? [reply.body] : []))
        for (const { access_token } of [tokens, ...issued]) expect(await isActive(access_token)).toEqual(inactive)
        for (const { refresh_token } of issued) {
          expect((await refresh(next(), client, refresh_token)).body.error).toBe("invalid_grant")
        }
      }
    })

    it("the log has no gap and no fork, and the rows are what it folds to", async () => {
      const entries = await hosted.readLog()
      expect(objectionsTo(entries)).toEqual([])
      expect(await grantlogJsonHere(["rebuild", ...hosted.store])).toMatchObject({ differingRowCount: 0 })
    })
  })

  describe("the command, while they serve", () => {
    it("disables a client: its tokens are inactive and it is refused; enabled again, they live on", async () => {
      const client = await register(next())
      const tokens = await login(next(), client, { resource: RESOURCE })
      await grantlogJsonHere(["client", "disable", client.client_id, ...hosted.store])
      expect(await isActive(tokens.access_token)).toEqual(inactive)
      for (const { url } of hosted.servers) {
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
      await grantlogJsonHere(["client", "enable", client.client_id, ...hosted.store])
      expect(await isActive(tokens.access_token)).toEqual(active)
      expect((await refresh(next(), client, tokens.refresh_token)).status).toBe(200)
    })

    it("revokes a grant: nothing of it is alive in any of them", async () => {
      const client = await register(next())
      const tokens = await login(next(), client, { resource: RESOURCE })
      await grantlogJsonHere(["grant", "revoke", grantOf(tokens.access_token), ...hosted.store])
      expect(await isActive(tokens.access_token)).toEqual(inactive)
      for (const { url } of hosted.servers) {
        expect((await refresh(url, client, tokens.refresh_token)).body.error).toBe("invalid_grant")
      }
    })

    it("adds a resource server that can ask at once", async () => {
      const audience = "http://localhost:9998/other"
      const added = await grantlogJsonHere<Client>([
        "client",
        "add",
        "--name",
        "late",
        "--audience",
        audience,
        ...hosted.store,
      ])
      const client = await register(next())
      const { access_token } = await login(next(), client, { resource: audience })
      for (const { url } of hosted.servers) expect((await introspect(url, added, access_token)).body.aud).toBe(audience)
    })

    it("adds an account whose password comes on standard input", async () => {
      const added = await grantlogJsonHere(["user", "add", "bob", "--password-stdin", ...hosted.store], {
        input: "correct horse\n",
      })
      expect(added).toMatchObject({ name: "bob", hasPassword: true })
    })
  })

  const asOneIssuer = () => {
    issuerRules(() => next())

    let printed = ""
    const run = async (...args: ReadonlyArray<string>) => {
      const ran = await grantlog([...args, ...hosted.store])
      printed += ran.stdout + ran.stderr
      return ran
    }

    it("sign and verify by the command what they recorded", async () => {
      const checkpoint = await grantlogJson<{ readonly size: number }>(["checkpoint", ...hosted.store])
      expect(checkpoint.size).toBeGreaterThan(20)
      expect(await run("verify")).toMatchObject({ code: 0, stdout: expect.not.stringContaining("WRONG") })
    })

    it("forget somebody whose account the command names", async () => {
      const forgotten = await run("forget", "alice", "--yes")
      expect(forgotten).toMatchObject({ code: 0, stderr: "" })
      expect(forgotten.stdout).toMatch(/^subject \S+ is forgotten/)
    })

    it("and their commands show no password, and keep none but the ring in a file", async () => {
      const [, store = "", , beside = "", , ring = ""] = hosted.store
      const list = (...args: ReadonlyArray<string>) => grantlog(["grant", "list", ...args])
      const watched = await list("--store", store, "--keys-file", ring)
      expect([watched.code, watched.stdout]).toEqual([2, ""])
      const mistyped = await list("--stroe", store)
      const foreign = await list(`--store=${store.replace("postgres:", "mysql:")}`)
      const same = await list("--store", store, "--beside", store, "--keys-file", ring)
      expect(same.stderr).toContain("holds a log: name another one")
      const said = [watched, mistyped, foreign, same].map(({ stdout, stderr }) => stdout + stderr)
      const complaints = hosted.servers.map((server) => server.complaints())
      expect(`${said.join("")}${complaints.join("")}${printed}`).not.toContain(PASSWORD)
      expect(complaints.join("")).toBe("")
      expect(JSON.parse(readFileSync(ring, "utf8"))).toMatchObject({ keys: [{}] })
      const counted = await databases().run(beside, "SELECT count(*) AS n FROM grantlog_beside.subject_keys")
      expect(counted).toEqual([{ n: 1 }])
    })
  }

  const isServedOnce = async () => {
    const refused = await grantlog(["serve", "--port", "0", ...hosted.store])
    expect(refused).toEqual({
      code: 1,
      stdout: "",
      stderr: `grantlog: another grantlog serves \`${hosted.store[1]!.slice("sqlite:".length)}\`: stop it, or use another --store\n`,
    })
  }

  if (host === onPostgres) describe("as one issuer", asOneIssuer)
  if (host === onFile) it("does not serve a file that is served already", isServedOnce)
})

describe.runIf(hasPostgres)("an old copy of the database that is put back", () => {
  const folder = temporaryFolder()
  const { make, drop } = databases()
  afterAll(async () => {
    await drop()
    folder[Symbol.dispose]()
  })

  it("is refused until it is accepted, and then everything opened in it has ended", async () => {
    const [store, beside] = [await make(), await make()]
    const others = ["--beside", beside, "--keys-file", folder.at("keys.json")]
    const first = await serveAs("--store", store, ...others)
    const issuer = ["--issuer", first.issuer]
    const client = await register(first.url)
    const tokens = await login(first.url, client)
    expect(await first.stop()).toBe(0)
    const old = await make(store)
    const second = await serveAs("--store", store, ...others, ...issuer)
    expect((await revoke(second.url, client, tokens.refresh_token)).status).toBe(200)
    expect(await second.stop()).toBe(0)

    const refused = await grantlog(["serve", "--port", "0", "--store", old, ...others, ...issuer])
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("start with --accept-rollback") })
    await using accepted = await serveAs("--store", old, ...others, ...issuer, "--accept-rollback")
    expect((await refresh(accepted.url, client, tokens.refresh_token)).body.error).toBe("invalid_grant")
    expect((await login(accepted.url, client)).access_token).toMatch(/^gla_/)
    await expect.poll(accepted.complaints).toContain("checkpoints go on under a new key")
    expect(await accepted.stop()).toBe(0)
  })
})
