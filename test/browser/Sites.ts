/** Other people's sites, each on a free port of its own for one test: a client's, an attacker's. */
import { createServer, type RequestListener } from "node:http"
import { createServer as createSecureServer } from "node:https"
import type { AddressInfo } from "node:net"
import { onTestFinished } from "vitest"
import { selfSigned } from "./Certificate.ts"

export interface Site {
  readonly origin: string
  /** The addresses that were asked for, oldest first. */
  readonly visited: ReadonlyArray<URL>
}

/** What a site answers: a page, a picture, or where to go. */
export type Answer = (url: URL) => string | { readonly svg: string } | { readonly location: string }

interface Address {
  readonly host?: string
  readonly isSecure?: boolean
}

export const startSite = async (
  answer: Answer,
  { host = "127.0.0.1", isSecure = false }: Address = {},
): Promise<Site> => {
  const visited: Array<URL> = []
  const listener: RequestListener = (request, response) => {
    const url = new URL(request.url!, site.origin)
    visited.push(url)
    const answered = answer(url)
    if (typeof answered === "string") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(answered)
    } else if ("svg" in answered) {
      response.writeHead(200, { "content-type": "image/svg+xml" }).end(answered.svg)
    } else {
      response.writeHead(302, answered).end()
    }
  }
  const server = isSecure ? createSecureServer(selfSigned(), listener) : createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  const site: Site = { origin: `http${isSecure ? "s" : ""}://${host}:${port}`, visited }
  return site
}

/** A client that listens on this computer, as native ones do. */
export const startLoopbackClient = async () => {
  const site = await startSite(() => `<!doctype html><title>Back</title><p>You can close this window.`)
  return { ...site, redirectUri: `${site.origin}/callback` }
}
