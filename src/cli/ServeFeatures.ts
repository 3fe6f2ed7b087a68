/**
 * The protocol features that `grantlog serve` is told to switch on: the flags of each, and the list that they make.
 *
 * What no flag names is served as it is by default.
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Flag from "effect/cli/Flag"
import type * as Command from "effect/cli/Command"
import { DEVICE_CODE_GRANT } from "../protocol/index.ts"
import {
  assertionAlgorithms,
  clientIdMetadataDocuments,
  deviceGrant,
  dpop,
  formPost,
  idJag,
  jwtAccessTokens,
  jwtResponses,
  passkeys,
  openId,
  privateKeyJwt,
  pushedRequests,
  registrationManagement,
  signedIntrospection,
  signedRequests,
  signingAlgorithms,
  standardFeatures,
  stepUp,
  tokenExchange,
  type Feature,
  type TrustedIssuer,
} from "../provider/index.ts"
import { detailsTypes } from "./DetailsTypes.ts"
import { choice, count, optional, switched, text, words } from "./Flags.ts"
import { profileFeatures } from "./Profile.ts"

export const featureFlags = {
  profile: choice(
    "profile",
    ["fapi2"],
    "fapi2: keep to the FAPI 2.0 Security Profile, which settles how clients prove themselves, push their requests and hold their tokens",
  ).pipe(Flag.optional),
  dpop: choice("dpop", ["off", "on", "required"], "whether tokens may be bound to a key (RFC 9449), or all must").pipe(
    Flag.withDefault("off"),
  ),
  dpopNonce: choice(
    "dpop-nonce",
    ["off", "optional", "required"],
    "whether proofs of a key may, or must, have a nonce of this server",
  ).pipe(Flag.withDefault("off")),
  pushedRequests: choice(
    "pushed-requests",
    ["off", "on", "required"],
    "whether clients may push their authorization requests (RFC 9126), or all must",
  ).pipe(Flag.withDefault("off")),
  pushedRequestTtl: count("pushed-request-ttl", "seconds that a pushed request can be opened, at most 600").pipe(
    Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 600 }))),
    Flag.withDefault(90),
  ),
  requestObjects: choice(
    "request-objects",
    ["off", "on", "required"],
    "whether clients may sign their authorization requests (RFC 9101), or all must",
  ).pipe(Flag.withDefault("off")),
  timedRequestObjects: switched(
    "timed-request-objects",
    "a signed request says from when and until when it holds (nbf and exp), for an hour at most",
  ),
  cimd: switched(
    "cimd",
    "clients may be described by a document at their id (client ID metadata documents): the server asks for it wherever that leads in public",
  ),
  cimdBlock: text(
    "cimd-block",
    "origins whose documents describe nobody here, space-separated, such as https://evil.example or https://*.evil.example",
  ).pipe(Flag.optional),
  allowLoopbackCimd: switched(
    "allow-loopback-cimd",
    "development only: such documents are taken from this machine as well, by http too, on a loopback issuer",
  ),
  authorizationDetails: text(
    "authorization-details",
    "types of what may be allowed besides scopes (RFC 9396): a JSON object by type, with members and words of each",
  ).pipe(Flag.optional),
  formPost: switched(
    "form-post",
    "clients may have the browser post the answer to them, instead of putting it in an address",
  ),
  tokenExchange: switched(
    "token-exchange",
    "confidential clients may exchange their tokens, and those for their resource, for others that live by them (RFC 8693)",
  ),
  trustedIssuers: text(
    "trusted-issuers",
    "identity providers whose assertions (ID-JAG) are taken, space-separated: an issuer, or issuer=address of its keys",
  ).pipe(Flag.optional),
  signedResponses: switched("signed-responses", "clients may have the answer signed (JARM)"),
  registrationManagement: switched(
    "registration-management",
    "who registers itself gets a token to read, change and delete its registration (RFC 7592)",
  ),
  signedIntrospection: switched(
    "signed-introspection",
    "resource servers may have introspection answers signed (RFC 9701)",
  ),
  passkeys: choice(
    "passkeys",
    ["off", "on", "second-factor", "required"],
    "whether accounts may have passkeys; second-factor: who has one is asked for it after the password; required: everybody needs one",
  ).pipe(Flag.withDefault("off")),
  jwtAccessTokens: text(
    "jwt-access-tokens",
    "the resources whose access tokens are JWTs (RFC 9068), space-separated, or all; others stay opaque",
  ).pipe(Flag.optional),
  jwtAlg: choice("jwt-alg", signingAlgorithms, "what signs such tokens").pipe(Flag.withDefault("ES256")),
  jwtTtl: count("jwt-ttl", "seconds that such a token lives at most, for which its verifiers may lag").pipe(
    Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 86_400 }))),
    Flag.withDefault(300),
  ),
  privateKeyJwt: switched(
    "private-key-jwt",
    "clients may prove themselves by assertions that they sign (RFC 7523), instead of a secret",
  ),
  assertionAlgs: text(
    "assertion-algs",
    "the algorithms that such assertions may be signed by, space-separated; by default PS256 ES256 EdDSA Ed25519",
  ).pipe(Flag.optional),
  acrValues: text(
    "acr-values",
    "the strengths that clients may demand of a login (RFC 9470), space-separated, as the login names them",
  ).pipe(Flag.optional),
  openid: switched(
    "openid",
    "clients may ask who signed in (OpenID Connect): ID tokens, and who somebody is at /userinfo",
  ),
  devices: choice(
    "devices",
    ["off", "on", "open"],
    "whether devices without a browser may ask (RFC 8628): for clients that were added here, or for all",
  ).pipe(Flag.withDefault("off")),
}

type FeatureFlags = Command.Command.Config.Infer<typeof featureFlags>

/** What is built upon: the standard features with what a profile would settle, or a profile. */
const settledBy = (given: FeatureFlags): ReadonlyArray<Feature> =>
  Option.isSome(given.profile)
    ? profileFeatures(given)
    : [
        ...standardFeatures,
        ...(given.dpop === "off" ? [] : [dpop({ isRequired: given.dpop === "required", nonce: given.dpopNonce })]),
        ...(given.pushedRequests === "off"
          ? []
          : pushedRequests({ isRequired: given.pushedRequests === "required", lifetime: given.pushedRequestTtl })),
        ...(given.requestObjects === "off"
          ? []
          : [
              signedRequests({
                isRequired: given.requestObjects === "required",
                isTimed: given.timedRequestObjects,
              }),
            ]),
        ...(given.signedResponses ? jwtResponses() : []),
        ...(given.privateKeyJwt ? [privateKeyJwt(optional("algorithms", Option.map(given.assertionAlgs, words)))] : []),
      ]

/** What `serve` has by its flags; throws a `ConfigFault`. */
export const featuresFor = (given: FeatureFlags): ReadonlyArray<Feature> => [
  ...settledBy(given),
  ...(given.cimd || given.allowLoopbackCimd
    ? [
        clientIdMetadataDocuments({
          allowsLoopback: given.allowLoopbackCimd,
          ...optional("blockedOrigins", Option.map(given.cimdBlock, words)),
        }),
      ]
    : []),
  ...Option.match(given.authorizationDetails, { onNone: () => [], onSome: (json) => detailsTypes(json) }),
  ...(given.formPost ? [formPost] : []),
  ...(given.registrationManagement ? [registrationManagement] : []),
  ...(given.signedIntrospection ? [signedIntrospection()] : []),
  ...Option.match(given.jwtAccessTokens, {
    onNone: () => [],
    onSome: (said) => [
      jwtAccessTokens({
        resources: said === "all" ? said : words(said),
        algorithm: given.jwtAlg,
        lifetimeSeconds: given.jwtTtl,
      }),
    ],
  }),
  ...(given.tokenExchange ? [tokenExchange({ issuers: trustedBy(given) })] : []),
  ...(Option.isSome(given.trustedIssuers) ? [idJag({ issuers: trustedBy(given) })] : []),
  ...(given.devices === "off" ? [] : deviceGrant()),
  ...Option.match(given.acrValues, { onNone: () => [], onSome: (said) => [stepUp({ acrValues: words(said) })] }),
  ...(given.passkeys === "off" ? [] : passkeys({ policy: given.passkeys })),
  // FAPI 2.0 takes no RS256.
  ...(given.openid ? [openId(Option.isSome(given.profile) ? { algorithms: ["ES256", "EdDSA"] } : {})] : []),
]

/** An issuer, or with `=` behind it the address of its keys; an issuer has no query, and so no such character. */
const trustedBy = ({ trustedIssuers }: FeatureFlags): ReadonlyArray<TrustedIssuer> =>
  Option.match(trustedIssuers, { onNone: () => [], onSome: words }).map((said) => {
    const at = said.indexOf("=")
    return at === -1 ? { issuer: said } : { issuer: said.slice(0, at), jwksUri: said.slice(at + 1) }
  })

/** Adding a client looks at no assertion: whom `serve` trusts does not matter for it. */
const anyIssuer: TrustedIssuer = { issuer: "http://localhost", jwks: { keys: [] } }

/** What an operator may add clients for, which takes no signature: whichever of these flags `serve` is given. */
export const operatorFeatures: ReadonlyArray<Feature> = [
  ...standardFeatures,
  privateKeyJwt({ algorithms: assertionAlgorithms }),
  dpop(),
  ...pushedRequests(),
  signedRequests(),
  tokenExchange(),
  idJag({ issuers: [anyIssuer] }),
  ...deviceGrant(),
  { ...openId(), signs: [] },
]

/** Grant types that clients which registered themselves get by those flags, besides what they are told. */
export const openedGrants = ({ devices }: Pick<FeatureFlags, "devices">): ReadonlyArray<string> =>
  devices === "open" ? [DEVICE_CODE_GRANT] : []
