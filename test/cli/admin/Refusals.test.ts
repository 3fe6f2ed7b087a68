/** Every way in which the admin API says no, and with what an operation that failed is answered. */
import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { listClients } from "../../../src/cli/admin/operations/Clients.ts"
import type { OperationFault, Place } from "../../../src/cli/admin/Place.ts"
import { common, refusal, refusalFor, refusals, retryAfter, type RefusalName } from "../../../src/cli/admin/Refusals.ts"
import { absent, CommandFault, UsageFault } from "../../../src/cli/Failure.ts"
import { StoreFault } from "../../../src/log/index.ts"
import { ConfigFault, OAuthError, RateLimited, Unavailable } from "../../../src/provider/index.ts"

const HEADERS = {
  "content-type": "application/json",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
  pragma: "no-cache",
}

const answered = (status: number, error: string, sentence: string, headers = {}) => ({
  status,
  headers: { ...HEADERS, ...headers },
  body: JSON.stringify({ error, error_description: sentence }),
})

describe("a refusal", () => {
  it.each<[RefusalName, number, string]>([
    ["invalid_request", 400, "limit: expected a value between 1 and 10000"],
    ["unauthorized", 401, "show the admin credential of this server: Authorization: Bearer …"],
    ["forbidden", 403, "this is for programs: a request with an Origin is refused"],
    ["not_found", 404, "there is no client `app-1`"],
    ["method_not_allowed", 405, "this takes GET and POST"],
    ["refused", 409, "the name `alice` is taken"],
    ["too_large", 413, "the body is larger than 65536 bytes"],
    ["unsupported_media_type", 415, "send JSON, with content-type: application/json"],
    ["misdirected_request", 421, "ask by localhost, by an IP address, or by the name of --admin-host"],
    ["invalid_client_metadata", 422, "redirect_uris: https, or http on a loopback"],
    ["too_many_requests", 429, "too many wrong credentials: come again later"],
    ["server_error", 500, "something went wrong here: it was written to standard error"],
    ["temporarily_unavailable", 503, "the store is busy"],
  ])("%s is a status, and JSON that nobody keeps", (name, status, sentence) => {
    expect(refusal(name)).toEqual(answered(status, name, sentence))
    expect(refusal(name, "said", { allow: "GET" })).toEqual(answered(status, name, "said", { allow: "GET" }))
    expect(refusals[name].when).toMatch(/^[A-Z].*[^.]$/)
  })

  it("is one of these, whatever the operation", () => {
    expect(common).toEqual([
      ...["invalid_request", "unauthorized", "forbidden", "misdirected_request", "too_large"],
      ...["too_many_requests", "server_error", "temporarily_unavailable"],
    ])
    expect(retryAfter(1.2)).toEqual({ "retry-after": "2" })
  })
})

describe("an operation that failed is answered", () => {
  const store = (reason: StoreFault["reason"]) => new StoreFault({ reason, message: "the store" })
  const again = (seconds: string) => ({ "retry-after": seconds })
  it.each<[string, OperationFault, ReturnType<typeof answered>]>([
    ["with 404 where it is not there", absent("no such"), answered(404, "not_found", "no such")],
    ["with 409 where it cannot be done", new CommandFault({ message: "no" }), answered(409, "refused", "no")],
    ["with 400 where it means nothing", new UsageFault({ message: "no" }), answered(400, "invalid_request", "no")],
    [
      "by the name that OAuth has for it",
      new OAuthError({ error: "invalid_redirect_uri", description: "https" }),
      answered(422, "invalid_redirect_uri", "https"),
    ],
    [
      "with 429 where it comes too often",
      new RateLimited({ message: "often", retryAfterSeconds: 6.5 }),
      answered(429, "too_many_requests", "often", again("7")),
    ],
    [
      "with 503 for a time",
      new Unavailable({ message: "late", retryAfterSeconds: 3 }),
      answered(503, "temporarily_unavailable", "late", again("3")),
    ],
    ["with 503 by a busy store", store("busy"), answered(503, "temporarily_unavailable", "the store", again("1"))],
    ...(["corrupt", "not-a-log", "newer", "too-large"] as const).map(
      (reason): [string, OperationFault, ReturnType<typeof answered>] => [
        `with 500 by a store that is ${reason}`,
        store(reason),
        answered(500, "server_error", "the store"),
      ],
    ),
    ["with 500 by its settings", new ConfigFault({ message: "the ring" }), answered(500, "server_error", "the ring")],
  ])("%s", (_, failure, reply) => {
    expect(refusalFor(failure)).toEqual(reply)
  })

  const nowhere = {} as Place
  const carriedOut = (asked: unknown) => Effect.runSync(Effect.flip(listClients.carryOut(nowhere, asked)))
  const misfit = (schema: Schema.Codec<unknown, unknown>, given: unknown) =>
    Effect.runSync(Effect.flip(Schema.decodeUnknownEffect(schema)(given)))
  const Nested = Schema.Struct({ metadata: Schema.Struct({ names: Schema.Array(Schema.String) }) })
  it.each([
    ["the name of a member", () => carriedOut({ limit: 0 }), "limit: expected a value between 1 and 10000"],
    ["a type in words", () => carriedOut({ limit: "many" }), "limit: expected number"],
    ["the way to a member", () => misfit(Nested, { metadata: { names: [1] } }), "metadata.names.0: expected text"],
    ["nothing but what is wanted, of the whole", () => misfit(Schema.String, 1), "expected text"],
    [
      "a check of its own in its own words",
      () => misfit(Schema.String.check(Schema.makeFilter(() => "no such thing")), "x"),
      "no such thing",
    ],
  ])("with 400 by %s, where what was given does not fit", (_, failing, sentence) => {
    expect(refusalFor(failing() as Schema.SchemaError)).toEqual(answered(400, "invalid_request", sentence))
  })
})
