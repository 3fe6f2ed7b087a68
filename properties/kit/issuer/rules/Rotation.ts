/**
 * The rule of public clients' refresh tokens: whoever copies one that is neither bound to a key nor ever replaced has it
 * for good, and nothing shows (OAuth 2.1 4.3.1, RFC 9700 4.14.2).
 *
 * What becomes of a spent one is for the promises; a confidential client's is bound to it by its secret.
 */
import { NotTried } from "../../judging/Obstacles.ts"
import { textMember } from "../Discovery.ts"
import { publicClient } from "../Issuer.ts"
import { formRequest } from "../Requests.ts"
import { hasTokens, tell, tellRequest } from "../Telling.ts"
import type { Finding, Rule } from "./Rule.ts"
import { refreshForm, sessionOf } from "./Session.ts"

/** A server may replace the first and keep the next. */
const GENERATION_COUNT = 3

export const rotationRules: ReadonlyArray<Rule> = [
  {
    id: "OAUTH21-4.3.1-rt-replay-detection",
    check: async (issuer) => {
      const client = publicClient(issuer)
      const { refresh } = await sessionOf(issuer, client)
      if (refresh === undefined) throw new NotTried("a public client gets no refresh token")
      if (issuer.prover.isProving()) throw new NotTried("the refresh tokens of public clients are bound to a key")
      const findings: Array<Finding> = []
      let current = refresh
      let shownCount = 0
      while (findings.length < GENERATION_COUNT) {
        const request = formRequest(issuer.metadata.tokenEndpoint, client, refreshForm(current))
        const answer = await issuer.wire.send(request)
        shownCount += 1
        if (!hasTokens(answer)) {
          if (shownCount === 1 && findings.length === 0) throw new NotTried(`a refresh is answered: ${tell(answer)}`)
          const expected = "a refusal, where it stays the same"
          const text = "a public client refreshes with the same refresh token as before"
          if (shownCount === 2) findings.push({ text, expected, observed: tell(answer), isKept: true })
          break
        }
        const next = textMember(answer.body, "refresh_token") ?? current
        // One that comes back is harmless if it is good for one more time only.
        if (next === current && shownCount === 1) continue
        const isKept = next !== current
        findings.push({
          text: `a public client refreshes${isKept ? "" : " with the same refresh token as before"}`,
          request: tellRequest(request),
          expected: "another refresh token, or a token that is bound to a key",
          observed: `${tell(answer)}, the refresh token ${isKept ? "another one" : "the same again"}`,
          isKept,
        })
        if (!isKept) break
        current = next
        shownCount = 0
      }
      return findings
    },
  },
]
