/** Rules of PKCE (RFC 7636 as OAuth 2.1 takes it): what is refused at the authorization endpoint, and at redemption. */
import { challengeOf, mintVerifier } from "../../../Secrets.ts"
import { publicClient, type Issuer } from "../Issuer.ts"
import type { WireClient } from "../Registration.ts"
import { formRequest, type Pair } from "../Requests.ts"
import { codeFor, exchange, refused, type Finding, type Rule } from "./Rule.ts"

const redemption = (issuer: Issuer, client: WireClient, code: string, verifier: string | undefined) =>
  formRequest(issuer.metadata.tokenEndpoint, client, [
    ["grant_type", "authorization_code"],
    ["code", code],
    ["redirect_uri", client.redirectUri],
    ...(verifier === undefined ? [] : [["code_verifier", verifier] as const]),
  ])

const scopesOf = ({ scopes }: Issuer): ReadonlyArray<string> => scopes.slice(0, 1)

/** A request that has to be refused, so that nobody is asked to sign in for it; a login page shows nothing. */
const noCode = async (issuer: Issuer, text: string, challenge: ReadonlyArray<Pair>): Promise<Finding> => {
  const { logins, isAuto } = issuer
  const walk = await logins.probe({ client: publicClient(issuer), scopes: scopesOf(issuer), challenge })
  const hasCode = walk._tag === "Arrived" && new URL(walk.location).searchParams.has("code")
  const isUnknown = walk._tag === "Page" && walk.status < 400 && !isAuto
  const observed = hasCode ? "a code" : walk._tag === "Page" ? `a page with status ${walk.status}` : "no code"
  return { text, expected: "no code", observed, isKept: isUnknown ? undefined : !hasCode }
}

export const pkceRules: ReadonlyArray<Rule> = [
  {
    id: "OAUTH21-4.1.2.1-reject-no-challenge",
    check: async (issuer) => [await noCode(issuer, "a public client asks for a code without a challenge", [])],
  },
  {
    id: "OAUTH21-4.1.2.1-unsupported-method",
    check: async (issuer) => {
      const verifier = mintVerifier()
      const method = (name: string): ReadonlyArray<Pair> => [
        ["code_challenge", verifier],
        ["code_challenge_method", name],
      ]
      return [
        await noCode(issuer, "a challenge is sent with the method `plain`", method("plain")),
        await noCode(issuer, "a challenge is sent with a method that nobody knows", method("S0")),
        await noCode(issuer, "a challenge is sent without method, which means `plain`", [["code_challenge", verifier]]),
      ]
    },
  },
  {
    id: "OAUTH21-4.1.3-verifier-iff-challenge",
    check: async (issuer) => {
      const client = publicClient(issuer)
      const { code } = await codeFor(issuer, { client, scopes: scopesOf(issuer) })
      return [
        await exchange(
          issuer,
          "a code that has a challenge is redeemed without a verifier",
          redemption(issuer, client, code, undefined),
          refused,
        ),
      ]
    },
  },
  {
    id: "OAUTH21-4.1.3-verifier-correct",
    check: async (issuer) => {
      const client = publicClient(issuer)
      const first = await codeFor(issuer, { client, scopes: scopesOf(issuer) })
      const second = await codeFor(issuer, { client, scopes: scopesOf(issuer) })
      const other = redemption(issuer, client, first.code, mintVerifier())
      const itself = redemption(issuer, client, second.code, challengeOf(second.verifier))
      return [
        await exchange(issuer, "a code is redeemed with another verifier", other, refused),
        await exchange(issuer, "a code is redeemed with its own challenge as verifier", itself, refused),
      ]
    },
  },
  {
    id: "RFC7636-4.1-verifier-format",
    check: async (issuer) => {
      const client = publicClient(issuer)
      const findings: Array<Finding> = []
      for (const verifier of ["x", mintVerifier().slice(0, 42), "v".repeat(129)]) {
        const { code } = await codeFor(issuer, { client, scopes: scopesOf(issuer), verifier })
        const request = redemption(issuer, client, code, verifier)
        const text = `a code is redeemed with its verifier, which has ${verifier.length} characters`
        findings.push(await exchange(issuer, text, request, refused))
      }
      return findings
    },
  },
]
