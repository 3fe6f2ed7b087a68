/**
 * What this server offers: each protocol feature as its module exports it, how it is switched on, and what it answers to.
 *
 * A row is made of the values themselves, of their names, of their `requirements` and of the annotations in their modules;
 * what cannot be read off them, the call, the flag and the fact about others, is said here once. A module with a feature
 * that no row names is a fault ({@link rowless}). Never says whether a clause is kept: that is `spec/REPORT.md`.
 */
import {
  authorizationDetails,
  clientIdMetadataDocuments,
  deviceGrant,
  dpop,
  fapi2Features,
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
  standardFeatures,
  stepUp,
  tokenExchange,
  type Feature,
} from "../../src/provider/index.ts"
import type { FactId } from "../peers/Facts.ts"
import { requirements } from "../requirements/index.ts"
import type { DocumentId } from "../requirements/index.ts"
import { annotationsOf } from "./Annotations.ts"
import type { SourceText } from "./Sources.ts"

const FOLDER = "src/provider/features/"

/** A row of the table. */
export interface Offered {
  /** What peers are asked for by the same name. */
  readonly fact: FactId
  /** The modules that it consists of, by their path from the top. */
  readonly modules: ReadonlyArray<string>
  /** As registries and the metadata name them, with their kinds. */
  readonly names: ReadonlyArray<string>
  /** `always`: part of every server; `on`: among the standard features; `off`: for who switches it on. */
  readonly state: "always" | "on" | "off"
  /** How an embedder switches it on. */
  readonly call?: string
  /** How `grantlog serve` is told to. */
  readonly flag?: string
  /** The clauses that it answers to. */
  readonly ids: ReadonlyArray<string>
}

interface Switch {
  readonly fact: FactId
  /** Below {@link FOLDER}. */
  readonly modules: ReadonlyArray<string>
  /** What the call makes: its default form, or one example where it needs to be told something. */
  readonly features: ReadonlyArray<Feature>
  /** Absent for a standard feature. */
  readonly call?: string
  readonly flag?: string
  /** In place of the features' names, where those are for the embedder to choose, or too many. */
  readonly named?: string
  /** Whether it only chooses among what other rows offer, and answers for that choice alone. */
  readonly isList?: boolean
}

const RESOURCE = "https://api.example.com"

const standardOf = (kind: Feature["kind"], name: string): ReadonlyArray<Feature> =>
  standardFeatures.filter((one) => one.kind === kind && one.name === name)

export const switches: ReadonlyArray<Switch> = [
  {
    fact: "code",
    modules: ["grants/AuthorizationCode.ts"],
    features: standardOf("grant type", "authorization_code"),
  },
  { fact: "refresh", modules: ["grants/RefreshToken.ts"], features: standardOf("grant type", "refresh_token") },
  {
    fact: "client-credentials",
    modules: ["grants/ClientCredentials.ts"],
    features: standardOf("grant type", "client_credentials"),
  },
  { fact: "none", modules: ["authentication/None.ts"], features: standardOf("client authentication", "none") },
  {
    fact: "basic",
    modules: ["authentication/ClientSecretBasic.ts"],
    features: standardOf("client authentication", "client_secret_basic"),
  },
  {
    fact: "post",
    modules: ["authentication/ClientSecretPost.ts"],
    features: standardOf("client authentication", "client_secret_post"),
  },
  { fact: "opaque", modules: ["tokens/Opaque.ts"], features: standardOf("access token format", "opaque") },
  {
    fact: "query",
    modules: ["requests/Query.ts", "responses/Query.ts"],
    features: [...standardOf("authorization request source", "query"), ...standardOf("response mode", "query")],
  },
  { fact: "registration", modules: ["clients/Registered.ts"], features: standardOf("client source", "registered") },
  {
    fact: "cimd",
    modules: ["clients/ClientIdMetadataDocuments.ts", "clients/ClientIdUrl.ts"],
    features: [clientIdMetadataDocuments()],
    call: "clientIdMetadataDocuments()",
    flag: "--cimd",
  },
  {
    fact: "jwt-access-tokens",
    modules: ["tokens/JwtAccessTokens.ts", "keys/ServerKeys.ts"],
    features: [jwtAccessTokens({ resources: "all" })],
    call: "jwtAccessTokens({ resources })",
    flag: "--jwt-access-tokens",
  },
  {
    fact: "signed-introspection",
    modules: ["introspection/Signed.ts"],
    features: [signedIntrospection()],
    call: "signedIntrospection()",
    flag: "--signed-introspection",
  },
  {
    fact: "private-key-jwt",
    modules: ["authentication/PrivateKeyJwt.ts", "authentication/ClientAssertion.ts"],
    features: [privateKeyJwt()],
    call: "privateKeyJwt()",
    flag: "--private-key-jwt",
  },
  {
    fact: "dpop",
    modules: ["constraints/Dpop.ts"],
    features: [dpop()],
    call: "dpop()",
    flag: "--dpop",
  },
  {
    fact: "passkeys",
    modules: ["login/Passkeys.ts"],
    features: passkeys(),
    call: "passkeys()",
    flag: "--passkeys",
  },
  {
    fact: "par",
    modules: ["requests/Pushed.ts"],
    features: pushedRequests(),
    call: "pushedRequests()",
    flag: "--pushed-requests",
  },
  {
    fact: "jar",
    modules: ["requests/Signed.ts"],
    features: [signedRequests()],
    call: "signedRequests()",
    flag: "--request-objects",
  },
  {
    fact: "jarm",
    modules: ["responses/Jwt.ts"],
    features: jwtResponses(),
    call: "jwtResponses()",
    flag: "--signed-responses",
  },
  {
    fact: "form-post",
    modules: ["responses/FormPost.ts"],
    features: [formPost],
    call: "formPost",
    flag: "--form-post",
  },
  {
    fact: "rar",
    modules: ["details/AuthorizationDetails.ts"],
    features: authorizationDetails({ payment: { members: { sum: { kind: "text" } }, words: "pay {sum}" } }),
    call: "authorizationDetails({ … })",
    flag: "--authorization-details",
    named: "authorization details type, each that is configured",
  },
  {
    fact: "registration-management",
    modules: ["clients/RegistrationManagement.ts"],
    features: [registrationManagement],
    call: "registrationManagement",
    flag: "--registration-management",
  },
  {
    fact: "device",
    modules: ["device/DeviceGrant.ts"],
    features: deviceGrant(),
    call: "deviceGrant()",
    flag: "--devices",
  },
  {
    fact: "openid",
    modules: ["openid/OpenId.ts", "openid/Pairwise.ts"],
    features: [openId()],
    call: "openId()",
    flag: "--openid",
  },
  {
    fact: "openid-logout",
    modules: ["openid/BackChannelLogout.ts"],
    features: [openId()],
    call: "openId(), tellLogouts",
    flag: "--openid",
    named: "at /logout, and told of by the log",
    isList: true,
  },
  {
    fact: "token-exchange",
    modules: ["grants/TokenExchange.ts", "grants/ExchangePolicy.ts"],
    features: [tokenExchange()],
    call: "tokenExchange()",
    flag: "--token-exchange",
  },
  {
    fact: "id-jag",
    modules: ["grants/IdJag.ts", "issuers/TrustedIssuer.ts"],
    features: [idJag({ issuers: [{ issuer: RESOURCE, jwks: { keys: [] } }] })],
    call: "idJag({ issuers })",
    flag: "--trusted-issuers",
  },
  {
    fact: "step-up",
    modules: ["login/StepUp.ts"],
    features: [stepUp({ acrValues: ["urn:example:two-factors"] })],
    call: "stepUp({ acrValues })",
    flag: "--acr-values",
    named: "the strengths of logins",
  },
  {
    fact: "fapi2",
    modules: ["profiles/Fapi2.ts"],
    features: fapi2Features({ messageSigning: "on" }),
    call: "fapi2Features()",
    flag: "--profile fapi2",
    named: "a list of the above",
    isList: true,
  },
]

/** What every server does, whatever its list, with the document that asks for it and the file where it stands. */
const always: ReadonlyArray<readonly [FactId, DocumentId, string]> = [
  ["introspection", "RFC7662", "src/http/endpoints/Introspect.ts"],
  ["revocation", "RFC7009", "src/http/endpoints/Revoke.ts"],
  ["metadata", "RFC8414", "src/http/endpoints/Metadata.ts"],
  ["iss", "RFC9207", "src/http/ClientAnswer.ts"],
  ["resource", "RFC8707", "src/protocol/Resource.ts"],
]

export const offerOf = (sources: ReadonlyArray<SourceText>): ReadonlyArray<Offered> => {
  const annotatedIn = (modules: ReadonlyArray<string>): ReadonlyArray<string> =>
    annotationsOf(sources.filter(({ path }) => modules.includes(path))).map(({ id }) => id)
  return [
    ...switches.map(({ fact, modules: below, features, named, isList, ...rest }): Offered => {
      const modules = below.map((path) => FOLDER + path)
      const isStandard = features.every((one) => standardFeatures.includes(one))
      return {
        fact,
        modules,
        names: named === undefined ? features.map(({ kind, name }) => `${kind} \`${name}\``) : [named],
        state: isStandard ? "on" : "off",
        ...rest,
        ids: [
          ...new Set([
            ...(isList === true ? [] : features.flatMap((one) => one.requirements ?? [])),
            ...annotatedIn(modules),
          ]),
        ],
      }
    }),
    ...always.map(([fact, document, path]): Offered => ({
      fact,
      modules: [path],
      names: [],
      state: "always",
      ids: requirements.filter(({ doc }) => doc === document).map(({ id }) => id),
    })),
  ]
}

const FEATURE = /^\s+kind: "([a-z ]+)",$/m

/** Modules with a feature that no row of the table names, a line each. */
export const rowless = (sources: ReadonlyArray<SourceText>): ReadonlyArray<string> => {
  const named = new Set(switches.flatMap(({ modules }) => modules.map((path) => FOLDER + path)))
  return sources
    .filter(({ path, text }) => path.startsWith(FOLDER) && FEATURE.test(text) && !named.has(path))
    .map(({ path, text }) => `${path} offers a ${FEATURE.exec(text)?.[1]}, and no row of spec/trace/Offer.ts names it`)
}
