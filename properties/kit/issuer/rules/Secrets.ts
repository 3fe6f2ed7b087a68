/** Rules of who has a secret: without it, or with a wrong one, nothing is had, wherever the wrong one is shown. */
import { madeUp } from "../../../Secrets.ts"
import { textMember } from "../Discovery.ts"
import { confidentialClient, endpointOf, type Issuer } from "../Issuer.ts"
import { isUnanswered } from "../Patience.ts"
import type { WireClient } from "../Registration.ts"
import { basic, formRequest, type Pair } from "../Requests.ts"
import { tell, tellRequest } from "../Telling.ts"
import type { WireRequest } from "../Wire.ts"
import { exchange, refused, type Expectation, type Finding, type Rule } from "./Rule.ts"
import { redemptionOf, refreshForm, sessionOf } from "./Session.ts"

/** Ways to come without the right secret: what is said of each, and the request. */
const badProofs = (url: string, { clientId }: WireClient, form: ReadonlyArray<Pair>) => {
  const id: Pair = ["client_id", clientId]
  const post = (pairs: ReadonlyArray<Pair>, headers: Readonly<Record<string, string>> = {}): WireRequest => ({
    method: "POST",
    url,
    headers,
    form: [...pairs, ...form],
  })
  return {
    "without its secret": post([id]),
    "with a wrong secret in Basic": post([id], { authorization: basic(clientId, madeUp()) }),
    "with a wrong secret in the body": post([id, ["client_secret", madeUp()]]),
    "with an empty secret": post([id, ["client_secret", ""]]),
  }
}

type Proof = keyof ReturnType<typeof badProofs>

const proofs: ReadonlyArray<Proof> = [
  "without its secret",
  "with a wrong secret in Basic",
  "with a wrong secret in the body",
  "with an empty secret",
]

/** A person signs in for two of them only. */
const proofsFor = ({ isUnattended }: Issuer): ReadonlyArray<Proof> => (isUnattended ? proofs : proofs.slice(0, 2))

/** Whoever learns nothing was let in to nothing: that a token is unknown is what anybody may hear. */
const silent: Expectation = {
  expected: "a refusal, or nothing about the token",
  isMet: ({ status, body }) => (status >= 400 && status < 500) || (status === 200 && body["active"] === false),
}

export const secretRules: ReadonlyArray<Rule> = [
  {
    id: "OAUTH21-3.2.2-confidential-must-auth",
    check: async (issuer) => {
      const client = confidentialClient(issuer)
      const { tokenEndpoint } = issuer.metadata
      const findings: Array<Finding> = []
      const tried = async (text: string, request: WireRequest): Promise<string | undefined> => {
        const answer = await issuer.wire.send(request)
        const isKept = isUnanswered(answer) ? undefined : refused.isMet(answer)
        findings.push({
          text,
          request: tellRequest(request),
          expected: refused.expected,
          observed: tell(answer),
          isKept,
        })
        return textMember(answer.body, "refresh_token")
      }
      let form = await redemptionOf(issuer, client)
      for (const proof of proofsFor(issuer)) {
        await tried(`a confidential client redeems its code ${proof}`, badProofs(tokenEndpoint, client, form)[proof])
        // A code that was shown once is perhaps dead for that.
        if (issuer.isUnattended) form = await redemptionOf(issuer, client)
      }
      let { refresh } = await sessionOf(issuer, client)
      for (const proof of proofs) {
        if (refresh === undefined) break
        const request = badProofs(tokenEndpoint, client, refreshForm(refresh))[proof]
        refresh = (await tried(`a confidential client refreshes ${proof}`, request)) ?? refresh
      }
      return findings
    },
  },
  {
    id: "RFC7662-2.1-caller-auth",
    check: async (issuer) => {
      const url = endpointOf(issuer, "introspection")
      const client = confidentialClient(issuer)
      const { access } = await sessionOf(issuer, client)
      const form: ReadonlyArray<Pair> = [["token", access]]
      const { "without its secret": unproven, "with an empty secret": empty, ...wrong } = badProofs(url, client, form)
      const outsider = issuer.clients.find(({ secret }) => secret === undefined)
      const unknown = {
        "nobody in particular asks about a live token": { method: "POST", url, form } as const,
        "a client asks about its live token without its secret": unproven,
        "a client asks about its live token with an empty secret": empty,
        ...(outsider === undefined
          ? {}
          : { "a public client asks about a live token of another client": formRequest(url, outsider, form) }),
      }
      const findings: Array<Finding> = []
      for (const [text, request] of Object.entries(unknown))
        findings.push(await exchange(issuer, text, request, silent))
      for (const [proof, request] of Object.entries(wrong)) {
        findings.push(await exchange(issuer, `a client asks about its live token ${proof}`, request, refused))
      }
      return findings
    },
  },
]
