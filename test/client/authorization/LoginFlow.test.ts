/** The machine of a login: whatever happens in whatever order, a code is redeemed where it was asked for, at most once. */
import fc from "fast-check"
import { expect, test } from "vitest"
import type { PendingLogin } from "../../../src/client/authorization/PendingLogin.ts"
import {
  AuthorizationError,
  CallbackError,
  ClientNotFoundError,
  TokenError,
  type OAuthClientError,
} from "../../../src/client/ClientError.ts"
import type { Discovered } from "../../../src/client/discovery/Discovery.ts"
import { initial, isOver, next, type LoginFlow, type LoginEvent } from "../../../src/client/authorization/LoginFlow.ts"
import type { Registered } from "../../../src/client/registration/Registration.ts"

const issuers = ["https://a.example", "https://b.example"] as const

const discoveredAt = (issuer: string): Discovered => ({
  server: {
    issuer,
    metadata: { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` },
  },
  resource: "https://mcp.example/mcp",
  issuers: [issuer],
  isFromResource: true,
})

const registeredAt = (issuer: string, source: Registered["source"]): Registered => ({
  client: { client_id: `client-of-${issuer}` },
  issuer,
  source,
})

const pendingLoginOf = (discovered: Discovered, registered: Registered): PendingLogin => ({
  discovered,
  registered,
  redirectUri: "http://127.0.0.1:1/callback",
  scopes: [],
  state: "s",
  codeVerifier: "v",
  authorizationUrl: "https://a.example/authorize",
})

const wrong = (error: OAuthClientError): LoginEvent => ({ _tag: "WentWrong", error })
const refused = (error: string) => new AuthorizationError({ code: "refused", message: "", error })
const faults = [
  new ClientNotFoundError({ code: "client_not_found", message: "" }),
  refused("access_denied"),
  refused("unauthorized_client"),
  new TokenError({ code: "client_refused", message: "" }),
  new TokenError({ code: "grant_ended", message: "" }),
]

const servers = issuers.map(discoveredAt)
const clients = issuers.flatMap((issuer) =>
  (["stored", "registered"] as const).map((source) => registeredAt(issuer, source)),
)
const pendingLogins = servers.flatMap((server) => clients.map((client) => pendingLoginOf(server, client)))

const often = <A>(weight: number, arbitrary: fc.Arbitrary<A>) => ({ weight, arbitrary })

/** Faults are rare, or no login would get anywhere; codes are many, because most are another login's. */
const anyEvent: fc.Arbitrary<LoginEvent> = fc.oneof(
  often(
    2,
    fc.constantFrom(...servers).map((discovered) => ({ _tag: "ServerFound" as const, discovered })),
  ),
  often(
    3,
    fc.constantFrom(...clients).map((registered) => ({ _tag: "ClientFound" as const, registered })),
  ),
  often(
    12,
    fc
      .constantFrom(...pendingLogins)
      .map((pending) => ({ _tag: "CodeCame" as const, pending, answer: new URLSearchParams("code=c") })),
  ),
  often(
    2,
    fc.constantFrom(...issuers).map((issuer) => ({
      _tag: "TokensCame" as const,
      tokens: { issuer, tokens: { access_token: "a", token_type: "Bearer" } },
    })),
  ),
  often(
    1,
    fc.constantFrom(...faults).map((error) => ({ _tag: "WentWrong" as const, error })),
  ),
)

const walk = (events: ReadonlyArray<LoginEvent>): ReadonlyArray<LoginFlow> =>
  events.reduce<ReadonlyArray<LoginFlow>>((flows, one) => [...flows, next(flows.at(-1)!, one)], [initial])

test("server, client, pending login and tokens of one login are always of one issuer, and the server never changes", () => {
  let redeemedCount = 0
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 40, maxLength: 80 }), (events) => {
      let first: string | undefined
      for (const flow of walk(events)) {
        const issuersHere =
          flow._tag === "Registering"
            ? [flow.discovered.server.issuer]
            : flow._tag === "Authorizing"
              ? [flow.discovered.server.issuer, flow.registered.issuer]
              : flow._tag === "Redeeming"
                ? [flow.pending.discovered.server.issuer, flow.pending.registered.issuer]
                : flow._tag === "LoggedIn"
                  ? [flow.pending.discovered.server.issuer, flow.tokens.issuer]
                  : []
        first ??= issuersHere[0]
        for (const issuer of issuersHere) expect(issuer).toBe(first)
        if (flow._tag === "Redeeming") redeemedCount++
      }
    }),
    { seed: 4, numRuns: 2000 },
  )
  expect(redeemedCount).toBeGreaterThan(100)
})

test("a client is replaced at most once, only if it was stored, and what is over stays so", () => {
  let replacedCount = 0
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 40, maxLength: 80 }), (events) => {
      const flows = walk(events)
      const distinct = flows.filter((flow, index) => flow !== flows[index - 1])
      const registrations = distinct.filter(({ _tag }) => _tag === "Registering")
      expect(registrations.length).toBeLessThanOrEqual(2)
      if (registrations.length === 2) {
        replacedCount++
        const before = distinct[distinct.indexOf(registrations[1]!) - 1]!
        const client =
          before._tag === "Authorizing"
            ? before.registered
            : before._tag === "Redeeming"
              ? before.pending.registered
              : undefined
        expect(client?.source).toBe("stored")
      }
      const end = flows.findIndex(isOver)
      if (end >= 0) expect(new Set(flows.slice(end)).size).toBe(1)
    }),
    { seed: 5, numRuns: 2000 },
  )
  expect(replacedCount).toBeGreaterThan(50)
})

test.each<readonly [string, ConstructorParameters<typeof TokenError>[0]["code"] | LoginEvent, boolean]>([
  ["an unknown client", wrong(new ClientNotFoundError({ code: "client_not_found", message: "" })), true],
  ["invalid_client", wrong(refused("invalid_client")), true],
  ["unauthorized_client", wrong(refused("unauthorized_client")), true],
  ["invalid_scope", wrong(refused("invalid_scope")), true],
  ["access_denied", wrong(refused("access_denied")), false],
  ["a refusal without a code", wrong(new AuthorizationError({ code: "refused", message: "" })), false],
  ["a client that is refused a token", "client_refused", true],
  ["a code that is dead", "grant_ended", false],
  ["an outage", "server_unavailable", false],
  ["a login that nobody came to", wrong(new CallbackError({ code: "timed_out", message: "" })), false],
])("%s is cured by registering anew, if the client was stored, or is not: %#", (_, fault, isCured) => {
  const event = typeof fault === "string" ? wrong(new TokenError({ code: fault, message: "" })) : fault
  for (const source of ["stored", "registered"] as const) {
    const [discovered, registered] = [servers[0]!, registeredAt(issuers[0], source)]
    const pending = pendingLoginOf(discovered, registered)
    const flows: ReadonlyArray<LoginFlow> = [
      { _tag: "Authorizing", discovered, registered, isRetry: false },
      { _tag: "Redeeming", pending, answer: new URLSearchParams(), isRetry: false },
    ]
    const tag = isCured && source === "stored" ? "Registering" : "Failed"
    expect(flows.map((flow) => next(flow, event)._tag)).toEqual([tag, tag])
  }
})
