/** Rules of the token endpoint that need no login: what is refused, how, and with which code (RFC 6749 5.2). */
import { madeUp } from "../../../Secrets.ts"
import { confidentialClient, endpointOf, publicClient, type Issuer } from "../Issuer.ts"
import { tellLocation } from "../Location.ts"
import type { WireClient } from "../Registration.ts"
import { basic, formRequest, withQuery, type Pair } from "../Requests.ts"
import type { WireAnswer } from "../Wire.ts"
import { exchange, refused, refusedWith, type Expectation, type Rule } from "./Rule.ts"
import { redemptionOf, requireBasic } from "./Session.ts"

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

/** What a server may say of refreshing that gives no refresh tokens, or not to this client. */
const noSuchGrant = ["unsupported_grant_type", "unauthorized_client"]

const isDeadToken = ({ status, body }: WireAnswer): boolean => status === 400 && body["error"] === "invalid_grant"

/** What has to be refused for who shows it; real where a login costs nobody anything, else made up. */
const formToRefuse = async (
  issuer: Issuer,
  client: WireClient,
): Promise<readonly [form: ReadonlyArray<Pair>, isReal: boolean]> =>
  issuer.isUnattended ? [await redemptionOf(issuer, client), true] : [redemption(client), false]

export const tokenErrorRules: ReadonlyArray<Rule> = [
  {
    id: "RFC6749-5.2-error-codes",
    check: async (issuer) => {
      const [client] = issuer.clients as readonly [WireClient]
      const { tokenEndpoint } = issuer.metadata
      const tried = (text: string, form: ReadonlyArray<Pair>, ...errors: ReadonlyArray<string>) =>
        exchange(
          issuer,
          text,
          formRequest(tokenEndpoint, client, form),
          refusedWith(...errors.map((error) => [400, error] as const)),
        )
      const without = (name: string, form: ReadonlyArray<Pair>) => form.filter(([one]) => one !== name)
      const password: ReadonlyArray<Pair> = [["grant_type", "urn:example:no-such-grant"]]
      return [
        await tried("a code that was never given is redeemed", redemption(client), "invalid_grant"),
        await tried("a refresh token that was never given is shown", refreshing, "invalid_grant", ...noSuchGrant),
        await tried("a grant type that nobody has is asked for", password, "unsupported_grant_type"),
        await tried("no grant type is named", without("grant_type", redemption(client)), "invalid_request"),
        await tried("a redemption has no code", without("code", redemption(client)), "invalid_request"),
        await tried("a refresh has no token", without("refresh_token", refreshing), "invalid_request", ...noSuchGrant),
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
      const once = redemption(client)
      return [
        await twice("a grant type is named twice", [...once, ["grant_type", "authorization_code"]]),
        await twice("two codes are shown at once", [...once, ["code", madeUp()]]),
      ]
    },
  },
  {
    id: "OAUTH21-3.2.4-401-for-header-auth",
    check: async (issuer) => {
      const client = confidentialClient(issuer)
      requireBasic(issuer, client)
      const url = issuer.metadata.tokenEndpoint
      const isChallenged = (answer: WireAnswer): boolean =>
        answer.status === 401 &&
        answer.body["error"] === "invalid_client" &&
        /^basic\b/i.test(answer.headers.get("www-authenticate") ?? "")
      const challenged = { expected: "401 invalid_client with WWW-Authenticate: Basic", isMet: isChallenged }
      // With nothing right about it a request may be refused for either fault.
      const either = {
        expected: `${challenged.expected}, or 400 invalid_grant`,
        isMet: (answer: WireAnswer) => isChallenged(answer) || isDeadToken(answer),
      }
      const [form, isReal] = await formToRefuse(issuer, client)
      const asked = (text: string, id: string, shown: ReadonlyArray<Pair>, wanted: Expectation) => {
        const headers = { authorization: basic(id, madeUp()) }
        return exchange(issuer, text, { method: "POST", url, headers, form: shown }, wanted)
      }
      return [
        await asked("a client shows a wrong secret in Basic", client.clientId, form, isReal ? challenged : either),
        await asked("a client that nobody knows shows a secret in Basic", madeUp(), redemption(client), either),
      ]
    },
  },
  {
    id: "OAUTH21-2.4-one-auth-method",
    check: async (issuer) => {
      const client = confidentialClient(issuer)
      requireBasic(issuer, client)
      const { clientId, secret } = client
      const [form, isReal] = await formToRefuse(issuer, client)
      const both: ReadonlyArray<Pair> = [...form, ["client_id", clientId], ["client_secret", secret]]
      const headers = { authorization: basic(clientId, secret) }
      const named = refusedWith([400, "invalid_request"], [401, "invalid_client"])
      return [
        await exchange(
          issuer,
          "a client shows its secret in Basic and in the body",
          { method: "POST", url: issuer.metadata.tokenEndpoint, headers, form: both },
          isReal ? refused : named,
        ),
      ]
    },
  },
  {
    id: "OAUTH21-2.4.1-secret-not-in-uri",
    check: async (issuer) => {
      const client = confidentialClient(issuer)
      const [form, isReal] = await formToRefuse(issuer, client)
      const url = withQuery(issuer.metadata.tokenEndpoint, [
        ["client_id", client.clientId],
        ["client_secret", client.secret],
      ])
      const finding = await exchange(
        issuer,
        "a client shows its secret in the URL, and nowhere else",
        { method: "POST", url, form },
        refused,
      )
      // Of a token that is made up, a refusal does not say whether the secret was taken.
      return [!isReal && finding.observed === "400 invalid_grant" ? { ...finding, isKept: undefined } : finding]
    },
  },
  {
    id: "RFC7009-2.2-unknown-is-200",
    check: async (issuer) => {
      const url = endpointOf(issuer, "revocation")
      const [client] = issuer.clients as readonly [WireClient]
      const ok = { expected: "200", isMet: ({ status }: WireAnswer) => status === 200 }
      const hinted: ReadonlyArray<Pair> = [["token_type_hint", "something_else"]]
      const revocation = (more: ReadonlyArray<Pair>) => formRequest(url, client, [["token", madeUp()], ...more])
      return [
        await exchange(issuer, "a token that was never given is revoked", revocation([]), ok),
        await exchange(issuer, "the same with a hint that nobody knows", revocation(hinted), ok),
      ]
    },
  },
  {
    id: "OAUTH21-2.3.5-no-redirect-on-bad-uri",
    check: async (issuer) => {
      const client = publicClient(issuer)
      const walk = await issuer.logins.probe({ client: { ...client, clientId: madeUp() } })
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
