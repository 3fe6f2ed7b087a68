/** What a page of the console is about: which events of a thing it has, how many it has not, and what stands beside it. */
import { Clock, Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import type { Audit } from "../../../src/audit/index.ts"
import { answerTo, type ConsoleQuery } from "../../../src/cli/console/ConsoleQuery.ts"
import { ALICE, auditOf, logins, run, type Logins } from "../../audit/Logins.ts"

/** Somebody who was forgotten: that is an event of the subject's own. */
const GONE = "sub_gone" as typeof ALICE
let world: Logins
let audit: Audit
let grantId: string
/** A grant with the last event of the log. */
let newestGrantId: string
/** The positions of the grant's events: more than one page. */
let at: ReadonlyArray<number>

beforeAll(async () => {
  world = await logins()
  const login = await world.login()
  grantId = login.grantId
  let { refresh_token: token } = login
  for (let count = 0; count < 35; count++) {
    ;({ refresh_token: token } = await world.refresh(token))
    if (count === 20) await world.login()
  }
  await world.login("app", GONE)
  await run(world.native.forgetSubject(GONE))
  newestGrantId = (await world.login()).grantId
  audit = await auditOf(world)
  at = (await run(world.store.readStream(`grant-${grantId}`))).map(({ position }) => position)
  expect(at.length).toBeGreaterThan(70)
})

const answer = (given: Partial<ConsoleQuery>) =>
  run(
    Effect.provideService(
      answerTo(audit, { about: grantId, names: undefined, at: undefined, page: {}, ...given }),
      Clock.Clock,
      world.clock.clock,
    ),
  )

/** What of the grant's events is shown, by their number in it, how many are not, and where the moment's neighbours are. */
const shown = async (given: Partial<ConsoleQuery>) => {
  const { events, earlierCount, newerCount, laterCount, earlier, later } = await answer(given)
  const numbers = events.map(({ position }) => at.indexOf(position))
  const numberOf = (position: number | undefined) => (position === undefined ? undefined : at.indexOf(position))
  return {
    events: [numbers[0], numbers.at(-1), numbers.length],
    counts: [earlierCount, newerCount, laterCount],
    beside: [numberOf(earlier), numberOf(later)],
  }
}

describe("of a grant", () => {
  it("the newest events come first, a page of them", async () => {
    const count = at.length
    expect(await shown({})).toEqual({
      events: [count - 60, count - 1, 60],
      counts: [count - 60, 0, 0],
      beside: [count - 1, undefined],
    })
  })

  it("those before one of them, or behind it, are a page as well", async () => {
    const count = at.length
    const beside = [count - 1, undefined]
    expect(await shown({ page: { before: at[10]! } })).toEqual({
      events: [0, 9, 10],
      counts: [0, count - 10, 0],
      beside,
    })
    expect(await shown({ page: { before: at[65]! } })).toEqual({
      events: [5, 64, 60],
      counts: [5, count - 65, 0],
      beside,
    })
    expect(await shown({ page: { after: at[3]! } })).toEqual({
      events: [4, 63, 60],
      counts: [4, count - 64, 0],
      beside,
    })
    expect(await shown({ page: { after: at[count - 3]! } })).toEqual({
      events: [count - 2, count - 1, 2],
      counts: [count - 2, 0, 0],
      beside,
    })
    expect(await shown({ page: { after: at[3]!, before: at[8]! } })).toEqual({
      events: [4, 7, 4],
      counts: [4, count - 8, 0],
      beside,
    })
  })

  it("none is from behind the moment, whose neighbours are those before its last one and behind it", async () => {
    const count = at.length
    const past = { events: [0, 20, 21], counts: [0, 0, count - 21], beside: [19, 21] }
    expect(await shown({ at: String(at[20]) })).toEqual(past)
    expect(await shown({ at: String(at[20]), page: { before: at[50]! } })).toEqual(past)
    expect((await shown({ at: String(at[0]) })).beside).toEqual([undefined, 1])
    expect((await shown({ at: String(at[count - 1]) })).beside).toEqual([count - 2, undefined])
  })

  it("now has its last event before it, whatever came last to the log", async () => {
    const { size } = await run(world.store.head)
    const { moment, earlier } = await answer({ about: newestGrantId })
    expect([moment.size, earlier]).toEqual([size, size - 1])
    const past = await answer({ about: newestGrantId, at: String(size - 1) })
    expect(past.earlier).toBe(past.events.at(-2)?.position)
  })

  it("a moment between two of its events stands between those", async () => {
    const gap = at.findIndex((position, index) => at[index + 1]! > position + 2)
    expect((await shown({ at: String(at[gap]! + 1) })).beside).toEqual([gap, gap + 1])
    expect((await shown({ at: String(at[gap]!) })).beside).toEqual([gap - 1, gap + 1])
  })

  it("or of its tokens there is a tree, with the member that was asked about; of nothing else", async () => {
    const whole = await answer({})
    expect(whole.explanation).toMatchObject({ isOurs: true, kind: "grant" })
    expect(whole.lineage).toMatchObject({ grantId, status: "live" })
    const named = (lineage: typeof whole.lineage) =>
      lineage!.generations.flatMap(({ members }) => members.map(({ digest }) => digest))
    const entries = await run(world.store.readStream(`grant-${grantId}`))
    const issued = entries.flatMap(({ event }) => (event._tag === "RefreshTokenRotated" ? [event.digest] : []))
    const middle = issued.find((digest) => !named(whole.lineage).includes(digest))!
    const token = await answer({ about: middle })
    expect(token.explanation).toMatchObject({ isOurs: true, kind: "refresh token", id: middle })
    expect(token.events).toEqual(whole.events)
    expect(token.lineOf(token.events[0]!).position).toBe(token.events[0]!.position)
  })
})

describe("of a client and a subject", () => {
  it.each([
    ["app", "client-app"],
    [GONE, `subject-${GONE}`],
  ])("%s has the events of its own stream, and no tree", async (about, stream) => {
    const { explanation, lineage, events, laterCount, earlier } = await answer({ about })
    expect(earlier).toBe(events[events.length - 1]!.position)
    expect(explanation).toMatchObject({ isOurs: true, id: about })
    expect([lineage, laterCount]).toEqual([undefined, 0])
    expect(events).toEqual(await run(world.store.readStream(stream)))
  })
})

describe("of what is not ours", () => {
  const nothing = { lineage: undefined, events: [], earlierCount: 0, newerCount: 0, laterCount: 0, earlier: undefined }

  it("there is nothing, but for where it begins if it came later than the moment", async () => {
    expect(await answer({ about: "nobody" })).toMatchObject({
      explanation: { isOurs: false },
      ...nothing,
      later: undefined,
    })
    expect(await answer({ about: "nobody", at: "0" })).toMatchObject({ ...nothing, later: undefined })
    const early = await answer({ at: "0" })
    expect(early).toMatchObject({ explanation: { isOurs: false }, moment: { size: 1 }, ...nothing, later: at[0] })
  })

  it("a token that names a grant says so, if that is an id", async () => {
    const about = "x".repeat(43)
    const sentence = async (names?: string) => {
      const { explanation } = await answer({ about, names })
      return explanation.isOurs ? "ours" : explanation.sentence
    }
    const unnamed = await sentence()
    const named = await sentence(grantId)
    expect(named).not.toBe(unnamed)
    expect(named).toContain(grantId)
    for (const names of ["", "x", `${grantId}0`, `0${grantId}`, `-${grantId.slice(1)}`]) {
      expect([names, await sentence(names)]).toEqual([names, unnamed])
    }
  })
})
