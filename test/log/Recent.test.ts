/** What was used lately is remembered, and there is never more of it than there is room. */
import fc from "fast-check"
import { expect, it } from "vitest"
import { makeRecent } from "../../src/log/index.ts"

const ROOM = 20

it("what was used within half of the room is there, with the value that it was given last", () => {
  const use = fc.record({ key: fc.nat(9), value: fc.option(fc.integer({ min: 1, max: 3 })) })
  fc.assert(
    fc.property(fc.array(use, { maxLength: 100 }), (uses) => {
      const recent = makeRecent<number, { readonly size: number }>(ROOM, ({ size }) => size)
      const given = new Map<number, { readonly size: number }>()
      const newestLast: Array<number> = []
      for (const { key, value } of uses) {
        if (value !== null) {
          given.set(key, { size: value })
          recent.keep(key, given.get(key)!)
        }
        if (recent.get(key) !== undefined) newestLast.push(key)
        expect([undefined, given.get(key)]).toContain(recent.get(key))
      }
      const lately = new Set<number>()
      let size = 0
      for (const key of newestLast.toReversed()) {
        if (lately.has(key)) continue
        size += given.get(key)!.size
        if (size > ROOM / 2) break
        lately.add(key)
      }
      for (const key of lately) expect(recent.get(key)).toBe(given.get(key))
    }),
  )
})

it("there is no more than there is room for, and one that fills it", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 100 })
  fc.assert(
    fc.property(sizes, fc.array(fc.nat(99)), (all, looks) => {
      const recent = makeRecent<number, number>(ROOM, (size) => size)
      all.forEach((size, key) => {
        recent.keep(key, size)
        recent.get(looks[key] ?? 0)
      })
      const kept = all.map((_, key) => recent.get(key) ?? 0)
      expect(kept.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(ROOM + 5)
    }),
  )
})

it("what is forgotten is gone, however long ago it was kept", () => {
  for (const age of [0, ROOM / 2]) {
    const recent = makeRecent<string, number>(ROOM)
    recent.keep("one", 1)
    for (let other = 0; other < age; other++) recent.keep(`other ${other}`, 1)
    expect(recent.get("one")).toBe(1)
    recent.forget("one")
    expect(recent.get("one")).toBeUndefined()
  }
})
