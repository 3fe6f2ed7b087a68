/** The audit of a server that a program embeds: asked in plain text and numbers, answered by Promises. */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { setImmediate } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import {
  authorizationServer,
  ephemeralKeys,
  memoryStore,
  sqliteStore,
  type EmbeddedOptions,
  type EmbeddedServer,
} from "../../src/entry/grantlog.ts"
import { verifyProof } from "../../src/entry/log.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { VERIFIER } from "../support/TenMethods.ts"
import { ISSUER } from "../support/TestServer.ts"
import { challengeOf } from "../support/WireClient.ts"

const redirectUri = "http://127.0.0.1:8123/callback"

const start = (options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedServer> =>
  authorizationServer({ store: memoryStore(), keys: ephemeralKeys(), config: { issuer: ISSUER }, ...options })

/** Alice logs in with an app: its tokens, and the grant that they are of. */
const login = async (server: EmbeddedServer) => {
  const clientId = "app"
  const metadata = { redirect_uris: [redirectUri], token_endpoint_auth_method: "none" }
  if ((await server.findClient(clientId)) === undefined) await server.addClient({ clientId, metadata })
  const { subjectId } = await server.accounts.ensure("alice", server.now())
  const { grantId, code } = await server.openGrant({
    clientId,
    approval: { _tag: "User", subjectId, approvedAt: server.now() },
    request: { redirectUri, redirectUriProvidedExplicitly: true, codeChallenge: challengeOf(VERIFIER), jkt: null },
    scopes: null,
    resources: [],
  })
  const tokens = await server.redeemCode({ credentials: { clientId }, code, codeVerifier: VERIFIER })
  return { grantId, subjectId, code, token: tokens.access_token }
}

const invalid = { _tag: "OAuthError", error: "invalid_request" }

describe("a question", () => {
  test("about a token is answered with what it is, whether it is alive, and why not", async () => {
    const server = await start()
    const { token, grantId, subjectId } = await login(server)
    expect(await server.audit.explain(token)).toMatchObject({ isOurs: true, grantId, standing: { status: "alive" } })
    const before = server.now()
    await server.revokeGrant(grantId, subjectId)
    expect(await server.audit.explain(token)).toMatchObject({ standing: { status: "dead" } })
    expect(await server.audit.explain(grantId)).toMatchObject({ kind: "grant", standing: { status: "dead" } })
    const { before: position } = await server.audit.history({ type: "GrantRevoked", limit: 1 }).then(({ entries }) => ({
      before: entries[0]!.position - 1,
    }))
    expect(await server.audit.explain(token, { asOf: { position } })).toMatchObject({ standing: { status: "alive" } })
    expect(await server.audit.explain(token, { asOf: { time: before - 1_000_000 } })).toMatchObject({ isOurs: false })
    expect(await server.audit.introspectAt(token, { position })).toMatchObject({ answer: { active: true } })
    expect(await server.audit.introspectAt(token)).toMatchObject({ answer: { active: false } })
  })

  test("about what is alive counts it", async () => {
    const server = await start()
    const { grantId } = await login(server)
    await login(server)
    expect(await server.audit.blastRadius()).toMatchObject({ counts: { grants: 2 } })
    expect(await server.audit.blastRadius({ of: grantId })).toMatchObject({ counts: { grants: 1 } })
    expect(await server.audit.blastRadius({ of: "app", limit: 1 })).toMatchObject({ counts: { grants: 2 } })
    expect(await server.audit.blastRadius({ of: "nobody" })).toBeUndefined()
  })

  test("about what happened is answered page by page, and followed as it goes on", async () => {
    const server = await start()
    const { grantId, subjectId } = await login(server)
    const { entries } = await server.audit.history({ grantId, isOldestFirst: true })
    const types = entries.map(({ event }) => event._tag)
    expect(types[0]).toBe("GrantOpened")
    const [newest] = (await server.audit.history({ limit: 1 })).entries
    expect(newest?.position).toBe(entries.at(-1)?.position)

    const followed: Array<string> = []
    for await (const { event } of server.audit.follow({ grantId })) {
      followed.push(event._tag)
      if (followed.length === types.length) await server.revokeGrant(grantId, subjectId)
      if (event._tag === "GrantRevoked") break
    }
    expect(followed).toEqual([...types, "GrantRevoked"])
  })

  test("that is none is refused in a sentence, before anything is looked for", async () => {
    const { audit } = await start()
    await expect(audit.explain("  ")).rejects.toMatchObject({ ...invalid, description: "`what` is no text" })
    await expect(audit.explain("x", { asOf: { position: 99 } })).rejects.toMatchObject({
      ...invalid,
      description: "the log has 1 entries, and none at position 99",
    })
    await expect(audit.explain("x", { asOf: { time: Number.NaN } })).rejects.toMatchObject(invalid)
    await expect(audit.history({ limit: -1 })).rejects.toMatchObject(invalid)
    await expect(audit.blastRadius({ openedSince: 0.5 })).rejects.toMatchObject(invalid)
    await expect(audit.verify({ key: "nonsense" })).rejects.toMatchObject(invalid)
    await expect(audit.keepCheckpoints({ everySeconds: 0 })).rejects.toMatchObject(invalid)
    await expect(audit.explain("x", { requestOrigins: true })).rejects.toMatchObject({
      ...invalid,
      description: expect.stringContaining("`recordsRequestOrigin: true`"),
    })
  })
})

test("a replay is told as it happens", async () => {
  const server = await start()
  const { code } = await login(server)
  const alarms = server.audit.watch()[Symbol.asyncIterator]()
  const first = alarms.next()
  await setImmediate()
  const again = server.redeemCode({ credentials: { clientId: "app" }, code, codeVerifier: VERIFIER })
  await expect(again).rejects.toMatchObject({ error: "invalid_grant" })
  expect((await first).value).toMatchObject({ alarm: "replay" })
  await alarms.return?.()
})

describe("what goes on by itself ends when its signal is aborted", () => {
  const endless = {
    follow: (server: EmbeddedServer, signal: AbortSignal) => server.audit.follow({ from: 1, signal }),
    watch: (server: EmbeddedServer, signal: AbortSignal) => server.audit.watch({ signal }),
  }

  test.each(["follow", "watch"] as const)("%s, while it waits for more", async (name) => {
    const server = await start()
    const ending = new AbortController()
    const iterator = endless[name](server, ending.signal)[Symbol.asyncIterator]()
    const next = iterator.next()
    await setImmediate()
    ending.abort()
    expect(await next).toMatchObject({ done: true })
    expect(await iterator.next()).toMatchObject({ done: true })
  })

  test.each(["follow", "watch"] as const)("%s, where it was aborted before", async (name) => {
    const server = await start()
    await login(server)
    const found: Array<unknown> = []
    for await (const one of endless[name](server, AbortSignal.abort())) found.push(one)
    expect(found).toEqual([])
  })

  test("an export, between two lines", async () => {
    using folder = temporaryFolder()
    const server = await start({ store: sqliteStore(folder.at("grantlog.db")) })
    await login(server)
    const ending = new AbortController()
    const lines: Array<string> = []
    for await (const line of server.audit.exportLines({ signal: ending.signal })) {
      lines.push(line)
      ending.abort()
    }
    expect(lines.at(-1)).not.toContain("checkpoint")
    await server.close()
  })
})

describe("checkpoints", () => {
  test("are signed beside the store, and show that the log is what it was", async () => {
    using folder = temporaryFolder()
    const file = folder.at("grantlog.db")
    const copy = folder.at("copy")
    const server = await start({ store: sqliteStore(file), checkpointCopies: [copy] })
    await login(server)
    expect(await server.audit.verify()).toMatchObject({ findings: [], uncoveredFrom: 0 })
    const { checkpoint, size } = await server.audit.checkpoint()
    expect(readFileSync(`${file}.checkpoint`, "utf8")).toBe(checkpoint)
    expect(readFileSync(copy, "utf8")).toBe(checkpoint)
    expect(await server.audit.verify()).toMatchObject({ size, findings: [], uncoveredFrom: undefined })
    await login(server)
    expect(await server.audit.verify({ checkpoints: [checkpoint] })).toMatchObject({ uncoveredFrom: size })
    const forged = checkpoint.replace(/^\d+$/m, String(size - 1))
    await expect(server.audit.verify({ checkpoints: [forged] })).rejects.toMatchObject(invalid)
    await server.close()
  })

  test("are kept while the server is open, and a last one when it is closed", async () => {
    using folder = temporaryFolder()
    const file = folder.at("grantlog.db")
    const server = await start({ store: sqliteStore(file) })
    const key = await server.audit.keepCheckpoints({ everySeconds: 3600 })
    await login(server)
    const position = (await server.audit.history({ limit: 1 })).entries[0]!.position
    await server.close()
    const kept = readFileSync(`${file}.checkpoint`, "utf8")
    expect(Number(kept.split("\n")[1])).toBe(position + 1)
    expect(kept.split("\n")[0]).toBe(key.split("+")[0])
  })

  test("prove an entry to somebody who has the key and nothing else", async () => {
    using folder = temporaryFolder()
    const server = await start({ store: sqliteStore(folder.at("grantlog.db")) })
    const key = await server.audit.keepCheckpoints()
    await login(server)
    expect(verifyProof(await server.audit.prove(2), key)).toMatchObject({ position: 2 })
    await expect(server.audit.prove(1000)).rejects.toMatchObject(invalid)
    const lines: Array<string> = []
    for await (const line of server.audit.exportLines({ from: 1 })) lines.push(line)
    expect(JSON.parse(lines[0]!)).toMatchObject({ format: "grantlog-export", from: 1 })
    expect(JSON.parse(lines.at(-1)!)).toHaveProperty("checkpoint")
    await server.close()
  })

  test("need a place: a store without a file is told to name one", async () => {
    const server = await start()
    const sentence = { _tag: "CheckpointFault", message: expect.stringContaining("`beside`") }
    await expect(server.audit.checkpoint()).rejects.toMatchObject(sentence)
    using folder = temporaryFolder()
    const placed = await start({ beside: folder.at("log") })
    await placed.audit.checkpoint()
    expect(existsSync(folder.at("log.checkpoint"))).toBe(true)
  })
})

describe("forgetting somebody", () => {
  const origins = { recordsRequestOrigin: true } as const

  test("ends what they approved, removes the account, and is noted beside the store", async () => {
    using folder = temporaryFolder()
    const file = folder.at("grantlog.db")
    const server = await start({ store: sqliteStore(file), ...origins })
    const { token } = await login(server)
    const { subjectId } = (await server.accounts.find("alice"))!
    await server.forgetSubject(subjectId)
    expect(await server.accounts.find("alice")).toBeUndefined()
    expect(await server.verify(token)).toBeUndefined()
    expect(existsSync(`${file}.subject-keys`)).toBe(true)
    expect(readFileSync(`${file}.forgotten`, "utf8")).toContain(subjectId)
    expect(await server.audit.explain(token, { requestOrigins: true })).toMatchObject({ standing: { status: "dead" } })
    await server.close()
  })

  test("is done again for who comes back with a backup", async () => {
    using folder = temporaryFolder()
    const file = folder.at("grantlog.db")
    const keys = ephemeralKeys()
    const server = await start({ store: sqliteStore(file), keys, ...origins })
    const { subjectId } = await login(server)
    await server.close()
    writeFileSync(`${file}.forgotten`, `${JSON.stringify({ subjectId, forgottenAt: 1 })}\n`)
    const again = await start({ store: sqliteStore(file), keys, ...origins })
    expect(await again.accounts.find("alice")).toBeUndefined()
    expect(await again.isSubjectDisabled(subjectId)).toBe(true)
    await again.close()
  })

  test("keeps no keys in a file where the store has none, nor where nobody asked for it", async () => {
    using folder = temporaryFolder()
    const file = folder.at("grantlog.db")
    await (await start(origins)).close()
    const plain = await start({ store: sqliteStore(file) })
    await login(plain)
    await plain.close()
    expect([existsSync(`${file}.subject-keys`), existsSync(`${file}.forgotten`)]).toEqual([false, false])
  })
})
