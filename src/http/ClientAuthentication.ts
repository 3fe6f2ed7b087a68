/**
 * Who calls: the credentials of a request, by exactly one method (RFC 6749 2.3).
 *
 * Reads them and no more; whether they are right is judged where the client is known. Nothing is taken from the query.
 */
import * as Result from "effect/Result"
import type { Credentials } from "../provider/index.ts"
import type { Parameters } from "../provider/features/Form.ts"
import type { WireRequest } from "../provider/features/Wire.ts"

export interface CredentialsFault {
  readonly error: "invalid_request" | "invalid_client"
  readonly description: string
}

const invalidRequest = (description: string) => Result.fail({ error: "invalid_request" as const, description })
/** For endpoints where everybody has to prove itself: no credentials are bad credentials (RFC 6749 5.2). */
export const invalidClient = (description: string) => Result.fail({ error: "invalid_client" as const, description })

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

export const readCredentials = (
  request: WireRequest,
  form: Parameters,
  missing: typeof invalidRequest | typeof invalidClient = invalidRequest,
): Result.Result<Credentials, CredentialsFault> => {
  //= OAUTH21-2.4.1-secret-not-in-uri
  if (/(?:^|&)client_secret=/.test(request.query)) return invalidRequest("a client secret does not belong in the URL")
  const clientId = form.get("client_id")
  const clientSecret = form.get("client_secret")
  const authorization = request.headers["authorization"]
  if (form.get("client_assertion") !== undefined) {
    return invalidClient("client_assertion is not supported; use client_secret_basic, client_secret_post or none")
  }
  if (authorization === undefined) {
    if (clientId === undefined) return missing("client_id is missing, and there is no Authorization header")
    //= OAUTH21-2.4.1-secret-in-body
    return Result.succeed(clientSecret === undefined ? { clientId } : { clientId, clientSecret })
  }
  //= RFC6749-2.3.1-basic-suffices
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization)?.[1]
  const basic = encoded === undefined ? undefined : readBasic(encoded)
  if (basic === undefined) return invalidClient("the Authorization header is not well-formed Basic")
  //= OAUTH21-2.4-one-auth-method
  if (clientSecret !== undefined) return invalidRequest("the client authenticates in the header and in the body")
  if (clientId !== undefined && clientId !== basic[0]) {
    return invalidRequest("client_id in the body is not the one in the Authorization header")
  }
  // An empty password is no secret, as an empty client_secret in the body is none.
  return Result.succeed(basic[1] === "" ? { clientId: basic[0] } : { clientId: basic[0], clientSecret: basic[1] })
}
