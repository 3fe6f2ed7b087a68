/** A mutex for each name, within one process: who comes later waits for everybody who came before, whatever became of them. */
import { setImmediate as soon } from "node:timers/promises"
import { expect, it } from "vitest"
import { makeKeyedMutex } from "../../../src/client/storage/KeyedMutex.ts"

/** A body that ends when it is told to. */
const gated = (order: Array<string>, name: string) => {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const body = async () => {
    order.push(`${name} begins`)
    await promise
    order.push(`${name} ends`)
  }
  return { body, end: resolve, fail: reject }
}

it("who comes third waits for the second also when the first has ended in between", async () => {
  const { run } = makeKeyedMutex()
  const order: Array<string> = []
  const [first, second, third] = ["first", "second", "third"].map((name) => gated(order, name))
  const [one, two] = [run("a", first!.body), run("a", second!.body)]
  first!.end()
  await one
  await soon()
  const three = run("a", third!.body)
  await soon()
  expect(order).toEqual(["first begins", "first ends", "second begins"])
  second!.end()
  third!.end()
  await Promise.all([two, three])
  expect(order.slice(3)).toEqual(["second ends", "third begins", "third ends"])
})

it("who fails is told alone, and holds up nobody", async () => {
  const { run } = makeKeyedMutex()
  const order: Array<string> = []
  const failing = gated(order, "failing")
  const failed = run("a", failing.body)
  const next = run("a", async () => "next")
  failing.fail(new Error("no"))
  await expect(failed).rejects.toThrow("no")
  expect(await next).toBe("next")
})

it("names do not wait for each other", async () => {
  const { run } = makeKeyedMutex()
  const order: Array<string> = []
  const one = gated(order, "one")
  const held = run("a", one.body)
  expect(await run("b", async () => "other")).toBe("other")
  one.end()
  await held
})
