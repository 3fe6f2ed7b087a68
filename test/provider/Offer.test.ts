/** Which resources are known to a request, however many resource servers were added, in whatever spelling. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { settingsOf, type Config } from "../../src/provider/Config.ts"
import { makeOffers } from "../../src/provider/Offer.ts"
import { addResourceServer } from "../support/Session.ts"
import { ISSUER, overMemory, overSqlite, type TestServer } from "../support/TestServer.ts"
import { resources } from "../core/support/Facts.ts"

const at = (index: number) => `https://api-${String(index).padStart(3, "0")}.example/mcp`
const many = (count: number) => Array.from({ length: count }, (_, index) => at(index))

const add = async (server: TestServer, audiences: ReadonlyArray<string>) => {
  for (const audience of audiences) await addResourceServer(server, audience)
}

/** What is known of resources to a request for these. */
const knownTo = async ({ store }: Pick<TestServer, "store">, config: Partial<Config>, asked: ReadonlyArray<string>) => {
  const notices: Array<string> = []
  const offers = makeOffers(settingsOf({ issuer: ISSUER, ...config }), (sentence) => notices.push(sentence))
  const slice = await Effect.runPromise(store.rows.slice(offers.about(resources(...asked))))
  const offer = offers.of(resources(...asked), slice)
  return { known: offer.resources, notices, offer }
}

describe.each([overMemory, overSqlite])("$name", ({ start }) => {
  test("all that were added are known to a request that names none, or an origin that is not known", async () => {
    const server = await start()
    for (const count of [1, 63, 1, 64]) {
      const before = (await knownTo(server, {}, [])).known.length
      await add(server, many(before + count).slice(before))
      expect((await knownTo(server, {}, [])).known).toEqual(many(before + count))
      expect((await knownTo(server, {}, ["https://api-000.example/"])).known).toEqual(many(before + count))
    }
  })

  test("one that was added in several spellings, and by many, is one", async () => {
    const server = await start()
    await add(
      server,
      Array.from({ length: 70 }, (_, index) => (index % 2 === 0 ? at(1) : at(1).toUpperCase().replace("/MCP", "/mcp"))),
    )
    expect((await knownTo(server, {}, [])).known).toHaveLength(1)
    await add(server, [at(0), at(2)])
    expect((await knownTo(server, {}, [])).known).toHaveLength(3)
  })

  test("no more are looked for than may be meant", async () => {
    const server = await start()
    await add(server, [at(0), at(1)])
    expect((await knownTo(server, {}, [at(1)])).known).toEqual([at(1)])
    expect((await knownTo(server, {}, [at(2)])).known).toEqual([])
    expect(
      (await knownTo(server, { resources: ["https://api-002.example"] }, ["https://api-002.example/"])).known,
    ).toEqual(["https://api-002.example"])
    expect((await knownTo(server, { defaultResource: at(2) }, [])).known).toEqual([at(2)])
    expect((await knownTo(server, { resources: [at(3)], defaultResource: at(2) }, [at(0)])).known).toEqual([
      at(3),
      at(2),
      at(0),
    ])
  })

  test("a resource server that was deleted is known no more, one that is disabled still is", async () => {
    const server = await start()
    const [gone, held] = [await addResourceServer(server, at(0)), await addResourceServer(server, at(1))]
    await Effect.runPromise(server.native.deleteClient(gone.clientId))
    await Effect.runPromise(server.native.disableClient(held.clientId))
    expect((await knownTo(server, {}, [])).known).toEqual([at(1)])
  })
})

test("what is offered follows the configuration", async () => {
  const server = await overMemory.start()
  const { offer } = await knownTo(server, { resources: "any", scopes: ["a", "b"], defaultScopes: ["b"] }, [at(0)])
  expect(offer).toEqual({
    scopes: ["a", "b"],
    defaultScopes: ["b"],
    resources: [],
    isAnyResourceOffered: true,
    defaultResource: null,
    registrationGrants: ["authorization_code", "refresh_token"],
  })
  const listed = await knownTo(server, { resources: [at(0)], defaultResource: at(0) }, [at(0)])
  expect(listed.offer).toMatchObject({ isAnyResourceOffered: false, defaultResource: at(0), resources: [at(0)] })
})

test("the operator is told where several are known and none is meant, and nowhere else", async () => {
  const server = await overMemory.start()
  await add(server, [at(0)])
  const told = async (config: Partial<Config>, asked: ReadonlyArray<string>) =>
    (await knownTo(server, config, asked)).notices.length
  expect(await told({}, [])).toBe(0)
  await add(server, [at(1)])
  expect(await told({}, [])).toBe(1)
  expect(await told({}, [at(0)])).toBe(0)
  expect(await told({ defaultResource: at(1) }, [])).toBe(0)
  expect(await told({ resources: [at(2), at(3)], defaultResource: at(2) }, [])).toBe(0)
})

test("a program that says nothing of notices is warned as the process", async () => {
  const warnings: Array<Error> = []
  const listen = (warning: Error) => warnings.push(warning)
  process.on("warning", listen)
  const server = await overMemory.start({ config: { resources: [at(0), at(1)] }, onNotice: undefined })
  const metadata = { redirect_uris: [], grant_types: ["client_credentials"] }
  const { client_id, client_secret } = await Effect.runPromise(server.native.addClient({ metadata }))
  const credentials = { clientId: client_id, clientSecret: client_secret! }
  for (const _ of [1, 2]) await Effect.runPromise(Effect.result(server.native.issueToken({ credentials })))
  await new Promise((resolve) => setImmediate(resolve))
  process.off("warning", listen)
  expect(warnings.map(({ name }) => name)).toEqual(["GrantlogWarning"])
  expect(warnings[0]!.message).toContain("--default-resource")
})
