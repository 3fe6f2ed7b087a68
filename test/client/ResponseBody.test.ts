/** Reading what others answer: no more of it than an answer has, and as JSON or not at all. */
import { expect, test } from "vitest"
import { bodyText, jsonObject } from "../../src/client/ResponseBody.ts"

test("half a MiB is read, in bytes, and not one more", async () => {
  const size = 512 * 1024
  expect(await bodyText(new Response("é".repeat(size / 2)))).toHaveLength(size / 2)
  expect(await bodyText(new Response(`${"é".repeat(size / 2)}a`))).toBeUndefined()
  expect(await bodyText(new Response(null))).toBe("")
  let count = 0
  const endless = new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(65_536).fill((count += 1))) })
  expect(await bodyText(new Response(endless))).toBeUndefined()
  expect(count).toBeLessThan(20)
})

test.each([
  ['{"a":1,"b":null,"c":{"d":null}}', { a: 1, c: { d: null } }],
  ["{}", {}],
  ["[]", undefined],
  ["null", undefined],
  ['"a"', undefined],
  ["1", undefined],
  ["", undefined],
  ["{", undefined],
  [`{"a":"${"a".repeat(600_000)}"}`, undefined],
])("the object in %.20s is %j", async (text, value) => {
  expect(await jsonObject(new Response(text))).toEqual(value)
})
