/**
 * A client of the wire protocol, as little as tests need: it registers, asks, redeems, refreshes, revokes, introspects.
 *
 * It follows no redirect and judges nothing: every answer comes back as it was.
 */
import { hash, randomBytes } from "node:crypto"

type Form = Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
type HeaderFields = Readonly<Record<string, string>>

/** The members that answers have, all of them optional: what was sent is up to the test. */
export interface AnswerBody {
  readonly access_token?: string
  readonly refresh_token?: string
  readonly token_type?: string
  readonly expires_in?: number
  readonly scope?: string
  readonly error?: string
  readonly error_description?: string
  readonly client_id?: string
  readonly client_secret?: string
  readonly active?: boolean
  readonly [member: string]: unknown
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Empty when the answer is no JSON. */
  readonly body: AnswerBody
}

/** Whether the answer is for people. */
export const isPage = ({ headers }: Answer): boolean => headers.get("content-type")?.startsWith("text/html") === true

/** A registered client, and how it proves itself. */
export interface App {
  readonly clientId: string
  readonly clientSecret?: string
  readonly method: "none" | "client_secret_basic" | "client_secret_post"
  readonly redirectUri: string
}

/** An authorization response that brought a code. */
export interface Approval {
  readonly code: string
  readonly verifier: string
  readonly location: URL
}

export interface Tokens {
  readonly access: string
  readonly refresh: string
  readonly body: AnswerBody
}

export const REDIRECT_URI = "http://127.0.0.1/callback"
export const RESOURCE = "http://localhost:9999/mcp"

export const challengeOf = (verifier: string): string => hash("sha256", verifier, "base64url")
export const newVerifier = (): string => randomBytes(32).toString("base64url")

export const formOf = (form: Form): URLSearchParams => {
  const pairs = Object.entries(form).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one): [string, string] => [name, String(one)]),
  )
  return new URLSearchParams(pairs)
}

export const basic = (id: string, secret: string): HeaderFields => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
})

/** How `app` proves itself: what goes into the header and what into the form. */
const proofOf = ({
  clientId,
  clientSecret = "",
  method,
}: App): { readonly headers: HeaderFields; readonly form: Form } => {
  if (method === "client_secret_basic") return { headers: basic(clientId, clientSecret), form: {} }
  if (method === "client_secret_post") {
    return { headers: {}, form: { client_id: clientId, client_secret: clientSecret } }
  }
  return { headers: {}, form: { client_id: clientId } }
}

export const answerOf = async (response: Response): Promise<Answer> => {
  const text = await response.text()
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true && text !== ""
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} }
}

/** `always`: headers that every request has. `visit`: how somebody opens `/authorize`, if not by this client itself. */
export const wireClient = (url: string, always: HeaderFields = {}, visit?: (path: string) => Promise<Answer>) => {
  const send = async (method: string, path: string, headers: HeaderFields = {}, body?: string): Promise<Answer> =>
    answerOf(
      await fetch(url + path, {
        method,
        headers: { ...always, ...headers },
        redirect: "manual",
        ...(body === undefined ? {} : { body }),
      }),
    )
  const get = (path: string, headers?: HeaderFields) => send("GET", path, headers)
  const post = (path: string, form: Form | URLSearchParams, headers: HeaderFields = {}) =>
    send(
      "POST",
      path,
      { "content-type": "application/x-www-form-urlencoded", ...headers },
      (form instanceof URLSearchParams ? form : formOf(form)).toString(),
    )
  const asApp =
    (path: string) =>
    (app: App, form: Form, headers: HeaderFields = {}) => {
      const proof = proofOf(app)
      return post(path, { ...proof.form, ...form }, { ...proof.headers, ...headers })
    }
  const token = asApp("/token")
  const atRevoke = asApp("/revoke")
  const atIntrospect = asApp("/introspect")

  const register = (metadata: unknown) =>
    send("POST", "/register", { "content-type": "application/json" }, JSON.stringify(metadata))

  /** Registers a client that may redeem and refresh, by default a public one. */
  const newApp = async (metadata: Readonly<Record<string, unknown>> = {}): Promise<App> => {
    const { status, body, text } = await register({
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      ...metadata,
    })
    if (status !== 201) throw new Error(`not registered: ${status} ${text}`)
    return {
      clientId: body.client_id!,
      ...(body.client_secret === undefined ? {} : { clientSecret: body.client_secret }),
      method: body["token_endpoint_auth_method"] as App["method"],
      redirectUri: (body["redirect_uris"] as ReadonlyArray<string>)[0]!,
    }
  }

  const authorize = (app: Pick<App, "clientId" | "redirectUri">, form: Form = {}) =>
    (visit ?? get)(
      `/authorize?${formOf({
        response_type: "code",
        client_id: app.clientId,
        redirect_uri: app.redirectUri,
        code_challenge: challengeOf("v".repeat(43)),
        code_challenge_method: "S256",
        ...form,
      })}`,
    )

  /** Asks for a code, which whoever is signed in approves. */
  const approved = async (app: App, form: Form = {}): Promise<Approval> => {
    const verifier = newVerifier()
    const answer = await authorize(app, { code_challenge: challengeOf(verifier), ...form })
    const location = new URL(answer.headers.get("location") ?? "about:blank")
    const code = location.searchParams.get("code")
    if (code === null) throw new Error(`no code: ${answer.status} ${location.href} ${answer.text}`)
    return { code, verifier, location }
  }

  const redeem = (app: App, { code, verifier }: Pick<Approval, "code" | "verifier">, form: Form = {}) =>
    token(app, {
      grant_type: "authorization_code",
      code,
      code_verifier: verifier,
      redirect_uri: app.redirectUri,
      ...form,
    })

  const tokensOf = ({ status, body, text }: Answer): Tokens => {
    if (status !== 200) throw new Error(`no tokens: ${status} ${text}`)
    return { access: body.access_token!, refresh: body.refresh_token!, body }
  }

  /** From nothing to tokens. */
  const login = async (app: App, form: Form = {}, redeemForm: Form = {}): Promise<Tokens> =>
    tokensOf(await redeem(app, await approved(app, form), redeemForm))

  const refresh = (app: App, refreshToken: string, form: Form = {}) =>
    token(app, { grant_type: "refresh_token", refresh_token: refreshToken, ...form })

  const refreshed = async (app: App, refreshToken: string, form: Form = {}): Promise<Tokens> =>
    tokensOf(await refresh(app, refreshToken, form))

  const revoke = (app: App, presented: string, form: Form = {}) => atRevoke(app, { token: presented, ...form })
  const introspect = (app: App, presented: string, form: Form = {}) => atIntrospect(app, { token: presented, ...form })

  const isActive = async (app: App, presented: string): Promise<boolean> => {
    const { status, body, text } = await introspect(app, presented)
    if (status !== 200) throw new Error(`not introspected: ${status} ${text}`)
    return body.active === true
  }

  return {
    send,
    get,
    post,
    /** A form to any endpoint that clients call. */
    asApp,
    register,
    newApp,
    authorize,
    approved,
    token,
    redeem,
    login,
    refresh,
    refreshed,
    revoke,
    introspect,
    isActive,
  }
}

export type WireClient = ReturnType<typeof wireClient>
