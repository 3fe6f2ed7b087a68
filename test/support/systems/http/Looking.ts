/**
 * Looking at an access token: as the resource server that asks about it, and, where it is a JWT, as one that verifies it
 * offline. Both must say the same of a token that is alive.
 */
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from "jose"
import type { OperationOf, Reply } from "../../../../properties/Operation.ts"
import { ISSUER } from "../../TestServer.ts"
import { refusal, WATCHED, type Caller } from "./Caller.ts"
import { isJwt } from "./Jwts.ts"

/** What an offline verifier finds in it; a fault in words where it finds nothing. */
const offline = async ({ wire, running }: Caller, token: string) => {
  const { text } = await wire.get("/jwks")
  const verified = await jwtVerify(token, createLocalJWKSet(JSON.parse(text) as JSONWebKeySet), {
    issuer: ISSUER,
    audience: WATCHED,
    typ: "at+jwt",
    currentDate: new Date(running.clock.now()),
  }).catch((cause: unknown) => String(cause))
  return typeof verified === "string" ? verified : verified.payload
}

/** Members that both have, by the same names. */
const common = ["iss", "sub", "client_id", "aud", "scope", "exp", "iat", "jti", "cnf"] as const

const differenceFrom = (introspected: Readonly<Record<string, unknown>>, claims: Readonly<Record<string, unknown>>) =>
  common.find((name) => {
    // A client that acts for itself is its own subject offline, and nobody's where it is asked about.
    if (name === "sub" && introspected["sub"] === undefined) return claims["sub"] !== claims["client_id"]
    return name in introspected && JSON.stringify(introspected[name]) !== JSON.stringify(claims[name])
  })

export const lookAt = async (caller: Caller, { token }: OperationOf<"Verify">): Promise<Reply> => {
  const { wire, watcher, holder } = caller
  const text = holder.textOf("access", token)
  const answer = await wire.introspect(watcher, text)
  const body = answer.body as Readonly<Record<string, unknown>>
  if (answer.status !== 200) return refusal(answer)
  if (body["active"] !== true) return { _tag: "Inactive" }
  const { client_id, scope, sub, aud, exp } = body
  if (isJwt(text)) {
    const claims = await offline(caller, text)
    if (typeof claims === "string") return { _tag: "Fault", message: `alive, and offline: ${claims}` }
    const other = differenceFrom(body, claims)
    if (other !== undefined) return { _tag: "Fault", message: `\`${other}\` is another one offline` }
  }
  return {
    _tag: "Active",
    client: holder.numberOf("client", String(client_id)),
    subject: sub === undefined ? null : holder.numberOf("subject", String(sub)),
    scopes: typeof scope === "string" ? scope.split(" ") : [],
    resources: [aud]
      .flat()
      .filter((resource): resource is string => typeof resource === "string" && resource !== WATCHED),
    expiresAt: Number(exp) * 1000,
  }
}
