/** The rules of replies, whatever endpoint gives them. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { makeEndpoints } from "../../src/http/Endpoints.ts"
import { errorText } from "../../src/http/Reply.ts"
import { RequestOrigin } from "../../src/provider/index.ts"
import { serverOver } from "../support/TestServer.ts"

test("an error says only what its text may have: printable ASCII without quotes and backslashes", () => {
  expect(errorText('a\\b "c" ü\n')).toBe("a/b 'c' ??")
})

test("what a request leads to knows its address and user agent, unless they are not to be recorded", async () => {
  const { native } = await serverOver()
  const origins: Array<unknown> = []
  const findClient = () =>
    Effect.andThen(
      Effect.map(Effect.service(RequestOrigin), (one) => origins.push(one)),
      () => Effect.undefined,
    )
  const request = {
    method: "GET",
    path: "/healthz",
    query: "",
    headers: { "user-agent": "Somebody/1.0" },
    body: "",
    source: "192.0.2.7",
  }
  for (const options of [{}, { recordsRequestOrigin: true }, { recordsRequestOrigin: false }]) {
    await Effect.runPromise(makeEndpoints({ ...native, findClient }, options)(request, "request-1"))
  }
  const known = { address: "192.0.2.7", userAgent: "Somebody/1.0" }
  expect(origins).toEqual([known, known, undefined])
})
