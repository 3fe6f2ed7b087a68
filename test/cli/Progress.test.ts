/** What is said while something takes long: how much of how much, how fast, and how long it will take. */
import { expect, it, vi } from "vitest"
import { entryProgress, grantProgress, pageProgress } from "../../src/cli/Progress.ts"
import { saidBy } from "./SaidHere.ts"

/** What is said when `calls` come so many milliseconds after the beginning. */
const told = async <Call>(begin: () => (call: Call) => void, calls: ReadonlyArray<readonly [number, Call]>) => {
  const clock = vi.spyOn(performance, "now").mockReturnValue(500)
  try {
    const { stdout, stderr } = await saidBy(() => {
      const progress = begin()
      for (const [millis, call] of calls) {
        clock.mockReturnValue(500 + millis)
        progress(call)
      }
    })
    expect(stdout).toBe("")
    return stderr
  } finally {
    clock.mockRestore()
  }
}

it("of entries and pages is said a second after the last time, and not before", async () => {
  const of = (begin: typeof entryProgress) => (): ((call: readonly [number, number]) => void) => {
    const progress = begin()
    return ([count, size]) => progress(count, size)
  }
  const calls = [
    [999, [10, 100]],
    [1000, [25, 100]],
    [1999, [40, 100]],
    [2500, [50, 101]],
  ] as const
  expect(await told(of(entryProgress), calls)).toBe(
    "entries 25 of 100, 25/s, 3 s left\nentries 50 of 101, 20/s, 3 s left\n",
  )
  expect(await told(of(pageProgress), [[4000, [1, 100]]])).toBe("pages 1 of 100, 0/s\n")
})

it("of grants is how many there were", async () => {
  const calls = [
    [999, 10],
    [1000, 20],
    [1999, 30],
    [2000, 40],
  ] as const
  expect(await told(grantProgress, calls)).toBe("20 grants looked at\n40 grants looked at\n")
})
