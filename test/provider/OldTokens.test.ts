/** The rules of whoever throws old or made-up refresh tokens at a grant: what it costs, and what it cannot make grow. */
import { hash } from "node:crypto"
import { Effect } from "effect"
import { expect, test } from "vitest"
import { openNodeSqlite, type OpenSqlite } from "../../src/log/index.ts"
import { liveSecrets, mintToken, parseToken, sqliteStore } from "../../src/provider/index.ts"
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
  const first = await run(native.redeemCode({ credentials: { clientId }, code, codeVerifier: VERIFIER }))
  const refresh = (refreshToken: string) => run(native.refresh({ credentials: { clientId }, refreshToken }))
  const size = async () => (await run(store.head)).size
  return { during, refresh, size, first: first.refresh_token! }
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

test("a made-up token costs the same statements at any generation, and the log does not grow by it", async () => {
  const { during, refresh, size, first } = await start()
  const { grantId } = parseToken(first)!
  const throwOne = () =>
    expect(refresh(mintToken(liveSecrets, "refresh", grantId))).rejects.toMatchObject({ error: "invalid_grant" })

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
  const { during, refresh, size, first } = await start()
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
