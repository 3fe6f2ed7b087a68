/** What an operator is told of a subject, and what is forgotten of it. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { forgetSubject, showSubject } from "../../../../src/cli/admin/operations/Subjects.ts"
import type { AuthorizationServer } from "../../../../src/provider/index.ts"
import { memoryStore } from "../../../../src/provider/index.ts"
import { faultOf, notThere, placeOf } from "./PlaceHere.ts"

const run = Effect.runPromise
const ID = "sub_eve"

interface World {
  readonly account?: string
  readonly events?: ReadonlyArray<string>
  readonly grants?: ReadonlyArray<object>
}

/** A server where eve has two browser sessions and, on three pages, five connections. */
const world = ({ account, events = [], grants = [] }: World) => {
  const forgotten: Array<string> = []
  const pages: Array<object> = []
  const found = (isFound: boolean) =>
    Effect.succeed(isFound && account !== undefined ? { name: account, subjectId: ID } : undefined)
  const server = {
    now: () => 1000,
    accounts: { find: (name: string) => found(name === account), ofSubject: (id: string) => found(id === ID) },
    sessions: { list: (id: string, at: number) => Effect.succeed(id === ID && at === 1000 ? [{}, {}] : []) },
    connections: (id: string, page: { readonly after?: string }) => {
      pages.push([id, page])
      const { after = "0" } = page
      const next = ({ 0: "1", 1: "2" } as Readonly<Record<string, string>>)[after]
      return Effect.succeed({
        connections: after === "2" ? [{}] : [{}, {}],
        ...(next === undefined ? {} : { after: next }),
      })
    },
    grants: (...given: ReadonlyArray<unknown>) => {
      expect(given).toEqual([{ subjectId: ID }, { limit: 1 }])
      return Effect.succeed(grants)
    },
    forgetSubject: (id: string) => Effect.sync(() => void forgotten.push(id)),
  }
  const log = {
    ...memoryStore(),
    readStream: (stream: string) =>
      Effect.succeed(
        stream === `subject-${ID}`
          ? events.map((tag, index) => ({ event: { _tag: tag }, recordedAt: 1_700_000_000_000 + index * 1000 }))
          : [],
      ),
  } as never
  const subjectKeys = { isForgotten: (id: string) => Effect.succeed(id === ID && events.includes("SubjectForgotten")) }
  return {
    forgotten,
    pages,
    place: placeOf({ server: server as unknown as Partial<AuthorizationServer>, log, subjectKeys }),
  }
}

const kept = {
  subject: ID,
  account: null,
  browserSessionCount: 2,
  liveGrantCount: 5,
  isKeyDestroyed: false,
  forgotten: null,
}

describe("what is kept of a subject", () => {
  it.each<[string, World, object]>([
    ["an account", { account: "eve" }, { ...kept, account: "eve" }],
    ["grants", { grants: [{}] }, kept],
    ["events", { events: ["SubjectDisabled"] }, kept],
    [
      "that it was forgotten",
      { events: ["SubjectDisabled", "SubjectForgotten"] },
      { ...kept, isKeyDestroyed: true, forgotten: "2023-11-14T22:13:21.000Z" },
    ],
  ])("is %s", async (_, given, answer) => {
    const { place, pages, forgotten } = world(given)
    expect(await run(showSubject.run(place, { subject: ID }))).toEqual(answer)
    expect(pages).toEqual([
      [ID, {}],
      [ID, { after: "1" }],
      [ID, { after: "2" }],
    ])
    expect(forgotten).toEqual([])
  })

  it("is nothing, of whom nothing is known", async () => {
    const { place } = world({})
    const nothing = notThere("there is nothing of a subject `sub_eve`")
    expect(await faultOf(showSubject.run(place, { subject: ID }))).toEqual(nothing)
    expect(await faultOf(forgetSubject.run(place, { subject: ID }))).toEqual(nothing)
  })
})

describe("a subject that is named", () => {
  it("as an account is found by that name alone", async () => {
    const { place } = world({ account: "eve" })
    const named = (subject: string) => showSubject.run(place, { subject, is_name: true })
    expect(await run(named("eve"))).toMatchObject({ subject: ID })
    expect(await faultOf(named(ID))).toEqual(notThere("there is no account `sub_eve`"))
  })

  it("in either way is found by its id, too", async () => {
    const { place } = world({ account: "eve" })
    expect(await run(showSubject.run(place, { subject: ID, is_name: false }))).toMatchObject({ subject: ID })
    expect(await faultOf(showSubject.run(place, { subject: "bob" }))).toEqual(
      notThere("there is no account `bob`, and no subject of that id"),
    )
  })
})

it("forgetting answers with what was kept until then", async () => {
  const { place, forgotten } = world({ account: "eve" })
  expect(await run(forgetSubject.run(place, { subject: "eve", is_name: true }))).toEqual({
    ...kept,
    account: "eve",
    done: "forgotten",
  })
  expect(forgotten).toEqual([ID])
})
