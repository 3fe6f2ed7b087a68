/** One request over kept-alive connections to this machine; redirects are given back, not followed. */
import { Agent, request } from "node:http"

const agent = new Agent({ keepAlive: true })
const MAX_SILENCE_MILLIS = 60_000

export interface Answer {
  readonly status: number
  readonly location: string | undefined
  readonly cookies: ReadonlyArray<string>
  readonly body: string
}

export interface Sent {
  readonly host: string | undefined
  readonly form?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

/** A POST when there is a form. */
export const send = (url: string, { host, form, headers = {} }: Sent): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const body = form === undefined ? undefined : new URLSearchParams(form).toString()
    const entity =
      body === undefined
        ? {}
        : { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) }
    const named = host === undefined ? {} : { host }
    const method = body === undefined ? "GET" : "POST"
    const outgoing = request(
      url,
      { agent, method, timeout: MAX_SILENCE_MILLIS, headers: { ...named, ...entity, ...headers } },
      (response) => {
        let text = ""
        response.setEncoding("utf8")
        response.on("data", (chunk: string) => (text += chunk))
        response.on("end", () => {
          const { location, "set-cookie": cookies = [] } = response.headers
          resolve({ status: response.statusCode ?? 0, location, cookies, body: text })
        })
      },
    )
    outgoing.on("error", reject)
    outgoing.on("timeout", () => outgoing.destroy(new Error(`${url} has not answered for a minute`)))
    outgoing.end(body)
  })

export const expectStatus = (answer: Answer, status: number): Answer => {
  if (answer.status !== status) throw new Error(`expected ${status}, got ${answer.status}: ${answer.body}`)
  return answer
}
