/**
 * Rules of HTTP Basic: whoever was given a secret shows it there and needs nothing else, however the scheme is spelled.
 *
 * Each is tried with what yields tokens to who is let in, so that a server that looks at the token first shows nothing
 * that it does not mean.
 */
import { madeUp } from "../../../Secrets.ts"
import { NotTried } from "../../judging/Obstacles.ts"
import { listMember } from "../Discovery.ts"
import { confidentialClient, type Issuer } from "../Issuer.ts"
import { basic, credentialsOf, type Pair } from "../Requests.ts"
import { hasTokens } from "../Telling.ts"
import type { WireAnswer } from "../Wire.ts"
import { exchange, type Finding, type Rule } from "./Rule.ts"
import { openForm } from "./Session.ts"

const lowerCase = (authorization: string): string => authorization.replace(/^Basic/, "basic")

const tokens = { expected: "200 with tokens", isMet: hasTokens }
const ok = { expected: "200", isMet: ({ status }: WireAnswer) => status === 200 }

/** Servers that say that they take no Basic are not asked for it: OAuth 2.1 leaves it to them. */
const requireBasic = ({ metadata }: Issuer, isRegisteredForIt: boolean): void => {
  const methods = listMember(metadata.members, "token_endpoint_auth_methods_supported")
  if (!isRegisteredForIt) throw new NotTried("the client is registered to show its secret in the body")
  if (methods.length > 0 && !methods.includes("client_secret_basic")) {
    throw new NotTried("the metadata names other ways to authenticate than Basic")
  }
}

export const basicRules: ReadonlyArray<Rule> = [
  {
    id: "RFC6749-2.3.1-basic-suffices",
    check: async (issuer) => {
      const client = confidentialClient(issuer)
      requireBasic(issuer, client.method === "client_secret_basic")
      const { tokenEndpoint, revocationEndpoint, introspectionEndpoint } = issuer.metadata
      const authorization = basic(client.clientId, client.secret)
      const asked = (text: string, url: string, header: string, form: ReadonlyArray<Pair>, wanted: typeof ok) =>
        exchange(issuer, text, { method: "POST", url, headers: { authorization: header }, form }, wanted)

      const findings: Array<Finding> = []
      const first = await openForm(issuer, client)
      const alone = "a client shows its secret in Basic, and no client_id in the body"
      findings.push(await asked(alone, tokenEndpoint, authorization, first, tokens))
      // What else the server wants is not at stake here.
      const { form: also } = credentialsOf(client, "right")
      const second = [...(client.isSecretInBody === true ? [] : also), ...(await openForm(issuer, client))]
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
