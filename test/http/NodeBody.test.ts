/** The rules of a body that comes through node:http: it comes once, whole, or the connection has ended. */
import type { ServerResponse } from "node:http"
import { PassThrough } from "node:stream"
import { expect, test } from "vitest"
import { takeBody, type NodeBody, type NodeRequest } from "../../src/http/adapters/NodeBody.ts"
import { nodeListener } from "../../src/http/index.ts"
import { MAX_BODY_BYTES } from "../../src/provider/features/Wire.ts"
import { serverOver } from "../support/TestServer.ts"

/** A request whose body this test sends, and what is told of it. */
const request = () => {
  const body = new PassThrough()
  const message = Object.assign(body, { method: "POST", url: "/token", headers: {}, rawHeaders: [] })
  const told: Array<NodeBody> = []
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
  return { body, message: message as unknown as NodeRequest, told, take: (one: NodeBody) => void told.push(one), turn }
}

test("a body that has come up to the limit and goes on is too large, and that is told once", async () => {
  const { body, message, told, take, turn } = request()
  takeBody(message, take)
  for (const piece of [Buffer.alloc(MAX_BODY_BYTES), Buffer.from("a"), Buffer.from("b")]) {
    body.write(piece)
    await turn()
  }
  body.end()
  await turn()
  expect(told).toMatchObject([{ status: 413 }])
})

test("a body that breaks off, and one of a request that is gone already, come to nothing", async () => {
  const broken = request()
  takeBody(broken.message, broken.take)
  broken.body.write("half")
  broken.body.destroy(new Error("reset"))
  await broken.turn()
  expect(broken.told).toEqual([undefined])

  const gone = request()
  gone.body.destroy()
  takeBody(gone.message, gone.take)
  expect(gone.told).toEqual([undefined])
})

test("a request that is gone ends its response, and the operator is told of no defect", async () => {
  const { native } = await serverOver()
  const { body, message } = request()
  body.destroy()
  const ended: Array<string> = []
  const response = { destroy: () => void ended.push("response") } as unknown as ServerResponse
  nodeListener(native, { onDefect: () => void ended.push("defect") })(message, response)
  expect(ended).toEqual(["response"])
})
