/**
 * The authorization request in between: from `/authorize` through login to consent, encrypted and bound to its browser.
 *
 * It is in the address, so nothing is stored for a visitor who never comes back, and any instance may finish what
 * another began. Its id is derived from what it says and where it began: the same link in two tabs is one request. One
 * that the client pushed has its id from there, and is one request in every browser.
 */
import * as Effect from "effect/Effect"
import type { RequestParams } from "../provider/index.ts"
import { paths, pathOf } from "./Metadata.ts"
import type { PromptOptions } from "./AuthorizationParameters.ts"
import type { BrowserFlow } from "./BrowserFlow.ts"
import type { LoginDemand } from "./login/LoginDemand.ts"
import { MAX_URL_CHARACTERS } from "../provider/features/Wire.ts"

export interface PendingRequest extends LoginDemand {
  readonly clientId: string
  readonly params: RequestParams
  readonly grantId: string
  /** Milliseconds since the epoch. */
  readonly requestedAt: number
  /** Whether somebody was asked to sign in on the way: they are asked once. */
  readonly isAsked?: boolean
  readonly loginHint?: string
  /** Whether nobody may be asked anything (`prompt=none`). */
  readonly isSilent?: boolean
  /** Whether somebody has to be asked, whatever a policy says (`prompt=consent`). */
  readonly isConsentAsked?: boolean
  /** Who has to be signed in, as the client knows them (`id_token_hint`). */
  readonly subjectHint?: string
  /** Stands for the browser it began in. */
  readonly browser: string
}

export type NewRequest = Omit<PendingRequest, "grantId" | "requestedAt">

/** The longest path it is carried in: a login elsewhere encrypts it once more, and sends that along in an address, too. */
export const MAX_PATH_CHARACTERS = Math.floor((MAX_URL_CHARACTERS * 2) / 3)

/**
 * Where a request goes on: the path of the consent page, with the encrypted request. `prompt` is what it asks of the
 * login, in its own words: one that asks for more is another request, which has an answer of its own.
 */
export const consentPath = (
  flow: BrowserFlow,
  request: NewRequest,
  prompt: Readonly<Record<keyof PromptOptions, unknown>>,
): Effect.Effect<string> => {
  const { clientId, params, browser } = request
  //= RFC9126-4-one-time
  // INVARIANT: a pushed request is one request, whatever browsers it is opened in (RequestIsAnsweredOnce).
  const grantId = params.grantId ?? flow.server.requestId(JSON.stringify([browser, clientId, params, prompt]))
  return resumePath(flow, { ...request, grantId, requestedAt: flow.server.now() })
}

/** The same for a request that is under way; it gets no younger by it. */
export const resumePath = ({ server }: BrowserFlow, pending: PendingRequest): Effect.Effect<string> =>
  Effect.map(
    Effect.promise(() => server.carried.encrypt("authorization request", pending)),
    (carried) => `${pathOf(server.settings.issuer)}${paths.consent}?request=${carried}`,
  )

/** The request that a browser carried, if it is the browser that it began in; else `undefined`. */
export const pendingRequest = (
  { server }: BrowserFlow,
  carried: string,
  browser: string,
): Effect.Effect<PendingRequest | undefined> =>
  Effect.promise(async () => {
    const pending = (await server.carried.decrypt("authorization request", carried)) as PendingRequest | undefined
    return pending?.browser === browser ? pending : undefined
  })
