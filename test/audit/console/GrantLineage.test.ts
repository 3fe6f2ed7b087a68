/** A long lineage: what is named of it, and that nothing that matters is left out. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { grantLineageOf } from "../../../src/audit/console/GrantLineage.ts"
import { momentNow, statesAt } from "../../../src/audit/index.ts"
import { VERIFIER } from "../../support/TenMethods.ts"
import { consoleUnderTest } from "../../cli/console/ConsoleUnderTest.ts"
import { logins, run, type Logins, type RefreshedToken } from "../Logins.ts"

const lineageIn = async ({ store, clock }: Logins, grantId: string) =>
  grantLineageOf(await run(statesAt(store, await run(momentNow(store, clock.now())))({ grantId })), grantId)

const refreshes = async (world: Pick<Logins, "refresh">, first: RefreshedToken, count: number) => {
  const tokens = [first]
  for (let index = 0; index < count; index++) tokens.push(await world.refresh(tokens.at(-1)!.refresh_token))
  return tokens
}

describe("a lineage", () => {
  it("of many generations names the first, the last, and how many are between", async () => {
    const world = await logins()
    const { grantId, ...first } = await world.login()
    await refreshes(world, first, 19)
    const lineage = (await lineageIn(world, grantId))!
    expect(lineage.generations.map(({ generation }) => generation)).toEqual([
      0, 1, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
    ])
    expect(lineage.unnamed).toEqual({ generationCount: 9, after: 2 })
    expect(lineage.status).toBe("live")
  })

  it("names a stolen token wherever it stands", async () => {
    const world = await logins()
    const { grantId, ...first } = await world.login()
    const tokens = await refreshes(world, first, 19)
    world.clock.pass(600)
    await world.refused(
      world.native.refresh({ credentials: { clientId: "app" }, refreshToken: tokens[4]!.refresh_token }),
    )
    const lineage = (await lineageIn(world, grantId))!
    expect(lineage.status).toBe("stolen")
    const stolen = lineage.generations.filter(({ members }) => members.some(({ status }) => status === "stolen"))
    expect(stolen.map(({ generation }) => generation)).toEqual([5])
  })

  it("is suspended with its client, and of one that was replayed the code is stolen", async () => {
    const world = await logins()
    const { grantId, code } = await world.login()
    await run(world.native.disableClient("app"))
    const statuses = async () =>
      (await lineageIn(world, grantId))!.generations.map(({ members }) => members.map(({ status }) => status))
    expect(await statuses()).toEqual([["spent"], ["suspended", "suspended"]])
    await run(world.native.enableClient("app"))
    await run(Effect.flip(world.native.redeemCode({ credentials: { clientId: "app" }, code, codeVerifier: VERIFIER })))
    expect(await statuses()).toEqual([["stolen"], ["dead", "dead"]])
  })

  it("of a grant that never was is none", async () => {
    expect(await lineageIn(await logins(), "0".repeat(22))).toBeUndefined()
  })
})

describe("a long timeline", () => {
  it("item 18: is shown from its end, the newest request first, a page at a time, and back again", async () => {
    const world = await consoleUnderTest()
    const { grantId, ...first } = await world.login()
    await refreshes(world, first, 40)
    await world.signIn()
    const turn = async (path: string) => {
      const { body } = await world.get(path)
      const link = (text: string) => new RegExp(`href="([^"]+)">${text}<`).exec(body)?.[1]?.replaceAll("&amp;", "&")
      return {
        positions: [...body.matchAll(/aria-label="#(\d+), as of then"/g)].map(([, position]) => Number(position)),
        earlier: link("Earlier events"),
        later: link("Later events"),
        newest: link("Newest events"),
      }
    }
    const start = `/console?about=${grantId}`
    const pages = [await turn(start)]
    for (let { earlier } = pages[0]!; earlier !== undefined; earlier = pages.at(-1)!.earlier) {
      pages.push(await turn(earlier))
    }
    const entries = await run(world.store.readStream(`grant-${grantId}`))
    expect(entries.length).toBeGreaterThan(60)
    const requests = Map.groupBy(entries, ({ correlationId }) => correlationId)
    const newestFirst = [...requests.values()].toReversed().flat()
    expect(pages.flatMap(({ positions }) => positions)).toEqual(newestFirst.map(({ position }) => position))
    expect(pages).toHaveLength(2)
    expect([pages[0]!.later, pages[0]!.newest]).toEqual([undefined, undefined])
    expect((await turn(pages[1]!.later!)).positions).toEqual(pages[0]!.positions.filter((_, index) => index < 60))
    expect(pages[1]!.newest).toBe(start)
  })
})
