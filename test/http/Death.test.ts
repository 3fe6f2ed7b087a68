/**
 * A process that dies at whatever moment between a claim and the reply, for each value that is used once: whoever brings it
 * again, to the process that takes its place, finds it used or unused, and never used twice or lost.
 */
import { Effect } from "effect"
import { expect, it } from "vitest"
import type { Event } from "../../src/core/index.ts"
import { memoryStore } from "../../src/provider/index.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"
import { sideTables } from "../../src/provider/SideTables.ts"
import { everyWay, type Way } from "../support/EveryWay.ts"

const run = Effect.runPromise
const killed = Effect.die(new Error("the process was killed"))

/** A store whose process dies at a write: before it, or when it has been committed and nobody was told. */
const mortal = (store: ServerStore) => {
  let left = Number.POSITIVE_INFINITY
  let isCommitted = false
  let isDead = false
  const writing = <A, E>(write: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      if (isDead) return killed
      if (left-- > 0) return write
      isDead = true
      return isCommitted ? Effect.andThen(write, killed) : killed
    })
  type Operation = (...about: ReadonlyArray<never>) => Effect.Effect<unknown, unknown>
  const side = Object.fromEntries(
    Object.entries(store.side as unknown as Record<string, Operation>).map(([name, operation]) => [
      name,
      name in sideTables.operations ? (...about: ReadonlyArray<never>) => writing(operation(...about)) : operation,
    ]),
  ) as unknown as ServerStore["side"]
  return {
    store: { ...store, side, append: (append) => writing(store.append(append)) } satisfies ServerStore,
    isDead: () => isDead,
    /** Dies at the write after so many; `committed`: once that is on the disk. */
    dieAfter: (writes: number, committed: boolean) => {
      left = writes
      isCommitted = committed
    },
  }
}

const opened = ({ _tag }: Event) => _tag === "GrantOpened"
const issued = ({ _tag }: Event) => _tag === "AccessTokenIssued"

/** What each is used for, by its event, how often that has happened before, and what it is told who brings it again. */
const values: ReadonlyArray<readonly [Way, (event: Event) => boolean, again: "refused" | "repeated"]> = [
  ["a code", issued, "refused"],
  ["a refresh token", ({ _tag }) => _tag === "RefreshTokenRotated", "repeated"],
  ["a device code", issued, "refused"],
  ["a user code", opened, "refused"],
  ["an identity assertion", opened, "refused"],
  ["a client assertion", opened, "refused"],
  ["a proof of a key", opened, "refused"],
  ["an invitation", ({ _tag }) => _tag === "ClientRegistered", "refused"],
  ["an approval", opened, "refused"],
]

it.each(values)("%s is used once, and never lost, whenever the process dies", async (name, isUse, again) => {
  let deaths = 0
  for (const committed of [false, true]) {
    for (let writes = 0, isAlive = false; !isAlive; writes++) {
      const disk = memoryStore()
      const { store, dieAfter, isDead } = mortal(disk)
      const { ways, restart } = await everyWay({ store, config: { registration: "invited" } })
      const bring = await ways[name]()
      const useCount = async (log: ServerStore) =>
        (await run(log.readAll(0, 1000))).filter(({ event }) => isUse(event)).length
      const before = await useCount(store)
      dieAfter(writes, committed)
      const first = await bring()
      isAlive = !isDead()
      const at = [committed, writes]
      if (isAlive) expect([...at, first.status < 400]).toEqual([...at, true])
      else deaths++
      const wasUsed = (await useCount(disk)) > before
      await restart(disk)
      const second = await bring()
      const isGiven = second.status < 400
      expect([...at, second.status < 500, isGiven]).toEqual([...at, true, !wasUsed || again === "repeated"])
      expect([...at, (await useCount(disk)) - before]).toEqual([...at, 1])
    }
  }
  expect(deaths).toBeGreaterThan(1)
})
