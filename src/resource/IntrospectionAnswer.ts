/**
 * What an introspection endpoint says of a token (RFC 7662 2.2), read strictly: an answer that cannot be understood is a
 * fault of the endpoint, told to the operator, and never an opinion about the token.
 */
import { Result, Schema } from "effect"
import type { VerifiedAccess } from "./Access.ts"

const Answer = Schema.Union([
  Schema.Struct({ active: Schema.Literal(false) }),
  Schema.Struct({
    active: Schema.Literal(true),
    client_id: Schema.NonEmptyString,
    sub: Schema.optionalKey(Schema.String),
    scope: Schema.optionalKey(Schema.String),
    exp: Schema.optionalKey(Schema.Finite),
    iat: Schema.optionalKey(Schema.Finite),
    aud: Schema.optionalKey(Schema.Union([Schema.String, Schema.Array(Schema.String)])),
    token_type: Schema.optionalKey(Schema.String),
    cnf: Schema.optionalKey(Schema.Unknown),
  }),
])

const decode = Schema.decodeUnknownResult(Answer)

/** The access, nothing for a token that is of no use here now, or what is wrong with the answer as `fault`. */
export const readAnswer = (
  token: string,
  text: string,
  now: number,
): { readonly access: VerifiedAccess | undefined } | { readonly fault: string } => {
  const json = Result.try((): unknown => JSON.parse(text))
  if (Result.isFailure(json)) return { fault: "is no JSON" }
  const decoded = decode(json.success)
  if (Result.isFailure(decoded)) return { fault: `is not one of RFC 7662: ${decoded.failure.message}` }
  const answer = decoded.success
  if (!answer.active || !isBearer(answer) || (answer.exp !== undefined && now >= answer.exp * 1000)) {
    return { access: undefined }
  }
  const { sub, ...others } = json.success as Readonly<Record<string, unknown>>
  // Other servers name the client itself where nobody granted anything (RFC 9068 2.2): that is no subject.
  const subject = answer.sub === answer.client_id ? undefined : answer.sub
  return {
    access: {
      token,
      clientId: answer.client_id,
      scopes: answer.scope?.split(" ").filter((scope) => scope !== "") ?? [],
      ...(answer.exp === undefined ? {} : { expiresAt: answer.exp }),
      ...(answer.iat === undefined ? {} : { issuedAt: answer.iat }),
      resource: [answer.aud ?? []].flat(),
      ...(subject === undefined ? { claims: others } : { subject, claims: { sub, ...others } }),
    },
  }
}

/** A refresh token is no access token, and a token that is bound to a key is good only with a proof of that key. */
//= RFC9449-7.2-no-bearer-downgrade
const isBearer = ({ token_type = "Bearer", cnf }: { readonly token_type?: string; readonly cnf?: unknown }): boolean =>
  token_type.toLowerCase() === "bearer" && cnf === undefined
