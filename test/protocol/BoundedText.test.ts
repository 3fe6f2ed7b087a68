/** A body is read as far as it may be long, and let go of once it is longer. */
import { expect, test } from "vitest"
import { boundedText } from "../../src/protocol/index.ts"

const read = (body: BodyInit | null, maxBytes: number) => boundedText(new Response(body).body, maxBytes)

/** So many chunks of `chunk`, and whether somebody has let go of the rest. */
const chunked = (chunk: Uint8Array, count = Infinity) => {
  let isCancelled = false
  let left = count
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (left === 0) return controller.close()
      left -= 1
      controller.enqueue(chunk)
    },
    cancel: () => {
      isCancelled = true
    },
  })
  return { body, isCancelled: () => isCancelled }
}

test("a body of so many bytes is read, and one with a byte more is not: bytes count, not characters", async () => {
  expect(await read("ééé", 6)).toBe("ééé")
  expect(await read("ééé", 5)).toBeUndefined()
  expect(await read("", 0)).toBe("")
  expect(await read(null, 0)).toBe("")
})

test("a body that never ends is let go of", async () => {
  const { body, isCancelled } = chunked(new Uint8Array(10))
  expect(await boundedText(body, 100)).toBeUndefined()
  expect(isCancelled()).toBe(true)
})

test("a character whose bytes come one by one is whole, and one that lacks some is a replacement character", async () => {
  const [first, second] = new TextEncoder().encode("é")
  const bytes = (...some: ReadonlyArray<number>) => some.map((one) => chunked(Uint8Array.of(one), 1).body)
  const joined = async function* (parts: ReadonlyArray<ReadableStream<Uint8Array>>) {
    for (const part of parts) yield* part
  }
  expect(await boundedText(joined(bytes(first!, second!)), 2)).toBe("é")
  expect(await boundedText(joined(bytes(first!)), 2)).toBe("\ufffd")
})

test("what goes wrong while a body is read is for whoever opened it", async () => {
  const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new RangeError("cut")) })
  await expect(boundedText(body, 5)).rejects.toThrow(RangeError)
})
