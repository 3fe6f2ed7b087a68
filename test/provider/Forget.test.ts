/** Forgetting somebody: nothing that identified them is left, nothing brings them back, and whatever was begun is finished. */
import { copyFileSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import type { ClientId, EpochMillis, GrantId, SubjectId } from "../../src/core/index.ts"
import { StoreFault, type Recorded } from "../../src/log/index.ts"
import {
  RequestOrigin,
  ephemeralKeys,
  forgetLedger,
  liveRandomness,
  makeServer,
  openRequestOrigin,
  openSubjectKeys,
  sqliteStore,
  type AuthorizationServer,
  type ForgetLedger,
  type KeyRingFile,
  type SubjectKeys,
} from "../../src/provider/index.ts"
import { openPostgres } from "../../src/log/postgres/Connections.ts"
import { newSchema, postgres } from "../log/postgres/Schemas.ts"
import { openPostgresStore } from "../support/OverPostgres.ts"
import { addResourceServer } from "../support/Session.ts"
import { ACCOUNT, configOf, serve, temporaryFolder } from "../support/TestServer.ts"
import { wireClient } from "../support/WireClient.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"
import { accountTable } from "../../src/provider/AccountTables.ts"
import { eachAnswer } from "../../properties/simulate/EachAnswer.ts"
import { sideTables } from "../../src/provider/SideTables.ts"

const run = Effect.runPromise
const USER_AGENT = "Planted/1.0 (somebody's own browser)"
const ADDRESS = "203.0.113.77"
const DISPLAY_NAME = "Alice Planted"
const planted = [ACCOUNT, DISPLAY_NAME, USER_AGENT, ADDRESS]

interface Parts {
  readonly store: ServerStore
  readonly subjectKeys: SubjectKeys
  readonly forgetLedger: ForgetLedger
}

/** The parts of a server on the files of a folder, and how to make one of them; its log may be elsewhere. */
const partsOf = async (folder: string, keys: KeyRingFile, elsewhere?: ServerStore): Promise<Parts> => {
  const file = join(folder, "grantlog.db")
  const store = elsewhere ?? sqliteStore(file)
  const subjectKeys = await run(openSubjectKeys(`${file}.subject-keys`, keys, liveRandomness))
  onTestFinished(() => run(Effect.andThen(store.close, subjectKeys.close)))
  return { store, subjectKeys, forgetLedger: forgetLedger([`${file}.forgotten`]) }
}

const closed = ({ store, subjectKeys }: Parts) => run(Effect.andThen(store.close, subjectKeys.close))

const config = configOf()

/** Somebody who logged in over HTTP, by way of a proxy, and signed in with a browser. */
const loggedIn = async ({
  recordsRequestOrigin = true,
  store: elsewhere = undefined as ServerStore | undefined,
} = {}) => {
  const folder = temporaryFolder()
  const keys = ephemeralKeys()
  const parts = await partsOf(folder, keys, elsewhere)
  const native = await run(makeServer({ ...parts, keys, config }))
  const account = await run(native.accounts.ensure(ACCOUNT, native.now(), DISPLAY_NAME))
  const standing = (await run(native.accounts.standing(ACCOUNT)))!
  await run(native.sessions.open(standing, native.now()))
  const url = await serve(native, { endpoints: { recordsRequestOrigin, trustedProxies: ["127.0.0.1"] } })
  const wire = wireClient(url, { "user-agent": USER_AGENT })
  const app = await wire.newApp()
  const watcher = await addResourceServer({ native } as Parameters<typeof addResourceServer>[0])
  const { code, verifier } = await wire.approved(app)
  const redemption = { grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: app.redirectUri }
  const { body } = await wire.token(app, redemption, { "x-forwarded-for": ADDRESS })
  const tokens = { access: body.access_token!, refresh: body.refresh_token! }
  return { folder, keys, ...parts, native, wire, app, watcher, tokens, subjectId: account.subjectId }
}

const entriesOf = (store: ServerStore): Promise<ReadonlyArray<Recorded>> => run(store.readAll(0, 1000))

const grantEntries = async (store: ServerStore) =>
  (await entriesOf(store)).filter(({ stream }) => stream.startsWith("grant-"))

/** The first entry of each append: it has the origin of what it caused besides its own. */
const firstEntries = async (store: ServerStore) =>
  (await grantEntries(store)).filter(({ causationId }) => causationId === null)

const bytesOf = (folder: string): Buffer =>
  Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))))

const foundIn = (folder: string, texts: ReadonlyArray<string>): ReadonlyArray<string> => {
  const bytes = bytesOf(folder)
  return texts.filter((text) => bytes.includes(text))
}

/** What of the planted texts is in the tables of a database. */
const foundInTables = async (schema: string): Promise<ReadonlyArray<string>> => {
  const { read, close } = await openPostgres(postgres!, 1)
  try {
    const tables = await read("SELECT tablename AS name FROM pg_tables WHERE schemaname = $1::text", [schema])
    const rows = await Promise.all(tables.map(({ name }) => read(`SELECT t::text AS row FROM ${schema}.${name} t`, [])))
    const text = rows
      .flat()
      .map(({ row }) => row)
      .join("\n")
    return planted.filter((one) => text.includes(one))
  } finally {
    await close()
  }
}

describe("where a request came from", () => {
  it("is sealed once an append, in its first event, if the grant has a subject; it opens for who has the keys", async () => {
    const { store, subjectKeys, folder, native, wire, app, tokens, subjectId } = await loggedIn()
    await wire.refreshed(app, tokens.refresh)
    const entries = await grantEntries(store)
    expect(entries.map(({ event }) => event._tag)).toEqual([
      "GrantOpened",
      "AuthorizationCodeIssued",
      "AuthorizationCodeRedeemed",
      "AccessTokenIssued",
      "RefreshTokenIssued",
      "RefreshTokenRotated",
      "AccessTokenIssued",
    ])
    const first = await firstEntries(store)
    expect(first.map(({ event }) => event._tag)).toEqual([
      "GrantOpened",
      "AuthorizationCodeRedeemed",
      "RefreshTokenRotated",
    ])
    const origins = await run(Effect.forEach(first, (entry) => openRequestOrigin(subjectKeys, entry)))
    expect(origins).toEqual(
      ["127.0.0.1", ADDRESS, "127.0.0.1"].map((address) => ({ _tag: "RequestOrigin", address, userAgent: USER_AGENT })),
    )
    expect(entries.filter(({ sealed }) => sealed !== null)).toEqual(first)
    expect(foundIn(folder, [ADDRESS, USER_AGENT])).toEqual([])

    // What the operator does, nobody asked for from outside.
    await run(native.revokeSubjectSessions(subjectId))
    expect((await entriesOf(store)).at(-1)).toMatchObject({ event: { _tag: "SubjectSessionsRevoked" }, sealed: null })
  })

  it("is kept of nobody who is no subject: not with a token of the client's own, not with what it registered", async () => {
    const { store, native, wire } = await loggedIn()
    const metadata = { token_endpoint_auth_method: "client_secret_basic", grant_types: ["client_credentials"] }
    const { client_id, client_secret } = await run(native.addClient({ metadata: { ...metadata, redirect_uris: [] } }))
    const service = {
      clientId: client_id,
      clientSecret: client_secret!,
      method: "client_secret_basic" as const,
      redirectUri: "",
    }
    const { status } = await wire.token(service, { grant_type: "client_credentials" })
    expect(status).toBe(200)
    const entries = await entriesOf(store)
    const own = entries.findLast(({ event }) => event._tag === "GrantOpened")!
    expect(own.event).toMatchObject({ clientId: client_id, subjectId: null })
    // Else nothing would be recorded of where a request came from, and this would show nothing.
    expect(entries.some(({ sealed }) => sealed !== null)).toBe(true)
    const others = entries.filter(({ event, stream }) => !("grantId" in event) || stream === own.stream)
    expect(new Set(others.map(({ event }) => event._tag))).toEqual(
      new Set(["IssuerInitialized", "ClientRegistered", "GrantOpened", "AccessTokenIssued"]),
    )
    expect(others.filter(({ sealed }) => sealed !== null)).toEqual([])
  })

  it("is not kept when that is switched off, nor without keys to seal it under", async () => {
    const off = await loggedIn({ recordsRequestOrigin: false })
    const entries = await grantEntries(off.store)
    expect(entries.length).toBeGreaterThan(4)
    for (const entry of entries) {
      expect(await run(openRequestOrigin(off.subjectKeys, entry))).toEqual({ _tag: "NotRecorded" })
    }
  })

  it("opens for no other entry, and says so; a key that was lost is told from one that was destroyed", async () => {
    const { store, subjectKeys, keys, folder } = await loggedIn()
    const [first, second] = await firstEntries(store)
    expect(await run(openRequestOrigin(subjectKeys, { ...first!, sealed: second!.sealed }))).toMatchObject({
      _tag: "Damaged",
    })
    expect(await run(openRequestOrigin(subjectKeys, { ...first!, sealed: "gs2.x.y" }))).toMatchObject({
      _tag: "Damaged",
    })
    const empty = await run(openSubjectKeys(join(folder, "new.subject-keys"), keys, liveRandomness))
    onTestFinished(() => run(empty.close))
    expect(await run(openRequestOrigin(empty, first!))).toMatchObject({
      _tag: "Lost",
      message: expect.stringMatching(/lost or replaced$/),
    })
  })

  it("is as long sealed as any other of its kind", async () => {
    const { store } = await loggedIn()
    expect(new Set((await firstEntries(store)).map(({ sealed }) => sealed!.length)).size).toBe(1)
  })
})

/** Everything that must be so once somebody is forgotten. */
const expectForgotten = async (
  native: AuthorizationServer,
  { store, subjectKeys, forgetLedger }: Parts,
  folder: string,
  subjectId: SubjectId,
) => {
  const events = (await entriesOf(store)).map(({ event }) => event)
  expect(events.filter(({ _tag }) => _tag === "SubjectForgotten")).toHaveLength(1)
  expect(await run(native.accounts.ofSubject(subjectId))).toBeUndefined()
  expect(await run(native.sessions.list(subjectId, native.now()))).toEqual([])
  expect(await run(native.connections(subjectId))).toMatchObject({ connections: [] })
  expect(await run(native.isSubjectDisabled(subjectId))).toBe(true)
  expect(await run(subjectKeys.isForgotten(subjectId))).toBe(true)
  expect(await run(forgetLedger.read)).toEqual([{ subjectId, isFinished: true }])
  for (const entry of await firstEntries(store)) {
    const { _tag } = await run(openRequestOrigin(subjectKeys, entry))
    expect(_tag).toBe("Forgotten")
  }
  expect(foundIn(folder, planted)).toEqual([])
}

describe("somebody who is forgotten", () => {
  it("leaves events, and nothing that says who they were; every token is dead at once", async () => {
    const session = await loggedIn()
    const { native, wire, app, watcher, tokens, folder, subjectId } = session
    expect(foundIn(folder, planted)).toEqual([ACCOUNT, DISPLAY_NAME])
    expect(native.verifySync(tokens.access)).toBeDefined()
    const before = await grantEntries(session.store)
    await run(native.forgetSubject(subjectId))
    expect(native.verifySync(tokens.access)).toBeUndefined()
    expect(await wire.isActive(watcher, tokens.access)).toBe(false)
    expect((await wire.refresh(app, tokens.refresh)).body.error).toBe("invalid_grant")
    await expectForgotten(native, session, folder, subjectId)
    expect(await grantEntries(session.store)).toEqual(before)
  })

  it.runIf(postgres !== undefined)("leaves no word of who they were in any table, over PostgreSQL", async () => {
    const schema = newSchema()
    const session = await loggedIn({ store: openPostgresStore(schema) })
    const { native, wire, watcher, tokens, folder, subjectId } = session
    expect(await foundInTables(schema)).toEqual([ACCOUNT, DISPLAY_NAME])
    await run(native.forgetSubject(subjectId))
    expect(await wire.isActive(watcher, tokens.access)).toBe(false)
    await expectForgotten(native, session, folder, subjectId)
    expect(await foundInTables(schema)).toEqual([])
  })

  it("is forgotten once, and cannot be enabled again", async () => {
    const session = await loggedIn()
    const { native, folder, subjectId } = session
    await run(native.forgetSubject(subjectId))
    await run(native.forgetSubject(subjectId))
    await expectForgotten(native, session, folder, subjectId)
    await expect(run(native.enableSubject(subjectId))).rejects.toMatchObject({ error: "access_denied" })
  })

  it("is another subject with a key of its own if they come again", async () => {
    const { native, wire, app, store, subjectKeys, subjectId } = await loggedIn()
    await run(native.forgetSubject(subjectId))
    await wire.login(app)
    const again = await run(native.accounts.find(ACCOUNT))
    expect(again!.subjectId).not.toBe(subjectId)
    expect(await run(openRequestOrigin(subjectKeys, (await firstEntries(store)).at(-1)!))).toMatchObject({
      _tag: "RequestOrigin",
    })
  })

  it.each(["kept", "lost"])("gets no key any more from what still arrives, the file of keys being %s", async (kept) => {
    const { folder, keys, app, native, subjectId, ...parts } = await loggedIn()
    await run(native.forgetSubject(subjectId))
    await closed(parts)
    const file = join(folder, "grantlog.db")
    // Without a ledger nobody tells a new file whom it must not know.
    if (kept === "lost") for (const suffix of [".subject-keys", ".forgotten"]) rmSync(file + suffix)
    const next = await partsOf(folder, keys)
    const server = await run(makeServer({ ...next, keys, config }))
    const deny = (grantId: string, by: SubjectId) =>
      server
        .denyGrant({
          grantId: grantId as GrantId,
          clientId: app.clientId as ClientId,
          subjectId: by,
          redirectUri: app.redirectUri,
        })
        .pipe(Effect.provideService(RequestOrigin, { address: ADDRESS, userAgent: USER_AGENT }))
    await run(deny("D".repeat(22), subjectId))
    await run(deny("E".repeat(22), "sub_other" as SubjectId))
    const [theirs, other] = (await entriesOf(next.store)).slice(-2)
    expect(theirs).toMatchObject({ event: { _tag: "GrantDenied", subjectId }, sealed: null })
    expect(other).toMatchObject({ event: { _tag: "GrantDenied" }, sealed: expect.any(String) })
  })

  it("leaves the others alone", async () => {
    const session = await loggedIn()
    const { native } = session
    const { subjectId } = await run(native.accounts.ensure("bob", native.now()))
    await run(native.forgetSubject(subjectId))
    expect(native.verifySync(session.tokens.access)).toBeDefined()
    expect(await run(native.accounts.find(ACCOUNT))).toBeDefined()
    expect(await run(openRequestOrigin(session.subjectKeys, (await grantEntries(session.store))[0]!))).toMatchObject({
      _tag: "RequestOrigin",
    })
  })

  it("must be named by an id, or nothing is noted", async () => {
    const { native, forgetLedger: ledger } = await loggedIn()
    await expect(run(native.forgetSubject(ACCOUNT as SubjectId))).rejects.toMatchObject({ error: "invalid_request" })
    expect(await run(ledger.read)).toEqual([])
  })
})

const broken = new StoreFault({ reason: "disk", message: "the plug was pulled" })

/** Does what it should, then the plug is pulled. */
const thenDies = <A>(effect: Effect.Effect<A, StoreFault>): Effect.Effect<A, StoreFault> =>
  Effect.andThen(effect, Effect.fail(broken))

/** By what was done last, parts that end there. */
const deaths: Readonly<Record<string, (parts: Parts) => Parts>> = {
  "it was noted": (parts) => ({
    ...parts,
    forgetLedger: {
      ...parts.forgetLedger,
      intend: (subjectId, at) => thenDies(parts.forgetLedger.intend(subjectId, at)),
    },
  }),
  "it was recorded": (parts) => {
    let appendCount = 0
    const append: ServerStore["append"] = (one) =>
      Effect.tap(parts.store.append(one), () => Effect.sync(() => void (appendCount += 1)))
    const side = eachAnswer(parts.store.side, (answer, name) =>
      appendCount > 0 && Object.hasOwn(sideTables.operations, name) ? Effect.die(broken) : answer(),
    )
    return { ...parts, store: { ...parts.store, append, side } }
  },
  "the account was removed": (parts) => ({
    ...parts,
    store: {
      ...parts.store,
      side: { ...parts.store.side, removeAccounts: (id) => thenDies(parts.store.side.removeAccounts(id)) },
    },
  }),
  "the sessions were ended": (parts) => ({
    ...parts,
    subjectKeys: { ...parts.subjectKeys, forget: () => Effect.fail(broken) },
  }),
  "the key was destroyed": (parts) => ({
    ...parts,
    subjectKeys: { ...parts.subjectKeys, forget: (subjectId) => thenDies(parts.subjectKeys.forget(subjectId)) },
  }),
  "the files were scrubbed": (parts) => ({ ...parts, store: { ...parts.store, scrub: thenDies(parts.store.scrub) } }),
  "it was noted that all is done": (parts) => ({
    ...parts,
    forgetLedger: {
      ...parts.forgetLedger,
      finish: (subjectId, at) => thenDies(parts.forgetLedger.finish(subjectId, at)),
    },
  }),
}

describe("what was interrupted after", () => {
  it.each(Object.entries(deaths))("%s is finished by the next start", async (_, dying) => {
    const { folder, keys, subjectId, ...parts } = await loggedIn()
    const mortal = await run(makeServer({ ...dying(parts), keys, config }))
    await expect(run(mortal.forgetSubject(subjectId))).rejects.toMatchObject({ message: "the plug was pulled" })
    await closed(parts)

    const next = await partsOf(folder, keys)
    const native = await run(makeServer({ ...next, keys, config }))
    await expectForgotten(native, next, folder, subjectId)
  })
})

describe("a backup", () => {
  const restorable = ["grantlog.db", "grantlog.db.subject-keys"]

  it.each([
    ["the store and the keys", restorable],
    ["the store", ["grantlog.db"]],
    ["the keys", ["grantlog.db.subject-keys"]],
  ])("of %s brings nobody back, as long as the ledger is there", async (_, names) => {
    const { folder, keys, native, tokens, subjectId, ...parts } = await loggedIn()
    await run(parts.store.scrub)
    const backup = temporaryFolder()
    for (const name of names) copyFileSync(join(folder, name), join(backup, name))
    await run(native.forgetSubject(subjectId))
    await closed(parts)
    for (const name of names) copyFileSync(join(backup, name), join(folder, name))

    const next = await partsOf(folder, keys)
    const again = await run(makeServer({ ...next, keys, config }))
    expect(again.verifySync(tokens.access)).toBeUndefined()
    await expectForgotten(again, next, folder, subjectId)
  })

  it("that was made while they were being forgotten brings no account back", async () => {
    const { folder, keys, native, subjectId, ...parts } = await loggedIn()
    const [account] = await run(parts.store.dump(accountTable))
    await run(native.forgetSubject(subjectId))
    await run(
      parts.store.side.addAccount({
        name: ACCOUNT,
        subjectId,
        passwordHash: String(account!["password_hash"]),
        displayName: null,
        at: 0,
      }),
    )
    await closed(parts)
    const next = await partsOf(folder, keys)
    await expectForgotten(await run(makeServer({ ...next, keys, config })), next, folder, subjectId)
  })

  it("of a log from before they came is told of them, whatever else knows them to be gone", async () => {
    const folder = temporaryFolder()
    const keys = ephemeralKeys()
    const subjectId = "sub_somebody" as SubjectId
    const parts = await partsOf(folder, keys)
    await run(parts.forgetLedger.intend(subjectId, 1 as EpochMillis))
    await run(parts.forgetLedger.finish(subjectId, 2 as EpochMillis))
    await run(parts.subjectKeys.forget(subjectId))
    await expectForgotten(await run(makeServer({ ...parts, keys, config })), parts, folder, subjectId)
  })

  it("from before somebody was ever there is told of them as well", async () => {
    const folder = temporaryFolder()
    const keys = ephemeralKeys()
    const subjectId = "sub_somebody" as SubjectId
    const parts = await partsOf(folder, keys)
    await run(parts.forgetLedger.intend(subjectId, 1 as EpochMillis))
    await expectForgotten(await run(makeServer({ ...parts, keys, config })), parts, folder, subjectId)
  })

  it("is not served while the ledger cannot be read", async () => {
    const folder = temporaryFolder()
    const keys = ephemeralKeys()
    const parts = await partsOf(folder, keys)
    const unreadable: ForgetLedger = {
      ...parts.forgetLedger,
      read: Effect.fail(broken),
    }
    await expect(run(makeServer({ ...parts, forgetLedger: unreadable, keys, config }))).rejects.toMatchObject({
      message: "the plug was pulled",
    })
  })
})
