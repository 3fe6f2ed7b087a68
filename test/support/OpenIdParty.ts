/**
 * A relying party that nobody here wrote (openid-client) before a server without a network between, and a person with a
 * browser who signs in and allows what the page says.
 */
import { Effect } from "effect"
import * as client from "openid-client"
import { openId, standardFeatures, type OpenIdProviderOptions } from "../../src/provider/index.ts"
import { actionOf, newBrowser, startFrontDoor, type Sight } from "./FrontDoor.ts"
import type { Setting } from "./TestServer.ts"

export const PARTY_ISSUER = "https://id.example.com"
export const CALLBACK = "https://app.example.com/callback"

/** An elliptic key is made in no time, other than one of RSA. */
export const withOpenId = (options: OpenIdProviderOptions = {}): Pick<Setting, "features"> => ({
  features: [...standardFeatures, openId({ algorithms: ["ES256"], ...options })],
})

export const startProvider = async ({
  options = {},
  ...setting
}: Omit<Setting, "endpoints"> & {
  readonly options?: OpenIdProviderOptions
  readonly endpoints?: Parameters<typeof startFrontDoor>[1]
} = {}) => {
  const { endpoints, ...others } = setting
  const door = await startFrontDoor(
    { ...withOpenId(options), ...others, config: { issuer: PARTY_ISSUER, ...setting.config } },
    endpoints,
  )
  const customFetch: client.CustomFetch = (url, request) => door.carry(new URL(url), request as RequestInit)
  const browserOf = () => newBrowser(door.issuer, door.carry)

  /** A client as an operator adds it, discovered by openid-client. */
  const party = async (
    metadata: Readonly<Record<string, unknown>> = {},
    more: Omit<Parameters<typeof door.native.addClient>[0], "metadata"> = {},
  ) => {
    const added = await Effect.runPromise(
      door.native.addClient({
        metadata: {
          redirect_uris: [CALLBACK],
          grant_types: ["authorization_code", "refresh_token"],
          response_types: ["code"],
          client_name: "party",
          ...metadata,
        },
        ...more,
      }),
    )
    const config = await client.discovery(
      new URL(door.issuer),
      added.client_id,
      { ...metadata, [client.clockSkew]: Math.round((door.clock.now() - Date.now()) / 1000) },
      added.client_secret === undefined ? client.None() : client.ClientSecretBasic(added.client_secret),
      { [client.customFetch]: customFetch },
    )
    return { config, clientId: added.client_id, secret: added.client_secret }
  }

  /** Allows what a page shows, if it is that of a request. */
  const allowed = async (browser: ReturnType<typeof newBrowser>, page: Sight): Promise<Sight> => {
    const action = actionOf(page, "/consent")
    return action === undefined ? page : browser.submit(page, action, { decision: "allow" })
  }

  /** From a request to its answer. */
  const codeFor = async (
    config: client.Configuration,
    parameters: Readonly<Record<string, string>> = {},
    browser = browserOf(),
  ) => {
    const pkceCodeVerifier = client.randomPKCECodeVerifier()
    const expectedState = client.randomState()
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope: "openid",
      state: expectedState,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
      ...parameters,
    })
    const answer = await allowed(browser, await browser.walk(url.href))
    if (answer.location === undefined) throw new Error(`no answer: ${answer.status} ${answer.text}`)
    return { location: new URL(answer.location), checks: { pkceCodeVerifier, expectedState } }
  }

  /** From a request to tokens, all checked by openid-client. */
  const signIn = async (
    config: client.Configuration,
    parameters: Readonly<Record<string, string>> = {},
    browser = browserOf(),
    more: client.AuthorizationCodeGrantChecks = {},
  ) => {
    const nonce = client.randomNonce()
    const { location, checks } = await codeFor(config, { nonce, ...parameters }, browser)
    const expected = { ...checks, expectedNonce: nonce, idTokenExpected: true, ...more }
    const tokens = await client.authorizationCodeGrant(config, location, expected)
    return { tokens, claims: tokens.claims()!, nonce, browser }
  }
  return { ...door, party, codeFor, signIn, newBrowser: browserOf, customFetch }
}

export type OpenIdProviderServer = Awaited<ReturnType<typeof startProvider>>
