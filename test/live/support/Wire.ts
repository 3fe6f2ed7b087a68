/**
 * OAuth by hand: the requests as they go over the wire, for tests that need to lose, repeat or mix them up.
 *
 * Expects nothing; a status is for the test to judge. `fetch` rejects when the reply is lost.
 */
import { hash, randomBytes } from "node:crypto"

export interface Reply<Body = Readonly<Record<string, unknown>>> {
  readonly status: number
  readonly body: Body
}

export interface Client {
  readonly client_id: string
  readonly client_secret?: string
}

export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly expires_in: number
  readonly scope?: string
  /** Where a request was refused. */
  readonly error?: string
}

export interface Introspected {
  readonly active: boolean
  readonly client_id?: string
  readonly aud?: string | ReadonlyArray<string>
}

export const REDIRECT_URI = "http://127.0.0.1:8123/callback"

const bodyOf = async <Body>(response: Response): Promise<Reply<Body>> => {
  const text = await response.text()
  return { status: response.status, body: (text === "" ? {} : JSON.parse(text)) as Body }
}

/** Credentials in Basic for who has a secret, the id in the body for who has none. */
const post = async <Body>(url: string, { client_id, client_secret }: Client, form: Record<string, string>) => {
  const isPublic = client_secret === undefined
  const basic = Buffer.from(`${client_id}:${client_secret}`).toString("base64")
  const response = await fetch(url, {
    method: "POST",
    headers: isPublic ? {} : { authorization: `Basic ${basic}` },
    body: new URLSearchParams(isPublic ? { client_id, ...form } : form),
  })
  return bodyOf<Body>(response)
}

/** Registers a client: public unless `metadata` says otherwise. */
export const register = async (url: string, metadata: Readonly<Record<string, unknown>> = {}) => {
  const response = await fetch(`${url}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      ...metadata,
    }),
  })
  return (await bodyOf<Client>(response)).body
}

export interface Authorized {
  readonly code: string
  readonly verifier: string
  /** Where the browser was sent. */
  readonly location: URL
}

/** `GET /authorize`; the redirect is not followed. */
export const authorize = async (
  url: string,
  { client_id }: Client,
  more: Readonly<Record<string, string>> = {},
): Promise<Authorized> => {
  const verifier = randomBytes(32).toString("base64url")
  const query = new URLSearchParams({
    response_type: "code",
    client_id,
    redirect_uri: REDIRECT_URI,
    code_challenge: hash("sha256", verifier, "base64url"),
    code_challenge_method: "S256",
    ...more,
  })
  const response = await fetch(`${url}/authorize?${query}`, { redirect: "manual" })
  const to = response.headers.get("location")
  if (to === null) throw new Error(`no redirect but ${response.status}: ${await response.text()}`)
  await response.body?.cancel()
  const location = new URL(to)
  return { code: location.searchParams.get("code") ?? "", verifier, location }
}

export const redeem = (url: string, client: Client, { code, verifier }: Pick<Authorized, "code" | "verifier">) =>
  post<Tokens>(`${url}/token`, client, {
    grant_type: "authorization_code",
    code,
    code_verifier: verifier,
    redirect_uri: REDIRECT_URI,
  })

export const refresh = (url: string, client: Client, refresh_token: string) =>
  post<Tokens>(`${url}/token`, client, { grant_type: "refresh_token", refresh_token })

export const introspect = (url: string, client: Client, token: string) =>
  post<Introspected>(`${url}/introspect`, client, { token })

export const revoke = (url: string, client: Client, token: string) => post(`${url}/revoke`, client, { token })

/** A whole login: the tokens, or a throw. */
export const login = async (url: string, client: Client, more?: Readonly<Record<string, string>>): Promise<Tokens> => {
  const { status, body } = await redeem(url, client, await authorize(url, client, more))
  if (status !== 200) throw new Error(`no tokens but ${status}: ${JSON.stringify(body)}`)
  return body
}

/** The grant that a token or code names: the 22 characters behind its prefix. */
export const grantOf = (token: string): string => token.slice(4, 26)
