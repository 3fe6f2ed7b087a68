/** A store that an earlier version closed is opened, verified and served: nothing in it is lost, and nothing comes back. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Clock, Effect } from "effect"
import { beforeEach, describe, expect, it, onTestFinished } from "vitest"
import { checkpointFiles } from "../../src/audit/proof/CheckpointFiles.ts"
import { keptHeads, proveEntry } from "../../src/audit/proof/Checkpoints.ts"
import { verifyLog } from "../../src/audit/proof/Verify.ts"
import { issuedTable, leafHash, rootFromInclusion } from "../../src/log/index.ts"
import {
  forgetLedger,
  makeServer,
  openRequestOrigin,
  openSubjectKeys,
  parseToken,
  sqliteStore,
  type AuthorizationServer,
  type Credentials,
  type SubjectKeys,
} from "../../src/provider/index.ts"
import { manualClock, type ManualClock } from "../support/ManualClock.ts"
import { restoreStore, storeFolder, type StoreVector } from "../support/StoreVector.ts"
import { temporaryFolder } from "../support/TestServer.ts"
import { inlineProjection } from "../../src/projection/index.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"

const run = Effect.runPromise

const vectors = readdirSync(storeFolder)
  .map((name) => [name, JSON.parse(readFileSync(join(storeFolder, name), "utf8")) as StoreVector] as const)
  // What is not all the files of a store has a test of its own (`RetrySalts.test.ts`).
  .filter(([, vector]) => "databases" in vector)

const by = (clientId: string): Credentials => ({ clientId, isAuthenticated: true })

describe.each(vectors)("the store of %s", (_, vector) => {
  let file: string
  let clock: ManualClock
  let store: ServerStore
  let subjectKeys: SubjectKeys
  let native: AuthorizationServer

  beforeEach(async () => {
    file = join(temporaryFolder(), "grantlog.db")
    restoreStore(vector, file)
    clock = manualClock(vector.endedAt)
    store = sqliteStore(file)
    onTestFinished(() => run(store.close))
    const { keys, issuer } = vector
    subjectKeys = await run(openSubjectKeys(`${file}.subject-keys`, keys, clock.randomness))
    onTestFinished(() => run(subjectKeys.close))
    const beside = { subjectKeys, forgetLedger: forgetLedger([`${file}.forgotten`]) }
    const made = makeServer({
      store,
      keys,
      randomness: clock.randomness,
      config: { issuer, tokenRate: "off" },
      ...beside,
    })
    native = await run(Effect.provideService(made, Clock.Clock, clock.clock))
  })

  const refresh = ({ clientId, token }: { readonly clientId: string; readonly token: string }) =>
    run(native.refresh({ credentials: by(clientId), refreshToken: token }))
  const isActive = async (token: string) => (await run(native.introspect(by(vector.watcherId), token))).active
  const size = async () => (await run(store.head)).size
  const sizeBefore = vector.databases[""]!.filter((sql) => sql.startsWith("INSERT INTO entries")).length

  it("has every entry as it was recorded, and is what its checkpoint says", async () => {
    expect(await size()).toBe(sizeBefore)
    const kept = vector.databases[""]!.join("\n")
    for (const { bytes } of await run(store.readStored(0))) expect(kept).toContain(`'${bytes.replaceAll("'", "''")}'`)
    const place = checkpointFiles(`${file}.checkpoint-key.json`, [`${file}.checkpoint`])
    const checkpoints = await run(keptHeads(place, await run(place.readKey)))
    const verify = () => run(Effect.provideService(verifyLog(store, { checkpoints }), Clock.Clock, clock.clock))
    const [{ size: covered, root } = expect.fail("no checkpoint")] = checkpoints
    expect(await verify()).toMatchObject({ size: sizeBefore, findings: [], uncoveredFrom: covered })
    expect(await run(store.rebuild({ now: clock.now() }))).toMatchObject({ differingRowCount: 0, faults: [] })
    expect(await verify()).toMatchObject({ findings: [] })

    const { entry, hashes: proof } = (await run(proveEntry(store, 3, covered)))!
    expect(rootFromInclusion({ leaf: leafHash(entry), position: 3, size: covered, proof })).toBe(root)
  })

  it("says of every token whether it is alive", async () => {
    for (const token of vector.active) expect(await isActive(token), token).toBe(true)
    for (const token of vector.inactive) expect(await isActive(token), token).toBe(false)
    expect(await size()).toBe(sizeBefore)
  })

  it("has a successor for the refresh token that is current, and its tokens are alive like those before it", async () => {
    const { clientId, tokens } = vector.rotated
    const answer = await refresh({ clientId, token: tokens.at(-1)! })
    const next = await refresh({ clientId, token: answer.refresh_token! })
    for (const token of [...vector.active, answer.access_token, next.access_token])
      expect(await isActive(token)).toBe(true)
    expect(await run(store.compareRows({ now: clock.now() }))).toMatchObject({ differingRowCount: 0, faults: [] })
  })

  it("finds by their digests the refresh tokens that name no version, and from now on has none to add", async () => {
    const unversioned = new Set<string>()
    for (const { event } of await run(store.readAll(0))) {
      if ("afterVersion" in event && event.afterVersion === null) unversioned.add(event.digest)
    }
    const indexed = async () => new Set((await run(store.dump(issuedTable))).map(({ digest }) => String(digest)))
    expect(await indexed()).toEqual(unversioned)

    const { clientId, tokens } = vector.rotated
    const stream = `grant-${parseToken(tokens[0]!)!.grantId}`
    let token = tokens.at(-1)!
    for (let turn = 0; turn < 2; turn++) {
      const before = await run(store.streamVersion(stream))
      token = (await refresh({ clientId, token })).refresh_token!
      expect(parseToken(token)).toMatchObject({ afterVersion: before })
    }
    expect(await indexed()).toEqual(unversioned)
    for (const one of [...tokens, token]) expect(await run(native.loadRefreshToken(clientId, one))).toBeDefined()
  })

  it.each([
    ["oldest", vector.rotated.tokens[0]!],
    ["last spent", vector.rotated.tokens.at(-2)!],
  ])("tells the %s refresh token as a reuse, and ends its grant", async (_name, token) => {
    const { clientId, tokens } = vector.rotated
    await expect(refresh({ clientId, token })).rejects.toMatchObject({ error: "invalid_grant" })
    const [reused, revoked] = await run(store.readAll(sizeBefore))
    expect([reused?.event._tag, revoked?.event._tag]).toEqual(["RefreshTokenReused", "GrantRevoked"])
    await expect(refresh({ clientId, token: tokens.at(-1)! })).rejects.toMatchObject({ error: "invalid_grant" })
  })

  it("gives nothing for a refresh token whose grant has ended, and records nothing of it", async () => {
    for (const ended of vector.ended) await expect(refresh(ended)).rejects.toMatchObject({ error: "invalid_grant" })
    expect(await size()).toBe(sizeBefore)
  })

  it("repeats the answer that was lost, while its window runs and no longer", async () => {
    const { lost } = vector
    expect(await refresh(lost)).toMatchObject(lost.answer)
    clock.pass(30)
    await expect(refresh(lost)).rejects.toMatchObject({ error: "invalid_grant" })
  })

  it("has tokens for the code that nobody redeemed, once", async () => {
    const { clientId, ...proof } = vector.code
    const redeem = () => run(native.redeemCode({ credentials: by(clientId), ...proof }))
    const { access_token } = await redeem()
    expect(await isActive(access_token)).toBe(true)
    await expect(redeem()).rejects.toMatchObject({ error: "invalid_grant" })
    expect(await isActive(access_token)).toBe(false)
  })

  it("knows who is signed in, and opens where requests came from, but of whom it forgot", async () => {
    const { id, account } = vector.session
    const found = await run(native.sessions.find(id, native.now()))
    expect(await run(native.accounts.find(account))).toMatchObject({ subjectId: found?.subjectId })
    const origins = new Set<string>()
    for (const entry of await run(store.readAll(0)))
      origins.add((await run(openRequestOrigin(subjectKeys, entry)))._tag)
    expect([...origins].sort()).toEqual(["Forgotten", "NotRecorded", "RequestOrigin"])
  })

  it("keeps one-time values that were claimed", async () => {
    const claims = [{ key: "jti-1", until: clock.now() }]
    const again = {
      stream: "subject-nobody",
      expectedVersion: 0,
      events: [],
      checks: [],
      claims,
      rows: [],
      projection: inlineProjection.description,
      at: clock.now(),
    }
    expect(await run(store.append(again))).toMatchObject({ _tag: "ClaimTaken" })
  })
})
