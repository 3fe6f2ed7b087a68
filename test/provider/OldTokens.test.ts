/**
 * The rules of old and made-up refresh tokens: by what one is recognised that no row knows any more, what throwing them
 * costs, and what it cannot make grow.
 */
import { hash } from "node:crypto"
import { Effect } from "effect"
import { expect, test } from "vitest"
import { issuedDigest } from "../../src/core/index.ts"
import { issuedTable, openNodeSqlite, type EventLog, type OpenSqlite } from "../../src/log/index.ts"
import { liveRandomness, mintToken, parseToken, sqliteStore } from "../../src/provider/index.ts"
import { serverOver, temporaryFolder } from "../support/TestServer.ts"

const VERIFIER = "v".repeat(43)
const REDIRECT_URI = "http://127.0.0.1/callback"

/** Counts the statements that are run on the one connection. */
const counting = () => {
  let count = 0
  const counted =
    <Input extends ReadonlyArray<never>, A>(run: (...input: Input) => A) =>
    (...input: Input) => {
      count++
      return run(...input)
    }
  const open: OpenSqlite = (file) => {
    const driver = openNodeSqlite(file)
    return {
      ...driver,
      prepare: (sql) => {
        const { get, all, run } = driver.prepare(sql)
        return { get: counted(get), all: counted(all), run: counted(run) } as ReturnType<typeof driver.prepare>
      },
    }
  }
  return {
    open,
    during: async (body: () => Promise<unknown>) => {
      const before = count
      await body()
      return count - before
    },
  }
}

const start = async () => {
  const { open, during } = counting()
  const store = sqliteStore(`${temporaryFolder()}/log.db`, { open })
  const { native } = await serverOver({ store })
  const run = Effect.runPromise
  const { client_id: clientId } = await run(
    native.addClient({
      metadata: {
        redirect_uris: [REDIRECT_URI],
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token"],
      },
    }),
  )
  const params = { redirectUri: REDIRECT_URI, redirectUriProvidedExplicitly: true }
  const approved = await run(
    native.authorize(clientId, { ...params, codeChallenge: hash("sha256", VERIFIER, "base64url") }),
  )
  const code = approved._tag === "Approved" ? approved.code : ""
  const credentials = { clientId }
  const redeem = (codeVerifier: string) => native.redeemCode({ credentials, code, codeVerifier })
  const refresh = (refreshToken: string) => run(native.refresh({ credentials, refreshToken }))
  const revoke = (token: string) => run(native.revokeToken({ credentials, token }))
  const load = (token: string) => run(native.loadRefreshToken(clientId, token))
  const size = async () => (await run(store.head)).size
  return { store, during, redeem, refresh, revoke, load, size }
}

const startRedeemed = async () => {
  const started = await start()
  return { ...started, first: (await Effect.runPromise(started.redeem(VERIFIER))).refresh_token! }
}

/** Refreshes `times` times; gives the newest token. */
const goOn = async (
  refresh: (token: string) => Promise<{ readonly refresh_token?: string }>,
  token: string,
  times: number,
) => {
  let current = token
  for (let turn = 0; turn < times; turn++) current = (await refresh(current)).refresh_token!
  return current
}

/** The event that issued it, and the version of its stream at which the append of that began. */
const issueOf = async (store: EventLog, token: string) => {
  const { grantId, digest } = parseToken(token)!
  const entries = await Effect.runPromise(store.readStream(`grant-${grantId}`))
  const issue = entries.find(({ event }) => issuedDigest(event) === digest)!
  const together = entries.filter(({ correlationId }) => correlationId === issue.correlationId)
  return { event: issue.event, afterVersion: together[0]!.version - 1 }
}

test("a refresh token names the version at which its append began, also where another came between", async () => {
  const { store, redeem, refresh, revoke } = await start()
  const run = Effect.runPromise
  // Both are decided at one version; the attempt with the wrong verifier is recorded before the right one.
  const tried = Effect.all([Effect.flip(redeem("w".repeat(43))), redeem(VERIFIER)], { concurrency: "unbounded" })
  const [, { access_token, refresh_token: first }] = await run(tried)
  await revoke(access_token)
  const second = await refresh(first!)
  const tokens = [first!, second.refresh_token!, (await refresh(second.refresh_token!)).refresh_token!]
  const named = tokens.map((token) => parseToken(token)!.afterVersion)
  expect(named).toEqual([3, 7, 9])
  for (const token of tokens) {
    const { event, afterVersion } = await issueOf(store, token)
    expect([event, parseToken(token)]).toMatchObject([{ afterVersion }, { afterVersion }])
  }
  expect(await run(store.dump(issuedTable))).toEqual([])
})

test("a token that names the place of another is unknown, wherever it points, and ends nothing", async () => {
  const { refresh, revoke, load, size, first } = await startRedeemed()
  const newest = await goOn(refresh, first, 3)
  const { grantId } = parseToken(first)!
  const before = await size()
  for (let afterVersion = 0; afterVersion <= 12; afterVersion++) {
    const token = mintToken(liveRandomness, "refresh", grantId, afterVersion)
    await expect(refresh(token)).rejects.toMatchObject({ error: "invalid_grant" })
    await revoke(token)
    expect(await load(token)).toBeUndefined()
  }
  expect(await size()).toBe(before)
  expect((await refresh(newest)).refresh_token).toMatch(/^glr_/)
})

test("every refresh token of a grant is loaded for its client, however old", async () => {
  const { refresh, load, first } = await startRedeemed()
  const tokens = [first]
  for (let turn = 0; turn < 4; turn++) tokens.push(await goOn(refresh, tokens.at(-1)!, 1))
  for (const token of tokens) expect(await load(token)).toMatchObject({ token })
})

test.each([
  ["names a version", 4],
  ["names none", null],
])("a made-up token that %s costs the same statements at any generation, and grows no log", async (_, version) => {
  const { during, refresh, size, first } = await startRedeemed()
  const { grantId } = parseToken(first)!
  const made = () => mintToken(liveRandomness, "refresh", grantId, version)
  const throwOne = () => expect(refresh(made())).rejects.toMatchObject({ error: "invalid_grant" })

  const young = await goOn(refresh, first, 70)
  const early = await during(throwOne)
  const old = await goOn(refresh, young, 200)
  const before = await size()
  expect(await during(throwOne)).toBe(early)
  for (let turn = 0; turn < 50; turn++) await throwOne()
  expect(await size()).toBe(before)
  expect((await refresh(old)).refresh_token).toMatch(/^glr_/)
})

test("an ancient token ends the grant once; after that it changes nothing, however often it comes", async () => {
  const { during, refresh, size, first } = await startRedeemed()
  const newest = await goOn(refresh, first, 200)
  const before = await size()
  await expect(refresh(first)).rejects.toMatchObject({ error: "invalid_grant" })
  expect(await size()).toBe(before + 2)
  await expect(refresh(newest)).rejects.toMatchObject({ error: "invalid_grant" })
  const again = () => expect(refresh(first)).rejects.toMatchObject({ error: "invalid_grant" })
  const cost = await during(again)
  for (let turn = 0; turn < 20; turn++) expect(await during(again)).toBe(cost)
  expect(await size()).toBe(before + 2)
})
