/** `grantlog explain` and `grantlog at … explain`: the same question of now and of another moment, in three forms. */
import { beforeAll, describe, expect, it } from "vitest"
import type { BlastRadius, Explained } from "../../../src/audit/index.ts"
import { APP, namedStore, type NamedStore } from "../../live/support/NamedStore.ts"

let store: NamedStore

beforeAll(async () => {
  store = await namedStore()
  await store.ask("at")
  await store.ask("explain", "--nothing")
  return () => store[Symbol.dispose]()
})

describe("an explanation", () => {
  it("is text, JSON or a page, and not two of them", async () => {
    const { stdout } = await store.ask("explain", APP.id)
    expect(stdout).toMatch(new RegExp(`^client ${APP.id} \\("${APP.name}"\\)\nas of \\S+Z, \\d+ entries\n\nALIVE\n`))
    expect(await store.json("explain", APP.id)).toMatchObject({ isOurs: true, kind: "client", id: APP.id })
    expect((await store.ask("explain", APP.id, "--html")).stdout).toMatch(/^<!doctype html>\n[^]*<\/html>\n$/)
    expect(await store.ask("explain", APP.id, "--json", "--html")).toEqual({
      code: 2,
      stdout: "",
      stderr: "grantlog: --json and --html are two answers: ask for one\n",
    })
  })

  it("of what is not ours is given, and ends with 1", async () => {
    expect(await store.ask("explain", "nobody")).toEqual({
      code: 1,
      stdout: expect.stringMatching(/^NOT OURS\nas of \S+Z, \d+ entries\n$/),
      stderr: "grantlog: nothing of that name or digest was ever issued or registered here\n",
    })
  })

  it("of a JWT is held against the keys of the server, of which none has signed it", async () => {
    const { grants } = await store.json<BlastRadius>("blast-radius", APP.id)
    const { digest } = grants[0]!.alive.find(({ kind }) => kind === "access token")!
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")
    const claims = part({ jti: `${store.grants.open}.${digest}` })
    const { stdout } = await store.pipe(`${part({ kid: "lost" })}.${claims}.AA`, "explain", "--json")
    expect(JSON.parse(stdout)).toMatchObject({ jwt: { kid: "lost", signature: "not checked" } })
  })
})

describe("an explanation as of another moment", () => {
  it("says what was known by then, whether a position or a time is named", async () => {
    const now = await store.json<Explained>("explain", APP.id)
    const then = await store.json<Explained>("at", "10", "explain", APP.id)
    expect([now.asOf.size > 11, then.asOf.size]).toEqual([true, 11])
    expect(then.grants).not.toEqual(now.grants)
    expect(await store.json("at", new Date(then.asOf.at).toISOString(), "explain", APP.id)).toEqual(then)
    const { stdout } = await store.ask("at", "10", "explain", APP.id)
    expect(stdout.split("\n")[1]).toBe(`as of ${new Date(then.asOf.at).toISOString()}, 11 entries`)
  })

  it("is asked for by the word explain, and no other", async () => {
    expect(await store.ask("at", "9", "history")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: "grantlog: <question> is `history`: give explain (try grantlog at --help)\n",
    })
    expect(await store.ask("at", "soon", "explain", APP.id)).toMatchObject({ code: 2, stdout: "" })
  })
})
