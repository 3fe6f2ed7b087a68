/** A reply that is longer than memory: pieces are made as they are read, and no more once nobody reads. */
import { request, type IncomingMessage } from "node:http"
import { text } from "node:stream/consumers"
import { Effect } from "effect"
import { describe, expect, onTestFinished, test } from "vitest"
import { createHandler, type MountedEndpoint } from "../../src/http/index.ts"
import { overMemory, serverOver } from "../support/TestServer.ts"

const PIECE = "x".repeat(65_536)
const COUNT = 2000
/** Turns of the event loop in which a reader that does not read is left alone. */
const TURNS = 2000

const source = (count: number, fails = false) => {
  let takenCount = 0
  let isEnded = false
  async function* pieces() {
    try {
      while (takenCount < count) {
        takenCount++
        await new Promise(setImmediate)
        yield PIECE
      }
      if (fails) throw new Error("the store cannot be read")
    } finally {
      isEnded = true
    }
  }
  const endpoint: MountedEndpoint = [
    "GET",
    "/long",
    () => Effect.succeed({ status: 200, headers: { "content-type": "text/plain" }, body: "", pieces: pieces() }),
  ]
  return { endpoint, takenCount: () => takenCount, isEnded: () => isEnded }
}

const turns = async (count: number, until: () => boolean = () => false) => {
  for (let turn = 0; turn < count && !until(); turn++) await new Promise(setImmediate)
}

describe("over node:http", () => {
  const open = async (endpoint: MountedEndpoint): Promise<IncomingMessage> => {
    const { url } = await overMemory.start({ endpoints: { mounted: [endpoint] } })
    const asked = request(`${url}/long`)
    onTestFinished(() => void asked.destroy())
    return new Promise((resolve, reject) => void asked.on("response", resolve).on("error", reject).end())
  }

  test("all of it arrives, in order, behind the headers that it was given", async () => {
    const { endpoint, isEnded } = source(50)
    const response = await open(endpoint)
    expect([response.statusCode, response.headers["content-type"]]).toEqual([200, "text/plain"])
    expect((await text(response)).length).toBe(50 * PIECE.length)
    expect(isEnded()).toBe(true)
  })

  test("who does not read is not read for, and who goes away ends it", async () => {
    const { endpoint, takenCount, isEnded } = source(COUNT)
    const response = await open(endpoint)
    response.pause()
    await turns(TURNS)
    expect(takenCount()).toBeLessThan(COUNT / 2)
    response.destroy()
    await turns(1e6, isEnded)
    expect(takenCount()).toBeLessThan(COUNT)
  })

  test("one that fails on the way is cut off, not ended", async () => {
    const { endpoint } = source(3, true)
    await expect(text(await open(endpoint))).rejects.toThrow("aborted")
  })
})

describe("over fetch", () => {
  const open = async (endpoint: MountedEndpoint) => {
    const { native } = await serverOver()
    return createHandler(native, { mounted: [endpoint] })(new Request("http://localhost:4000/long"))
  }

  test("all of it arrives, in order", async () => {
    const response = await open(source(50).endpoint)
    expect(response.status).toBe(200)
    expect((await response.text()).length).toBe(50 * PIECE.length)
  })

  test("who does not read is not read for, and who goes away ends it", async () => {
    const { endpoint, takenCount, isEnded } = source(COUNT)
    const response = await open(endpoint)
    await turns(TURNS)
    expect(takenCount()).toBeLessThan(10)
    await response.body!.cancel()
    expect(isEnded()).toBe(true)
  })

  test("one that fails on the way is no whole answer", async () => {
    await expect((await open(source(3, true).endpoint)).text()).rejects.toThrow("the store cannot be read")
  })
})
