/**
 * A client for one MCP server, with three faces on one machine: a `fetch` that logs in by itself, a provider for the MCP
 * SDK's own transports, and the steps of a login one by one.
 *
 * A token goes to the server's own origin and nowhere else. Two requests that need a login at once share it.
 */
import { askForChallenge } from "./discovery/AuthRequired.ts"
import { openSystemBrowser } from "./authorization/Browser.ts"
import { INSUFFICIENT_AUTHENTICATION, type Challenge } from "../protocol/index.ts"
import { discover, type Discovered } from "./discovery/Discovery.ts"
import { authenticatedFetch } from "./tokens/AuthenticatedFetch.ts"
import { makeTokenRefresher } from "./tokens/TokenRefresher.ts"
import { deviceLogin } from "./authorization/DeviceLogin.ts"
import { login } from "./authorization/Login.ts"
import { loginDemandOf } from "./authorization/PendingLogin.ts"
import { checkedOptions, type OAuthOptions } from "./Options.ts"
import type { Fetch } from "./Outbound.ts"
import { existing } from "./registration/Registration.ts"
import { revoke } from "./tokens/Revocation.ts"
import { scopesOf } from "./authorization/ScopeSelection.ts"
import { makeSdkProvider, type SdkProvider } from "./sdk/SdkProvider.ts"
import { makeLoginSteps, type LoginSteps } from "./authorization/LoginSteps.ts"
import { memoryKeyValue } from "./storage/MemoryKeyValue.ts"
import type { StoredTokens } from "./storage/TokenStorage.ts"
import { TokenStorageAdapter } from "./storage/TokenStorageAdapter.ts"

/** A login to one server, with its faces: `fetch`, the provider of the MCP SDKs, and the single steps. */
export interface OAuthClient extends LoginSteps {
  /** `fetch` that authenticates: give it to an HTTP client, or to a transport as its `fetch`. */
  readonly fetch: Fetch
  /** For what takes an `OAuthClientProvider` of the MCP TypeScript SDK, 1.x or 2.x; listens from now on. */
  readonly provider: () => Promise<SdkProvider>
  /** A fresh access token, without asking anybody; `undefined` when somebody has to log in. */
  readonly token: () => Promise<string | undefined>
  /** Logs in, asking the user; on stale credentials once more, with a fresh registration. */
  readonly authFlow: (challenge?: Challenge) => Promise<StoredTokens>
  /** Forgets tokens and registration, and tells the server; says whether it heard. */
  readonly logout: () => Promise<boolean>
}

/**
 * A client for one server: finds the authorization server, registers, logs in, and refreshes its tokens from then on.
 * Throws an `OptionFault` that says what to change; nothing is sent before something is asked of it.
 *
 * @example
 * import { OAuth } from "grantlog/client"
 *
 * const oauth = OAuth({ mcpUrl: "https://mcp.example.com/mcp", clientName: "My app" })
 * const options = { fetch: oauth.fetch } // of a StreamableHTTPClientTransport
 */
export const OAuth = (options: OAuthOptions): OAuthClient => {
  const settings = checkedOptions(options)
  const { mcpUrl, outbound, passThrough, endpointOrigins, description } = settings
  const { now } = outbound
  const storage = options.tokenStorage ?? TokenStorageAdapter(memoryKeyValue({ now }), mcpUrl, undefined, { now })
  const openBrowser = options.openBrowser ?? openSystemBrowser
  const pasteFrom = options.pasteFrom ?? (process.stdin.isTTY ? process.stdin : undefined)

  let known: Promise<Discovered> | undefined
  /** Who the server is: found once, and anew whenever the resource refuses a token. */
  const discovered = (preferredIssuer: string | undefined, challenge: Challenge | undefined): Promise<Discovered> => {
    known ??= (async () => {
      const { resourceMetadata } = challenge ?? (await askForChallenge(outbound.fetch, mcpUrl)) ?? {}
      const preferred = preferredIssuer ?? description.clientIssuer
      return discover({
        fetch: outbound.fetch,
        mcpUrl,
        endpointOrigins,
        ...(resourceMetadata === undefined ? {} : { resourceMetadata }),
        ...(preferred === undefined ? {} : { preferredIssuer: preferred }),
      })
    })()
    const mine = known
    mine.catch(() => {
      if (known === mine) known = undefined
    })
    return mine
  }

  const refresher = makeTokenRefresher({
    outbound,
    storage,
    description,
    discover: (preferredIssuer) => discovered(preferredIssuer, undefined),
  })

  const accepted = new Map<string, number>()
  let running: Promise<StoredTokens> | undefined
  const authFlow = (challenge?: Challenge): Promise<StoredTokens> => {
    running ??= (async () => {
      const stored = await storage.getTokens()
      const isStepUp = ["insufficient_scope", INSUFFICIENT_AUTHENTICATION].includes(challenge?.error ?? "")
      const request = {
        settings,
        storage,
        discover: async () => discovered((await storage.getClientInfo())?.issuer, challenge),
        demanded: challenge?.scopes,
        held: isStepUp ? scopesOf(stored?.tokens.scope) : [],
      }
      const { device } = settings
      return device === undefined
        ? login({ ...request, loginDemand: loginDemandOf(challenge), openBrowser, pasteFrom, accepted })
        : deviceLogin(request, device)
    })().finally(() => (running = undefined))
    return running
  }

  const fresh = async (rejected?: { readonly accessToken: string; readonly challenge: Challenge | undefined }) => {
    if (rejected !== undefined) {
      // What the resource says now counts: it may have moved to another issuer.
      known = undefined
      if (rejected.challenge !== undefined) {
        const stored = await storage.getTokens()
        await discovered(stored?.issuer, rejected.challenge)
      }
    }
    return refresher.fresh(rejected?.accessToken)
  }

  const revokeStored = async (): Promise<boolean> => {
    const [tokens, stored] = [await storage.getTokens(), await storage.getClientInfo()]
    if (tokens === undefined) return false
    const { server } = await discovered(tokens.issuer, undefined)
    const client = existing({ server, description, stored })
    return client !== undefined && revoke(outbound, { server, client, tokens })
  }
  const logout = async (): Promise<boolean> => {
    const hasHeard = await revokeStored().catch(() => false)
    await storage.clear()
    return hasHeard
  }

  const steps = makeLoginSteps({ settings, storage, openBrowser, discovered })
  return {
    ...steps,
    fetch: authenticatedFetch({ mcpUrl, outbound, passThrough, fresh, authFlow }),
    provider: () =>
      makeSdkProvider({
        settings,
        storage,
        refresher,
        openBrowser,
        discovered: (preferredIssuer) => discovered(preferredIssuer, undefined),
        forgetDiscovery: () => (known = undefined),
      }),
    token: async () => (await refresher.fresh())?.tokens.access_token,
    authFlow,
    logout,
  }
}
