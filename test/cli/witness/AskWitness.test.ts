/** Requests to a witness that does not answer: given up in time, at any point of the answer. */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, Result } from "effect"
import { expect, it, onTestFinished } from "vitest"
import { askWithin } from "../../../src/cli/witness/AskWitness.ts"

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
  const asked: Array<string> = []
  const url = await listening((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.writeHead(404).end("unknown")
  })
  for (const prefix of [`${url}/w`, `${url}/w/`]) {
    const reply = await Effect.runPromise(askWithin(60_000)(prefix, "old 0\n\n"))
    expect(reply).toEqual(Result.succeed({ status: 404, body: "unknown" }))
  }
  expect(asked).toEqual(["POST /w/add-checkpoint", "POST /w/add-checkpoint"])
})
