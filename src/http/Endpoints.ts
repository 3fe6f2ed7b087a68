/**
 * The one table of endpoints: method and path to what answers, with who may call it from another origin.
 *
 * A reply to what is not in it is 404 or 405. A defect becomes a 500 with nothing in it, and a line for the operator.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { CorrelationId, RequestOrigin, requestOriginOf, type ProtocolServer } from "../provider/index.ts"
import { tellingOf, type Answered } from "./Answered.ts"
import { OperatorNotice } from "./Caller.ts"
import { inBrowserFlow, browserFlowOf, type BrowserFlow } from "./BrowserFlow.ts"
import { actOnAccount, showAccount } from "./endpoints/Account.ts"
import { actOnPasskeys, showPasskeys } from "./endpoints/AccountPasskeys.ts"
import { authorize, postedRequests } from "./endpoints/Authorize.ts"
import { deviceAuthorization } from "./endpoints/DeviceAuthorization.ts"
import { devicePagesOf } from "./endpoints/DevicePages.ts"
import { answerConsent, showConsent } from "./endpoints/Consent.ts"
import { signOutPagesOf } from "./endpoints/EndSession.ts"
import { health } from "./endpoints/Health.ts"
import { home } from "./endpoints/Home.ts"
import { introspect } from "./endpoints/Introspect.ts"
import { managedRegistration } from "./endpoints/ManagedRegistration.ts"
import { metadata } from "./endpoints/Metadata.ts"
import { register } from "./endpoints/Register.ts"
import { revoke } from "./endpoints/Revoke.ts"
import { clientEndpoint } from "./endpoints/ClientEndpoint.ts"
import { publicEndpoint } from "./endpoints/PublicEndpoint.ts"
import { token } from "./endpoints/Token.ts"
import { userInfo } from "./endpoints/UserInfo.ts"
import type { PageFeature } from "../provider/features/Feature.ts"
import type { Features } from "../provider/features/Features.ts"
import { awaited } from "../provider/features/Settled.ts"
import { featureContextOf, isAuthorizationServer } from "./FeatureContext.ts"
import type { LoginFactory } from "./login/Login.ts"
import { defaultLimits, makeLimits, type LimitOptions } from "./Limits.ts"
import { homePaths, pathOf, paths, wellKnownPaths } from "./Metadata.ts"
import { messagePage } from "./pages/MessagePage.ts"
import { strings } from "./pages/Strings.ts"
import { refusalOf } from "./Refusals.ts"
import { errorReply, json, jsonHeaders } from "./Reply.ts"
import {
  MAX_BODY_BYTES,
  MAX_URL_CHARACTERS,
  type Endpoint,
  type WireReply,
  type WireRequest,
} from "../provider/features/Wire.ts"

/** An endpoint of the host's own, behind the issuer's path. */
export type MountedEndpoint = readonly [method: "GET" | "POST", path: `/${string}`, endpoint: Endpoint]

/** How the endpoints answer: the login, the limits, and who is told of faults. Everything has a default. */
export interface EndpointOptions {
  /** More endpoints beside the server's own, whose paths they cannot take. */
  readonly mounted?: ReadonlyArray<MountedEndpoint>
  /** Who is signed in, and how somebody gets to be; default name and password of the server's own accounts. */
  readonly login?: LoginFactory
  /** How often something may be tried; see `defaultLimits`. */
  readonly limits?: Partial<LimitOptions>
  /** Whether the events that came of a request keep its address and user agent, sealed; default true. */
  readonly recordsRequestOrigin?: boolean
  /** Told of a defect; what it says stays with the operator. */
  readonly onDefect?: (defect: unknown) => void
  /** Told why a request was answered 503, in a sentence that says what to do; it stays with the operator. */
  readonly onUnavailable?: (sentence: string, cause?: unknown) => void
  /** Told of each request that was answered, for access logs and metrics. */
  readonly onAnswered?: (answered: Answered) => void
  /** Told how many passwords are looked at or wait for it, whenever that changes. */
  readonly onPasswordQueue?: (length: number) => void
}

const methods = ["GET", "POST", "PUT", "DELETE"] as const
type Method = (typeof methods)[number]

interface Route {
  readonly endpoints: { readonly [M in Method]?: Endpoint }
  /** Browsers may call it from any origin: it uses no cookies. */
  readonly isOpen: boolean
  /** A GET that only reads, which may be asked for its headers alone. */
  readonly hasHead: boolean
}

const route = (
  endpoints: Route["endpoints"],
  { isOpen = false, hasHead = endpoints.GET !== undefined } = {},
): Route => ({
  endpoints,
  isOpen,
  hasHead,
})

/** Everything the server answers, by path. */
const routesOf = (server: ProtocolServer, options: EndpointOptions): ReadonlyMap<string, Route> => {
  const limits = makeLimits({ ...defaultLimits, ...options.limits })
  const prefix = pathOf(server.settings.issuer)
  const context = featureContextOf(server)
  const flow = browserFlowOf(server, context, limits, options)
  const callers = { features: server.features, context, limits }
  const { clientEndpoints, publicEndpoints, deviceAuthorizations, pages, registrationManagement, openIdProvider } =
    server.features
  const open = { isOpen: true }
  return new Map<string, Route>([
    ...routesByPath(prefix, options.mounted ?? []),
    ...homePaths(server.settings.issuer).map((path) => [path, route({ GET: home(server, flow) })] as const),
    //= OAUTH21-3.1-no-cors-authorize
    //= OAUTH21-3.1-get-supported
    [
      prefix + paths.authorize,
      route({ GET: authorize(server, flow, context, limits), ...postedRequests(server) }, { hasHead: false }),
    ],
    //= OAUTH21-3.2-token-post-only
    [prefix + paths.token, route({ POST: token(server, callers) }, open)],
    [prefix + paths.register, route({ POST: register(server, limits) }, open)],
    [prefix + paths.revoke, route({ POST: revoke(server, callers) }, open)],
    [prefix + paths.introspect, route({ POST: introspect(server, callers) })],
    [prefix + paths.health, route({ GET: health(server) })],
    ...clientEndpoints.map(
      (feature) => [prefix + feature.path, route({ POST: clientEndpoint(feature, callers) }, open)] as const,
    ),
    ...(registrationManagement === undefined || !isAuthorizationServer(server)
      ? []
      : [
          [
            prefix + registrationManagement.path,
            route(managedRegistration(server, limits), { isOpen: true, hasHead: false }),
          ] as const,
        ]),
    ...publicEndpoints.map(
      (feature) => [prefix + feature.path, route({ GET: publicEndpoint(feature, callers.context) }, open)] as const,
    ),
    ...(openIdProvider === undefined || !isAuthorizationServer(server)
      ? []
      : [[prefix + openIdProvider.userInfo, route(userInfo(server, callers, openIdProvider), open)] as const]),
    ...deviceAuthorizations.map(
      (feature) =>
        [prefix + feature.path, route({ POST: deviceAuthorization(server, callers, feature) }, open)] as const,
    ),
    ...(flow === undefined
      ? []
      : browserFlowRoutes(flow, prefix, [
          ...pages.map((page) => pageOf(page, flow)),
          ...deviceAuthorizations.flatMap((feature) => devicePagesOf(feature, flow, limits)),
          ...(openIdProvider === undefined ? [] : signOutPagesOf(flow, openIdProvider)),
        ])),
    ...wellKnownPaths(server.settings.issuer).map((path) => [path, route({ GET: metadata(server) }, open)] as const),
  ])
}

/** Endpoints that somebody else names, a route for each path. */
const routesByPath = (
  prefix: string,
  endpoints: ReadonlyArray<MountedEndpoint>,
): ReadonlyArray<readonly [string, Route]> =>
  [...Map.groupBy(endpoints, ([, path]) => path)].map(([path, own]) => {
    const byMethod = Object.fromEntries(own.map(([method, , endpoint]) => [method, endpoint]))
    return [prefix + path, route(byMethod, { hasHead: false })] as const
  })

/** A page that a feature brings. */
const pageOf = ({ method, path, answer }: PageFeature, flow: BrowserFlow): MountedEndpoint => [
  method,
  path,
  inBrowserFlow(flow, (request) =>
    Effect.gen(function* () {
      const { browser, login, server, context } = flow
      if (method === "POST" && !browser.isOwnForm(request)) {
        return yield* messagePage(server.settings, 403, strings.form.foreign)
      }
      const signedIn = yield* login.current(request)
      const reply = yield* awaited((async () => answer(request, signedIn, context))())
      const returnTo = request.path + (request.query === "" ? "" : `?${request.query}`)
      return reply === "sign in" ? yield* login.ask(request, { returnTo }) : reply
    }),
  ),
]

/** The pages that people meet; those of the login are its own. */
const browserFlowRoutes = (
  flow: BrowserFlow,
  prefix: string,
  pages: ReadonlyArray<MountedEndpoint>,
): ReadonlyArray<readonly [string, Route]> => {
  const own = flow.login.endpoints.map(([method, path, endpoint]): MountedEndpoint => [
    method,
    path,
    inBrowserFlow(flow, endpoint),
  ])
  return [
    [prefix + paths.consent, route({ GET: showConsent(flow), POST: answerConsent(flow) }, { hasHead: false })],
    [prefix + paths.account, route({ GET: showAccount(flow), POST: actOnAccount(flow) }, { hasHead: false })],
    ...(flow.login.hasPasskeys === true
      ? [
          [
            prefix + paths.passkeys,
            route({ GET: showPasskeys(flow), POST: actOnPasskeys(flow) }, { hasHead: false }),
          ] as const,
        ]
      : []),
    ...routesByPath(prefix, [...own, ...pages]),
  ]
}

const exposedHeaders = ["WWW-Authenticate", "Retry-After", "X-Request-Id"]
const cors = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": exposedHeaders.join(", "),
} as const

/** The same, with what features let pages read besides. */
const corsOf = ({ senderConstraints }: Features): typeof cors => {
  const more = senderConstraints.flatMap((constraint) => constraint.exposedHeaders ?? [])
  return { ...cors, "access-control-expose-headers": [...exposedHeaders, ...more].join(", ") }
}

const methodsOf = ({ endpoints, hasHead }: Route): ReadonlyArray<string> =>
  Object.keys(endpoints).flatMap((method) => (method === "GET" && hasHead ? ["GET", "HEAD"] : [method]))

const preflight = (route: Route): WireReply => ({
  status: 204,
  headers: {
    ...cors,
    "access-control-allow-methods": `${Object.keys(route.endpoints).join(", ")}, OPTIONS`,
    "access-control-allow-headers": "Authorization, Content-Type, DPoP, MCP-Protocol-Version",
    "access-control-max-age": "86400",
  },
  body: "",
})

/** For bodies that somebody in front has read and left nowhere, whatever endpoint they were for. */
export const bodyTaken = errorReply(
  400,
  "invalid_request",
  "the body was read before it came here: mount this in front of what reads bodies, or have that leave it in request.body",
  cors,
)

/** For bodies that are not read to their end, whatever endpoint they were for. */
export const tooLarge = errorReply(413, "invalid_request", `the body is larger than ${MAX_BODY_BYTES} bytes`, cors)

const urlTooLong = errorReply(414, "invalid_request", `the URL is longer than ${MAX_URL_CHARACTERS} characters`)
const notFound = json(404, { error: "not_found" }, jsonHeaders)
const defective = errorReply(500, "server_error", "something went wrong here; it was reported to the operator")

const dispatch = (
  { settings }: ProtocolServer,
  route: Route | undefined,
  request: WireRequest,
): Effect.Effect<WireReply> => {
  const { message: words } = strings
  if (request.path.length + request.query.length > MAX_URL_CHARACTERS) {
    return refusalOf(settings, request, urlTooLong, words.tooLong(MAX_URL_CHARACTERS))
  }
  if (route === undefined) return refusalOf(settings, request, notFound, words.notFound, words.notFoundTitle)
  const method = request.method === "HEAD" && route.hasHead ? "GET" : request.method
  if (method === "OPTIONS" && route.isOpen) return Effect.succeed(preflight(route))
  const known = methods.find((one) => one === method)
  const endpoint = known === undefined ? undefined : route.endpoints[known]
  if (endpoint === undefined) {
    const taken = Object.keys(route.endpoints).join(" and ")
    const reply = errorReply(405, "invalid_request", `this endpoint takes ${taken}`)
    const told = { ...reply, headers: { ...reply.headers, allow: methodsOf(route).join(", ") } }
    return refusalOf(settings, request, told, words.wrongMethod(taken))
  }
  return endpoint(request)
}

export interface Endpoints {
  /** Answers any request, with an id that the log names as the correlation of what came of it. */
  (request: WireRequest, requestId: string): Effect.Effect<WireReply>
  /** Whether there is something at a path, whatever the method. */
  readonly has: (path: string) => boolean
}

/** The endpoints of a server, its pages included. */
export const makeEndpoints = (server: ProtocolServer, options: EndpointOptions = {}): Endpoints => {
  const routes = routesOf(server, options)
  const open = corsOf(server.features)
  const { onUnavailable = () => {}, recordsRequestOrigin = true, onAnswered } = options
  const operator = Context.make(OperatorNotice, onUnavailable)
  const contextOf = ({ source, headers }: WireRequest, requestId: string) => {
    const origin = recordsRequestOrigin ? requestOriginOf(source, headers["user-agent"]) : undefined
    return Context.add(Context.add(operator, CorrelationId, requestId), RequestOrigin, origin)
  }
  const answer = (request: WireRequest, requestId: string): Effect.Effect<WireReply> => {
    const route = routes.get(request.path)
    const own = route?.isOpen === true ? { ...open, "x-request-id": requestId } : { "x-request-id": requestId }
    const asked = Effect.suspend(() => dispatch(server, route, request))
    const answered = Effect.catchDefect(asked, (defect) => {
      options.onDefect?.(defect)
      return refusalOf(server.settings, request, defective, strings.message.defect)
    })
    const replied = Effect.map(answered, (reply) => ({ ...reply, headers: { ...reply.headers, ...own } }))
    const asCame = Effect.provideContext(replied, contextOf(request, requestId))
    if (onAnswered === undefined) return asCame
    const endpoint = route === undefined ? "none" : request.path
    return tellingOf(onAnswered, request, { endpoint, requestId }, asCame)
  }
  return Object.assign(answer, { has: (path: string) => routes.has(path) })
}
