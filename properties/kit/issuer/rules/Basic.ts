/**
 * Rules of HTTP Basic: whoever was given a secret shows it there and needs nothing else, however the scheme is spelled.
 *
 * Each is tried with what yields tokens to who is let in, so that a server that looks at the token first shows nothing
 * that it does not mean.
 */
import { madeUp } from "../../../Secrets.ts"
import { confidentialClient } from "../Issuer.ts"
import { basic, credentialsOf, type Pair } from "../Requests.ts"
import { hasTokens } from "../Telling.ts"
import type { WireAnswer } from "../Wire.ts"
import { exchange, type Finding, type Rule } from "./Rule.ts"
import { redemptionOf, requireBasic } from "./Session.ts"

const lowerCase = (authorization: string): string => authorization.replace(/^Basic/, "basic")

const tokens = { expected: "200 with tokens", isMet: hasTokens }
const ok = { expected: "200", isMet: ({ status }: WireAnswer) => status === 200 }

export const basicRules: ReadonlyArray<Rule> = [
  {
    id: "RFC6749-2.3.1-basic-suffices",
    check: async (issuer) => {
      const client = confidentialClient(issuer)
      requireBasic(issuer, client)
      const { tokenEndpoint, revocationEndpoint, introspectionEndpoint } = issuer.metadata
      const authorization = basic(client.clientId, client.secret)
      const asked = (text: string, url: string, header: string, form: ReadonlyArray<Pair>, wanted: typeof ok) =>
        exchange(issuer, text, { method: "POST", url, headers: { authorization: header }, form }, wanted)

      const findings: Array<Finding> = []
      const first = await redemptionOf(issuer, client)
      const alone = "a client shows its secret in Basic, and no client_id in the body"
      findings.push(await asked(alone, tokenEndpoint, authorization, first, tokens))
      // What else the server wants is not at stake here.
      const { form: also } = credentialsOf(client, "right")
      const second = [...(client.isSecretInBody === true ? [] : also), ...(await redemptionOf(issuer, client))]
      const spelled = "a client shows its secret in Basic, the scheme in lower case"
      findings.push(await asked(spelled, tokenEndpoint, lowerCase(authorization), second, tokens))

      const others = { revocation: revocationEndpoint, introspection: introspectionEndpoint }
      for (const [name, url] of Object.entries(others)) {
        if (url === undefined) continue
        const form: ReadonlyArray<Pair> = [["token", madeUp()]]
        findings.push(await asked(`${alone}, for ${name}`, url, authorization, form, ok))
        findings.push(await asked(`${spelled}, for ${name}`, url, lowerCase(authorization), [...also, ...form], ok))
      }
      return findings
    },
  },
]
