/** The rules of opening a grant. */
import { formatScopes } from "../../../src/protocol/index.ts"
import { given } from "../../../properties/Scenario.ts"
import { firstEpoch, nextEpoch, type Approval, type Offer } from "../../../src/core/index.ts"
import {
  CALLBACK,
  FILES,
  MAIL,
  alice,
  app,
  at,
  challenge,
  digest,
  grantId,
  initialize,
  lifetimes,
  login,
  metadata,
  minutes,
  offer,
  open,
  opened,
  raiseEpoch,
  redirectUri,
  refuseConsent,
  register,
  registerConfidential,
  registerService,
  resources,
  revokeGrant,
  scopes,
  service,
  serviceMetadata,
  standing,
  toSubject,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const request = open().request
const registered = (scope: string) => [initialize(), register({ metadata: { ...metadata, scope } })] as const
const auto = { _tag: "Auto", subjectId: alice, approvedAt: at(0) } as const

const calledBackAt = (uri: string) =>
  [initialize(), register({ metadata: { ...metadata, redirect_uris: [redirectUri(uri)] } })] as const
const openAt = (uri: string, basis: Approval = open().basis) =>
  open({ basis, request: { ...request, redirectUri: redirectUri(uri) } })
const offering = (over: Partial<Offer>): Offer => ({ ...offer, ...over })

export const openGrant: Rules = {
  "an approval opens a grant with all that it rests on, and issues a code": () =>
    given(...standing)
      .when(open({ metadataDigest: digest("document") }))
      .thenEvents(
        {
          _tag: "GrantOpened",
          grantId: login,
          clientId: app,
          subjectId: alice,
          basis: { _tag: "User", subjectId: alice, approvedAt: at(0) },
          request: { redirectUri: redirectUri(CALLBACK), codeChallenge: challenge("challenge") },
          scopes: scopes("read write"),
          resources: resources(FILES, MAIL),
          refreshable: true,
          metadataDigest: digest("document"),
          epochs: { issuer: firstEpoch, client: firstEpoch, subject: firstEpoch },
          openedAt: at(0),
          expiresAt: at(300),
        },
        { _tag: "AuthorizationCodeIssued", grantId: login, digest: digest("code"), issuedAt: at(0), expiresAt: at(1) },
      )
      .thenReply({
        _tag: "CodeIssued",
        expiresAt: at(1),
        scopes: scopes("read write"),
        resources: resources(FILES, MAIL),
      }),

  "a request without a challenge is for clients of the operator's own that prove themselves": () => {
    const unchallenged = open({ clientId: service, request: { ...request, codeChallenge: null } })
    return [
      given(initialize(), registerConfidential({ policy: "first-party" }))
        .when(unchallenged)
        .thenEvents({ _tag: "GrantOpened", request: { codeChallenge: null } }, "AuthorizationCodeIssued"),
      given(initialize(), registerConfidential()).when(unchallenged).thenRefused("challenge-missing"),
      given(initialize(), register({ policy: "first-party", origin: "operator" }))
        .when({ ...unchallenged, clientId: app })
        .thenRefused("challenge-missing"),
    ]
  },

  "who asks who somebody is says a nonce, but for clients of the operator's own": () => {
    const identity = { scopes: scopes("openid email"), resource: resources(FILES)[0]! }
    const asking = offering({ scopes: scopes("read openid email"), identity })
    const asked = open({ offer: asking, scopes: scopes("openid read") })
    const nonced = { ...asked, request: { ...request, nonce: "n" } }
    return [
      given(...standing)
        .when(asked)
        .thenRefused("nonce-missing"),
      given(...standing)
        .when(nonced)
        .thenEvents({ _tag: "GrantOpened", request: { nonce: "n" } }, "AuthorizationCodeIssued"),
      given(...standing)
        .when(open({ offer: asking, scopes: scopes("read") }))
        .thenEvents("GrantOpened", "AuthorizationCodeIssued"),
      given(initialize(), register({ policy: "first-party", origin: "operator" }))
        .when(asked)
        .thenEvents("GrantOpened", "AuthorizationCodeIssued"),
    ]
  },

  "who only asks who somebody is names no resource, and gets the one that says so": () => {
    const identity = { scopes: scopes("openid email"), resource: resources(FILES)[0]! }
    const asking = offering({
      scopes: scopes("read openid email"),
      resources: resources(MAIL, `${MAIL}2`),
      isAnyResourceOffered: false,
      identity,
    })
    const asked = open({ offer: asking, resources: [], request: { ...request, nonce: "n" } })
    return [
      given(...standing)
        .when({ ...asked, scopes: scopes("openid email") })
        .thenEvents({ _tag: "GrantOpened", resources: resources(FILES) }, "AuthorizationCodeIssued"),
      given(...standing)
        .when({ ...asked, scopes: scopes("openid read") })
        .thenRefused("resource-not-named"),
      given(...standing)
        .when({ ...asked, scopes: scopes("openid read"), resources: resources(MAIL, FILES) })
        .thenEvents({ _tag: "GrantOpened", resources: resources(MAIL, FILES) }, "AuthorizationCodeIssued"),
      given(...standing)
        .when({ ...asked, scopes: scopes("openid"), resources: resources("https://other.example") })
        .thenRefused("resource-not-offered"),
    ]
  },

  "auto-approval and a named policy open a grant under their own name": () => [
    given(...calledBackAt("http://127.0.0.1:8080/cb"))
      .when(openAt("http://127.0.0.1:8080/cb", auto))
      .thenEvents({ _tag: "GrantOpened", basis: { _tag: "Auto" } }, "AuthorizationCodeIssued"),
    given(...standing)
      .when(open({ basis: { _tag: "Policy", policy: "staff", subjectId: alice, approvedAt: at(0) } }))
      .thenEvents({ _tag: "GrantOpened", basis: { _tag: "Policy", policy: "staff" } }, "AuthorizationCodeIssued"),
  ],

  "auto-approval sends codes to this machine only": () => [
    ...["http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost/cb"].map((uri) =>
      given(...calledBackAt(uri))
        .when(openAt(uri.replace("/cb", ":49152/cb"), auto))
        .thenEvents("GrantOpened", "AuthorizationCodeIssued"),
    ),
    ...[CALLBACK, "https://127.0.0.1/cb", "https://localhost/cb", "com.example.app:/cb"].map((uri) =>
      given(...calledBackAt(uri))
        .when(openAt(uri, auto))
        .thenRefused("auto-approval-off-loopback")
        .when(openAt(uri))
        .thenEvents("GrantOpened", "AuthorizationCodeIssued"),
    ),
    given(...standing)
      .when(openAt("https://evil.example/cb", auto))
      .thenRefused("redirect-uri-unregistered"),
  ],

  "a request is answered once: approved, denied or revoked, it stays so": () => [
    given(...opened)
      .when(open())
      .thenRefused("request-answered"),
    given(...standing, refuseConsent())
      .when(open())
      .thenRefused("request-answered"),
    given(...opened, revokeGrant())
      .when(open())
      .thenRefused("request-answered"),
  ],

  "a client that is not known gets no code": () => given(initialize()).when(open()).thenRefused("client-unknown"),

  "a client that is not registered for codes gets none": () =>
    given(initialize(), registerService({ metadata: { ...serviceMetadata, redirect_uris: [redirectUri(CALLBACK)] } }))
      .when(open({ clientId: service }))
      .thenRefused("client-may-not"),

  //= OAUTH21-2.3.1-exact-redirect-match
  //= OAUTH21-2.3.5-no-redirect-on-bad-uri
  "a redirect URI is the registered one, to the letter": () =>
    ["https://app.example/callback/", "https://app.example/callback?x", "https://app.example:443/callback"].map((uri) =>
      given(...standing)
        .when(openAt(uri))
        .thenRefused("redirect-uri-unregistered"),
    ),

  "the port of a loopback redirect URI is free": () =>
    given(...calledBackAt("http://127.0.0.1:8080/cb"))
      .when(openAt("http://127.0.0.1:49152/cb"))
      .thenEvents("GrantOpened", "AuthorizationCodeIssued"),

  "a request can be approved until it expires, and not at that instant": () => [
    given(...standing)
      .when(open({ at: at(10, -1) }))
      .thenEvents("GrantOpened", "AuthorizationCodeIssued"),
    given(...standing)
      .when(open({ at: at(10) }))
      .thenRefused("request-expired"),
    given(...standing)
      .when(open({ at: at(10, 1) }))
      .thenRefused("request-expired"),
  ],

  "a subject that is disabled gives no grant": () =>
    given(...standing, toSubject("DisableSubject"))
      .when(open())
      .thenRefused("subject-disabled"),

  "a log without issuer opens no grant": () => given(register()).when(open()).thenRefused("issuer-not-initialized"),

  "a grant records the epochs it was opened under": () =>
    given(...standing, raiseEpoch(), toSubject("RevokeSubjectSessions"), toSubject("RevokeSubjectSessions"))
      .when(open())
      .thenEvents(
        {
          _tag: "GrantOpened",
          epochs: { issuer: nextEpoch(firstEpoch), client: firstEpoch, subject: nextEpoch(nextEpoch(firstEpoch)) },
        },
        "AuthorizationCodeIssued",
      ),

  "what is known of the scopes asked for is granted": () => [
    given(...standing)
      .when(open({ scopes: scopes("read fly") }))
      .thenEvents({ _tag: "GrantOpened", scopes: scopes("read") }, "AuthorizationCodeIssued"),
    given(...registered("read write"))
      .when(open({ scopes: scopes("fly write swim") }))
      .thenReply({ _tag: "CodeIssued", scopes: scopes("write") }),
    given(...registered("read write"))
      .when(open({ scopes: scopes("write") }))
      .thenReply({ _tag: "CodeIssued", scopes: scopes("write") }),
  ],

  "a scope that is known, and that the client is not registered for, is refused, with what it may ask for": () => [
    given(...registered("read write"))
      .when(open({ scopes: scopes("read admin") }))
      .thenRefused("scope-not-registered"),
    given(...registered("read fly"))
      .when(open({ scopes: scopes("fly write admin") }))
      .thenReply({
        _tag: "Refused",
        reason: "scope-not-registered",
        description:
          "the client is not registered for a scope that is known here: it may ask for `read`; register a new client for `write admin`",
      }),
    given(...registered("read"))
      .when(open({ scopes: scopes("read write") }))
      .thenReply({
        _tag: "Refused",
        reason: "scope-not-registered",
        description:
          "the client is not registered for a scope that is known here: it may ask for `read`; register a new client for `write`",
      }),
  ],

  "where nothing is known of the scopes asked for, that is refused, with what there is": () =>
    given(...standing)
      .when(open({ scopes: scopes("fly") }))
      .thenReply({
        _tag: "Refused",
        reason: "scope-not-offered",
        description: "none of the scopes is known here: ask for some of `read write admin`, or for none",
      }),

  "a list of scopes is shown up to 256 characters": () => {
    const long = scopes(Array.from({ length: 60 }, (_, index) => `scope-${index}`).join(" "))
    const shown = formatScopes(long).slice(0, 256)
    return given(...standing)
      .when(open({ scopes: scopes("fly"), offer: offering({ scopes: long, defaultScopes: long }) }))
      .thenReply({
        _tag: "Refused",
        reason: "scope-not-offered",
        description: `none of the scopes is known here: ask for some of \`${shown}\`, or for none`,
      })
  },

  "where all of the scopes were named at registration and none is known, the default takes their place": () => [
    given(...registered("fly swim"))
      .when(open({ scopes: scopes("swim fly") }))
      .thenEvents({ _tag: "GrantOpened", scopes: scopes("read") }, "AuthorizationCodeIssued"),
    given(...registered("write fly"))
      .when(open({ scopes: scopes("fly") }))
      .thenReply({ _tag: "CodeIssued", scopes: scopes("write") }),
    given(...registered("write fly"))
      .when(open({ scopes: scopes("fly swim") }))
      .thenRefused("scope-not-offered"),
  ],

  "offline_access is understood where the client may refresh": () => {
    const onlyCodes = register({ metadata: { ...metadata, grant_types: ["authorization_code"] } })
    const itself = offering({ registrationGrants: ["authorization_code"] })
    const listed = offering({ scopes: scopes("read offline_access") })
    const asked = scopes("offline_access")
    return [
      given(...standing)
        .when(open({ scopes: asked }))
        .thenReply({ _tag: "CodeIssued", scopes: scopes("read") }),
      given(...registered("write"))
        .when(open({ scopes: asked }))
        .thenReply({ _tag: "CodeIssued", scopes: scopes("write") }),
      given(initialize(), onlyCodes)
        .when(open({ scopes: asked }))
        .thenRefused("scope-not-offered"),
      given(...standing)
        .when(open({ scopes: asked, offer: itself }))
        .thenRefused("scope-not-offered"),
      given(...standing)
        .when(open({ scopes: scopes("offline_access fly") }))
        .thenRefused("scope-not-offered"),
      given(...standing)
        .when(open({ scopes: asked, offer: listed }))
        .thenReply({ _tag: "CodeIssued", scopes: asked }),
    ]
  },

  "scope is case-sensitive": () =>
    given(...standing)
      .when(open({ scopes: scopes("Read") }))
      .thenRefused("scope-not-offered"),

  "who asks for no scope gets the default, as far as it is registered for it": () => [
    given(...standing)
      .when(open({ scopes: null }))
      .thenReply({ _tag: "CodeIssued", scopes: scopes("read") }),
    given(...registered("read admin"))
      .when(open({ scopes: null, offer: offering({ defaultScopes: scopes("read write") }) }))
      .thenReply({ _tag: "CodeIssued", scopes: scopes("read") }),
    given(...standing)
      .when(open({ scopes: null, offer: offering({ defaultScopes: scopes("fly read") }) }))
      .thenReply({ _tag: "CodeIssued", scopes: scopes("read") }),
  ],

  "who asks for no scope and has no default gets all that is offered and registered": () => [
    given(...registered("admin write fly"))
      .when(open({ scopes: null }))
      .thenEvents({ _tag: "GrantOpened", scopes: scopes("admin write") }, "AuthorizationCodeIssued")
      .thenReply({ _tag: "CodeIssued", scopes: scopes("admin write") }),
    given(...standing)
      .when(open({ scopes: null, offer: offering({ defaultScopes: [] }) }))
      .thenReply({ _tag: "CodeIssued", scopes: scopes("read write admin") }),
  ],

  "who is registered for nothing that is offered gets the default, or nothing if there are no scopes at all": () => [
    given(...registered("fly"))
      .when(open({ scopes: null }))
      .thenReply({ _tag: "CodeIssued", scopes: scopes("read") }),
    given(...registered("fly"))
      .when(open({ scopes: null, offer: offering({ defaultScopes: [] }) }))
      .thenRefused("scope-not-offered"),
    given(...standing)
      .when(open({ scopes: null, offer: offering({ scopes: [], defaultScopes: [] }) }))
      .thenReply({ _tag: "CodeIssued", scopes: [] }),
  ],

  "an empty list of scopes asks for none": () => [
    given(...standing)
      .when(open({ scopes: [] }))
      .thenEvents({ _tag: "GrantOpened", scopes: scopes("read") }, "AuthorizationCodeIssued"),
    given(...registered("write admin"))
      .when(open({ scopes: [] }))
      .thenReply({ _tag: "CodeIssued", scopes: scopes("write admin") }),
    given(...registered("fly"))
      .when(open({ scopes: [] }))
      .thenReply({ _tag: "CodeIssued", scopes: scopes("read") }),
  ],

  "a scope that is repeated is stored once, where it stood first": () => [
    given(...standing)
      .when(open({ scopes: scopes("write read write read") }))
      .thenEvents({ _tag: "GrantOpened", scopes: scopes("write read") }, "AuthorizationCodeIssued")
      .thenReply({ _tag: "CodeIssued", scopes: scopes("write read") }),
    given(...standing)
      .when(open({ scopes: null, offer: offering({ defaultScopes: scopes("read write read") }) }))
      .thenReply({ _tag: "CodeIssued", scopes: scopes("read write") }),
  ],

  "a resource is one of those offered, where these are listed": () => {
    const listed = offering({ resources: resources(FILES), isAnyResourceOffered: false })
    return [
      given(...standing)
        .when(open({ offer: listed }))
        .thenRefused("resource-not-offered"),
      given(...standing)
        .when(open({ offer: listed, resources: resources("HTTPS://FILES.example/mcp") }))
        .thenReply({ _tag: "CodeIssued", resources: resources("HTTPS://FILES.example/mcp") }),
    ]
  },

  "a request that names no resource is for the default one, or for the only one that is known": () => {
    const both = resources(FILES, MAIL)
    return [true, false].flatMap((isAnyResourceOffered) => [
      given(...standing)
        .when(open({ resources: [], offer: offering({ resources: [], isAnyResourceOffered }) }))
        .thenReply({ _tag: "CodeIssued", resources: [] }),
      given(...standing)
        .when(open({ resources: [], offer: offering({ resources: resources(FILES), isAnyResourceOffered }) }))
        .thenEvents({ _tag: "GrantOpened", resources: resources(FILES) }, "AuthorizationCodeIssued"),
      given(...standing)
        .when(open({ resources: [], offer: offering({ resources: both, isAnyResourceOffered }) }))
        .thenRefused("resource-not-named"),
      given(...standing)
        .when(
          open({
            resources: [],
            offer: offering({ resources: both, isAnyResourceOffered, defaultResource: resources(MAIL)[0]! }),
          }),
        )
        .thenEvents({ _tag: "GrantOpened", resources: resources(MAIL) }, "AuthorizationCodeIssued"),
    ])
  },

  "an origin stands for the only resource that is known there, as it is spelled here": () => {
    const asking = (known: ReadonlyArray<string>, isAnyResourceOffered: boolean, ...asked: ReadonlyArray<string>) =>
      open({
        resources: resources(...asked),
        offer: offering({ resources: resources(...known), isAnyResourceOffered }),
      })
    const origin = "https://files.example"
    return [
      ...[true, false].map((isAny) =>
        given(...standing)
          .when(asking([FILES, MAIL], isAny, `${origin}/`, FILES))
          .thenReply({ _tag: "CodeIssued", resources: resources(FILES) }),
      ),
      given(...standing)
        .when(asking([FILES, `${origin}/other`], true, origin))
        .thenReply({ _tag: "CodeIssued", resources: resources(origin) }),
      given(...standing)
        .when(asking([FILES, `${origin}/other`], false, origin))
        .thenRefused("resource-not-offered"),
      given(...standing)
        .when(asking([FILES, origin], false, `${origin}/`))
        .thenReply({ _tag: "CodeIssued", resources: resources(`${origin}/`) }),
    ]
  },

  "a client that may not refresh gets a grant that cannot be refreshed": () =>
    given(initialize(), register({ metadata: { ...metadata, grant_types: ["authorization_code"] } }))
      .when(open())
      .thenEvents({ _tag: "GrantOpened", refreshable: false }, "AuthorizationCodeIssued"),

  "a client that registered itself gets what the operator offers such clients, and one that was added all it may":
    () => {
      const itself = (registrationGrants: Offer["registrationGrants"]) =>
        open({ offer: offering({ registrationGrants }) })
      return [
        given(...standing)
          .when(itself(["client_credentials"]))
          .thenRefused("client-registered-itself"),
        given(...standing)
          .when(itself(["authorization_code"]))
          .thenEvents({ _tag: "GrantOpened", refreshable: false }, "AuthorizationCodeIssued"),
        given(initialize(), register({ origin: "operator" }))
          .when(itself(["client_credentials"]))
          .thenEvents({ _tag: "GrantOpened", refreshable: true }, "AuthorizationCodeIssued"),
      ]
    },

  "a code does not outlive its grant": () =>
    given(...standing)
      .when(open({ lifetimes: { ...lifetimes, code: minutes(5), grant: minutes(3) } }))
      .thenEvents("GrantOpened", { _tag: "AuthorizationCodeIssued", expiresAt: at(3) }),

  "two requests of one client are two grants": () =>
    given(...opened)
      .when(open({ grantId: grantId("second") }))
      .thenEvents("GrantOpened", "AuthorizationCodeIssued"),
}
