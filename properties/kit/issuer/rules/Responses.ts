/** Rules of what a successful login answers: the redirect with the code, and the tokens. */
import { textMember } from "../Discovery.ts"
import { NotTried } from "../../judging/Obstacles.ts"
import { confidentialClient, endpointOf, publicClient, type Issuer } from "../Issuer.ts"
import type { WireClient } from "../Registration.ts"
import { formRequest, withQuery, type Pair } from "../Requests.ts"
import type { WireAnswer } from "../Wire.ts"
import { codeFor, exchange, hasTokens, refused, tell, tellLogin, type Finding, type Rule } from "./Rule.ts"

const scopesOf = ({ scopes }: Issuer): ReadonlyArray<string> => scopes.slice(0, 1)

/** The form that redeems a fresh code. */
const redemption = async (issuer: Issuer, client: WireClient): Promise<ReadonlyArray<Pair>> => {
  const { code, verifier } = await codeFor(issuer, { client, scopes: scopesOf(issuer) })
  return [
    ["grant_type", "authorization_code"],
    ["code", code],
    ["redirect_uri", client.redirectUri],
    ["code_verifier", verifier],
  ]
}

const seen = (text: string, expected: string, observed: string | null | undefined, isKept: boolean): Finding => ({
  text,
  expected,
  observed: observed ?? "nothing",
  isKept,
})

/** A refusal that is sent to the client, where one can be had: of a scope that nobody has. */
const refusedLogin = async (issuer: Issuer): Promise<URL | undefined> => {
  const { logins } = issuer
  const walk = await logins.probe(logins.urlOf({ client: publicClient(issuer), scopes: ["no-such-scope-here"] }))
  const location = walk._tag === "Arrived" ? new URL(walk.location) : undefined
  return location?.searchParams.has("error") === true ? location : undefined
}

export const responseRules: ReadonlyArray<Rule> = [
  {
    id: "OAUTH21-3.2.3-no-store",
    check: async (issuer) => {
      const client = publicClient(issuer)
      const request = formRequest(issuer.metadata.tokenEndpoint, client, await redemption(issuer, client))
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
      const request = formRequest(issuer.metadata.tokenEndpoint, client, await redemption(issuer, client))
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
        ...(await redemption(issuer, client)),
      ])
      return [await exchange(issuer, "a code is redeemed by GET", { method: "GET", url }, refused)]
    },
  },
  {
    id: "OAUTH21-3.2.2-confidential-must-auth",
    check: async (issuer) => {
      const client = confidentialClient(issuer)
      const { tokenEndpoint } = issuer.metadata
      const form = await redemption(issuer, client)
      const tried = (text: string, authentication: "absent" | "wrong") =>
        exchange(issuer, text, formRequest(tokenEndpoint, client, form, authentication), refused)
      return [
        await tried("a confidential client redeems its code without its secret", "absent"),
        await tried("a confidential client redeems its code with a wrong secret", "wrong"),
      ]
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
      const url = issuer.logins.urlOf({ client: publicClient(issuer), scopes: scopesOf(issuer) })
      const walk = await issuer.logins.probe(url.replace("response_type=code&", ""))
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
      const url = new URL(issuer.logins.urlOf({ client, scopes: scopesOf(issuer) }))
      url.searchParams.set("state", state)
      const walk = await issuer.logins.probe(url.href)
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
    id: "RFC7009-2-revoke-refresh",
    check: async (issuer) => {
      const url = endpointOf(issuer, "revocation")
      const findings: Array<Finding> = []
      for (const client of issuer.clients) {
        const tokens = await issuer.wire.send(
          formRequest(issuer.metadata.tokenEndpoint, client, await redemption(issuer, client)),
        )
        const token = textMember(tokens.body, "refresh_token")
        if (token === undefined) continue
        const text = `a ${client.secret === undefined ? "public" : "confidential"} client revokes its own refresh token`
        const ok = { expected: "200", isMet: ({ status }: WireAnswer) => status === 200 }
        findings.push(await exchange(issuer, text, formRequest(url, client, [["token", token]]), ok))
      }
      if (findings.length === 0) throw new NotTried("no client got a refresh token")
      return findings
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
