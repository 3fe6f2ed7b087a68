/**
 * Authorization servers with one fault each, and sound ones with a policy of their own: this project's server behind a
 * handler that gets one thing wrong, or does one thing otherwise.
 *
 * Asked in this process, at a loopback address where nobody listens.
 */
import { createHandler } from "../../src/http/index.ts"
import { authorizationServer } from "../../src/embedded/index.ts"
import { ephemeralKeys, memoryStore } from "../../src/provider/index.ts"
import type { Fetch } from "../../src/outbound/index.ts"
import { ACCOUNT, generousLimits, ISSUER } from "../support/TestServer.ts"

export type Ask = (request: Request) => Promise<Response>

/** Does one thing otherwise than the server that is asked behind it. */
export type Twist = (ask: Ask) => Ask

export const RESOURCES = ["http://localhost:9998/mcp", "http://localhost:9999/mcp"]

/** The server as it is; gone with the test. */
const sound = async (): Promise<Ask> => {
  const server = await authorizationServer({
    store: memoryStore(),
    keys: ephemeralKeys(),
    onNotice: () => {},
    config: { issuer: ISSUER, tokenRate: "off", registrationRate: "off", autoApprove: ACCOUNT },
  })
  const handle = createHandler(server, { limits: generousLimits, sourceOf: () => "127.0.0.1" })
  return async (request) => {
    if (pathOf(request) !== LOOK_PATH) return handle(request)
    const isLive = (await server.verify(request.headers.get("x-token") ?? "")) !== undefined
    return new Response(null, { status: isLive ? 200 : 401 })
  }
}

/** Where a resource beside the server looks at a token, as no client can. */
const LOOK_PATH = "/look"

export const isLive = async (ask: Ask, token: string): Promise<boolean> =>
  (await ask(new Request(`${ISSUER}${LOOK_PATH}`, { headers: { "x-token": token } }))).status === 200

/** A fetch that leads to the server behind `twists`, the last of them outermost. */
export const serverWith = async (...twists: ReadonlyArray<Twist>): Promise<Fetch> => {
  const ask = twists.reduce((inner, twist) => twist(inner), await sound())
  return (input, init) => ask(new Request(input, init))
}

export const pathOf = ({ url }: Request): string => new URL(url).pathname

/** A form that was sent, and the same request with another one. */
export const formIn = async (request: Request): Promise<URLSearchParams> =>
  new URLSearchParams(await request.clone().text())

export const withForm = (request: Request, form: URLSearchParams, isAnonymous = false): Request => {
  const headers = new Headers(request.headers)
  headers.delete("content-length")
  if (isAnonymous) headers.delete("authorization")
  return new Request(request.url, { method: "POST", headers, body: form })
}

export const without = (form: URLSearchParams, ...names: ReadonlyArray<string>): URLSearchParams => {
  const less = new URLSearchParams(form)
  for (const name of names) less.delete(name)
  return less
}

export type Members = Readonly<Record<string, unknown>>

export const membersOf = async (response: Response): Promise<Members> => {
  const text = await response.clone().text()
  return text.startsWith("{") ? (JSON.parse(text) as Members) : {}
}

export const refusal = (status: number, error: string, headers: HeadersInit = {}): Response =>
  Response.json({ error }, { status, headers: { "cache-control": "no-store", ...headers } })

/** The answer with other members, but for which it stays what it was. */
export const withMembers = ({ status, headers }: Response, members: Members): Response => {
  const kept = new Headers(headers)
  kept.delete("content-length")
  return new Response(JSON.stringify(members), { status, headers: kept })
}

const formPaths: ReadonlySet<string> = new Set(["/token", "/revoke", "/introspect"])

/** Looks at every form before the server does; `undefined` lets it through. */
export const atForms =
  (look: (form: URLSearchParams, request: Request) => Response | undefined | Promise<Response | undefined>): Twist =>
  (ask) =>
  async (request) =>
    (formPaths.has(pathOf(request)) ? await look(await formIn(request), request) : undefined) ?? ask(request)

/** Changes what the token endpoint answers. */
export const atTokens =
  (change: (members: Members, form: URLSearchParams) => Members): Twist =>
  (ask) =>
  async (request) => {
    if (pathOf(request) !== "/token") return ask(request)
    const form = await formIn(request)
    const answer = await ask(request)
    return answer.status === 200 ? withMembers(answer, change(await membersOf(answer), form)) : answer
  }

/** What a server remembers that lets in whom it should not: secrets, and whose a token is. */
export interface Memory {
  readonly secretOf: (clientId: string) => string | undefined
  readonly ownerOf: (token: string) => string | undefined
  readonly clientIn: (request: Request, form: URLSearchParams) => string | undefined
}

/** A twist that knows every secret and every owner. */
export const remembering =
  (twist: (memory: Memory) => Twist): Twist =>
  (ask) => {
    const secrets = new Map<string, string>()
    const owners = new Map<string, string>()
    const clientIn: Memory["clientIn"] = (request, form) => {
      const encoded = /^basic +(.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1]
      const named = encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString().split(":")[0]
      return named ?? form.get("client_id") ?? undefined
    }
    const noting: Ask = async (request) => {
      const form = request.method === "POST" ? await formIn(request) : new URLSearchParams()
      const answer = await ask(request)
      const { client_id: id, client_secret: secret, access_token, refresh_token } = await membersOf(answer)
      if (typeof id === "string" && typeof secret === "string") secrets.set(id, secret)
      const owner = clientIn(request, form)
      for (const token of [access_token, refresh_token]) {
        if (typeof token === "string" && owner !== undefined) owners.set(token, owner)
      }
      return answer
    }
    const memory: Memory = {
      secretOf: (clientId) => secrets.get(clientId),
      ownerOf: (token) => owners.get(token),
      clientIn,
    }
    return twist(memory)(noting)
  }

/** The request as `clientId` would send it. */
export const sentBy = (request: Request, form: URLSearchParams, clientId: string, { secretOf }: Memory): Request => {
  const secret = secretOf(clientId)
  const own = without(form, "client_id", "client_secret")
  own.set("client_id", clientId)
  if (secret !== undefined) own.set("client_secret", secret)
  return withForm(request, own, true)
}
