/** Four instances on one PostgreSQL, behind a door that asks them in turn: they answer as one does. */
import { readFileSync } from "node:fs"
import { createServer, request, type Server } from "node:http"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { grantlog, grantlogJson } from "./support/Command.ts"
import { databases, hasPostgres, PASSWORD } from "./support/Databases.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serveAs, type RunningServer } from "./support/ServeProcess.ts"
import { authorize, introspect, login, redeem, refresh, register, revoke, type Client } from "./support/Wire.ts"

const INSTANCES = 4
const ROUNDS = 6
const PARALLEL = 8
const RESOURCE = "http://localhost:9999/mcp"

/** Passes each request on to the next of these servers. */
const frontDoor = async (servers: () => ReadonlyArray<RunningServer>): Promise<Server> => {
  let turn = 0
  const door = createServer((incoming, reply) => {
    const { url } = servers()[turn++ % servers().length]!
    const passed = request(new URL(incoming.url!, url), { method: incoming.method!, headers: incoming.headers })
    passed.on("response", (answer) => answer.pipe(reply.writeHead(answer.statusCode!, answer.headers)))
    passed.on("error", () => reply.destroy())
    incoming.pipe(passed)
  })
  door.listen(0, "localhost")
  await once(door, "listening")
  return door
}

describe.runIf(hasPostgres)("four instances behind one door", () => {
  const folder = temporaryFolder()
  const { make, run, drop } = databases()
  const ring = folder.at("keys.json")
  let located: ReadonlyArray<string>
  let servers: ReadonlyArray<RunningServer> = []
  let door: Server
  let url: string
  let resourceServer: Client
  let printed = ""

  beforeAll(async () => {
    const [store, beside] = [await make(), await make()]
    located = ["--store", store, "--beside", beside, "--keys-file", ring]
    door = await frontDoor(() => servers)
    url = `http://localhost:${(door.address() as AddressInfo).port}`
    const start = () => serveAs(...located, "--issuer", url, "--checkpoint-interval", "1")
    // The first makes the key ring, which the others are given.
    const first = await start()
    servers = [first, ...(await Promise.all(Array.from({ length: INSTANCES - 1 }, start)))]
    resourceServer = await grantlogJson<Client>(["client", "add", "--name", "rs", "--audience", RESOURCE, ...located])
  })

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()))
    door?.close()
    await drop()
    folder[Symbol.dispose]()
  })

  const spread = <A>(send: () => Promise<A>): Promise<ReadonlyArray<A>> =>
    Promise.all(Array.from({ length: PARALLEL }, send))

  /** What each of them says of a token to its resource server. */
  const isActive = async (token: string): Promise<ReadonlySet<boolean>> =>
    new Set(
      await Promise.all(
        servers.map(async (server) => (await introspect(server.url, resourceServer, token)).body.active),
      ),
    )

  it("redeem a code once, however many ask at a time, and its replay ends the grant", async () => {
    const client = await register(url)
    for (let round = 0; round < ROUNDS; round++) {
      const authorized = await authorize(url, client, { resource: RESOURCE })
      const replies = await spread(() => redeem(url, client, authorized))
      const won = replies.filter(({ status }) => status === 200)
      expect(won).toHaveLength(1)
      expect(replies.filter(({ body }) => body.error === "invalid_grant")).toHaveLength(PARALLEL - 1)
      expect(await isActive(won[0]!.body.access_token)).toEqual(new Set([false]))
    }
  })

  it("give all that refresh one token its one successor, byte for byte", async () => {
    const client = await register(url)
    let { refresh_token: token } = await login(url, client, { resource: RESOURCE })
    for (let round = 0; round < ROUNDS; round++) {
      const replies = await spread(() => refresh(url, client, token))
      expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: PARALLEL }, () => 200))
      expect(new Set(replies.map(({ body }) => `${body.access_token} ${body.refresh_token}`)).size).toBe(1)
      expect(await isActive(replies[0]!.body.access_token)).toEqual(new Set([true]))
      token = replies[0]!.body.refresh_token
    }
  })

  it("say inactive, each of them, as soon as any has acknowledged a revocation", async () => {
    const client = await register(url)
    for (let round = 0; round < ROUNDS; round++) {
      const { access_token, refresh_token } = await login(url, client, { resource: RESOURCE })
      expect(await isActive(access_token)).toEqual(new Set([true]))
      expect((await revoke(servers[round % INSTANCES]!.url, client, refresh_token)).status).toBe(200)
      expect(await isActive(access_token)).toEqual(new Set([false]))
    }
  })

  it("are asked by the command as one, which signs and verifies what they recorded", async () => {
    const checkpoint = await grantlogJson<{ readonly size: number }>(["checkpoint", ...located])
    expect(checkpoint.size).toBeGreaterThan(20)
    const verified = await grantlog(["verify", ...located])
    printed += verified.stdout + verified.stderr
    expect(verified).toMatchObject({ code: 0, stdout: expect.not.stringContaining("WRONG") })
  })

  it("forget somebody whose account the command names", async () => {
    const forgotten = await grantlog(["forget", "alice", "--yes", ...located])
    printed += forgotten.stdout + forgotten.stderr
    expect(forgotten).toMatchObject({ code: 0, stderr: "" })
    expect(forgotten.stdout).toMatch(/^subject \S+ is forgotten/)
  })

  it("and their commands show no password, and keep none but the ring in a file", async () => {
    const watched = await grantlog(["grant", "list", "--store", located[1]!, "--keys-file", ring])
    expect([watched.code, watched.stdout]).toEqual([2, ""])
    const mistyped = await grantlog(["grant", "list", "--stroe", located[1]!])
    const foreign = await grantlog(["grant", "list", `--store=${located[1]!.replace("postgres:", "mysql:")}`])
    const same = await grantlog(["grant", "list", "--store", located[1]!, "--beside", located[1]!, "--keys-file", ring])
    expect(same.stderr).toContain("holds a log: name another one")
    const said = [watched, mistyped, foreign, same].map(({ stdout, stderr }) => stdout + stderr)
    const complaints = servers.map((server) => server.complaints())
    expect(`${said.join("")}${complaints.join("")}${printed}`).not.toContain(PASSWORD)
    expect(complaints.join("")).toBe("")
    expect(JSON.parse(readFileSync(ring, "utf8"))).toMatchObject({ keys: [{}] })
    expect(await run(located[3]!, "SELECT count(*) AS n FROM grantlog_beside.subject_keys")).toEqual([{ n: 1 }])
  })
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
    expect(accepted.complaints()).toContain("checkpoints go on under a new key")
    expect(await accepted.stop()).toBe(0)
  })
})
