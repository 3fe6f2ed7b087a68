/**
 * The flow through a browser: what the endpoints that people meet share. Only a server of our own has one.
 *
 * Every page of it is for a browser that came by the issuer's own name.
 */
import * as Effect from "effect/Effect"
import type { Failure, ProtocolServer } from "../provider/index.ts"
import type { FeatureContext } from "../provider/features/Feature.ts"
import { browserOf } from "./Browser.ts"
import { isAuthorizationServer } from "./FeatureContext.ts"
import { formsOf } from "./Forms.ts"
import type { Limits } from "./Limits.ts"
import type { Login, LoginFactory, LoginParts } from "./login/Login.ts"
import { passwordGate } from "./login/PasswordGate.ts"
import { passwordLogin } from "./login/PasswordLogin.ts"
import { elsewherePage, failurePage } from "./pages/MessagePage.ts"
import type { Endpoint, WireReply, WireRequest } from "../provider/features/Wire.ts"

export interface BrowserFlow extends LoginParts {
  readonly login: Login
  /** What response modes may ask, who bring the answer to the client. */
  readonly context: FeatureContext
}

interface FlowOptions {
  readonly login?: LoginFactory
  readonly onPasswordQueue?: (length: number) => void
}

/** The browser flow of a server of our own; somebody else's provider has its own login and consent. */
export const browserFlowOf = (
  server: ProtocolServer,
  context: FeatureContext,
  limits: Limits,
  { login = passwordLogin, onPasswordQueue }: FlowOptions = {},
): BrowserFlow | undefined => {
  if (!isAuthorizationServer(server)) return undefined
  const browser = browserOf(server.settings.issuer)
  const parts = {
    server,
    browser,
    forms: formsOf(server, browser),
    passwords: passwordGate(server, limits, onPasswordQueue),
  }
  return { ...parts, context, login: login(parts) }
}

/** An endpoint for people: by the issuer's own name only, with a page for every failure. */
export const inBrowserFlow =
  (flow: BrowserFlow, endpoint: (request: WireRequest) => Effect.Effect<WireReply, Failure>): Endpoint =>
  (request) =>
    flow.browser.isAtHome(request)
      ? Effect.catch(endpoint(request), (failure) => failurePage(flow.server.settings, failure))
      : elsewherePage(flow.server.settings, request)
