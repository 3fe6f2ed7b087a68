/**
 * Reading what a client says about itself (RFC 7591 2): what nobody depends on leniently, the rest strictly.
 *
 * Unknown members are ignored, `null` and empty text count as absent. Grant types that this server does not have, or not
 * for whoever registers, are left out, and so is what is only shown or noted and cannot be. The answer says what was
 * kept. What the client could not work without is refused, with what it sent and what would do.
 */
import { inspect } from "node:util"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { redirectUriRemedy } from "../protocol/index.ts"
import {
  ClientMetadata,
  MAX_METADATA_BYTES,
  MAX_REDIRECT_URIS,
  RedirectUri,
  featureMembers,
  metadataBytes,
  refusals,
  parseScopes,
  type FeatureMember,
} from "../core/index.ts"
import { readVerificationKeys } from "./features/clients/VerificationKeys.ts"
import type { Features } from "./features/Features.ts"
import { oauthError, type OAuthError } from "./OAuthError.ts"

type Read<A> = Result.Result<A, OAuthError>

const { fields } = ClientMetadata
const scopeText = Schema.requiredKey(fields.scope)
const isStrings = Schema.is(Schema.Array(Schema.String))
const isMetadata = Schema.is(ClientMetadata)
const readMembers = Schema.decodeUnknownResult(Schema.Struct(featureMembers))
const isRedirectUri = Schema.is(RedirectUri)

const MAX_SHOWN_CHARACTERS = 200

/** Any value: programs that embed the server may pass more than JSON can hold. */
const shown = (value: unknown): string => {
  const text = typeof value === "string" ? value : inspect(value, { breakLength: Infinity, compact: true })
  return `\`${text.slice(0, MAX_SHOWN_CHARACTERS).toWellFormed()}\``
}

const unfit = (member: string, value: unknown, remedy: string): OAuthError =>
  oauthError("invalid_client_metadata", `${member} is ${shown(value)}: ${remedy}`)

/** `a, b or c`. */
const anyOf = (names: ReadonlyArray<string>): string => names.join(", ").replace(/, ([^,]*)$/, " or $1")

const listOf = (member: string, value: unknown): Read<ReadonlyArray<string> | undefined> =>
  value === undefined || isStrings(value)
    ? Result.succeed(value)
    : Result.fail(unfit(member, value, "send a list of strings"))

/** The default is authorization_code. */
const grantTypesOf = (
  said: ReadonlyArray<string> | undefined,
  { grantTypes }: Pick<Features, "grantTypes">,
  offered: ReadonlyArray<string>,
) => {
  const known = (said ?? ["authorization_code"]).filter((one) => grantTypes.has(one))
  const used = [...new Set(known.filter((one) => offered.includes(one)))]
  if (used.length > 0 || said?.length === 0) return Result.succeed(used)
  const some = `some of ${offered.join(", ")}`
  const remedy =
    known.length === 0
      ? `use ${some}`
      : `a client that registers itself can use ${some}; for another grant type, ask the operator to add it`
  return Result.fail(unfit("grant_types", said ?? known, remedy))
}

/** Follows from the grant types, so that nobody depends on it but who wants nothing that this server has. */
const responseTypesOf = (said: ReadonlyArray<string> | undefined, usesCode: boolean) => {
  if (!usesCode) return Result.succeed([])
  return said === undefined || said.length === 0 || said.includes("code")
    ? Result.succeed(["code" as const])
    : Result.fail(unfit("response_types", said, "use `code`"))
}

const redirectUrisOf = (said: ReadonlyArray<string>) => {
  if (said.length > MAX_REDIRECT_URIS) {
    const description = `redirect_uris has ${said.length} entries: register at most ${MAX_REDIRECT_URIS}`
    return Result.fail(oauthError("invalid_redirect_uri", description))
  }
  return Result.mapError(Schema.decodeUnknownResult(fields.redirect_uris)(said), () => {
    const bad = said.find((uri) => !isRedirectUri(uri))
    return oauthError("invalid_redirect_uri", `${shown(bad)} is no redirect URI: ${redirectUriRemedy}`)
  })
}

/** The default is client_secret_basic. */
const authMethodOf = (
  { clientAuthentications }: Pick<Features, "clientAuthentications">,
  said: unknown = "client_secret_basic",
) => {
  const names = clientAuthentications.map(({ name }) => name)
  const method = names.find((name) => name === said)
  return method === undefined
    ? Result.fail(unfit("token_endpoint_auth_method", said, `use ${anyOf(names)}`))
    : Result.succeed(method)
}

/** What a feature that counts for the client has against one like it. */
const featureFaultOf = ({ all }: Pick<Features, "all">, metadata: ClientMetadata): string | undefined => {
  for (const { kind, name, registrationFault } of all) {
    if (kind === "grant type" && !metadata.grant_types.includes(name)) continue
    if (kind === "client authentication" && name !== metadata.token_endpoint_auth_method) continue
    const sentence = registrationFault?.(metadata)
    if (sentence !== undefined) return sentence
  }
  return undefined
}

/** What each of these members has to be, for whoever sent something else. */
const memberRemedies: Readonly<Record<Exclude<FeatureMember, "jwks">, string>> = {
  jwks_uri: "send an address that begins with https://",
  token_endpoint_auth_signing_alg: "send the name of an algorithm, such as ES256",
  require_pushed_authorization_requests: "send true or false",
  require_signed_request_object: "send true or false",
  request_object_signing_alg: "send the name of an algorithm, such as ES256",
  authorization_signed_response_alg: "send the name of an algorithm, such as ES256",
  introspection_signed_response_alg: "send the name of an algorithm, such as ES256",
  dpop_bound_access_tokens: "send true or false",
  authorization_details_types: "send a list of at most 16 names",
  id_token_signed_response_alg: "send the name of an algorithm, such as ES256",
  subject_type: "send public or pairwise",
  post_logout_redirect_uris: "send a list of at most 32 URIs",
  backchannel_logout_uri: "send an address that begins with https://",
}

/** Keys are never repeated in a message: what came as one of them may be private. */
const memberOf = (name: FeatureMember, value: unknown): Read<unknown> =>
  name === "jwks"
    ? Result.mapError(readVerificationKeys(value), (sentence) =>
        oauthError("invalid_client_metadata", `jwks cannot be kept: ${sentence}`),
      )
    : Result.mapBoth(readMembers({ [name]: value }), {
        onSuccess: (members) => members[name],
        onFailure: () => unfit(name, value, memberRemedies[name]),
      })

/** Those members that some feature here goes by. */
const featureMembersOf = (
  { clientMembers }: Pick<Features, "clientMembers">,
  said: Readonly<Record<string, unknown>>,
): Read<Partial<ClientMetadata>> =>
  Result.gen(function* () {
    //= RFC7591-2-jwks-exclusive
    if (said["jwks"] !== undefined && said["jwks_uri"] !== undefined) {
      const [error, sentence] = refusals["client-keys-twice"]
      return yield* Result.fail(oauthError(error, sentence))
    }
    const kept: Record<string, unknown> = {}
    for (const name of clientMembers) if (said[name] !== undefined) kept[name] = yield* memberOf(name, said[name])
    return kept
  })

const scopeOf = (said: unknown): Read<{ readonly scope?: string }> => {
  if (said === undefined) return Result.succeed({})
  const scope = Result.getOrUndefined(Schema.decodeUnknownResult(scopeText)(said))
  return scope === undefined || !parseScopes(scope)?.length
    ? Result.fail(unfit("scope", said, "send at most 64 scope tokens in one text, separated by spaces"))
    : Result.succeed({ scope })
}

/** Members that are only shown or recorded. If there is not enough room for all, the name comes first. */
const notedMembers = [
  "client_name",
  "application_type",
  "logo_uri",
  "client_uri",
  "policy_uri",
  "tos_uri",
  "software_id",
  "software_version",
] as const satisfies ReadonlyArray<keyof ClientMetadata>

/** The metadata with or without each of these members. */
const withNoted = (strict: ClientMetadata, said: Readonly<Record<string, unknown>>): ClientMetadata =>
  notedMembers.reduce<ClientMetadata>((kept, name) => {
    const more: unknown = said[name] === undefined ? kept : { ...kept, [name]: said[name] }
    return isMetadata(more) && metadataBytes(more) <= MAX_METADATA_BYTES ? more : kept
  }, strict)

/** Reads metadata for a server with these features, of which only the `offered` grant types are for this client. */
//= RFC7591-2-ignore-unknown
//= RFC7591-3.2.1-return-all-metadata
export const readClientMetadata = (
  input: unknown,
  features: Features,
  offered: ReadonlyArray<string> = [...features.grantTypes.keys()],
): Read<ClientMetadata> =>
  Result.gen(function* () {
    if (typeof input !== "object" || input === null || Array.isArray(input)) {
      return yield* Result.fail(unfit("the client metadata", input, "send a JSON object"))
    }
    const said = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null && value !== ""))
    const grantTypes = yield* grantTypesOf(yield* listOf("grant_types", said["grant_types"]), features, offered)
    const responseTypes = yield* listOf("response_types", said["response_types"])
    const strict = {
      redirect_uris: yield* redirectUrisOf((yield* listOf("redirect_uris", said["redirect_uris"])) ?? []),
      token_endpoint_auth_method: yield* authMethodOf(features, said["token_endpoint_auth_method"]),
      grant_types: grantTypes,
      response_types: yield* responseTypesOf(responseTypes, grantTypes.includes("authorization_code")),
      ...(yield* scopeOf(said["scope"])),
      ...(yield* featureMembersOf(features, said)),
    }
    const fault = featureFaultOf(features, strict)
    if (fault !== undefined) return yield* Result.fail(oauthError("invalid_client_metadata", fault))
    return withNoted(strict, said)
  })
