/**
 * A module as `grantlog check` takes it: a provider, and beside it how its login page is got through, how another one starts
 * on what is stored, and what that is. Each provider is sound but for what its name says.
 *
 * What is stored is what the provider over SQL stores, and rows of its own: which code stands for which of the other's, and
 * whose a refresh token is.
 */
import { hash } from "node:crypto"
import type { AuthorizationCode, OAuthProvider } from "../../../src/entry/grantlog.ts"
import { correctSql } from "./correctSql.ts"
import { randomToken } from "./random.ts"

interface Policy {
  /** Which codes are spent is known until the next start. */
  readonly isForgetful?: boolean
  /** Refresh tokens are stored as they are. */
  readonly isLeaky?: boolean
}

interface Stored {
  readonly now: () => number
  readonly inner: OAuthProvider
  readonly spentCodes: Map<string, Promise<AuthorizationCode>>
  readonly owners: Map<string, string>
}

const opened = new WeakMap<OAuthProvider, readonly [stored: Stored, policy: Policy]>()

/** Where each login page leads. */
const logins = new Map<string, string>()

const open = (stored: Stored, policy: Policy): OAuthProvider => {
  const { inner, owners, now } = stored
  const spentCodes = policy.isForgetful === true ? new Map<string, Promise<AuthorizationCode>>() : stored.spentCodes

  /** The code of the other provider that a code is redeemed as: one of its own for each, whoever asks. */
  const standIn: OAuthProvider["exchangeAuthorizationCode"] = async (client, { code: text }, proof) => {
    const code = await inner.loadAuthorizationCode(client, text)
    if (!code || now() >= code.expiresAt * 1000) throw Object.assign(new Error("not found"), { error: "invalid_grant" })
    const exchange = async (): Promise<AuthorizationCode> => {
      const location = await inner.authorize(client, code)
      return (await inner.loadAuthorizationCode(client, new URL(location).searchParams.get("code")!))!
    }
    const known = spentCodes.get(code.code) ?? exchange()
    spentCodes.set(code.code, known)
    return inner.exchangeAuthorizationCode(client, await known, proof)
  }
  const provider: OAuthProvider = {
    ...inner,
    authorize: async (client, params) => {
      const id = randomToken("login_")
      logins.set(id, await inner.authorize(client, params))
      return `https://login.example/?id=${id}`
    },
    exchangeAuthorizationCode: standIn,
    exchangeRefreshToken: async (client, record, scopes, proof) => {
      const token = await inner.exchangeRefreshToken(client, record, scopes, proof)
      const refresh = token.refresh_token!
      owners.set(policy.isLeaky === true ? refresh : hash("sha256", refresh, "base64url"), client.client_id)
      return token
    },
  }
  opened.set(provider, [stored, policy])
  return provider
}

const make =
  (policy: Policy) =>
  async (world: { readonly now: () => number }): Promise<OAuthProvider> =>
    open({ now: world.now, inner: await correctSql(world), spentCodes: new Map(), owners: new Map() }, policy)

export const sound = make({})
export const forgetful = make({ isForgetful: true })
export const leaky = make({ isLeaky: true })

export const approve = (url: string): Promise<string> =>
  Promise.resolve(logins.get(new URL(url).searchParams.get("id")!)!)

export const restart = (provider: OAuthProvider): OAuthProvider => open(...opened.get(provider)!)

export const store = (provider: OAuthProvider): unknown => opened.get(provider)![0].owners

export default sound
