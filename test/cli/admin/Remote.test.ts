/** What a command sends to a server's admin API, and what it makes of whatever comes back, or of nothing. */
import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { Effect, Fiber, Option } from "effect"
import { TestClock } from "effect/testing"
import { beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest"
import type { AnyOperation, Operation } from "../../../src/cli/admin/Operation.ts"
import { addAccount, removePasskey, showAccount } from "../../../src/cli/admin/operations/Accounts.ts"
import { inviteClient, deleteClient, listClients, showClient } from "../../../src/cli/admin/operations/Clients.ts"
import { remoteAt } from "../../../src/cli/admin/Remote.ts"
import { endingOf } from "../../../src/cli/Call.ts"

const CREDENTIAL = "c".repeat(43)

beforeEach(() => {
  vi.stubEnv("GRANTLOG_ADMIN_CREDENTIAL", CREDENTIAL)
  return () => vi.unstubAllEnvs()
})

const listening = async (listener?: RequestListener) => {
  const server = createServer(listener)
  await once(server.listen(0, "127.0.0.1"), "listening")
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { server, close, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const silentServer = async () => {
  const { close, ...silent } = await listening()
  onTestFinished(close)
  return silent
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

const noFile = { adminCredentialFile: Option.none() }

describe("an operation is asked", () => {
  const received: Array<object> = []
  let reply: RequestListener
  let url: string

  beforeAll(async () => {
    const { close, ...opened } = await listening((request, response) => {
      const { method, url: target, headers } = request
      void text(request).then((body) => {
        const { accept, authorization: credential } = headers
        received.push({ method, target, body, accept, type: headers["content-type"], credential })
        reply(request, response)
      })
    })
    url = opened.url
    return close
  })

  beforeEach(() => void received.splice(0))

  const asking = <Asked extends object, Answer>(
    one: Operation<Asked, Answer> & AnyOperation,
    asked: Asked,
    address = url,
  ) => Effect.flatMap(remoteAt(address, noFile), (ask) => ask(one, asked))

  const answering =
    (status: number, body: unknown): RequestListener =>
    (_, response) =>
      void response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body))

  const invitation = { expires: "2026-01-01T00:00:00.000Z", initial_access_token: "gli_planted" }
  const page = { clients: [], before: null, after: null }
  const own = { accept: "application/json", type: undefined, body: "", credential: `Bearer ${CREDENTIAL}` }
  const sent = { ...own, type: "application/json" }

  it.each<[string, (address: string) => Effect.Effect<unknown, unknown>, RequestListener, object]>([
    [
      "by its method and path alone",
      (address) => asking(listClients, {}, address),
      answering(200, page),
      { ...own, method: "GET", target: "/admin/clients" },
    ],
    [
      "with what it asks in the query",
      (address) => asking(listClients, { limit: 1, reverse: true, after: "a b" }, address),
      answering(200, page),
      { ...own, method: "GET", target: "/admin/clients?limit=1&reverse=true&after=a+b" },
    ],
    [
      "with what it asks in the path",
      (address) => asking(removePasskey, { name: "a/b?c#d", id: "1" }, address),
      answering(200, { name: "a", removedCount: 1 }),
      { ...own, method: "DELETE", target: "/admin/accounts/a%2Fb%3Fc%23d/passkeys/1" },
    ],
    [
      "with what it asks as JSON",
      (address) => asking(inviteClient, { lifetime_seconds: 60 }, address),
      answering(201, invitation),
      { ...sent, method: "POST", target: "/admin/invitations", body: '{"lifetime_seconds":60}' },
    ],
    [
      "without a body where it says nothing",
      (address) => asking(inviteClient, {}, address),
      answering(201, invitation),
      { ...own, method: "POST", target: "/admin/invitations" },
    ],
    [
      "below the path of the address",
      (address) => asking(listClients, {}, `${address}//beyond/the//proxy/`),
      answering(200, page),
      { ...own, method: "GET", target: "/beyond/the/proxy/admin/clients" },
    ],
  ])("%s", async (_, ask, answer, request) => {
    reply = answer
    await Effect.runPromise(ask(url))
    expect(received).toEqual([request])
  })

  it("and its answer is given as it came, however long it is", async () => {
    const long = { ...invitation, initial_access_token: "x".repeat(100_000) }
    reply = answering(201, long)
    expect(JSON.stringify(await Effect.runPromise(asking(inviteClient, {})))).toBe(JSON.stringify(long))
  })

  const failed = (_tag: string, message: string, isAbsence?: boolean) => ({
    _tag,
    message,
    ...(isAbsence === undefined ? {} : { isAbsence }),
  })
  const error = { error: "some", error_description: "what is wrong" }
  it.each<[number, unknown, ReturnType<typeof failed>]>([
    [
      401,
      error,
      failed("CommandFault", "the admin API at `URL` does not take this credential: give the one that its server has"),
    ],
    [
      429,
      error,
      failed(
        "CommandFault",
        "the admin API at `URL` does not take this credential, and counts those that are wrong: try again in a minute",
      ),
    ],
    [400, error, failed("UsageFault", "what is wrong")],
    [404, error, failed("CommandFault", "what is wrong", true)],
    [409, error, failed("CommandFault", "what is wrong", false)],
    [503, error, failed("CommandFault", "what is wrong", false)],
    [404, "<p>not here</p>", failed("CommandFault", "what answers at `URL` is no admin API of grantlog (404)")],
    [400, {}, failed("CommandFault", "what answers at `URL` is no admin API of grantlog (400)")],
    [307, "", failed("CommandFault", "what answers at `URL` is no admin API of grantlog (307)")],
    [201, page, failed("CommandFault", "what answers at `URL` is no admin API of grantlog (201)")],
    [200, {}, failed("CommandFault", "the admin API at `URL` is of another version: ask with that one")],
    [200, "", failed("CommandFault", "the admin API at `URL` is of another version: ask with that one")],
  ])("and %s with %o is told in words", async (status, body, { message, ...told }) => {
    reply = answering(status, body)
    const failure = await Effect.runPromise(Effect.flip(asking(listClients, {})))
    expect(failure).toMatchObject({ ...told, message: message.replace("URL", url) })
    expect(failure.message).not.toContain(CREDENTIAL)
  })

  it("and no answer is told in a word of the platform", async () => {
    const { url: closed, close } = await listening()
    close()
    const refused = await Effect.runPromise(Effect.flip(asking(listClients, {}, closed)))
    expect(refused).toMatchObject(
      failed("CommandFault", `nothing answers at \`${closed}\` (ECONNREFUSED): is it --admin-port?`),
    )
    reply = (_, response) => void response.destroy()
    const dropped = await Effect.runPromise(Effect.flip(asking(listClients, {})))
    expect(dropped.message).toBe(`nothing answers at \`${url}\` (UND_ERR_SOCKET): is it --admin-port?`)
  })

  it.each([".", ".."])("but not about %s, which an address drops", async (dots) => {
    const message = "`.` and `..` cannot stand in an address: ask over the store instead"
    const all: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
      asking(showClient, { client_id: dots }),
      asking(showAccount, { name: dots }),
      asking(addAccount, { name: dots }),
    ]
    for (const asked of all)
      expect(await Effect.runPromise(Effect.flip(asked))).toMatchObject(failed("UsageFault", message))
    expect(received).toEqual([])
  })

  it.each([
    ["localhost", "--admin `localhost` is not a URL"],
    ["http://id.example", "--admin `http://id.example` is not https; http is for localhost, 127.0.0.1 and [::1]"],
  ])("but not at %s", async (address, message) => {
    expect(await Effect.runPromise(Effect.flip(asking(listClients, {}, address)))).toMatchObject(
      failed("UsageFault", message),
    )
  })
})
