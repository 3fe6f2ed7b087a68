/** `client_secret_basic`: id and secret in the Authorization header, form-encoded (RFC 6749 2.3.1). */
import { oauthError } from "../../OAuthError.ts"
import type { ClientAuthentication } from "../Feature.ts"

//= RFC6749-2.3.1-basic-form-encoding
const formDecoded = (text: string): string | undefined => {
  if (!/[%+]/.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll("+", " "))
  } catch {
    return undefined
  }
}

const readBasic = (encoded: string): readonly [string, string] | undefined => {
  const text = Buffer.from(encoded, "base64").toString("utf8")
  const colon = text.indexOf(":")
  if (colon < 0) return undefined
  const id = formDecoded(text.slice(0, colon))
  const secret = formDecoded(text.slice(colon + 1))
  return id === undefined || secret === undefined || id === "" ? undefined : [id, secret]
}

export const clientSecretBasic: ClientAuthentication = {
  kind: "client authentication",
  name: "client_secret_basic",
  reads: "authorization",
  isProof: true,
  read: (request) => {
    //= RFC6749-2.3.1-basic-suffices
    const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(request.headers["authorization"] ?? "")?.[1]
    const basic = encoded === undefined ? undefined : readBasic(encoded)
    if (basic === undefined) return oauthError("invalid_client", "the Authorization header is not well-formed Basic")
    // An empty password is no secret, as an empty client_secret in the body is none.
    return basic[1] === "" ? { clientId: basic[0] } : { clientId: basic[0], clientSecret: basic[1] }
  },
}
