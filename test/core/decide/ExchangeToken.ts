/** The rules of exchanging one token for another: what is presented, who may, how much is left, and for how long. */
import { given, type Fact } from "../../../properties/Scenario.ts"
import type { AuthorizationDetail } from "../../../src/protocol/index.ts"
import { MAX_ANCESTORS, type CommandOf, type Generation } from "../../../src/core/index.ts"
import {
  FILES,
  MAIL,
  alice,
  app,
  at,
  clientId,
  details,
  digest,
  exchange,
  grantId,
  initialize,
  jkt,
  lifetimes,
  login,
  minutes,
  offer,
  open,
  raiseEpoch,
  redeem,
  redeemed,
  registerService,
  resources,
  revoke,
  revokeGrant,
  scopes,
  service,
  exchangeMetadata,
  standing,
  toClient,
  toSubject,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const other = clientId("downstream")
const agent = registerService({ metadata: exchangeMetadata })
const holding = [...redeemed, agent] as const
const exchanged = [...holding, exchange()] as const

/** The next link of a chain: the token of the one before, exchanged by the other client. */
const link = (number: number, over: Partial<CommandOf<"ExchangeToken">> = {}) =>
  exchange({
    clientId: number % 2 === 0 ? service : other,
    grantId: grantId(`link${number}`),
    subject:
      number === 0
        ? exchange().subject
        : { grantId: grantId(`link${number - 1}`), digest: digest(`link-${number - 1}`) },
    accessToken: digest(`link-${number}`),
    ...over,
  })

/** Everything that ends a token or suspends it. */
const ends: ReadonlyArray<Fact> = [
  revoke(),
  revokeGrant(),
  toClient("DeleteClient"),
  toClient("DisableClient"),
  toSubject("RevokeSubjectSessions"),
  raiseEpoch(),
  redeem({ at: at(0.5) }),
]

export const exchangeToken: Rules = {
  "an exchanged token is a grant of its own, which names the token, its subject, who acts and the policy": () =>
    given(...holding)
      .when(exchange({ scopes: scopes("read"), resources: resources(FILES), policy: "house rule" }))
      .thenEvents(
        {
          _tag: "GrantOpened",
          clientId: service,
          subjectId: alice,
          basis: { _tag: "Exchange", policy: "house rule" },
          request: null,
          refreshable: false,
          scopes: scopes("read"),
          resources: resources(FILES),
          expiresAt: at(10),
          descent: {
            ancestors: [{ grantId: login, digest: digest("access-1") }],
            actors: [service],
            mayAct: null,
          },
        },
        {
          _tag: "AccessTokenIssued",
          digest: digest("access-x"),
          generation: 0 as Generation,
          parent: digest("access-1"),
          scopes: scopes("read"),
          resources: resources(FILES),
          expiresAt: at(10),
        },
      )
      .thenReply({ _tag: "TokensIssued", refreshToken: null, isRetry: false }),

  "without a wish it has all that the presented token has": () =>
    given(...holding)
      .when(exchange())
      .thenEvents(
        { _tag: "GrantOpened", scopes: scopes("read write"), resources: resources(FILES, MAIL) },
        "AccessTokenIssued",
      ),

  "neither scope nor resource grows, and what the client is registered for bounds it too": () => {
    const narrow = registerService({ metadata: { ...exchangeMetadata, scope: "read" } })
    const nothing = registerService({ metadata: { ...exchangeMetadata, scope: "admin" } })
    const less = given(...holding, exchange({ scopes: scopes("read"), resources: resources(FILES) }))
    const further = { subject: { grantId: grantId("exchanged"), digest: digest("access-x") }, grantId: grantId("next") }
    return [
      given(...holding)
        .when(exchange({ scopes: scopes("admin") }))
        .thenRefused("scope-exceeds-grant"),
      given(...holding)
        .when(exchange({ resources: resources("https://x.example") }))
        .thenRefused("resource-exceeds-grant"),
      less.when(exchange({ ...further, scopes: scopes("write") })).thenRefused("scope-exceeds-grant"),
      less.when(exchange({ ...further, resources: resources(MAIL) })).thenRefused("resource-exceeds-grant"),
      given(...redeemed, narrow)
        .when(exchange())
        .thenEvents({ _tag: "GrantOpened", scopes: scopes("read") }, "AccessTokenIssued"),
      given(...redeemed, narrow)
        .when(exchange({ scopes: scopes("write") }))
        .thenRefused("scope-not-registered"),
      given(...redeemed, nothing)
        .when(exchange())
        .thenRefused("scope-not-registered"),
    ]
  },

  //= RFC9396-6-narrowing
  "authorization details come along, or fewer of them, and are bounded by what the client may have": () => {
    const [files, read, mail] = [
      { type: "files", actions: ["read", "write"] },
      { type: "files", actions: ["read"] },
      { type: "mail" },
    ]
    const approved = [...standing, open({ authorizationDetails: details(files, mail) }), redeem()] as const
    const limited = registerService({ metadata: { ...exchangeMetadata, authorization_details_types: ["mail"] } })
    const left = (...of: ReadonlyArray<AuthorizationDetail>) =>
      [{ _tag: "GrantOpened", authorizationDetails: details(...of) }, "AccessTokenIssued"] as const
    return [
      given(...approved, agent)
        .when(exchange())
        .thenEvents(...left(files, mail)),
      given(...approved, agent)
        .when(exchange({ authorizationDetails: details(read) }))
        .thenEvents(...left(read)),
      given(...approved, agent)
        .when(exchange({ authorizationDetails: details({ type: "files", actions: ["read", "delete"] }) }))
        .thenRefused("details-exceed-grant"),
      given(...holding)
        .when(exchange({ authorizationDetails: details(read) }))
        .thenRefused("details-exceed-grant"),
      given(...approved, agent)
        .when(exchange({ detailTypes: ["mail"] }))
        .thenEvents(...left(mail)),
      given(...approved, limited)
        .when(exchange())
        .thenEvents(...left(mail)),
      given(...approved, limited)
        .when(exchange({ authorizationDetails: details(read) }))
        .thenRefused("details-not-offered"),
    ]
  },

  "it ends no later than any token that was presented": () => {
    const actor = { grantId: grantId("actor"), digest: digest("link-0") }
    const short = link(0, { grantId: grantId("actor"), lifetimes: { ...lifetimes, accessToken: minutes(2) } })
    return [
      given(...holding)
        .when(exchange({ lifetimes: { ...lifetimes, accessToken: minutes(60) } }))
        .thenEvents({ _tag: "GrantOpened", expiresAt: at(10) }, { _tag: "AccessTokenIssued", expiresAt: at(10) }),
      given(...holding)
        .when(exchange({ lifetimes: { ...lifetimes, accessToken: minutes(3) }, at: at(1) }))
        .thenEvents({ _tag: "GrantOpened", expiresAt: at(4) }, { _tag: "AccessTokenIssued", expiresAt: at(4) }),
      given(...holding, short)
        .when(exchange({ actor }))
        .thenEvents({ _tag: "GrantOpened", expiresAt: at(2) }, "AccessTokenIssued"),
    ]
  },

  "a token that is not alive is not exchanged, whatever ended or suspends it": () => [
    given(...holding)
      .when(exchange({ at: at(10) }))
      .thenRefused("subject-token-bad"),
    given(...holding)
      .when(exchange({ subject: { grantId: login, digest: digest("never") } }))
      .thenRefused("subject-token-bad"),
    given(...holding)
      .when(exchange({ subject: { grantId: grantId("none"), digest: digest("access-1") } }))
      .thenRefused("subject-token-bad"),
    given(...holding)
      .when(exchange({ actor: { grantId: login, digest: digest("never") } }))
      .thenRefused("actor-token-bad"),
    ...ends.map((fact) =>
      given(...holding, fact)
        .when(exchange({ at: at(1) }))
        .thenRefused("subject-token-bad"),
    ),
  ],

  "nor is one that came of such a token": () =>
    ends.map((fact) =>
      given(...exchanged, fact)
        .when(
          link(1, {
            clientId: service,
            subject: { grantId: grantId("exchanged"), digest: digest("access-x") },
            at: at(1),
          }),
        )
        .thenRefused("subject-token-bad"),
    ),

  "who acts stands first, those who acted behind; the client of the token itself is nobody new": () => {
    const second = registerService({ clientId: other, metadata: exchangeMetadata })
    return [
      given(...exchanged, second)
        .when(
          exchange({
            clientId: other,
            grantId: grantId("next"),
            subject: { grantId: grantId("exchanged"), digest: digest("access-x") },
            accessToken: digest("access-y"),
          }),
        )
        .thenEvents(
          {
            _tag: "GrantOpened",
            descent: {
              ancestors: [
                { grantId: grantId("exchanged"), digest: digest("access-x") },
                { grantId: login, digest: digest("access-1") },
              ],
              actors: [other, service],
              mayAct: null,
            },
          },
          "AccessTokenIssued",
        ),
      given(...exchanged)
        .when(
          exchange({
            grantId: grantId("next"),
            subject: { grantId: grantId("exchanged"), digest: digest("access-x") },
          }),
        )
        .thenEvents({ _tag: "GrantOpened", descent: { actors: [service] } }, "AccessTokenIssued"),
      // The actor token is alice's own: she acts, by the client.
      given(...exchanged)
        .when(
          exchange({ grantId: grantId("next"), actor: { grantId: grantId("exchanged"), digest: digest("access-x") } }),
        )
        .thenEvents({ _tag: "GrantOpened", descent: { actors: [alice] } }, "AccessTokenIssued"),
    ]
  },

  "a token that names who may act is exchanged by nobody else": () => {
    const second = registerService({ clientId: other, metadata: exchangeMetadata })
    const bound = given(...holding, second, exchange({ mayAct: other }))
    const further = {
      grantId: grantId("next"),
      subject: { grantId: grantId("exchanged"), digest: digest("access-x") },
      accessToken: digest("access-y"),
    }
    return [
      bound.when(exchange(further)).thenRefused("actor-may-not"),
      bound.when(exchange({ ...further, clientId: other })).thenEvents("GrantOpened", "AccessTokenIssued"),
    ]
  },

  "a token that is bound to a key is worth nothing to who does not prove that key": () => {
    const bound = [...redeemed.slice(0, -1), redeem({ jkt: jkt("key") }), agent]
    return [
      given(...bound)
        .when(exchange())
        .thenRefused("exchange-key-wrong"),
      given(...bound)
        .when(exchange({ jkt: jkt("other") }))
        .thenRefused("exchange-key-wrong"),
      given(...bound)
        .when(exchange({ jkt: jkt("key") }))
        .thenEvents("GrantOpened", { _tag: "AccessTokenIssued", jkt: jkt("key") }),
    ]
  },

  "a chain has an end": () => {
    const second = registerService({ clientId: other, metadata: exchangeMetadata })
    const chain = Array.from({ length: MAX_ANCESTORS }, (_, number) => link(number))
    return given(...holding, second, ...chain)
      .when(link(MAX_ANCESTORS))
      .thenRefused("exchange-too-deep")
  },

  "only a confidential client that proves itself, and was vouched for, exchanges": () => [
    given(...holding)
      .when(exchange({ authentication: "failed" }))
      .thenRefused("client-unauthenticated"),
    given(...redeemed, registerService())
      .when(exchange())
      .thenRefused("client-may-not"),
    given(...redeemed, registerService({ metadata: exchangeMetadata, origin: "dynamic" }))
      .when(exchange())
      .thenRefused("client-registered-itself"),
    given(...redeemed, registerService({ metadata: exchangeMetadata, origin: "dynamic" }))
      .when(exchange({ offer: { ...offer, registrationGrants: exchangeMetadata.grant_types } }))
      .thenEvents("GrantOpened", "AccessTokenIssued"),
    given(
      ...redeemed,
      registerService({ metadata: { ...exchangeMetadata, token_endpoint_auth_method: "none" }, secret: null }),
    )
      .when(exchange({ authentication: "none" }))
      .thenRefused("client-unauthenticated"),
    given(initialize()).when(exchange()).thenRefused("client-unknown"),
    given(...redeemed, registerService({ metadata: { ...exchangeMetadata, dpop_bound_access_tokens: true } }))
      .when(exchange())
      .thenRefused("client-key-missing"),
  ],

  "a grant is opened once": () =>
    given(...exchanged)
      .when(exchange())
      .thenRefused("request-answered"),

  "what came of a token is revoked by its own client, without touching the token": () =>
    given(...exchanged)
      .when(
        revoke({
          clientId: service,
          authentication: "verified",
          grantId: grantId("exchanged"),
          presented: { _tag: "AccessToken", digest: digest("access-x") },
        }),
      )
      .thenEvents("AccessTokenRevoked")
      .given()
      .when(revoke({ clientId: app }))
      .thenEvents("AccessTokenRevoked"),

  "what came of a token that ended is revoked without effect, for it is dead": () =>
    given(...exchanged, revokeGrant())
      .when(revokeGrant({ grantId: grantId("exchanged"), subjectId: null }))
      .thenEvents(),

  "what is suspended by an ancestor's client is revoked for good": () =>
    given(...exchanged, toClient("DisableClient"))
      .when(revokeGrant({ grantId: grantId("exchanged"), subjectId: null }))
      .thenEvents("GrantRevoked"),
}
