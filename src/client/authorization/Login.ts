/**
 * Drives one login through its machine: finds the server, finds the client, sends the user there, takes the answer back,
 * redeems the code, stores what came.
 *
 * Does what the machine says and tells it what happened; every decision is in `LoginFlow.ts`.
 */
import { begin, judge, type PendingLogin } from "./PendingLogin.ts"
import { printLink, type OpenBrowser } from "./Browser.ts"
import { startCallback, type Callback } from "./CallbackServer.ts"
import { isOAuthClientError } from "../ClientError.ts"
import type { Discovered } from "../discovery/Discovery.ts"
import { initial, isOver, next, type LoginFlow, type LoginEvent } from "./LoginFlow.ts"
import type { Settings } from "../Options.ts"
import { pastedAnswer } from "./PastedAnswer.ts"
import { checkClientIsKnown } from "./ClientCheck.ts"
import { register, type Registered } from "../registration/Registration.ts"
import { scopesToAsk } from "./ScopeSelection.ts"
import type { StoredTokens, TokenStorage } from "../storage/TokenStorage.ts"
import { exchange } from "../tokens/TokenRequest.ts"

export interface LoginRequest {
  readonly settings: Settings
  readonly storage: TokenStorage
  readonly openBrowser: OpenBrowser
  readonly pasteFrom: NodeJS.ReadableStream | undefined
  readonly discover: () => Promise<Discovered>
  /** What the resource demands now. */
  readonly demanded: ReadonlyArray<string> | undefined
  /** What the tokens at hand allow, to be kept in a step-up. */
  readonly held: ReadonlyArray<string>
  /** Clients that a server took in this process, and when. */
  readonly taken: Map<string, number>
}

/** Whom a server took so lately it still knows: nobody has to be asked. */
const TAKEN_FOR_MILLIS = 5 * 60_000

/** Logs in; throws an `OAuthClientError` that says what the user can do. */
export const login = async (request: LoginRequest): Promise<StoredTokens> => {
  const held: Held = { callback: undefined }
  let flow: LoginFlow = initial
  try {
    while (!isOver(flow)) flow = next(flow, await perform(request, held, flow).catch(asEvent))
    if (flow._tag === "Failed") throw flow.error
    const { tokens, pending } = flow
    request.taken.set(pending.registered.client.client_id, request.settings.outbound.now())
    await keep(request.storage, pending.registered, tokens)
    await held.callback?.close({ isLoggedIn: true })
    return tokens
  } catch (error) {
    const why = isOAuthClientError(error) ? error.message : "the program stopped"
    await held.callback?.close({ isLoggedIn: false, why })
    throw error
  }
}

/** What lives as long as the login. */
interface Held {
  callback: Callback | undefined
}

type Unfinished = Exclude<LoginFlow, { readonly _tag: "LoggedIn" | "Failed" }>

const perform = async (request: LoginRequest, held: Held, flow: Unfinished): Promise<LoginEvent> => {
  const { settings, storage } = request
  switch (flow._tag) {
    case "Discovering":
      return { _tag: "ServerFound", discovered: await request.discover() }
    case "Registering": {
      const { discovered, mustBeFresh } = flow
      const stored = await storage.getClientInfo()
      held.callback ??= await startCallback(callbackOptions(settings, stored?.client.redirect_uris))
      const registered = await register({
        fetch: settings.outbound.fetch,
        server: discovered.server,
        description: settings.description,
        redirectUri: held.callback.redirectUri,
        scopes: scopesFor(request, discovered),
        stored: mustBeFresh ? undefined : stored,
      })
      if (registered.source === "registered") {
        await storage.setClientInfo({ client: registered.client, issuer: registered.issuer })
      }
      return { _tag: "ClientFound", registered }
    }
    case "Authorizing": {
      const { discovered, registered } = flow
      const { redirectUri } = held.callback!
      const scopes = scopesFor(request, discovered)
      const pending = await begin({ discovered, registered, redirectUri, scopes })
      if (isDoubtful(request, registered)) await checkClientIsKnown(settings.outbound.fetch, pending.authorizationUrl)
      const parameters = await answerOf(request, held.callback!, pending)
      return { _tag: "CodeCame", pending, answer: judge(pending, parameters) }
    }
    case "Redeeming":
      return { _tag: "TokensCame", tokens: await exchange(settings.outbound, flow.pending, flow.answer) }
    default:
      return flow satisfies never
  }
}

const isDoubtful = ({ settings, taken }: LoginRequest, { source, client }: Registered): boolean => {
  const at = taken.get(client.client_id)
  return source === "stored" && (at === undefined || settings.outbound.now() - at >= TAKEN_FOR_MILLIS)
}

/** What was foreseen goes to the machine; what was not ends the login as it is. */
const asEvent = (error: unknown): LoginEvent => {
  if (isOAuthClientError(error)) return { _tag: "WentWrong", error }
  throw error
}

export const scopesFor = (
  { settings, demanded, held }: Pick<LoginRequest, "settings" | "demanded" | "held">,
  discovered: Discovered,
): ReadonlyArray<string> => {
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

/** Servers that compare ports like to see the registered one again. */
export const callbackOptions = (settings: Settings, redirectUris: ReadonlyArray<string> | undefined) => {
  const { host, port, timeoutMillis } = settings.callback
  const registeredPort = Number(URL.parse(redirectUris?.[0] ?? "")?.port ?? "")
  return {
    host,
    port,
    timeoutMillis,
    clientName: settings.description.clientName,
    preferredPort: registeredPort > 0 ? registeredPort : undefined,
  }
}

const answerOf = async (
  { openBrowser, pasteFrom }: LoginRequest,
  callback: Callback,
  { state, authorizationUrl }: PendingLogin,
): Promise<URLSearchParams> => {
  const answer = callback.answerTo(state)
  // It may be rejected while the browser is still being opened.
  answer.catch(() => undefined)
  const isOpen = await openBrowser(authorizationUrl)
  if (isOpen !== false) return answer
  printLink(authorizationUrl)
  if (pasteFrom === undefined) return answer
  const done = new AbortController()
  const say = (sentence: string) => void process.stderr.write(`${sentence}\n`)
  const pasted = pastedAnswer({ input: pasteFrom, say, state, signal: done.signal })
  return Promise.race([answer, pasted]).finally(() => done.abort())
}

/** What was given is bound to the issuer by its id alone: the secret stays with whoever gave it. */
export const keep = (storage: TokenStorage, registered: Registered, tokens: StoredTokens): Promise<void> =>
  storage.exclusively(async () => {
    const { client, issuer, source } = registered
    await storage.setClientInfo({ client: source === "given" ? { client_id: client.client_id } : client, issuer })
    await storage.setTokens(tokens)
  })
