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
import { begin, judge, type PendingLogin } from "./PendingLogin.ts"
import { printLink, type OpenBrowser } from "./Browser.ts"
import { startCallback, type Callback } from "./CallbackServer.ts"
import { CallbackError } from "../ClientError.ts"
import type { Challenge } from "../discovery/Challenge.ts"
import type { Discovered } from "../discovery/Discovery.ts"
import { callbackOptions, keep, scopesFor } from "./Login.ts"
import type { Settings } from "../Options.ts"
import { checkClientIsKnown } from "./ClientCheck.ts"
import { register } from "../registration/Registration.ts"
import type { StoredTokens, TokenStorage } from "../storage/TokenStorage.ts"
import { exchange } from "../tokens/TokenRequest.ts"

/** `[code, state, iss]`: an answer that was judged. */
export type CallbackAnswer = readonly [code: string, state: string, iss: string | undefined]

export interface LoginSteps {
  /** Who the server behind the resource is. */
  readonly discover: (challenge?: Challenge) => Promise<Discovered>
  /** Finds server and client, listens for the answer, and makes the link. */
  readonly begin: (challenge?: Challenge) => Promise<PendingLogin>
  /** Asks the server whether it knows the client, without spending anything; then shows the user the link. */
  readonly redirectHandler: (authorizationUrl: string | URL) => Promise<void>
  /** Waits for the answer to what `begin` began, and judges it. */
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
    if ((await openBrowser(url)) === false) printLink(url)
  }

export const makeLoginSteps = (parts: LoginStepsParts): LoginSteps => {
  const { settings, storage, discovered } = parts
  let open:
    | { readonly callback: Callback; readonly pending: PendingLogin; readonly answer: Promise<URLSearchParams> }
    | undefined
  let answered: PendingLogin | undefined

  const discover = async (challenge?: Challenge) => discovered((await storage.getClientInfo())?.issuer, challenge)

  const notStarted = () =>
    new CallbackError({
      code: "not_started",
      message: "no login is under way, or it was answered before: call `begin`",
    })

  return {
    discover,
    redirectHandler: redirectHandler(parts),
    begin: async (challenge) => {
      await open?.callback.close()
      const found = await discover(challenge)
      const stored = await storage.getClientInfo()
      const callback = await startCallback(callbackOptions(settings, stored?.client.redirect_uris))
      const { redirectUri } = callback
      try {
        const scopes = scopesFor({ settings, demanded: challenge?.scopes, held: [] }, found)
        const { fetch } = settings.outbound
        const { description } = settings
        const registered = await register({ fetch, server: found.server, description, redirectUri, scopes, stored })
        const { client, issuer, source } = registered
        if (source === "registered") await storage.setClientInfo({ client, issuer })
        const pending = await begin({ discovered: found, registered, redirectUri, scopes })
        const answer = callback.answerTo(pending.state)
        answer.catch(() => undefined)
        open = { callback, pending, answer }
        return pending
      } catch (error) {
        await callback.close()
        throw error
      }
    },
    callbackHandler: async () => {
      if (open === undefined) throw notStarted()
      const { callback, pending, answer } = open
      try {
        const judged = judge(pending, await answer)
        await callback.close({ isLoggedIn: true })
        answered = pending
        return [judged.get("code")!, pending.state, judged.get("iss") ?? undefined]
      } catch (error) {
        await callback.close({ isLoggedIn: false, why: error instanceof Error ? error.message : "the program stopped" })
        throw error
      } finally {
        open = undefined
      }
    },
    finish: async ([code, state, iss]) => {
      if (answered === undefined) throw notStarted()
      const pending = answered
      answered = undefined
      const answer = judge(pending, new URLSearchParams({ code, state, ...(iss === undefined ? {} : { iss }) }))
      const tokens = await exchange(settings.outbound, pending, answer)
      await keep(storage, pending.registered, tokens)
      return tokens
    },
  }
}
