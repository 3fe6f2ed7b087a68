/**
 * A login's way through the user's browser: where the browser comes back to, the answer that it brings, and the page that
 * tells its user how the login ended.
 *
 * Every face of the client logs in through this: its own login, the single steps, and the MCP SDK's provider. It knows
 * nothing of servers, registrations and tokens.
 */
import { CallbackError, isOAuthClientError } from "../ClientError.ts"
import type { Settings } from "../Options.ts"
import { startCallback, type Callback } from "./CallbackServer.ts"
import { validateResponse, type AuthorizationResponse, type PendingLogin } from "./PendingLogin.ts"

export interface BrowserLogin {
  /**
   * Listens for the browser, where it does not yet, and says at which address: the same one each time. Servers that
   * compare ports like to see the registered one again.
   */
  readonly listen: (registeredUris?: ReadonlyArray<string>) => Promise<string>
  /** From now on the answer to this login is awaited, and to no other. */
  readonly expect: (pending: PendingLogin) => void
  /** The valid answer to the login that is expected, throws at once where none is; `elsewhere` may bring it, too. */
  readonly answer: (elsewhere?: Promise<URLSearchParams>) => Promise<AuthorizationResponse>
  /** Does the rest of the login, tells the browser how it ended, and listens no longer. */
  readonly conclude: <A>(rest: () => Promise<A>) => Promise<A>
  /** Gives the login up, and listens no longer. */
  readonly close: () => Promise<void>
}

/** `notStarted` is the message for whoever asks for an answer where none is expected. */
export const makeBrowserLogin = ({ callback: given, description }: Settings, notStarted: string): BrowserLogin => {
  let open: Callback | undefined
  let { port } = given
  let expected: { readonly pending: PendingLogin; readonly parameters: Promise<URLSearchParams> } | undefined

  const close: Callback["close"] = async (outcome) => {
    const callback = open
    open = undefined
    expected = undefined
    await callback?.close(outcome)
  }
  return {
    listen: async (registeredUris) => {
      const preferredPort = portOf(registeredUris?.[0])
      open ??= await startCallback({ ...given, port, preferredPort, clientName: description.clientName })
      port = portOf(open.redirectUri)
      return open.redirectUri
    },
    expect: (pending) => {
      const parameters = open!.answerTo(pending.state)
      // It may be rejected before anybody waits for it.
      parameters.catch(() => undefined)
      expected = { pending, parameters }
    },
    answer: (elsewhere) => {
      if (expected === undefined) throw new CallbackError({ code: "not_started", message: notStarted })
      const { pending, parameters } = expected
      expected = undefined
      const first = elsewhere === undefined ? parameters : Promise.race([parameters, elsewhere])
      return first.then((one) => validateResponse(pending, one))
    },
    conclude: async (rest) => {
      try {
        const done = await rest()
        await close({ isLoggedIn: true })
        return done
      } catch (error) {
        await close({ isLoggedIn: false, why: isOAuthClientError(error) ? error.message : "the program stopped" })
        throw error
      }
    },
    close: () => close(),
  }
}

const portOf = (uri: string | undefined): number | undefined => {
  const port = Number(URL.parse(uri ?? "")?.port ?? "")
  return port > 0 ? port : undefined
}
