/**
 * The response that the MCP TypeScript SDK gives `authorize`: as much of Express as a provider needs to send a browser on.
 *
 * Where it sends the browser is what comes of it. A page is not looked at: nobody is there to sign in to it.
 */
import { CannotCheck } from "../judging/Obstacles.ts"

/** An answer that is no redirect: an error, which is a refusal, or a page. */
const answerless = (status: number, body: unknown): Error => {
  const error = (Object(body) as { readonly error?: unknown }).error
  if (status >= 400) return Object.assign(new Error(`authorize answers with ${status}`), { error })
  return new CannotCheck(
    "authorize answers with a page of its own: give a provider that leads to its login by a redirect, or approves by itself",
  )
}

/** The response, and where it sends the browser in the end. */
export const makeSdkResponse = (): { readonly response: object; readonly location: Promise<string> } => {
  const { promise: location, resolve, reject } = Promise.withResolvers<string>()
  // Whoever asked may have been refused before anything is sent.
  location.catch(() => {})
  const headers = new Map<string, string>()
  const isRedirect = (status: number) => status >= 300 && status < 400

  const response = {
    statusCode: 200,
    headersSent: false,
    locals: {},
    req: { headers: {}, query: {}, body: {}, cookies: {}, method: "GET" },
    redirect: (first: number | string, second?: number | string) => {
      response.headersSent = true
      resolve(typeof first === "string" ? first : String(second))
    },
    getHeader: (name: string) => headers.get(name.toLowerCase()),
    setHeader: (name: string, value: unknown) => {
      headers.set(name.toLowerCase(), String(value))
      return response
    },
    writeHead: (status: number, given: Readonly<Record<string, unknown>> = {}) => {
      response.statusCode = status
      for (const [name, value] of Object.entries(given)) response.setHeader(name, value)
      return response
    },
    status: (status: number) => {
      response.statusCode = status
      return response
    },
    sendStatus: (status: number) => response.status(status).end(),
    location: (url: string) => response.setHeader("location", url),
    end: (body?: unknown) => {
      response.headersSent = true
      const target = headers.get("location")
      if (target !== undefined && isRedirect(response.statusCode)) resolve(target)
      else reject(answerless(response.statusCode, body))
      return response
    },
  }
  const ending = { send: response.end, json: response.end, render: response.end, sendFile: response.end }
  const passing = { set: response.setHeader, header: response.setHeader, append: response.setHeader }
  const nothing = () => response
  const ignored = { cookie: nothing, clearCookie: nothing, type: nothing, vary: nothing, links: nothing, on: nothing }
  Object.assign(response, { get: response.getHeader, write: nothing }, ending, passing, ignored)
  return { response, location }
}
