/**
 * A protected resource over a verifier that knows a few tokens by heart, asked through each way that leads in.
 */
import { createServer, request as httpRequest } from "node:http"
import type { AddressInfo } from "node:net"
import express from "express"
import { onTestFinished } from "vitest"
import {
  accessOf,
  protectResource,
  VerifierUnavailable,
  type ProtectedResource,
  type ProtectOptions,
  type VerifiedAccess,
} from "../../src/resource/index.ts"

export const RESOURCE = "https://api.example.com/notes"
export const METADATA_URL = "https://api.example.com/.well-known/oauth-protected-resource/notes"

const access = (token: string, more: Partial<VerifiedAccess> = {}): VerifiedAccess => ({
  token,
  clientId: "an-app",
  scopes: ["read", "write"],
  resource: [RESOURCE],
  subject: "sub_1",
  ...more,
})

const known: Readonly<Record<string, VerifiedAccess>> = {
  good: access("good"),
  reader: access("reader", { scopes: ["read"] }),
  admin: access("admin", { scopes: ["admin"] }),
  elsewhere: access("elsewhere", { resource: ["https://other.example.com/"] }),
  bound: access("bound", { jkt: "the thumbprint of a key" }),
  "for-nothing": access("for-nothing", { resource: [] }),
}

/** `down` cannot be answered, `broken` makes the verifier fail, everything else is known or not. */
export const verifierOf = (asked: Array<string>): ProtectOptions["verifier"] => ({
  verify: async (token) => {
    asked.push(token)
    if (token === "down") {
      throw new VerifierUnavailable({ code: "unreachable", message: "see the server", retryAfterSeconds: 7 })
    }
    if (token === "broken") throw new TypeError("a defect")
    if (token === "nothing") return null
    return known[token]
  },
})

/** What was asked for, and with which `Authorization` headers. */
export interface Asked {
  readonly path?: string
  readonly method?: string
  readonly authorization?: ReadonlyArray<string>
  readonly dpop?: ReadonlyArray<string>
}

export interface Reply {
  readonly status: number
  readonly challenge: string | null
  readonly retryAfter: string | null
  readonly allowOrigin: string | null
  readonly allowHeaders: string | null
  readonly exposeHeaders: string | null
  readonly nonce: string | null
  readonly body: string
}

export interface Door {
  readonly name: string
  readonly open: (resource: ProtectedResource) => Promise<(asked?: Asked) => Promise<Reply>>
}

const overFetch: Door = {
  name: "the fetch handler",
  open: async (resource) => {
    const handle = resource.fetch(
      (_, { subject, token }) => Response.json({ subject, token }),
      ({ method }) => new Response(`handed on: ${method}`),
    )
    return async ({ path = "/notes", method = "GET", authorization = [], dpop = [] } = {}) => {
      const headers = new Headers()
      for (const value of authorization) headers.append("authorization", value)
      for (const value of dpop) headers.append("dpop", value)
      const response = await handle(new Request(`https://api.example.com${path}`, { method, headers }))
      return {
        status: response.status,
        challenge: response.headers.get("www-authenticate"),
        retryAfter: response.headers.get("retry-after"),
        allowOrigin: response.headers.get("access-control-allow-origin"),
        allowHeaders: response.headers.get("access-control-allow-headers"),
        exposeHeaders: response.headers.get("access-control-expose-headers"),
        nonce: response.headers.get("dpop-nonce"),
        body: await response.text(),
      }
    }
  },
}

const overExpress: Door = {
  name: "the Express middleware",
  open: async (resource) => {
    const app = express()
    app.use(["/.well-known", "/notes"], resource.express, (request, response) => {
      const isOpen = request.method === "OPTIONS" || request.originalUrl.startsWith("/.well-known/")
      if (isOpen) return response.end(`handed on: ${request.method}`)
      const { subject, token } = accessOf(request)
      response.json({ subject, token })
    })
    const server = createServer(app)
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    onTestFinished(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    const { port } = server.address() as AddressInfo
    return ({ path = "/notes", method = "GET", authorization = [], dpop = [] } = {}) =>
      new Promise((resolve, reject) => {
        // `fetch` joins repeated headers; this sends each on a line of its own.
        const headers = [
          ...["host", "api.example.com"],
          ...authorization.flatMap((value) => ["authorization", value]),
          ...dpop.flatMap((value) => ["dpop", value]),
        ]
        const sent = httpRequest({ port, host: "127.0.0.1", path, method, headers }, (response) => {
          let body = ""
          response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk))
          response.on("end", () =>
            resolve({
              status: response.statusCode!,
              challenge: response.headers["www-authenticate"] ?? null,
              retryAfter: response.headers["retry-after"] ?? null,
              allowOrigin: response.headers["access-control-allow-origin"] ?? null,
              allowHeaders: response.headers["access-control-allow-headers"] ?? null,
              exposeHeaders: response.headers["access-control-expose-headers"] ?? null,
              nonce: (response.headers["dpop-nonce"] as string | undefined) ?? null,
              body,
            }),
          )
        })
        sent.on("error", reject).end()
      })
  },
}

export const doors: ReadonlyArray<Door> = [overFetch, overExpress]

/** The resource with the scopes of these tests, what its verifier was asked, and what the operator was told. */
export const protectedNotes = (options: Partial<ProtectOptions> = {}) => {
  const asked: Array<string> = []
  const told: Array<string> = []
  const resource = protectResource({
    verifier: verifierOf(asked),
    resource: RESOURCE,
    authorizationServers: ["https://id.example.com"],
    scopes: ["read", "write"],
    onUnavailable: (sentence) => told.push(sentence),
    ...options,
  })
  return { resource, asked, told }
}
