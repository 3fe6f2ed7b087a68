/**
 * `fetch` behind the guard: the platform's own, over connections that were judged, each redirect's too.
 *
 * A program's own `fetch` is judged by what the URL says alone: what a name resolves to, where a redirect leads that it
 * follows by itself, and whether a proxy stands between is then that program's affair.
 */
import { Readable } from "node:stream"
import type { Dispatcher } from "undici"
import type { Guard } from "./Guard.ts"

/** The part of `fetch` that is used here; a program may bring its own. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

const urlOf = (input: string | URL | Request): URL => new URL(input instanceof Request ? input.url : input)

/** Connections to what the guard lets through. */
const judgedConnections = async ({ check, lookup }: Guard): Promise<Dispatcher> => {
  // Loaded when the first request is made: it takes as long as all the rest of the client.
  const { Agent, buildConnector } = await import("undici")
  const connect = buildConnector({ lookup })
  return new Agent({
    connect: (options, callback) => {
      try {
        // Nobody looks up an address, so that it is judged here.
        check(new URL(`${options.protocol}//${options.host ?? options.hostname}`))
      } catch (refused) {
        return callback(refused as Error, null)
      }
      return connect(options, callback)
    },
  })
}

/**
 * `fetch` for all that the guard lets through: the platform's, or a program's `own`; rejects with what has an
 * `AddressRefused` in it.
 */
export const guardedFetch = (guard: Guard, own?: Fetch): Fetch => {
  if (own !== undefined) {
    return async (input, init) => {
      guard.check(urlOf(input))
      return own(input, init)
    }
  }
  let connections: Promise<Dispatcher> | undefined
  return async (input, init) => {
    guard.check(urlOf(input))
    const { Dispatcher1Wrapper } = await import("undici")
    // The platform may have an older generation inside than this one.
    connections ??= judgedConnections(guard).then((agent) => new Dispatcher1Wrapper(agent))
    const judged = { ...init, dispatcher: await connections }
    return fetch(input, judged as RequestInit)
  }
}

/**
 * What a browser sends, and no more: the platform's `fetch` says of each request that a script made it
 * (`sec-fetch-mode: cors`), which some servers answer with JSON where a person gets a redirect.
 */
export const guardedBrowser = (guard: Guard): Fetch => {
  let connections: Promise<Dispatcher> | undefined
  return async (input, init = {}) => {
    const url = urlOf(input)
    guard.check(url)
    const { request } = await import("undici")
    connections ??= judgedConnections(guard)
    const headers = Object.fromEntries(new Headers(init.headers))
    const dispatcher = await connections
    const answer = await request(url, { dispatcher, headers, signal: init.signal ?? null })
    const pairs = Object.entries(answer.headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    )
    const hasBody = ![204, 205, 304].includes(answer.statusCode)
    const body = Readable.toWeb(answer.body) as ReadableStream<Uint8Array>
    return new Response(hasBody ? body : null, { status: answer.statusCode, headers: pairs })
  }
}
