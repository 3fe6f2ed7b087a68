/**
 * A login: `GET /authorize`, approved without a question, and `POST /token`.
 *
 * A server that signs people in first does so when the session is opened; from then on its first answer has the code.
 */
import { hash, randomBytes } from "node:crypto"
import { expectStatus, send } from "./Send.ts"
import { REDIRECT_URI, RESOURCE, type Target } from "./Target.ts"

const MAX_HOPS = 10
const verifier = randomBytes(32).toString("base64url")
const challenge = hash("sha256", verifier, "base64url")

/** A browser's cookies, whatever their paths: it talks to one server. */
export type Session = Map<string, string>

export interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string
}

const get = async (url: string, { host }: Target, session: Session): Promise<string> => {
  const cookie = [...session].map(([name, value]) => `${name}=${value}`).join("; ")
  const { status, location, cookies, body } = await send(url, { host, headers: cookie === "" ? {} : { cookie } })
  for (const one of cookies) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(one) ?? []
    if (value === "") session.delete(name)
    else session.set(name, value)
  }
  if (location === undefined) throw new Error(`${new URL(url).pathname} was answered with ${status}: ${body}`)
  return new URL(location, url).href
}

const authorizationUrl = ({ authorizationEndpoint, clientId }: Target): string => {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    code_challenge: challenge,
    code_challenge_method: "S256",
    scope: "read",
    resource: RESOURCE,
  })
  return `${authorizationEndpoint}?${query}`
}

/** The code at the end of at most `maxHops` redirects. */
const codeAfter = async (target: Target, session: Session, maxHops: number): Promise<string> => {
  let url = authorizationUrl(target)
  for (let hop = 0; hop < maxHops; hop++) {
    url = await get(url, target, session)
    if (!url.startsWith(REDIRECT_URI)) continue
    const code = new URL(url).searchParams.get("code")
    if (code === null) throw new Error(`no code in ${url}`)
    return code
  }
  throw new Error(`no code after ${maxHops} redirects, but ${url}`)
}

/** Signs somebody in, through whatever pages there are. */
export const openSession = async (target: Target): Promise<Session> => {
  const session: Session = new Map()
  await codeAfter(target, session, MAX_HOPS)
  return session
}

const tokensFrom = (body: string): Tokens => {
  const { access_token: accessToken, refresh_token: refreshToken } = JSON.parse(body) as Readonly<
    Record<string, string>
  >
  if (accessToken === undefined || refreshToken === undefined) throw new Error(`a token is missing: ${body}`)
  return { accessToken, refreshToken }
}

const redeemed = async ({ host, tokenEndpoint, clientId }: Target, code: string): Promise<Tokens> => {
  const form = {
    grant_type: "authorization_code",
    client_id: clientId,
    code,
    code_verifier: verifier,
    redirect_uri: REDIRECT_URI,
  }
  return tokensFrom(expectStatus(await send(tokenEndpoint, { host, form }), 200).body)
}

/** One request for the code, one for the tokens. */
export const codeFlowTokens = async (target: Target, session: Session): Promise<Tokens> =>
  redeemed(target, await codeAfter(target, session, 1))

/** The same from a browser that has never been there, however many requests that takes. */
export const firstCodeFlowTokens = async (target: Target): Promise<Tokens> =>
  redeemed(target, await codeAfter(target, new Map(), MAX_HOPS))

/** The refresh token that takes the place of the one presented. */
export const refreshed = async ({ host, tokenEndpoint, clientId }: Target, refreshToken: string): Promise<string> => {
  const form = { grant_type: "refresh_token", client_id: clientId, refresh_token: refreshToken }
  return tokensFrom(expectStatus(await send(tokenEndpoint, { host, form }), 200).body).refreshToken
}
