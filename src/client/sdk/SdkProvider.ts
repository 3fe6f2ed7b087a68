/**
 * The client as an `OAuthClientProvider` of the MCP TypeScript SDK (1.x and 2.x): the SDK speaks the protocol, this keeps
 * the credentials.
 *
 * The SDK is given this client's own discovery, so that it sends nothing where this client would not. It sees the
 * refresh token only while it authenticates, and only one process at a time does that with one stored credential.
 * Where a program can choose, `oauth.fetch` does all of it, without a second call to `finishAuth`.
 */
import { generateRandomState } from "oauth4webapi"
import type { PendingLogin } from "../authorization/PendingLogin.ts"
import type { OpenBrowser } from "../authorization/Browser.ts"
import { makeBrowserLogin } from "../authorization/BrowserLogin.ts"
import { AuthorizationError, CallbackError, OptionFault } from "../ClientError.ts"
import type { Discovered } from "../discovery/Discovery.ts"
import { isBound } from "../tokens/KeyProof.ts"
import { endOfLife, refreshTokenOf } from "../tokens/RefreshPolicy.ts"
import type { TokenRefresher } from "../tokens/TokenRefresher.ts"
import { makeHeldLock } from "../tokens/HeldLock.ts"
import type { Settings } from "../Options.ts"
import { clientMetadata, existing } from "../registration/Registration.ts"
import { quoted } from "../ForeignText.ts"
import { member, textIn } from "../LenientReading.ts"
import { answerTo, redirectHandler, type CallbackAnswer } from "../authorization/LoginSteps.ts"
import type { TokenStorage } from "../storage/TokenStorage.ts"
import { forSdk, type SdkClient, type SdkClientMetadata, type SdkDiscovery, type SdkTokens } from "./SdkRecords.ts"

type Part = "all" | "client" | "tokens" | "verifier" | "discovery"

/** What the SDK asks for, and how to wait for the user. */
export interface SdkProvider {
  /** Where the browser brings the answer. */
  readonly redirectUrl: string
  /** What the client says of itself when it registers (RFC 7591 section 2). */
  readonly clientMetadata: SdkClientMetadata
  /** The address of its metadata document, where it has one. */
  readonly clientMetadataUrl?: string
  /** A new `state` for each login. */
  readonly state: () => string
  /** What is known of the server. */
  readonly discoveryState: () => Promise<SdkDiscovery>
  /** The registration that is stored; `undefined` where there is none. */
  readonly clientInformation: () => Promise<SdkClient | undefined>
  /** Stores a registration. */
  readonly saveClientInformation: (client: SdkClient) => Promise<void>
  /** The tokens that are stored; `undefined` where there are none. */
  readonly tokens: () => Promise<SdkTokens | undefined>
  /** Stores tokens. */
  readonly saveTokens: (tokens: SdkTokens) => Promise<void>
  /** Sends the user to log in. */
  readonly redirectToAuthorization: (url: URL) => Promise<void>
  /** Keeps the verifier of the login that is under way, in memory alone. */
  readonly saveCodeVerifier: (verifier: string) => void
  /** The verifier of that login; throws where none is under way. */
  readonly codeVerifier: () => string
  /** Forgets what the SDK found to be worth nothing. */
  readonly invalidateCredentials: (part: Part) => Promise<void>
  /** Waits for the valid answer to the link that the SDK made; its code is for the transport's `finishAuth`. */
  readonly callbackHandler: () => Promise<CallbackAnswer>
  /** Listens no longer. */
  readonly close: () => Promise<void>
}

export interface SdkProviderParts {
  readonly settings: Settings
  readonly storage: TokenStorage
  readonly refresher: TokenRefresher
  readonly openBrowser: OpenBrowser
  readonly discovered: (preferredIssuer: string | undefined) => Promise<Discovered>
  /** The next discovery asks the servers again. */
  readonly forgetDiscovery: () => void
}

export const makeSdkProvider = async (parts: SdkProviderParts): Promise<SdkProvider> => {
  const { settings, storage, refresher, discovered, forgetDiscovery } = parts
  const { description, outbound } = settings
  if (settings.isBinding) throw new OptionFault({ code: "option_invalid", message: NO_PROOFS })
  if (outbound.clientKey !== undefined) throw new OptionFault({ code: "option_invalid", message: NO_ASSERTIONS })
  const lock = makeHeldLock(storage)
  const browser = makeBrowserLogin(settings, "no login is under way: connect first")
  // The SDK wants to know the address long before anybody comes to it.
  const redirectUri = await browser.listen((await storage.getClientInfo())?.client.redirect_uris)
  const way = { _tag: "Browser", redirectUri } as const
  const showLink = redirectHandler(parts)

  let verifier: string | undefined
  let isAuthenticating = false
  let handedOut: string | undefined

  const discover = async () =>
    discovered((await storage.getTokens())?.issuer ?? (await storage.getClientInfo())?.issuer)

  return {
    redirectUrl: redirectUri,
    clientMetadata: forSdk.clientMetadata(
      clientMetadata({ server: undefined, description, way, scopes: settings.scopes }),
    ),
    ...(description.clientMetadataUrl === undefined ? {} : { clientMetadataUrl: description.clientMetadataUrl }),
    state: generateRandomState,
    discoveryState: async () => {
      isAuthenticating = true
      if (verifier === undefined) forgetDiscovery()
      return forSdk.discovery(await discover())
    },
    clientInformation: async () => {
      const { server } = await discover()
      const client = existing({ server, description, way, stored: await storage.getClientInfo() })
      if (client !== undefined) return forSdk.client(client)
      // The SDK is going to register, and would say only that the server has no endpoint for it.
      if (server.unusable?.registration_endpoint !== undefined) throw server.unusable.registration_endpoint
      return undefined
    },
    saveClientInformation: async ({ issuer, ...client }) => {
      if (description.clientId !== undefined) return
      await storage.setClientInfo({ client, issuer: issuer ?? (await discover()).server.issuer })
    },
    tokens: async () => {
      if (!isAuthenticating) {
        const stored = await refresher.fresh()
        return stored === undefined || isBound(stored) ? undefined : forSdk.tokens(stored, outbound.now())
      }
      isAuthenticating = false
      await lock.acquire()
      const kept = await storage.getTokens()
      // What is bound to a key is for `oauth.fetch`.
      const stored = kept !== undefined && isBound(kept) ? undefined : kept
      if (stored === undefined) lock.release()
      handedOut = stored === undefined ? undefined : refreshTokenOf(stored)
      if (stored === undefined) return undefined
      return { ...forSdk.tokens(stored, outbound.now()), ...member("refresh_token", handedOut) }
    },
    saveTokens: async ({ issuer, refresh_token, ...tokens }) => {
      isAuthenticating = false
      verifier = undefined
      //= OAUTH21-4.3.2-client-replaces-rt
      const kept = textIn(refresh_token) ?? handedOut
      handedOut = undefined
      try {
        await storage.setTokens({
          tokens: { ...tokens, ...member("refresh_token", kept) },
          issuer: issuer ?? (await discover()).server.issuer,
          ...endOfLife(outbound.now(), tokens.expires_in),
        })
      } finally {
        lock.release()
      }
    },
    redirectToAuthorization: async (url) => {
      isAuthenticating = false
      // What comes of it belongs to another login.
      handedOut = undefined
      lock.release()
      const found = await discover()
      await browser.listen()
      browser.expect(pendingLoginOf(url, found, redirectUri))
      await showLink(url)
    },
    saveCodeVerifier: (value) => {
      verifier = value
    },
    codeVerifier: () => {
      if (verifier !== undefined) return verifier
      throw new CallbackError({ code: "not_started", message: "no login is under way: connect again" })
    },
    invalidateCredentials: async (part) => {
      isAuthenticating = false
      if (part === "discovery" || part === "all") forgetDiscovery()
      if (part === "verifier" || part === "all") verifier = undefined
      try {
        if (part === "tokens" && handedOut !== undefined) await refresher.drop(handedOut)
        if (part === "client" || part === "all") await storage.clear()
      } finally {
        lock.release()
      }
    },
    callbackHandler: () => answerTo(browser),
    close: async () => {
      lock.release()
      await browser.close()
    },
  }
}

const NO_PROOFS =
  "OAuth: dpop is for `oauth.fetch`, which makes a proof for each request: the SDK sends a provider's tokens without"

const NO_ASSERTIONS =
  "OAuth: clientKey is for `oauth.fetch`, which signs an assertion for each request: the SDK authenticates by itself"

/** What the SDK began, held against what this client believes: the link must lead to the server it was made for. */
const pendingLoginOf = (url: URL, discovered: Discovered, redirectUri: string): PendingLogin => {
  const { issuer, metadata } = discovered.server
  const endpoint = new URL(metadata.authorization_endpoint)
  const clientId = url.searchParams.get("client_id")
  const state = url.searchParams.get("state")
  if (url.origin !== endpoint.origin || url.pathname !== endpoint.pathname || clientId === null || state === null) {
    const message = `the link to \`${url.origin}\` is not one to ${quoted(metadata.authorization_endpoint)}: it was not opened`
    throw new AuthorizationError({ code: "issuer_mismatch", message })
  }
  const registered = { client: { client_id: clientId }, issuer, source: "stored" } as const
  return { discovered, registered, redirectUri, scopes: [], state, codeVerifier: "", authorizationUrl: url.href }
}
