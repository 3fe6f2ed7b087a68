/** Rules of what a successful login answers: the redirect with the code, and the tokens. */
import { textMember } from "../Discovery.ts"
import { NotTried } from "../../judging/Obstacles.ts"
import { publicClient, type Issuer } from "../Issuer.ts"
import { formRequest, withQuery, type Pair } from "../Requests.ts"
import type { WireAnswer } from "../Wire.ts"
import { hasTokens, tell } from "../Telling.ts"
import { codeFor, exchange, refused, tellLogin, type Finding, type Rule } from "./Rule.ts"
import { redemptionOf, scopesOf } from "./Session.ts"

const seen = (text: string, expected: string, observed: string | null | undefined, isKept: boolean): Finding => ({
  text,
  expected,
  observed: observed ?? "nothing",
  isKept,
})

/** A refusal that is sent to the client, where one can be had: of a scope that nobody has. */
const refusedLogin = async (issuer: Issuer): Promise<URL | undefined> => {
  const { logins } = issuer
  const walk = await logins.probe({ client: publicClient(issuer), scopes: ["no-such-scope-here"] })
  const location = walk._tag === "Arrived" ? new URL(walk.location) : undefined
  return location?.searchParams.has("error") === true ? location : undefined
}

export const responseRules: ReadonlyArray<Rule> = [
  {
    id: "OAUTH21-3.2.3-no-store",
    check: async (issuer) => {
      const client = publicClient(issuer)
      const request = formRequest(issuer.metadata.tokenEndpoint, client, await redemptionOf(issuer, client))
      const isMet = (answer: WireAnswer) =>
        hasTokens(answer) && /\bno-store\b/i.test(answer.headers.get("cache-control") ?? "")
      return [
        await exchange(issuer, "a code is redeemed", request, {
          expected: "tokens, with Cache-Control: no-store",
          isMet,
        }),
      ]
    },
  },
  {
    id: "OAUTH21-3.2.3-scope-if-different",
    check: async (issuer) => {
      const client = publicClient(issuer)
      const request = formRequest(issuer.metadata.tokenEndpoint, client, await redemptionOf(issuer, client))
      const answer = await issuer.wire.send(request)
      if (!hasTokens(answer)) throw new NotTried(`no tokens: ${tell(answer)}`)
      const { scope } = answer.body
      const isKept = scope === undefined || (typeof scope === "string" && scope.trim() !== "")
      return [seen("a code is redeemed", "no scope, or one that is not empty", JSON.stringify(scope), isKept)]
    },
  },
  {
    id: "OAUTH21-3.2-token-post-only",
    check: async (issuer) => {
      const client = publicClient(issuer)
      const url = withQuery(issuer.metadata.tokenEndpoint, [
        ["client_id", client.clientId],
        ...(await redemptionOf(issuer, client)),
      ])
      return [await exchange(issuer, "a code is redeemed by GET", { method: "GET", url }, refused)]
    },
  },
  {
    id: "OAUTH21-3.1-ignore-unknown-params",
    check: async (issuer) => {
      const client = publicClient(issuer)
      const more: ReadonlyArray<Pair> = [["no_such_parameter", "1"]]
      const login = await issuer.logins.login({ client, scopes: scopesOf(issuer), more })
      return [seen("a request has a parameter that nobody knows", "a code", tellLogin(login), login._tag === "Code")]
    },
  },
  {
    id: "OAUTH21-4.1.1-missing-response-type",
    check: async (issuer) => {
      const request = { client: publicClient(issuer), scopes: scopesOf(issuer), without: "response_type" }
      const walk = await issuer.logins.probe(request)
      const location = walk._tag === "Arrived" ? new URL(walk.location) : undefined
      const hasCode = location?.searchParams.has("code") === true
      return [seen("a request has no response_type", "no code", hasCode ? "a code" : "no code", !hasCode)]
    },
  },
  {
    id: "OAUTH21-4.1.2-state-echo",
    check: async (issuer) => {
      // `+`, a space and what looks like an escape: what a careless round trip changes.
      const state = "a+b c%20d&e=f"
      const client = publicClient(issuer)
      const walk = await issuer.logins.probe({ client, scopes: scopesOf(issuer), state })
      if (walk._tag !== "Arrived") throw new NotTried("no login without a person")
      const echoed = new URL(walk.location).searchParams.get("state")
      return [seen(`a request has the state \`${state}\``, state, echoed, echoed === state)]
    },
  },
  {
    id: "RFC9207-2-iss-in-all-responses",
    check: async (issuer) => {
      if (issuer.metadata.members["authorization_response_iss_parameter_supported"] !== true) {
        throw new NotTried("the metadata does not say that responses have `iss`")
      }
      const expected = issuer.metadata.issuer
      const { location } = await codeFor(issuer, { client: publicClient(issuer), scopes: scopesOf(issuer) })
      const refusal = await refusedLogin(issuer)
      const judged = (text: string, { searchParams }: URL) =>
        seen(text, expected, searchParams.get("iss"), searchParams.get("iss") === expected)
      return [
        judged("the iss of a response with a code", location),
        ...(refusal === undefined ? [] : [judged("the iss of a response with an error", refusal)]),
      ]
    },
  },
  {
    id: "RFC7591-3.2.1-secret-expiry-field",
    check: async (issuer) => {
      const { registrationEndpoint } = issuer.metadata
      if (registrationEndpoint === undefined) throw new NotTried("clients cannot register themselves")
      const answer = await issuer.wire.send({
        method: "POST",
        url: registrationEndpoint,
        json: { client_name: "grantlog check", redirect_uris: [publicClient(issuer).redirectUri] },
      })
      if (textMember(answer.body, "client_secret") === undefined) throw new NotTried("no secret was issued")
      const { client_secret_expires_at: at } = answer.body
      return [
        seen(
          "a client registers and gets a secret",
          "client_secret_expires_at, a number",
          JSON.stringify(at),
          typeof at === "number",
        ),
      ]
    },
  },
]
