/** Rules of the token endpoint that need no login: what is refused, how, and with which code (RFC 6749 5.2). */
import { madeUp } from "../../../Secrets.ts"
import { confidentialClient, endpointOf, publicClient } from "../Issuer.ts"
import { tellLocation } from "../Login.ts"
import type { WireClient } from "../Registration.ts"
import { basic, credentialsOf, formRequest, withQuery, type Pair } from "../Requests.ts"
import { exchange, hasTokens, refused, refusedWith, tell, type Rule } from "./Rule.ts"

const redemption = ({ redirectUri }: WireClient): ReadonlyArray<Pair> => [
  ["grant_type", "authorization_code"],
  ["code", madeUp()],
  ["redirect_uri", redirectUri],
  ["code_verifier", "v".repeat(43)],
]
const refreshing: ReadonlyArray<Pair> = [
  ["grant_type", "refresh_token"],
  ["refresh_token", "made-up-refresh-token"],
]

export const tokenErrorRules: ReadonlyArray<Rule> = [
  {
    id: "RFC6749-5.2-error-codes",
    check: async (issuer) => {
      const [client] = issuer.clients as readonly [WireClient]
      const { tokenEndpoint } = issuer.metadata
      const tried = (text: string, form: ReadonlyArray<Pair>, status: number, error: string) =>
        exchange(issuer, text, formRequest(tokenEndpoint, client, form), refusedWith([status, error]))
      const without = (name: string, form: ReadonlyArray<Pair>) => form.filter(([one]) => one !== name)
      const password: ReadonlyArray<Pair> = [["grant_type", "urn:example:no-such-grant"]]
      return [
        await tried("a code that was never given is redeemed", redemption(client), 400, "invalid_grant"),
        await tried("a refresh token that was never given is shown", refreshing, 400, "invalid_grant"),
        await tried("a grant type that nobody has is asked for", password, 400, "unsupported_grant_type"),
        await tried("no grant type is named", without("grant_type", refreshing), 400, "invalid_request"),
        await tried("a redemption has no code", without("code", redemption(client)), 400, "invalid_request"),
        await tried("a refresh has no token", without("refresh_token", refreshing), 400, "invalid_request"),
      ]
    },
  },
  {
    id: "OAUTH21-3.1-no-duplicate-params",
    check: async (issuer) => {
      const [client] = issuer.clients as readonly [WireClient]
      const twice = (text: string, form: ReadonlyArray<Pair>) =>
        exchange(
          issuer,
          text,
          formRequest(issuer.metadata.tokenEndpoint, client, form),
          refusedWith([400, "invalid_request"]),
        )
      return [
        await twice("a grant type is named twice", [...refreshing, ["grant_type", "refresh_token"]]),
        await twice("two refresh tokens are shown at once", [...refreshing, ["refresh_token", madeUp()]]),
      ]
    },
  },
  {
    id: "OAUTH21-3.2.4-401-for-header-auth",
    check: async (issuer) => {
      const { clientId } = confidentialClient(issuer)
      const challenged = {
        expected: "401 invalid_client with WWW-Authenticate: Basic",
        isMet: (answer: Parameters<typeof hasTokens>[0]) =>
          answer.status === 401 &&
          answer.body["error"] === "invalid_client" &&
          /^basic\b/i.test(answer.headers.get("www-authenticate") ?? ""),
      }
      const asked = (text: string, authorization: string) =>
        exchange(
          issuer,
          text,
          { method: "POST", url: issuer.metadata.tokenEndpoint, headers: { authorization }, form: refreshing },
          challenged,
        )
      return [
        await asked("a client shows a wrong secret in Basic", basic(clientId, madeUp())),
        await asked("a client that nobody knows shows a secret in Basic", basic(madeUp(), madeUp())),
      ]
    },
  },
  {
    id: "OAUTH21-2.4-one-auth-method",
    check: async (issuer) => {
      const { clientId, secret } = confidentialClient(issuer)
      const both: ReadonlyArray<Pair> = [...refreshing, ["client_id", clientId], ["client_secret", secret]]
      const headers = { authorization: basic(clientId, secret) }
      return [
        await exchange(
          issuer,
          "a client shows its secret in Basic and in the body",
          { method: "POST", url: issuer.metadata.tokenEndpoint, headers, form: both },
          refusedWith([400, "invalid_request"], [401, "invalid_client"]),
        ),
      ]
    },
  },
  {
    id: "OAUTH21-2.4.1-secret-not-in-uri",
    check: async (issuer) => {
      const { clientId, secret } = confidentialClient(issuer)
      const url = withQuery(issuer.metadata.tokenEndpoint, [
        ["client_id", clientId],
        ["client_secret", secret],
      ])
      // Its refresh token is made up: `invalid_grant` would say that the secret in the URL was taken.
      return [
        await exchange(
          issuer,
          "a client shows its secret in the URL, and nowhere else",
          { method: "POST", url, form: refreshing },
          { ...refused, isMet: (answer) => refused.isMet(answer) && answer.body["error"] !== "invalid_grant" },
        ),
      ]
    },
  },
  {
    id: "RFC7009-2.2-unknown-is-200",
    check: async (issuer) => {
      const url = endpointOf(issuer, "revocation")
      const [client] = issuer.clients as readonly [WireClient]
      const ok = { expected: "200", isMet: (answer: Parameters<typeof tell>[0]) => answer.status === 200 }
      const hinted: ReadonlyArray<Pair> = [["token_type_hint", "something_else"]]
      const revocation = (more: ReadonlyArray<Pair>) => formRequest(url, client, [["token", madeUp()], ...more])
      return [
        await exchange(issuer, "a token that was never given is revoked", revocation([]), ok),
        await exchange(issuer, "the same with a hint that nobody knows", revocation(hinted), ok),
      ]
    },
  },
  {
    id: "RFC7662-2.1-caller-auth",
    check: async (issuer) => {
      const url = endpointOf(issuer, "introspection")
      const closed = {
        expected: "401, or another refusal",
        isMet: (answer: Parameters<typeof tell>[0]) => answer.status >= 400 && answer.status < 500,
      }
      const form: ReadonlyArray<Pair> = [["token", madeUp()]]
      const { headers, form: credentials } = credentialsOf(confidentialClient(issuer), "wrong")
      const wrong = { method: "POST", url, headers, form: [...credentials, ...form] } as const
      return [
        await exchange(issuer, "nobody in particular asks about a token", { method: "POST", url, form }, closed),
        await exchange(issuer, "a client with a wrong secret asks about a token", wrong, closed),
      ]
    },
  },
  {
    id: "OAUTH21-2.3.5-no-redirect-on-bad-uri",
    check: async (issuer) => {
      const client = publicClient(issuer)
      const url = issuer.logins.urlOf({ client: { ...client, clientId: madeUp() } })
      const walk = await issuer.logins.probe(url)
      return [
        {
          text: "a client that nobody knows asks for a login",
          expected: "a page",
          observed: walk._tag === "Page" ? "a page" : tellLocation(walk.location),
          isKept: walk._tag === "Page",
        },
      ]
    },
  },
]
