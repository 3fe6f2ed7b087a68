/** A provider and the steps that its tests share: a client, a login, a clock that only they turn. */
import { expect } from "vitest"
import type { OAuthClientInformationFull, OAuthProvider, OAuthToken } from "../../../src/entry/grantlog.ts"
import { proof, publicClient, VERIFIER } from "../../support/TenMethods.ts"
import { REDIRECT_URI, RESOURCE, challengeOf } from "../../support/WireClient.ts"

export type Client = OAuthClientInformationFull
export type Factory = (options: { readonly now: () => number }) => Promise<OAuthProvider>

export const client: Client = { ...publicClient("app"), scope: "read write" }
export const other: Client = { ...publicClient("other"), scope: "read write" }

export const open = async (factory: Factory) => {
  let millis = Date.UTC(2030, 0, 1)
  const provider = await factory({ now: () => millis })
  await provider.registerClient(client)
  await provider.registerClient(other)

  const params = {
    scopes: ["read"],
    codeChallenge: challengeOf(VERIFIER),
    redirectUri: REDIRECT_URI,
    redirectUriProvidedExplicitly: true,
    resource: [RESOURCE],
  }
  const authorized = async (scopes: ReadonlyArray<string> = ["read"]) => {
    const location = await provider.authorize(client, { ...params, scopes, state: "s t" })
    return new URL(location).searchParams.get("code")!
  }
  /** As a token endpoint does it: what is not loaded is refused. */
  const redeem = async (code: string, by: Client = client, with_ = proof): Promise<OAuthToken | undefined> => {
    const record = await provider.loadAuthorizationCode(by, code)
    return record ? provider.exchangeAuthorizationCode(by, record, with_).catch(refusal) : undefined
  }
  const refresh = async (token: string, by: Client = client, scopes?: ReadonlyArray<string>) => {
    const record = await provider.loadRefreshToken(by, token)
    return record ? provider.exchangeRefreshToken(by, record, scopes ?? record.scopes).catch(refusal) : undefined
  }
  return {
    provider,
    params,
    authorized,
    redeem,
    refresh,
    login: async (scopes?: ReadonlyArray<string>) => (await redeem(await authorized(scopes)))!,
    pass: (seconds: number) => void (millis += seconds * 1000),
    nowSeconds: () => millis / 1000,
    isActive: async ({ access_token }: OAuthToken) => Boolean(await provider.verifyToken(access_token)),
  }
}

/** A refusal is an error that a token endpoint can answer with; anything else is a defect of the provider. */
const refusal = (cause: unknown): undefined => {
  const { error, code } = cause as { readonly error?: unknown; readonly code?: unknown }
  expect(error ?? code).toMatch(/^invalid_(grant|scope|target)$/)
}

export const given = <A>(answers: ReadonlyArray<A | undefined>): ReadonlyArray<A> =>
  answers.filter((one): one is A => one !== undefined)
export const times = <A>(count: number, body: () => Promise<A>): Promise<ReadonlyArray<A>> =>
  Promise.all(Array.from({ length: count }, body))
export const countOf = async <A>(all: ReadonlyArray<A>, holds: (one: A) => Promise<boolean>): Promise<number> =>
  (await Promise.all(all.map(holds))).filter(Boolean).length
