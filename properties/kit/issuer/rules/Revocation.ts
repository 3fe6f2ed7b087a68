/**
 * Rules of revocation (RFC 7009): a hint helps to find a token and is never needed, and what was acknowledged has happened.
 *
 * A promise that is broken with the right hint is one of those in `properties/invariants`; here is what hangs on the hint.
 */
import { NotTried } from "../../judging/Obstacles.ts"
import { endpointOf, type Issuer } from "../Issuer.ts"
import type { WireClient } from "../Registration.ts"
import { formRequest, type Pair } from "../Requests.ts"
import { hasTokens } from "../Telling.ts"
import type { WireAnswer } from "../Wire.ts"
import { exchange, refused, type Finding, type Rule } from "./Rule.ts"
import { kindOf, oneOfEachKind, refreshForm, sessionOf } from "./Session.ts"

interface Hint {
  readonly words: string
  readonly pairs: ReadonlyArray<Pair>
}

const without: Hint = { words: "without a hint", pairs: [] }
const hinted = (words: string, hint: string): Hint => ({ words, pairs: [["token_type_hint", hint]] })
const unknown = hinted("with a hint that nobody knows", "something_else")

/** What may be said of a token besides the truth; a person signs in for the first only. */
const hintsFor = ({ isUnattended }: Issuer, wrong: string): ReadonlyArray<Hint> =>
  isUnattended ? [without, hinted(`as ${wrong.replace("_", " ")}`, wrong), unknown] : [without]

const ok = { expected: "200", isMet: ({ status }: WireAnswer) => status === 200 }
const tokens = { expected: "200 with tokens", isMet: hasTokens }

const revocation = (issuer: Issuer, client: WireClient, token: string, { pairs }: Hint) =>
  formRequest(endpointOf(issuer, "revocation"), client, [["token", token], ...pairs])

const refreshBy = (issuer: Issuer, client: WireClient, token: string) =>
  formRequest(issuer.metadata.tokenEndpoint, client, refreshForm(token))

/** A refresh token that is revoked is dead afterwards. */
const refreshTokenEnds = async (issuer: Issuer, client: WireClient, hint: Hint): Promise<ReadonlyArray<Finding>> => {
  const { refresh } = await sessionOf(issuer, client)
  if (refresh === undefined) return []
  const told = `a ${kindOf(client)} client revokes its refresh token ${hint.words}`
  const revoked = await exchange(issuer, told, revocation(issuer, client, refresh, hint), ok)
  if (revoked.isKept !== true) return [revoked]
  return [
    revoked,
    await exchange(issuer, `${told}, and refreshes with it`, refreshBy(issuer, client, refresh), refused),
  ]
}

/** An access token whose revocation is acknowledged is dead afterwards; a server may say that it revokes none. */
const accessTokenEnds = async (issuer: Issuer, client: WireClient, hint: Hint): Promise<ReadonlyArray<Finding>> => {
  const { liveness, wire } = issuer
  const { access } = await sessionOf(issuer, client)
  await liveness.learn(client, access)
  if (!liveness.canLook(client, access) || liveness.isSelfContained(client, access)) return []
  const text = `a ${kindOf(client)} client revokes its access token ${hint.words}, and it is looked at`
  const answer = await wire.send(revocation(issuer, client, access, hint))
  if (!ok.isMet(answer)) return []
  const { isAlive } = await liveness.look(client, access)
  return [{ text, expected: "not alive", observed: isAlive ? "alive" : "not alive", isKept: !isAlive }]
}

export const revocationRules: ReadonlyArray<Rule> = [
  {
    id: "RFC7009-2-revoke-refresh",
    check: async (issuer) => {
      const findings: Array<Finding> = []
      for (const client of oneOfEachKind(issuer)) {
        for (const hint of hintsFor(issuer, "access_token")) {
          findings.push(...(await refreshTokenEnds(issuer, client, hint)))
        }
        for (const hint of hintsFor(issuer, "refresh_token")) {
          findings.push(...(await accessTokenEnds(issuer, client, hint)))
        }
      }
      if (findings.length === 0)
        throw new NotTried("there is no refresh token, and no access token that can be looked at")
      return findings
    },
  },
  {
    id: "RFC7009-2.1-owner-only",
    check: async (issuer) => {
      const [owner, other] = issuer.clients
      if (owner === undefined || other === undefined) throw new NotTried("it takes another client")
      const findings: Array<Finding> = []
      for (const hint of hintsFor(issuer, "access_token")) {
        const { refresh } = await sessionOf(issuer, owner)
        if (refresh === undefined) throw new NotTried("the server gives no refresh token")
        await issuer.wire.send(revocation(issuer, other, refresh, hint))
        const text = `another client revokes a refresh token ${hint.words}, then its owner refreshes`
        findings.push(await exchange(issuer, text, refreshBy(issuer, owner, refresh), tokens))
      }
      return findings
    },
  },
]
