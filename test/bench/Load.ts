/** The load: requests over kept-alive connections to one server, a bounded number at a time. */
import { Agent, request } from "node:http"
import { hash, randomBytes } from "node:crypto"
import type { Target } from "./Server.ts"

const CONNECTIONS = 16
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })

interface Answer {
  readonly status: number
  readonly location: string | undefined
  readonly body: string
}

const send = (url: string, form?: Readonly<Record<string, string>>, authorization?: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const body = form === undefined ? undefined : new URLSearchParams(form).toString()
    const headers = {
      ...(body === undefined
        ? {}
        : { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) }),
      ...(authorization === undefined ? {} : { authorization }),
    }
    const outgoing = request(url, { agent, method: body === undefined ? "GET" : "POST", headers }, (response) => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => (text += chunk))
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, body: text }),
      )
    })
    outgoing.on("error", reject)
    outgoing.end(body)
  })

const expectStatus = (answer: Answer, status: number): Answer => {
  if (answer.status !== status) throw new Error(`expected ${status}, got ${answer.status}: ${answer.body}`)
  return answer
}

const verifier = randomBytes(32).toString("base64url")
const challenge = hash("sha256", verifier, "base64url")

/** One login: `GET /authorize`, approved at once, and `POST /token`; gives the refresh token. */
const codeFlow = async ({ url, clientId, redirectUri }: Target): Promise<string> => {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    code_challenge: challenge,
    code_challenge_method: "S256",
  })
  const { location } = expectStatus(await send(`${url}/authorize?${query}`), 303)
  const code = new URL(location!).searchParams.get("code")!
  const form = { grant_type: "authorization_code", client_id: clientId, code, code_verifier: verifier }
  const { body } = expectStatus(await send(`${url}/token`, form), 200)
  return (JSON.parse(body) as { readonly refresh_token: string }).refresh_token
}

const refresh = async ({ url, clientId }: Target, refreshToken: string): Promise<string> => {
  const form = { grant_type: "refresh_token", client_id: clientId, refresh_token: refreshToken }
  const { body } = expectStatus(await send(`${url}/token`, form), 200)
  return (JSON.parse(body) as { readonly refresh_token: string }).refresh_token
}

const introspect = async ({ url, secret, token }: Target): Promise<void> => {
  const basic = `Basic ${Buffer.from(`rs:${secret}`).toString("base64")}`
  const { body } = expectStatus(await send(`${url}/introspect`, { token }, basic), 200)
  if (!body.includes('"active":true')) throw new Error(`not active: ${body}`)
}

const spread = async (count: number, one: () => Promise<unknown>): Promise<void> => {
  let left = count
  const worker = async () => {
    while (left-- > 0) await one()
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
}

export const loads = {
  "code flow": (target: Target, count: number) => spread(count, () => codeFlow(target)),
  refresh: async (target: Target, count: number) => {
    const tokens = await Promise.all(Array.from({ length: CONNECTIONS }, () => codeFlow(target)))
    const each = Math.ceil(count / CONNECTIONS)
    await Promise.all(
      tokens.map(async (first) => {
        let token = first
        for (let turn = 0; turn < each; turn++) token = await refresh(target, token)
      }),
    )
  },
  introspection: (target: Target, count: number) => spread(count, () => introspect(target)),
} as const

export type LoadName = keyof typeof loads
