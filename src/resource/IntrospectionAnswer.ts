/**
 * What an introspection endpoint says of a token (RFC 7662 2.2).
 *
 * Only `active` has to be there. A member that is `null` or empty counts as absent; a number may come as text, and a list
 * in place of a text with spaces, as some servers send them. Where a member that decides who is let in can still not be
 * read, the endpoint is at fault: that is told to the operator, and is never an opinion about the token.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { VerifiedAccess } from "./Access.ts"

/** Absent, `null` or empty: three ways to say nothing. */
const orNothing = <S extends Schema.Top>(schema: S) =>
  Schema.optionalKey(Schema.Union([schema, Schema.Null, Schema.Literal("")]))

/** Whole numbers that are exact: of larger ones two would be read as one. */
const Name = Schema.Union([Schema.String, Schema.Int])
const Words = Schema.Union([Schema.String, Schema.Array(Schema.String)])
const Seconds = Schema.Union([
  Schema.Finite,
  Schema.String.check(Schema.isPattern(/^-?\d{1,15}(?:\.\d{1,9})?$/, { expected: "a number" })),
])

const Standing = Schema.Struct({ active: Schema.Boolean })
const Members = Schema.Struct({
  client_id: orNothing(Name),
  sub: orNothing(Name),
  scope: orNothing(Words),
  exp: orNothing(Seconds),
  aud: orNothing(Words),
  token_type: orNothing(Schema.String),
  cnf: Schema.optionalKey(Schema.Unknown),
  /** Nothing depends on it. */
  iat: Schema.optionalKey(Schema.Unknown),
})

const decodeStanding = Schema.decodeUnknownResult(Standing)
const decodeMembers = Schema.decodeUnknownResult(Members)
const isSeconds = Schema.is(Seconds)

const secondsOf = (value: unknown): number | undefined => (isSeconds(value) ? Number(value) : undefined)
const nameOf = (value: string | number | null | undefined): string | undefined =>
  value === undefined || value === null || value === "" ? undefined : String(value)
const listOf = (value: string | ReadonlyArray<string> | null | undefined): ReadonlyArray<string> =>
  [value ?? []].flat().filter((one) => one !== "")

/** The access, nothing for a token that is of no use here now, or what is wrong with the answer as `fault`. */
export const readAnswer = (
  token: string,
  text: string,
  now: number,
): { readonly access: VerifiedAccess | undefined } | { readonly fault: string } => {
  const json = Result.try((): unknown => JSON.parse(text))
  if (Result.isFailure(json)) return { fault: "is no JSON" }
  const standing = decodeStanding(json.success)
  if (Result.isFailure(standing)) return { fault: `is not one of RFC 7662: ${standing.failure.message}` }
  if (!standing.success.active) return { access: undefined }
  const decoded = decodeMembers(json.success)
  if (Result.isFailure(decoded)) return { fault: `is not one of RFC 7662: ${decoded.failure.message}` }

  const answer = decoded.success
  const expiresAt = secondsOf(answer.exp)
  if (!isBearer(answer) || (expiresAt !== undefined && now >= expiresAt * 1000)) return { access: undefined }
  const issuedAt = secondsOf(answer.iat)
  const clientId = nameOf(answer.client_id)
  const named = nameOf(answer.sub)
  // Other servers name the client itself where nobody granted anything (RFC 9068 2.2): that is no subject.
  const subject = named === clientId ? undefined : named
  const { sub: _, ...others } = json.success as Readonly<Record<string, unknown>>
  return {
    access: {
      token,
      ...(clientId === undefined ? {} : { clientId }),
      scopes: listOf(answer.scope).flatMap((scopes) => scopes.split(" ").filter((scope) => scope !== "")),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(issuedAt === undefined ? {} : { issuedAt }),
      resource: listOf(answer.aud),
      ...(subject === undefined ? { claims: others } : { subject, claims: { sub: subject, ...others } }),
    },
  }
}

/** A refresh token is no access token, and a token that is bound to a key is good only with a proof of that key. */
//= RFC9449-7.2-no-bearer-downgrade
const isBearer = ({ token_type, cnf }: typeof Members.Type): boolean =>
  (token_type || "Bearer").toLowerCase() === "bearer" && (cnf ?? undefined) === undefined
