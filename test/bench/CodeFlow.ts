/**
 * A login: `GET /authorize`, approved without a question, and `POST /token`.
 *
 * Who signs somebody in first does it when the session is opened; from then on one answer to `GET /authorize` has the
 * code.
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

/** Goes through whatever pages there are, until there is a code. */
export const openSession = async (target: Target): Promise<Session> => {
  const session: Session = new Map()
  let url = authorizationUrl(target)
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    url = await get(url, target, session)
    if (url.startsWith(REDIRECT_URI)) return session
  }
  throw new Error(`no code after ${MAX_HOPS} redirects`)
}

const tokensFrom = (body: string): Tokens => {
  const { access_token: accessToken, refresh_token: refreshToken } = JSON.parse(body) as Readonly<
    Record<string, string>
  >
  if (accessToken === undefined || refreshToken === undefined) throw new Error(`a token is missing: ${body}`)
  return { accessToken, refreshToken }
}

/** One request for the code, one for the tokens. */
export const codeFlowTokens = async (target: Target, session: Session): Promise<Tokens> => {
  const answered = await get(authorizationUrl(target), target, session)
  const code = answered.startsWith(REDIRECT_URI) ? new URL(answered).searchParams.get("code") : null
  if (code === null) throw new Error(`no code in ${answered}`)
  const form = {
    grant_type: "authorization_code",
    client_id: target.clientId,
    code,
    code_verifier: verifier,
    redirect_uri: REDIRECT_URI,
  }
  return tokensFrom(expectStatus(await send(target.tokenEndpoint, { host: target.host, form }), 200).body)
}

/** The refresh token that takes the place of the one presented. */
export const refreshed = async ({ host, tokenEndpoint, clientId }: Target, refreshToken: string): Promise<string> => {
  const form = { grant_type: "refresh_token", client_id: clientId, refresh_token: refreshToken }
  return tokensFrom(expectStatus(await send(tokenEndpoint, { host, form }), 200).body).refreshToken
}
