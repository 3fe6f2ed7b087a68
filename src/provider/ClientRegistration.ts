/**
 * Reading what a client says about itself (RFC 7591 2): leniently in what is unknown, strictly in what is used.
 *
 * Unknown members are ignored, `null` and the empty scope count as absent, grant types that this server does not have,
 * or not for whoever registers, are left out. The answer says what was kept.
 */
import { Result, Schema } from "effect"
import { ClientMetadata, GrantType } from "../core/index.ts"
import { oauthError, type OAuthError } from "./OAuthError.ts"

const Strings = Schema.Array(Schema.String)
const isGrantType = Schema.is(GrantType)
const decodeMetadata = Schema.decodeUnknownResult(ClientMetadata)

const fail = (description: string) => Result.fail(oauthError("invalid_client_metadata", description))

const listOf = (value: unknown, member: string): Result.Result<ReadonlyArray<string> | undefined, OAuthError> => {
  if (value === undefined) return Result.succeed(undefined)
  return Schema.is(Strings)(value) ? Result.succeed(value) : fail(`${member} is not a list of strings`)
}

/** Every grant type there is: what a client may have that the operator adds. */
export const allGrants: ReadonlyArray<GrantType> = GrantType.literals

const noneLeft = (said: ReadonlyArray<string>): string =>
  said.some((one) => isGrantType(one))
    ? "grant_types has nothing that a client which registers itself can use; ask the operator to add one"
    : "none of grant_types is supported here"

/** Without `token_endpoint_auth_method` it is client_secret_basic, without `grant_types` authorization_code (RFC 7591 2). */
//= RFC7591-2-ignore-unknown
//= RFC7591-3.2.1-return-all-metadata
export const readClientMetadata = (
  input: unknown,
  offered: ReadonlyArray<GrantType> = allGrants,
): Result.Result<ClientMetadata, OAuthError> =>
  Result.gen(function* () {
    if (typeof input !== "object" || input === null || Array.isArray(input)) {
      return yield* fail("the client metadata is not a JSON object")
    }
    const said = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null && value !== ""))
    const saidTypes = yield* listOf(said["grant_types"], "grant_types")
    const askedTypes = saidTypes ?? ["authorization_code"]
    const usedTypes = askedTypes.filter((one) => isGrantType(one) && offered.includes(one))
    if (askedTypes.length > 0 && usedTypes.length === 0) return yield* fail(noneLeft(askedTypes))
    const responseTypes = (yield* listOf(said["response_types"], "response_types"))?.filter((one) => one === "code")
    const redirectUris = yield* listOf(said["redirect_uris"], "redirect_uris")

    const metadata = {
      ...said,
      redirect_uris: redirectUris ?? [],
      token_endpoint_auth_method: said["token_endpoint_auth_method"] ?? "client_secret_basic",
      grant_types: [...new Set(usedTypes)],
      response_types: responseTypes ?? (usedTypes.includes("authorization_code") ? ["code"] : []),
    }
    const badUri = metadata.redirect_uris.find((uri) => !Schema.is(ClientMetadata.fields.redirect_uris)([uri]))
    if (badUri !== undefined) {
      const description = `\`${badUri.slice(0, 200).toWellFormed()}\` is not a URI that can be registered`
      return yield* Result.fail(oauthError("invalid_redirect_uri", description))
    }
    return yield* Result.mapError(decodeMetadata(metadata), (issue) =>
      oauthError("invalid_client_metadata", issue.message.replaceAll("\n", " ")),
    )
  })
