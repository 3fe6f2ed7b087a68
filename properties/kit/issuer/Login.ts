/**
 * Logins: from an authorization request to the code, or to what came instead.
 *
 * Either a browser walks by itself and submits nothing, or a person is asked to open the URL and to paste where it led.
 */
import { randomBytes } from "node:crypto"
import { challengeOf, mintVerifier } from "../../Secrets.ts"
import { makeBrowser, type Walk } from "./Browser.ts"
import { textMember, type Metadata } from "./Discovery.ts"
import { NotTried } from "../judging/Obstacles.ts"
import { tellLocation } from "./Location.ts"
import { isComeAgain, tellComeAgain } from "./Patience.ts"
import { isOurs, type WireClient } from "./Registration.ts"
import { formRequest, withQuery, type Pair } from "./Requests.ts"
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
  /** What is sent of PKCE; default: S256 of the verifier. */
  readonly challenge?: ReadonlyArray<Pair>
  readonly more?: ReadonlyArray<Pair>
  readonly state?: string
  /** The name of a parameter that is not sent. */
  readonly without?: string
}

export type Login =
  | { readonly _tag: "Code"; readonly code: string; readonly verifier: string; readonly location: URL }
  | { readonly _tag: "Refused"; readonly error: string; readonly location: URL }
  /** No answer for the client: a page, or a redirect to elsewhere. */
  | { readonly _tag: "Nowhere"; readonly what: string; readonly isRefusal: boolean }

export interface Logins {
  readonly login: (request: LoginRequest) => Promise<Login>
  /** Where a request leads that nobody is asked about. */
  readonly probe: (request: LoginRequest) => Promise<Walk>
}

export interface LoginOptions {
  /** Absent: a browser follows redirects by itself and submits nothing. */
  readonly ask: AskForLogin | undefined
  /** How often it may be asked: a person gets tired, a program does not. */
  readonly maxAsked: number
  /** Scopes that every request has besides its own. */
  readonly alwaysScopes: ReadonlyArray<string>
  /** Parameters that every request has. */
  readonly alwaysParameters: ReadonlyArray<Pair>
  /** The resources of a request that names none itself. */
  readonly usualResources: ReadonlyArray<string>
}

const nowhere = (what: string): Login => ({ _tag: "Nowhere", what, isRefusal: false })

interface Prepared {
  readonly pairs: ReadonlyArray<Pair>
  readonly state: string
  readonly verifier: string
}

const prepare = (options: LoginOptions, request: LoginRequest): Prepared => {
  const {
    client,
    redirectUri = client.redirectUri,
    scopes = [],
    resources = options.usualResources,
    more = [],
  } = request
  const { verifier = mintVerifier(), state = randomBytes(16).toString("base64url") } = request
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
  return { pairs: pairs.filter(([name]) => name !== request.without), state, verifier }
}

/** Who is asked to come again was shown nothing. */
const answered = (walk: Walk): Walk => {
  if (walk._tag === "Page" && isComeAgain(walk.status)) throw new NotTried(tellComeAgain(walk.status))
  return walk
}

/** The address that a browser is sent to; a refusal of what was pushed has nowhere to send it (RFC 9126 2.3). */
const addressOf = async (
  wire: Wire,
  { authorizationEndpoint, pushingEndpoint }: Metadata,
  client: WireClient,
  pairs: ReadonlyArray<Pair>,
): Promise<string | Extract<Walk, { _tag: "Page" }>> => {
  if (pushingEndpoint === undefined) return withQuery(authorizationEndpoint, pairs)
  const clientId: Pair = ["client_id", client.clientId]
  const request = formRequest(pushingEndpoint, client, [])
  const form = [clientId, ...[...(request.form ?? []), ...pairs].filter(([name]) => name !== "client_id")]
  const { status, body } = await wire.send({ ...request, form })
  const requestUri = textMember(body, "request_uri")
  return requestUri === undefined
    ? { _tag: "Page", url: pushingEndpoint, status }
    : withQuery(authorizationEndpoint, [clientId, ["request_uri", requestUri]])
}

export const makeLogins = (wire: Wire, metadata: Metadata, options: LoginOptions): Logins => {
  const browser = makeBrowser(wire)
  let askedCount = 0

  const asked = async (ask: AskForLogin, url: string): Promise<Walk> => {
    if (askedCount >= options.maxAsked) {
      throw new NoMoreLogins(`nobody is asked for more than ${options.maxAsked} logins`)
    }
    askedCount += 1
    const pasted = (await ask(url))?.trim()
    if (pasted === undefined || pasted === "") throw new NoMoreLogins("nobody signed in")
    return URL.canParse(pasted) ? { _tag: "Arrived", location: pasted } : { _tag: "Away", location: pasted }
  }

  return {
    probe: async (request) => {
      const address = await addressOf(wire, metadata, request.client, prepare(options, request).pairs)
      return answered(typeof address === "string" ? await browser.walk(address, isOurs) : address)
    },
    login: async (request) => {
      const { pairs, state, verifier } = prepare(options, request)
      const redirectUri = request.redirectUri ?? request.client.redirectUri
      const isArrival = (location: string) => location.startsWith(redirectUri) || isOurs(location)
      const address = await addressOf(wire, metadata, request.client, pairs)
      const walked = (url: string) =>
        options.ask === undefined ? browser.walk(url, isArrival) : asked(options.ask, url)
      const walk = answered(typeof address === "string" ? await walked(address) : address)
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
