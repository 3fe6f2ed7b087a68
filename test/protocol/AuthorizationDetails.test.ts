/** Authorization details as words of OAuth: one text for each, and what is no more than what was granted. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { areDetailsCovered, detailOf, detailText, isDetailText } from "../../src/protocol/index.ts"

const text = (detail: Readonly<Record<string, unknown>>): string => detailText(detail)!

const actions = fc.uniqueArray(fc.constantFrom("read", "write", "delete"), { minLength: 1 })
const detail = fc.record(
  { type: fc.constantFrom("files", "payment"), actions, amount: fc.jsonValue({ maxDepth: 2 }), locations: actions },
  { requiredKeys: ["type"] },
)

describe("the text of a detail", () => {
  it("is the same for the same detail, however its members are ordered", () => {
    fc.assert(
      fc.property(detail, (one) => {
        const other = Object.fromEntries(Object.entries(one).toReversed())
        expect(detailText(other)).toBe(detailText(one))
        expect(isDetailText(text(one))).toBe(true)
        expect(detailOf(text(one))).toEqual(JSON.parse(JSON.stringify(one)))
      }),
    )
  })

  it.each([
    null,
    "files",
    [],
    [{ type: "files" }],
    {},
    { type: "" },
    { type: 1 },
    { type: "files", far: Number.POSITIVE_INFINITY },
    { type: "files", broken: "\ud800" },
    { type: "files", long: "x".repeat(2048) },
    { type: "files", deep: JSON.parse("[".repeat(9) + "]".repeat(9)) },
  ])("is none for what is no detail: %j", (value) => {
    expect(detailText(value)).toBeUndefined()
  })

  it("is not any JSON that means the same", () => {
    expect(isDetailText('{"type":"files"}')).toBe(true)
    for (const other of ['{ "type":"files"}', '{"type":"files","a":1}', "{", "null"])
      expect(isDetailText(other)).toBe(false)
  })
})

describe("what was granted", () => {
  //= RFC9396-6-narrowing
  it("covers itself, and the same with fewer actions, and nothing that covers more", () => {
    fc.assert(
      fc.property(detail, detail, fc.array(detail, { maxLength: 3 }), (one, other, more) => {
        const [granted, asked] = [text(one), text(other)]
        expect(areDetailsCovered([granted], [granted])).toBe(true)
        expect(areDetailsCovered([...more.map(text), granted], [granted])).toBe(true)
        // Each covers the other only where they allow the same.
        if (areDetailsCovered([granted], [asked]) && areDetailsCovered([asked], [granted])) {
          expect(new Set(one.actions)).toEqual(new Set(other.actions))
          expect(new Set(one.locations)).toEqual(new Set(other.locations))
        }
      }),
    )
  })

  it("never covers more along any way down", () => {
    const less = (from: ReadonlyArray<string>) => fc.subarray([...from], { minLength: 1 })
    const ways = detail
      .filter(({ actions: all }) => all !== undefined)
      .chain((one) => fc.tuple(fc.constant(one), less(one.actions!), detail))
      .chain(([one, some, other]) =>
        fc.tuple(fc.constant(one), fc.constant({ ...one, actions: some }), fc.constantFrom(other, one), less(some)),
      )
    fc.assert(
      fc.property(ways, ([one, two, other, fewest]) => {
        const [first, second, third] = [text(one), text(two), text({ ...two, actions: fewest })]
        expect(areDetailsCovered([first], [second])).toBe(true)
        expect(areDetailsCovered([second], [third])).toBe(true)
        expect(areDetailsCovered([first], [third])).toBe(true)
        // What the narrowed one covers, the whole one covers as well.
        if (areDetailsCovered([second], [text(other)])) expect(areDetailsCovered([first], [text(other)])).toBe(true)
      }),
    )
  })

  const granted = text({ type: "files", actions: ["read", "write"], path: "/a", owner: { id: 1, name: "x" } })
  it.each([
    ["fewer actions", true, { type: "files", actions: ["read"], path: "/a", owner: { name: "x", id: 1 } }],
    ["another order", true, { type: "files", actions: ["write", "read"], path: "/a", owner: { id: 1, name: "x" } }],
    ["another action", false, { type: "files", actions: ["read", "delete"], path: "/a", owner: { id: 1, name: "x" } }],
    ["no action, which may mean all", false, { type: "files", actions: [], path: "/a", owner: { id: 1, name: "x" } }],
    ["actions left out", false, { type: "files", path: "/a", owner: { id: 1, name: "x" } }],
    ["another path", false, { type: "files", actions: ["read"], path: "/", owner: { id: 1, name: "x" } }],
    ["a member more", false, { type: "files", actions: ["read"], path: "/a", owner: { id: 1, name: "x" }, all: true }],
    ["another type", false, { type: "payment", actions: ["read"], path: "/a", owner: { id: 1, name: "x" } }],
    ["a member inside", false, { type: "files", actions: ["read"], path: "/a", owner: { id: 2, name: "x" } }],
  ] as const)("is held against %s: %s", (_, isCovered, asked) => {
    expect(areDetailsCovered([granted], [text(asked)])).toBe(isCovered)
    expect(areDetailsCovered([], [text(asked)])).toBe(false)
  })
})
