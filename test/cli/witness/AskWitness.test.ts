/** Requests to a witness: what it is sent, how much of its answer is read, and what is said of one that does not answer. */
import dns from "node:dns"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { Effect, Result } from "effect"
import { expect, it, onTestFinished, vi } from "vitest"
import { askWitness, askWithin } from "../../../src/cli/witness/AskWitness.ts"

const listening = async (listener: RequestListener): Promise<string> => {
  const http = createServer(listener)
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  onTestFinished(async () => {
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

const SHORT_MILLIS = 50

it.each<[string, RequestListener]>([
  ["never answers", () => {}],
  ["never ends what it answers", (_, response) => void response.writeHead(200).write("— w.example ")],
])("one that %s is given up", async (_, listener) => {
  const reply = await Effect.runPromise(askWithin(SHORT_MILLIS)(await listening(listener), "old 0\n\n"))
  expect(reply).toEqual(Result.fail("cannot be reached (no answer within 0.05 s)"))
})

it("what is asked is one POST of the body, under the prefix with or without a slash behind it", async () => {
  const asked: Array<unknown> = []
  const url = await listening((request, response) => {
    const { method, url: target, headers } = request
    void text(request).then((body) => {
      asked.push([method, target, headers["content-type"], body])
      response.writeHead(404).end("unknown")
    })
  })
  for (const prefix of [`${url}/w`, `${url}/w/`]) {
    const reply = await Effect.runPromise(askWitness(prefix, "old 0\n\n"))
    expect(reply).toEqual(Result.succeed({ status: 404, body: "unknown" }))
  }
  const one = ["POST", "/w/add-checkpoint", "text/plain; charset=utf-8", "old 0\n\n"]
  expect(asked).toEqual([one, one])
})

it("what is answered is read as far as cosignatures may be long, and no redirect is followed", async () => {
  const answers: Array<[number, string]> = [
    [200, "x".repeat(65_536)],
    [200, "x".repeat(65_537)],
    [307, "elsewhere"],
  ]
  const asked: Array<string | undefined> = []
  const url = await listening((request, response) => {
    asked.push(request.url)
    const [status, body] = answers[asked.length - 1]!
    response.writeHead(status, status === 307 ? { location: "/elsewhere" } : {}).end(body)
  })
  const replies: Array<unknown> = []
  while (replies.length < answers.length) replies.push(await Effect.runPromise(askWitness(url, "")))
  expect(replies).toEqual([
    Result.succeed({ status: 200, body: "x".repeat(65_536) }),
    Result.fail("answered with more than 65536 bytes"),
    Result.succeed({ status: 307, body: "elsewhere" }),
  ])
  expect(asked).toEqual(answers.map(() => "/add-checkpoint"))
})

it("one that cannot be reached is said to be so, in a word of the platform", async () => {
  const dropping = await listening((_, response) => void response.destroy())
  expect(await Effect.runPromise(askWitness(dropping, ""))).toEqual(Result.fail("cannot be reached (UND_ERR_SOCKET)"))
  expect(await Effect.runPromise(askWitness("http://127.0.0.1:1", ""))).toEqual(
    // Which browsers, and so fetch, never ask.
    Result.fail("cannot be reached (bad port)"),
  )
})

it("one whose name leads to this machine is not asked, and it is said how to mean that", async () => {
  const lookup = (_: string, __: unknown, callback: (error: null, found: ReadonlyArray<object>) => void) =>
    callback(null, [{ address: "127.0.0.1", family: 4 }])
  vi.spyOn(dns, "lookup").mockImplementation(lookup as never)
  onTestFinished(() => void vi.restoreAllMocks())
  expect(await Effect.runPromise(askWitness("http://witness.test:4000", ""))).toEqual(
    Result.fail(
      "`witness.test` leads to 127.0.0.1, an address of this machine or its network: if that is meant, name it by its address",
    ),
  )
})
