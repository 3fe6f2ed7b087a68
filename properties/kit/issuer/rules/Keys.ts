/**
 * Rules of tokens that are bound to a key (RFC 9449), for servers whose metadata says that they take proofs of one.
 *
 * Two keys are made for each rule: what one of them was bound to is tried without a proof and by the other. What a server
 * remembers of proofs is left to it.
 */
import { exportJWK } from "jose/key/export"
import { NotTried } from "../../judging/Obstacles.ts"
import { listMember, textMember } from "../Discovery.ts"
import { publicClient, type Issuer } from "../Issuer.ts"
import type { Holder, Oddity } from "../Proofs.ts"
import type { WireClient } from "../Registration.ts"
import { formRequest, type Pair } from "../Requests.ts"
import { errorOf, hasTokens, tell } from "../Telling.ts"
import type { WireAnswer, WireRequest } from "../Wire.ts"
import { codeFor, exchange, refused, type Finding, type Rule } from "./Rule.ts"
import { redemptionOf, refreshForm, scopesOf } from "./Session.ts"

const ALGORITHM = "ES256"

const requireProofs = ({ metadata }: Issuer): void => {
  if (!listMember(metadata.members, "dpop_signing_alg_values_supported").includes(ALGORITHM)) {
    throw new NotTried(`the metadata does not say that proofs of a key are taken in ${ALGORITHM}`)
  }
}

/** A request with a proof by `holder`, made when it is sent: by then the server may have given a nonce. */
const provenBy = async (
  issuer: Issuer,
  client: WireClient,
  form: ReadonlyArray<Pair>,
  holder: Holder,
  oddity?: Oddity,
): Promise<WireRequest> => {
  const request = formRequest(issuer.metadata.tokenEndpoint, client, form)
  return { ...request, headers: { ...request.headers, dpop: await holder.proof("POST", request.url, oddity) } }
}

/** A right request, once more with the nonce that the server asks for. */
const sendProven = async (
  issuer: Issuer,
  client: WireClient,
  form: ReadonlyArray<Pair>,
  holder: Holder,
): Promise<WireAnswer> => {
  const answer = await issuer.wire.send(await provenBy(issuer, client, form, holder))
  if (errorOf(answer) !== "use_dpop_nonce") return answer
  return issuer.wire.send(await provenBy(issuer, client, form, holder))
}

/** The answer to a login whose tokens are bound to the key, or the rule cannot be tried. */
const boundLogin = async (issuer: Issuer, client: WireClient, holder: Holder): Promise<WireAnswer> => {
  const answer = await sendProven(issuer, client, await redemptionOf(issuer, client), holder)
  if (!hasTokens(answer)) throw new NotTried(`a login with a proof led to no tokens: ${tell(answer)}`)
  return answer
}

const odd = async (holder: Holder, other: Holder): Promise<ReadonlyArray<readonly [string, Oddity]>> => [
  ["a proof for another method", { claims: { htm: "GET" } }],
  ["a proof for another address", { claims: { htu: "https://elsewhere.example/token" } }],
  ["a proof of a day ago", { claims: { iat: Math.floor(Date.now() / 1000) - 86_400 } }],
  ["a proof that another key has signed", { signer: other }],
  ["a proof with a private key in it", { header: { jwk: await exportJWK(holder.pair.privateKey) } }],
]

export const keyRules: ReadonlyArray<Rule> = [
  {
    id: "RFC9449-5-token-type",
    check: async (issuer) => {
      requireProofs(issuer)
      const answer = await boundLogin(issuer, publicClient(issuer), await issuer.prover.newHolder())
      const type = textMember(answer.body, "token_type")
      return [
        {
          text: "a code is redeemed with a proof of a key",
          expected: "tokens of the type DPoP",
          observed: `tokens of the type ${type ?? "that is not said"}`,
          isKept: type?.toLowerCase() === "dpop",
        },
      ]
    },
  },
  {
    id: "RFC9449-4.3-proof-checks",
    check: async (issuer) => {
      requireProofs(issuer)
      const client = publicClient(issuer)
      const [holder, other] = [await issuer.prover.newHolder(), await issuer.prover.newHolder()]
      // The server may want a nonce, which this fetches.
      await boundLogin(issuer, client, holder)
      const findings: Array<Finding> = []
      for (const [text, oddity] of await odd(holder, other)) {
        const request = await provenBy(issuer, client, await redemptionOf(issuer, client), holder, oddity)
        findings.push(await exchange(issuer, `a code is redeemed with ${text}`, request, refused))
      }
      return findings
    },
  },
  {
    id: "RFC9449-5-rt-bound-public",
    check: async (issuer) => {
      requireProofs(issuer)
      const client = publicClient(issuer)
      const [holder, other] = [await issuer.prover.newHolder(), await issuer.prover.newHolder()]
      const { body } = await boundLogin(issuer, client, holder)
      const refresh = textMember(body, "refresh_token")
      if (refresh === undefined) throw new NotTried("a public client gets no refresh token")
      const form = refreshForm(refresh)
      const bare = formRequest(issuer.metadata.tokenEndpoint, client, form)
      return [
        await exchange(issuer, "a bound refresh token is used without a proof of its key", bare, refused),
        await exchange(
          issuer,
          "a bound refresh token is used with a proof of another key",
          await provenBy(issuer, client, form, other),
          refused,
        ),
      ]
    },
  },
  {
    id: "RFC9449-10-code-binding",
    check: async (issuer) => {
      requireProofs(issuer)
      const client = publicClient(issuer)
      const [holder, other] = [await issuer.prover.newHolder(), await issuer.prover.newHolder()]
      await boundLogin(issuer, client, other)
      const more: ReadonlyArray<Pair> = [["dpop_jkt", holder.jkt]]
      const { code, verifier } = await codeFor(issuer, { client, scopes: scopesOf(issuer), more })
      const form: ReadonlyArray<Pair> = [
        ["grant_type", "authorization_code"],
        ["code", code],
        ["redirect_uri", client.redirectUri],
        ["code_verifier", verifier],
      ]
      const text = "a code that was asked for with a key is redeemed with another one"
      return [await exchange(issuer, text, await provenBy(issuer, client, form, other), refused)]
    },
  },
]
