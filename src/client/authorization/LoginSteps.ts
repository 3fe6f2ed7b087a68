/**
 * The steps of a login one by one, for programs that want to stand between them.
 *
 *     const { authorizationUrl } = await oauth.begin()
 *     await oauth.redirectHandler(authorizationUrl)
 *     const answer = await oauth.callbackHandler()
 *     await oauth.finish(answer)
 *
 * Each login is answered once: its state and verifier are forgotten with the first answer, good or bad.
 */
import { CallbackError } from "../ClientError.ts"
import type { Challenge } from "../../protocol/index.ts"
import type { Discovered } from "../discovery/Discovery.ts"
import type { Settings } from "../Options.ts"
import type { StoredTokens, TokenStorage } from "../storage/TokenStorage.ts"
import { exchange } from "../tokens/TokenRequest.ts"
import { showLink, type OpenBrowser } from "./Browser.ts"
import { makeBrowserLogin, type BrowserLogin } from "./BrowserLogin.ts"
import { checkClientIsKnown } from "./ClientCheck.ts"
import { keyOf, registerFor, scopesFor, storeLogin } from "./Login.ts"
import { beginLogin, loginDemandOf, validateResponse, type PendingLogin } from "./PendingLogin.ts"

/** `[code, state, iss]`: a valid answer to a login. */
export type CallbackAnswer = readonly [code: string, state: string, iss: string | undefined]

/** The steps of a login, for who goes through them one by one. */
export interface LoginSteps {
  /** Who the server behind the resource is. */
  readonly discover: (challenge?: Challenge) => Promise<Discovered>
  /** Finds server and client, listens for the answer, and makes the link. */
  readonly begin: (challenge?: Challenge) => Promise<PendingLogin>
  /** Asks the server whether it knows the client, without spending anything; then shows the user the link. */
  readonly redirectHandler: (authorizationUrl: string | URL) => Promise<void>
  /** Waits for the answer to what `begin` began; rejects with an `OAuthClientError` if it is not valid or does not come. */
  readonly callbackHandler: () => Promise<CallbackAnswer>
  /** Redeems the code of that answer, and stores what comes. */
  readonly finish: (answer: CallbackAnswer) => Promise<StoredTokens>
}

export interface LoginStepsParts {
  readonly settings: Settings
  readonly storage: TokenStorage
  readonly openBrowser: OpenBrowser
  readonly discovered: (preferredIssuer: string | undefined, challenge: Challenge | undefined) => Promise<Discovered>
}

/** Shows the user the link, once the server has said that it knows the client. */
export const redirectHandler =
  ({ settings, openBrowser }: Pick<LoginStepsParts, "settings" | "openBrowser">): LoginSteps["redirectHandler"] =>
  async (authorizationUrl) => {
    const url = String(authorizationUrl)
    await checkClientIsKnown(settings.outbound.fetch, url)
    await showLink(openBrowser, url)
  }

const NOT_STARTED = "no login is under way, or it was answered before: call `begin`"

/** Waits for the answer, and tells the browser how the login ended. */
export const answerTo = async (browser: BrowserLogin): Promise<CallbackAnswer> => {
  const answer = browser.answer()
  return browser.conclude(async () => {
    const parameters = await answer
    return [parameters.get("code")!, parameters.get("state")!, parameters.get("iss") ?? undefined]
  })
}

export const makeLoginSteps = (parts: LoginStepsParts): LoginSteps => {
  const { settings, storage, discovered } = parts
  let open: { readonly browser: BrowserLogin; readonly pending: PendingLogin } | undefined
  let answered: PendingLogin | undefined

  const discover = async (challenge?: Challenge) => discovered((await storage.getClientInfo())?.issuer, challenge)

  return {
    discover,
    redirectHandler: redirectHandler(parts),
    begin: async (challenge) => {
      await open?.browser.close()
      const found = await discover(challenge)
      const asking = { settings, storage, demanded: challenge?.scopes, held: [] }
      const browser = makeBrowserLogin(settings, NOT_STARTED)
      try {
        const registered = await registerFor(asking, browser, { discovered: found, mustBeFresh: false })
        const [redirectUri, scopes] = [await browser.listen(), scopesFor(asking, found)]
        const proofKey = await keyOf({ settings, storage }, found)
        const demand = loginDemandOf(challenge)
        const asked = { discovered: found, registered, redirectUri, scopes, ...demand, ...proofKey }
        const pending = await beginLogin(settings.outbound, asked)
        browser.expect(pending)
        open = { browser, pending }
        return pending
      } catch (error) {
        await browser.close()
        throw error
      }
    },
    callbackHandler: async () => {
      if (open === undefined) throw new CallbackError({ code: "not_started", message: NOT_STARTED })
      const { browser, pending } = open
      try {
        const answer = await answerTo(browser)
        answered = pending
        return answer
      } finally {
        open = undefined
      }
    },
    finish: async ([code, state, iss]) => {
      if (answered === undefined) throw new CallbackError({ code: "not_started", message: NOT_STARTED })
      const pending = answered
      answered = undefined
      const parameters = new URLSearchParams({ code, state, ...(iss === undefined ? {} : { iss }) })
      const tokens = await exchange(settings.outbound, pending, validateResponse(pending, parameters))
      await storeLogin(storage, pending.registered, tokens)
      return tokens
    },
  }
}
