/**
 * Logins: from an authorization request to the code, or to what came instead.
 *
 * Either a browser walks by itself and submits nothing, or a person is asked to open the URL and to paste where it led.
 */
import { randomBytes } from "node:crypto"
import { challengeOf, mintVerifier } from "../../Secrets.ts"
import { makeBrowser, type Walk } from "./Browser.ts"
import type { Metadata } from "./Discovery.ts"
import { isOurs, type WireClient } from "./Registration.ts"
import { withQuery, type Pair } from "./Requests.ts"
import type { Wire } from "./Wire.ts"

/** How many logins a person is asked for at most. */
export const MAX_ASKED_LOGINS = 40

/** There is nobody who signs in any more. */
export class NoMoreLogins extends Error {
  override readonly name = "NoMoreLogins"
}

/** Gives where the browser was sent, as a person pasted it; `undefined` when there is no more of them. */
export type AskForLogin = (authorizationUrl: string) => Promise<string | undefined>

export interface LoginRequest {
  readonly client: WireClient
  readonly redirectUri?: string
  readonly scopes?: ReadonlyArray<string>
  readonly resources?: ReadonlyArray<string>
  readonly verifier?: string
  /** What is sent of PKCE: S256 of the verifier unless told. */
  readonly challenge?: ReadonlyArray<Pair>
  readonly more?: ReadonlyArray<Pair>
}

export type Login =
  | { readonly _tag: "Code"; readonly code: string; readonly verifier: string; readonly location: URL }
  | { readonly _tag: "Refused"; readonly error: string; readonly location: URL }
  /** No answer for the client: a page, or a redirect to elsewhere. */
  | { readonly _tag: "Nowhere"; readonly what: string; readonly isRefusal: boolean }

export interface Logins {
  readonly login: (request: LoginRequest) => Promise<Login>
  /** Where a request leads that nobody is asked about. */
  readonly probe: (authorizationUrl: string) => Promise<Walk>
  readonly urlOf: (request: LoginRequest) => string
}

export interface LoginOptions {
  readonly ask: AskForLogin | undefined
  /** Scopes that every request has besides its own. */
  readonly alwaysScopes: ReadonlyArray<string>
  /** Parameters that every request has. */
  readonly alwaysParameters: ReadonlyArray<Pair>
  /** The resources of a request that names none itself. */
  readonly usualResources: ReadonlyArray<string>
}

const nowhere = (what: string): Login => ({ _tag: "Nowhere", what, isRefusal: false })

/** Where a redirect leads; what it carries is for the client alone. */
export const tellLocation = (location: string): string =>
  `a redirect to \`${location.replace(/([?&](?:code|state)=)[^&#]*/g, "$1…")}\``

interface Prepared {
  readonly url: string
  readonly state: string
  readonly verifier: string
}

const prepare = (metadata: Metadata, options: LoginOptions, request: LoginRequest): Prepared => {
  const {
    client,
    redirectUri = client.redirectUri,
    scopes = [],
    resources = options.usualResources,
    more = [],
  } = request
  const { verifier = mintVerifier() } = request
  const state = randomBytes(16).toString("base64url")
  const scope = [...new Set([...options.alwaysScopes, ...scopes])].join(" ")
  const pairs: ReadonlyArray<Pair> = [
    ["response_type", "code"],
    ["client_id", client.clientId],
    ["redirect_uri", redirectUri],
    ["state", state],
    ...(scope === "" ? [] : [["scope", scope] as const]),
    ...resources.map((resource) => ["resource", resource] as const),
    ...(request.challenge ?? [
      ["code_challenge", challengeOf(verifier)],
      ["code_challenge_method", "S256"],
    ]),
    ...options.alwaysParameters,
    ...more,
  ]
  return { url: withQuery(metadata.authorizationEndpoint, pairs), state, verifier }
}

export const makeLogins = (wire: Wire, metadata: Metadata, options: LoginOptions): Logins => {
  const browser = makeBrowser(wire)
  let askedCount = 0

  const asked = async (ask: AskForLogin, url: string): Promise<Walk> => {
    if (askedCount >= MAX_ASKED_LOGINS)
      throw new NoMoreLogins(`nobody is asked for more than ${MAX_ASKED_LOGINS} logins`)
    askedCount += 1
    const pasted = (await ask(url))?.trim()
    if (pasted === undefined || pasted === "") throw new NoMoreLogins("nobody signed in")
    return URL.canParse(pasted) ? { _tag: "Arrived", location: pasted } : { _tag: "Away", location: pasted }
  }

  return {
    urlOf: (request) => prepare(metadata, options, request).url,
    probe: (url) => browser.walk(url, isOurs),
    login: async (request) => {
      const { url, state, verifier } = prepare(metadata, options, request)
      const redirectUri = request.redirectUri ?? request.client.redirectUri
      const isArrival = (location: string) => location.startsWith(redirectUri) || isOurs(location)
      const walk = options.ask === undefined ? await browser.walk(url, isArrival) : await asked(options.ask, url)
      if (walk._tag === "Page") {
        return {
          _tag: "Nowhere",
          what: `a page with status ${walk.status}`,
          isRefusal: walk.status >= 400 && walk.status < 500,
        }
      }
      if (walk._tag === "Away") return nowhere(tellLocation(walk.location))
      const location = new URL(walk.location)
      const { searchParams } = location
      const [code, error] = [searchParams.get("code"), searchParams.get("error")]
      if (options.ask !== undefined && searchParams.get("state") !== state) {
        return nowhere("the answer to another request: its state is not the one that was sent")
      }
      if (code !== null && code !== "") return { _tag: "Code", code, verifier, location }
      return error === null
        ? nowhere("a redirect without code and without error")
        : { _tag: "Refused", error, location }
    },
  }
}
