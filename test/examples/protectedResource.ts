/** A resource of your own behind a running grantlog, as an Express app and as a fetch handler. */
import express from "express"
import {
  accessOf,
  introspectionVerifier,
  protectResource,
  type IntrospectionOptions,
} from "../../src/entry/resource.ts"

/** What `grantlog client add --audience` printed; `now` is for tests. */
type Credentials = Pick<IntrospectionOptions, "clientId" | "clientSecret" | "now">

export const notes = (issuer: string, resource: string, credentials: Credentials) => {
  // The issuer is written as clients see it, with or without a slash at the end.
  const introspectionEndpoint = `${issuer.replace(/\/$/, "")}/introspect`
  // An answer is believed for half a minute: a revoked token is refused that much later at the latest.
  const verifier = introspectionVerifier({ introspectionEndpoint, ...credentials, cacheSeconds: 30 })
  const api = protectResource({ verifier, resource, authorizationServers: [issuer], scopes: ["read", "write"] })
  const app = express()
  app.use(api.express)
  app.get("/notes", (request, response) => response.json({ hello: accessOf(request).subject }))
  return { api, app, handle: api.fetch((_, { subject }) => Response.json({ hello: subject })) }
}
