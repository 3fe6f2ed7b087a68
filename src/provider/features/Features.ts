/**
 * The features that are switched on, by kind: all that the rest of the server asks of the list.
 *
 * Made once with the server. A list that nothing could be served with is refused then, with a sentence.
 */
import type { FeatureMember } from "../../core/index.ts"
import { ConfigFault } from "../ConfigFault.ts"
import type {
  AccessTokenFormat,
  AuthorizationDetailsType,
  AuthorizationRequestSource,
  ClientAuthentication,
  ClientEndpoint,
  ClientSource,
  DeviceAuthorizationEndpoint,
  Feature,
  GrantType,
  IntrospectionFormat,
  PageFeature,
  PublicEndpoint,
  RegistrationManagement,
  ResponseMode,
  SenderConstraint,
  TokenResponseMember,
} from "./Feature.ts"
import type { SigningAlgorithm } from "../signing/SigningKey.ts"
import type { PasskeyFeature } from "./login/PasskeyFeature.ts"
import { serverKeys } from "./keys/ServerKeys.ts"
import type { OpenIdProvider } from "./openid/OpenIdProvider.ts"

export interface Features {
  readonly all: ReadonlyArray<Feature>
  readonly grantTypes: ReadonlyMap<string, GrantType>
  readonly clientAuthentications: ReadonlyArray<ClientAuthentication>
  readonly senderConstraints: ReadonlyArray<SenderConstraint>
  readonly accessTokenFormats: ReadonlyArray<AccessTokenFormat>
  readonly tokenResponseMembers: ReadonlyArray<TokenResponseMember>
  readonly authorizationDetailsTypes: ReadonlyMap<string, AuthorizationDetailsType>
  readonly authorizationRequestSources: ReadonlyArray<AuthorizationRequestSource>
  readonly responseModes: ReadonlyMap<string, ResponseMode>
  readonly clientSources: ReadonlyArray<ClientSource>
  readonly clientEndpoints: ReadonlyArray<ClientEndpoint>
  readonly introspectionFormats: ReadonlyArray<IntrospectionFormat>
  readonly publicEndpoints: ReadonlyArray<PublicEndpoint>
  readonly deviceAuthorizations: ReadonlyArray<DeviceAuthorizationEndpoint>
  readonly pages: ReadonlyArray<PageFeature>
  /** The strengths that a login may be demanded to be of; none where no feature names any. */
  readonly acrValues: ReadonlyArray<string>
  readonly registrationManagement: RegistrationManagement | undefined
  readonly passkeys: PasskeyFeature | undefined
  readonly openIdProvider: OpenIdProvider | undefined
  /** Scopes that there are whatever the configuration names. */
  readonly scopes: ReadonlyArray<string>
  /** The members of client metadata that some feature goes by. */
  readonly clientMembers: ReadonlySet<FeatureMember>
  /** What signatures are made by; the server has keys for them, and none where nothing signs. */
  readonly signingAlgorithms: ReadonlyArray<SigningAlgorithm>
}

/** What every server has one of, by its name; `undefined`: whichever. */
const needed = [
  ["client authentication", undefined],
  ["access token format", "opaque"],
  ["authorization request source", "query"],
  ["response mode", "query"],
  ["client source", "registered"],
] as const satisfies ReadonlyArray<readonly [Feature["kind"], string | undefined]>

/** The features of a list by kind; throws a {@link ConfigFault}. */
export const featuresOf = (listed: ReadonlyArray<Feature>): Features => {
  const signingAlgorithms = [...new Set(listed.flatMap(({ signs = [] }) => signs))]
  const isPublished = signingAlgorithms.length === 0 || listed.includes(serverKeys)
  const all = isPublished ? listed : [...listed, serverKeys]
  const names = all.map(({ kind, name }) => `${kind} \`${name}\``)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined) throw new ConfigFault({ message: `the list of features has the ${twice} twice` })
  const missing = needed.find(
    ([kind, name]) => !all.some((one) => one.kind === kind && one.name === (name ?? one.name)),
  )
  if (missing !== undefined) {
    const [kind, name] = missing
    const what = name === undefined ? `a ${kind}` : `the ${kind} \`${name}\``
    const message = `the list of features lacks ${what}: begin it with \`...standardFeatures\``
    throw new ConfigFault({ message })
  }
  const of = <Kind extends Feature["kind"]>(kind: Kind) =>
    all.filter((one): one is Extract<Feature, { kind: Kind }> => one.kind === kind)
  /** What serves where nothing else does is asked last, wherever it stands in the list. */
  const fallback = <One extends Feature>(features: ReadonlyArray<One>, name: string) => [
    ...features.filter((one) => one.name !== name),
    ...features.filter((one) => one.name === name),
  ]
  const byName = <Kind extends Feature["kind"]>(kind: Kind) => new Map(of(kind).map((one) => [one.name, one]))
  return {
    all,
    grantTypes: byName("grant type"),
    clientAuthentications: of("client authentication"),
    senderConstraints: of("sender constraint"),
    accessTokenFormats: fallback(of("access token format"), "opaque"),
    tokenResponseMembers: of("token response member"),
    authorizationDetailsTypes: byName("authorization details type"),
    authorizationRequestSources: of("authorization request source"),
    responseModes: byName("response mode"),
    clientSources: fallback(of("client source"), "registered"),
    clientEndpoints: of("client endpoint"),
    introspectionFormats: of("introspection format"),
    publicEndpoints: of("public endpoint"),
    deviceAuthorizations: of("device authorization"),
    pages: of("page"),
    acrValues: [...new Set(of("login strengths").flatMap(({ acrValues }) => acrValues))],
    registrationManagement: of("registration management")[0],
    passkeys: of("passkeys")[0],
    openIdProvider: of("openid provider")[0],
    scopes: [...new Set(all.flatMap(({ scopes = [] }) => scopes))],
    clientMembers: new Set(all.flatMap(({ clientMembers = [] }) => clientMembers)),
    signingAlgorithms,
  }
}
