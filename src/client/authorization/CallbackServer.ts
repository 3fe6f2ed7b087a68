/**
 * The local server that the user's browser comes back to (RFC 8252 7.3).
 *
 * It listens on loopback for one login. Only `GET /callback` with that login's own state is an answer, and only the
 * first of them; everybody else gets the same few bytes, whatever they ask for, and changes nothing.
 */
import { createHash, timingSafeEqual } from "node:crypto"
import type { Server, ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { CallbackError } from "../ClientError.ts"
import { outcomePage, pageHeaders, type Outcome } from "./CallbackPage.ts"

export const CALLBACK_PATH = "/callback"

const LINGER_MILLIS = 1_000

export interface CallbackOptions {
  /** A loopback name or address. */
  readonly host: string
  /** A given port must be free; of preferred ones the first free one is taken, else any. */
  readonly port?: number | undefined
  readonly preferredPort?: number | undefined
  readonly timeoutMillis: number
  readonly clientName: string
}

export interface Callback {
  readonly redirectUri: string
  /** The parameters of the answer to the login with this state; rejects when the time is over or it is closed. */
  readonly answerTo: (state: string) => Promise<URLSearchParams>
  /** Tells the person in the browser how it ended, and is gone. */
  readonly close: (outcome?: Outcome) => Promise<void>
}

/** Whether the parameters are an answer to the login with this state. */
export const belongsTo = (state: string, parameters: URLSearchParams): boolean => {
  const [presented, ...others] = parameters.getAll("state")
  if (presented === undefined || others.length > 0) return false
  const digest = (text: string) => createHash("sha256").update(text).digest()
  return timingSafeEqual(digest(presented), digest(state))
}

const nobody = (response: ServerResponse): void => {
  response
    .writeHead(404, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", connection: "close" })
    .end("not found\n")
}

interface Waiting {
  readonly state: string
  readonly resolve: (parameters: URLSearchParams) => void
  readonly reject: (error: CallbackError) => void
}

/** Listens; throws a {@link CallbackError} if the given port is not free. */
export const startCallback = async (options: CallbackOptions): Promise<Callback> => {
  const { host, clientName, timeoutMillis } = options
  let waiting: Waiting | undefined
  let browser: ServerResponse | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  // Loaded when somebody logs in: it takes as much memory as all the rest of the client.
  const { createServer } = await import("node:http")
  const server = createServer((request, response) => {
    const url = URL.parse(request.url ?? "", "http://callback")
    const isAnswer = request.method === "GET" && url?.pathname === CALLBACK_PATH
    if (!isAnswer || waiting === undefined || !belongsTo(waiting.state, url.searchParams)) return nobody(response)
    const { resolve } = waiting
    waiting = undefined
    browser = response
    resolve(url.searchParams)
  })
  server.headersTimeout = 10_000
  await listen(server, options)
  const { port } = server.address() as AddressInfo

  /** Answers the browser that waits, if one does. */
  const tell = async (outcome: Outcome): Promise<void> => {
    const response = browser
    browser = undefined
    if (response === undefined) return
    const text = await outcomePage(clientName, outcome)
    await new Promise<void>((resolve) => {
      response.once("close", resolve)
      response.writeHead(outcome.isLoggedIn ? 200 : 400, pageHeaders).end(text, () => resolve())
    })
  }

  const close = async (outcome: Outcome = { isLoggedIn: false, why: "the login was given up" }): Promise<void> => {
    if (isClosed) return
    isClosed = true
    clearTimeout(timer)
    waiting?.reject(new CallbackError({ code: "cancelled", message: "the login was given up before an answer came" }))
    waiting = undefined
    server.close()
    await tell(outcome)
    server.closeIdleConnections()
    // The page may still be on its way; whoever just holds a connection is not waited for.
    setTimeout(() => server.closeAllConnections(), LINGER_MILLIS).unref()
  }

  return {
    //= STU-2.2-context-distinct-redirect
    redirectUri: `http://${host}:${port}${CALLBACK_PATH}`,
    close,
    answerTo: (state) =>
      new Promise((resolve, reject) => {
        void tell({ isLoggedIn: false, why: "it has to ask again, in another window" })
        waiting?.reject(new CallbackError({ code: "cancelled", message: "another login took the place of this one" }))
        clearTimeout(timer)
        waiting = { state, resolve, reject }
        timer = setTimeout(() => {
          const seconds = Math.round(timeoutMillis / 1000)
          waiting = undefined
          reject(new CallbackError({ code: "timed_out", message: `nobody logged in for ${seconds} s: start again` }))
        }, timeoutMillis)
      }),
  }
}

const listen = async (server: Server, { host, port, preferredPort }: CallbackOptions): Promise<void> => {
  const tryPort = (number: number) =>
    new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      server.once("error", resolve)
      server.listen(number, host.replace(/^\[(.*)\]$/, "$1"), () => {
        server.removeListener("error", resolve)
        resolve(undefined)
      })
    })
  const ports = port === undefined ? [...(preferredPort === undefined ? [] : [preferredPort]), 0] : [port]
  let failure: NodeJS.ErrnoException | undefined
  for (const one of ports) {
    failure = await tryPort(one)
    if (failure === undefined) return
  }
  const message = `the callback server cannot listen on \`${host}:${port ?? 0}\`: free the port, or leave out \`callbackPort\``
  throw new CallbackError({ code: "port_taken", message, cause: failure })
}
