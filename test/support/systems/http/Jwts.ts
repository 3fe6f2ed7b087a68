/** Access tokens that are JWTs: which token of the server they are, and of which grant; nothing is verified here. */
import { decodeJwt } from "jose"
import { formatAccessTokenId, parseAccessTokenId } from "../../../../src/provider/Token.ts"
import { parseToken } from "../../../../src/provider/index.ts"
import type { Holder } from "../../../../properties/Holder.ts"

export const isJwt = (token: string): boolean => token.startsWith("ey")

/** The grant and digest that the server knows a JWT by. */
const idIn = (jwt: string) => parseAccessTokenId(String(decodeJwt(jwt).jti))

/** The grant of an access token of either form. */
export const grantOf = (token: string): string => (isJwt(token) ? idIn(token) : parseToken(token))!.grantId

const firsts = new WeakMap<Holder, Map<string, string>>()

/** The same token as it was given first: a JWT that is given again has another signature. */
export const sameToken = (holder: Holder, token: string): string => {
  const id = isJwt(token) ? idIn(token) : undefined
  if (id === undefined) return token
  const known = firsts.get(holder) ?? new Map<string, string>()
  firsts.set(holder, known)
  const name = formatAccessTokenId(id)
  if (!known.has(name)) known.set(name, token)
  return known.get(name)!
}
