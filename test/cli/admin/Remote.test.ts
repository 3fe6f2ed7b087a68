/** A server that takes a request and never answers it: the command gives up, and says what may have happened. */
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, Fiber, Option } from "effect"
import { TestClock } from "effect/testing"
import { expect, it, onTestFinished } from "vitest"
import { deleteClient, listClients } from "../../../src/cli/admin/operations/Clients.ts"
import { remoteAt } from "../../../src/cli/admin/Remote.ts"
import { endingOf } from "../../../src/cli/Call.ts"

const silentServer = async () => {
  const server = createServer()
  await once(server.listen(0, "127.0.0.1"), "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

type Asked = (ask: Effect.Success<ReturnType<typeof remoteAt>>) => Effect.Effect<unknown, unknown>

it.each<[string, Asked, string]>([
  ["a question", (ask) => ask(listClients, {}), "look at the server"],
  [
    "a change",
    (ask) => ask(deleteClient, { client_id: "app" }),
    "it may have been done all the same: look before asking again",
  ],
])("%s is given up after two minutes", async (_, asked, advice) => {
  process.env["GRANTLOG_ADMIN_CREDENTIAL"] = "c".repeat(43)
  onTestFinished(() => void delete process.env["GRANTLOG_ADMIN_CREDENTIAL"])
  const { server, url } = await silentServer()
  const asking = Effect.gen(function* () {
    const ask = yield* remoteAt(url, { adminCredentialFile: Option.none() })
    const came = once(server, "request")
    const fiber = yield* Effect.forkChild(Effect.exit(asked(ask)))
    const [request] = (yield* Effect.promise(() => came)) as [{ once: (event: string, then: () => void) => void }]
    const closed = new Promise<void>((resolve) => request.once("close", resolve))
    yield* TestClock.adjust("119 seconds")
    expect(fiber.pollUnsafe()).toBeUndefined()
    yield* TestClock.adjust("1 second")
    const exit = yield* Fiber.join(fiber)
    // Nobody waits for the answer any more.
    yield* Effect.promise(() => closed)
    return exit
  })
  const exit = await Effect.runPromise(Effect.provide(asking, TestClock.layer()))
  expect(endingOf(exit)).toBe(1)
  expect(await Effect.runPromise(Effect.flip(exit))).toMatchObject({
    message: `\`${url}\` gave no answer within 120 seconds: ${advice}`,
  })
})
