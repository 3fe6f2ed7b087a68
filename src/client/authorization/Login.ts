/**
 * Drives one login through its machine: finds the server, finds the client, sends the user there, takes the answer back,
 * redeems the code, stores what came.
 *
 * Does what the machine says and tells it what happened; every decision is in `LoginFlow.ts`.
 */
import { showLink, type OpenBrowser } from "./Browser.ts"
import { makeBrowserLogin, type BrowserLogin } from "./BrowserLogin.ts"
import { isOAuthClientError } from "../ClientError.ts"
import type { Discovered } from "../discovery/Discovery.ts"
import { initial, isOver, next, type LoginFlow, type LoginEvent } from "./LoginFlow.ts"
import type { Settings } from "../Options.ts"
import { beginLogin, type AuthorizationResponse, type LoginDemand, type PendingLogin } from "./PendingLogin.ts"
import { pastedAnswer } from "./PastedAnswer.ts"
import { checkClientIsKnown } from "./ClientCheck.ts"
import { register, type LoginWay, type Registered } from "../registration/Registration.ts"
import { scopesToAsk } from "./ScopeSelection.ts"
import type { ProofKey, StoredTokens, TokenStorage } from "../storage/TokenStorage.ts"
import { member } from "../LenientReading.ts"
import { proofKeyFor } from "../tokens/KeyProof.ts"
import { exchange } from "../tokens/TokenRequest.ts"

export interface LoginRequest {
  readonly settings: Settings
  readonly storage: TokenStorage
  readonly openBrowser: OpenBrowser
  readonly pasteFrom: NodeJS.ReadableStream | undefined
  readonly discover: () => Promise<Discovered>
  /** What the resource demands now. */
  readonly demanded: ReadonlyArray<string> | undefined
  /** What the resource demands of the login. */
  readonly loginDemand: LoginDemand
  /** What the tokens at hand allow, to be kept in a step-up. */
  readonly held: ReadonlyArray<string>
  /** The ids of clients that a server accepted in this process, and when, in milliseconds since the epoch. */
  readonly accepted: Map<string, number>
}

/** A client that a server accepted so recently is still known there, and the server is not asked. */
const ACCEPTED_FOR_MILLIS = 5 * 60_000

/** Logs in; throws an `OAuthClientError` that says what the user can do. */
export const login = (request: LoginRequest): Promise<StoredTokens> => {
  const browser = makeBrowserLogin(request.settings, "no login is under way")
  return browser.conclude(async () => {
    let flow: LoginFlow = initial
    while (!isOver(flow)) flow = next(flow, await perform(request, browser, flow).catch(asEvent))
    if (flow._tag === "Failed") throw flow.error
    const { tokens, pending } = flow
    request.accepted.set(pending.registered.client.client_id, request.settings.outbound.now())
    await storeLogin(request.storage, pending.registered, tokens)
    return tokens
  })
}

type Unfinished = Exclude<LoginFlow, { readonly _tag: "LoggedIn" | "Failed" }>

const perform = async (request: LoginRequest, browser: BrowserLogin, flow: Unfinished): Promise<LoginEvent> => {
  const { settings } = request
  switch (flow._tag) {
    case "Discovering":
      return { _tag: "ServerFound", discovered: await request.discover() }
    case "Registering":
      return { _tag: "ClientFound", registered: await registerFor(request, browser, flow) }
    case "Authorizing": {
      const { discovered, registered } = flow
      const redirectUri = await browser.listen()
      const scopes = scopesFor(request, discovered)
      const proofKey = await keyOf(request, discovered)
      const asked = { discovered, registered, redirectUri, scopes, ...request.loginDemand, ...proofKey }
      const pending = await beginLogin(settings.outbound, asked)
      if (isDoubtful(request, registered)) await checkClientIsKnown(settings.outbound.fetch, pending.authorizationUrl)
      return { _tag: "CodeCame", pending, answer: await answerOf(request, browser, pending) }
    }
    case "Redeeming":
      return { _tag: "TokensCame", tokens: await exchange(settings.outbound, flow.pending, flow.answer) }
    default:
      return flow satisfies never
  }
}

/** The key that the tokens of a login will be bound to, where the program wants that and the server can. */
export const keyOf = async (
  { settings, storage }: Pick<LoginRequest, "settings" | "storage">,
  { server }: Discovered,
): Promise<{ readonly proofKey?: ProofKey }> =>
  settings.isBinding ? member("proofKey", await proofKeyFor(server, await storage.getTokens())) : {}

/** Whom the user is sent for, and with which scopes. */
export type Asking = Pick<LoginRequest, "settings" | "storage" | "demanded" | "held">

/** At which server a client is needed; a stored one is not taken if it `mustBeFresh`. */
interface Needed {
  readonly discovered: Discovered
  readonly mustBeFresh: boolean
}

/** Listens for the browser, and finds or makes the client that sends it. */
export const registerFor = async (asking: Asking, browser: BrowserLogin, needed: Needed): Promise<Registered> => {
  const stored = await asking.storage.getClientInfo()
  const redirectUri = await browser.listen(stored?.client.redirect_uris)
  return clientFor(asking, { _tag: "Browser", redirectUri }, needed)
}

/** Finds or makes the client that asks in this way. */
export const clientFor = async (
  asking: Asking,
  way: LoginWay,
  { discovered, mustBeFresh }: Needed,
): Promise<Registered> => {
  const { settings, storage } = asking
  const registered = await register({
    fetch: settings.outbound.fetch,
    server: discovered.server,
    description: settings.description,
    way,
    scopes: scopesFor(asking, discovered),
    stored: mustBeFresh ? undefined : await storage.getClientInfo(),
  })
  const { client, issuer, source } = registered
  if (source === "registered") await storage.setClientInfo({ client, issuer })
  return registered
}

const isDoubtful = ({ settings, accepted }: LoginRequest, { source, client }: Registered): boolean => {
  const at = accepted.get(client.client_id)
  return source === "stored" && (at === undefined || settings.outbound.now() - at >= ACCEPTED_FOR_MILLIS)
}

/** What was foreseen goes to the machine; what was not ends the login as it is. */
const asEvent = (error: unknown): LoginEvent => {
  if (isOAuthClientError(error)) return { _tag: "WentWrong", error }
  throw error
}

export const scopesFor = ({ settings, demanded, held }: Asking, discovered: Discovered): ReadonlyArray<string> => {
  const { scopesSupported: listed, server } = discovered
  const { scopes_supported: offered } = server.metadata
  return scopesToAsk({
    wanted: settings.scopes,
    held,
    ...(demanded === undefined ? {} : { demanded }),
    ...(listed === undefined ? {} : { listed }),
    ...(offered === undefined ? {} : { offered }),
  })
}

const answerOf = async (
  { openBrowser, pasteFrom }: LoginRequest,
  browser: BrowserLogin,
  pending: PendingLogin,
): Promise<AuthorizationResponse> => {
  browser.expect(pending)
  const isShown = await showLink(openBrowser, pending.authorizationUrl)
  if (isShown || pasteFrom === undefined) return browser.answer()
  const done = new AbortController()
  const say = (sentence: string) => void process.stderr.write(`${sentence}\n`)
  const pasted = pastedAnswer({ input: pasteFrom, say, state: pending.state, signal: done.signal })
  return browser.answer(pasted).finally(() => done.abort())
}

/** Stores tokens and registration together. Of a client that the program gave only the id is stored, never the secret. */
export const storeLogin = (storage: TokenStorage, registered: Registered, tokens: StoredTokens): Promise<void> =>
  storage.exclusively(async () => {
    const { client, issuer, source } = registered
    await storage.setClientInfo({ client: source === "given" ? { client_id: client.client_id } : client, issuer })
    await storage.setTokens(tokens)
  })
