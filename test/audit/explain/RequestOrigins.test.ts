/** Origins of requests in an explanation: opened once for each entry, of the entry that has it, and only by who asks. */
import { Effect } from "effect"
import { expect, it } from "vitest"
import { withRequestOrigins } from "../../../src/audit/explain/RequestOrigins.ts"
import type { Explained, Explanation } from "../../../src/audit/explain/Explanation.ts"
import type { Recorded } from "../../../src/log/index.ts"

const run = Effect.runPromise

/** Two appends: the first entry of each has the origin of both. */
const entries = [
  { position: 0, id: "a", stream: "s", version: 1, causationId: null, sealed: "one" },
  { position: 1, id: "b", stream: "s", version: 2, causationId: "a", sealed: null },
  { position: 2, id: "c", stream: "s", version: 3, causationId: null, sealed: "two" },
] as unknown as ReadonlyArray<Recorded>
const log = {
  readAll: (position: number, limit = 9) => Effect.succeed(entries.slice(position, position + limit)),
  readStream: (_: string, behind = 0, limit = 9) => Effect.succeed(entries.slice(behind, behind + limit)),
}
const line = (position: number) => ({ position, isRequestOriginSealed: true, type: "GrantRevoked" })
const explanation = {
  isOurs: true,
  kind: "grant",
  id: "g1",
  grantId: "g1",
  clientId: "app",
  subjectId: null,
  standing: { status: "dead", until: null, cause: null, others: [] },
  chain: [line(1)],
  ancestry: [line(0), line(7)],
  presentations: [line(1), line(2)],
  descendants: [],
  siblings: [],
  grants: [],
} as unknown as Explained

it("each line has the origin of its own request, and nothing is opened twice", async () => {
  const opened: Array<string> = []
  const open = ({ id, sealed }: Recorded) =>
    Effect.sync(() => {
      opened.push(id)
      return { _tag: "RequestOrigin" as const, address: String(sealed), userAgent: null }
    })
  const told = (await run(withRequestOrigins(log, open, explanation))) as Explained
  const addresses = (lines: Explained["chain"]) =>
    lines.map(({ position, requestOrigin }) => [position, (requestOrigin as { readonly address?: string })?.address])
  expect(addresses(told.chain)).toEqual([[1, "one"]])
  expect(addresses(told.ancestry)).toEqual([
    [0, "one"],
    [7, undefined],
  ])
  expect(told.ancestry[1]).not.toHaveProperty("requestOrigin")
  expect(addresses(told.presentations)).toEqual([
    [1, "one"],
    [2, "two"],
  ])
  expect(opened.toSorted()).toEqual(["a", "a", "c"])
  // What could not be opened can still be asked for; where all was, nothing is left to ask.
  const commands = (one: Explanation) => one.next.map(({ command }) => command)
  expect(commands(told)).toContain("grantlog explain g1 --request-origin")
  const whole = { ...explanation, ancestry: [line(0)] } as unknown as Explained
  expect(commands(await run(withRequestOrigins(log, open, whole)))).not.toContain(
    "grantlog explain g1 --request-origin",
  )
})

it("what is not ours has no origin", async () => {
  const unknown = { isOurs: false } as Explanation
  const open = () => Effect.die(new Error("something was opened"))
  expect(await run(withRequestOrigins(log, open, unknown))).toBe(unknown)
})
