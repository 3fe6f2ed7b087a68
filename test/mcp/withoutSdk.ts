/** A program in which no MCP SDK can be found: imports the adapters, makes each, and prints what it is told. */
import { registerHooks } from "node:module"

registerHooks({
  resolve: (specifier, context, next) => {
    if (specifier.startsWith("@modelcontextprotocol/")) throw new Error(`Cannot find package '${specifier}'`)
    return next(specifier, context)
  },
})

const { authorizationServer, ephemeralKeys, memoryStore } = await import("../../src/entry/grantlog.ts")
const { inProcessVerifier } = await import("../../src/resource/index.ts")
const { oauthServerProvider, oauthTokenVerifier, oauthTokenVerifierV1 } = await import("../../src/mcp/index.ts")

const config = { issuer: "http://localhost:3000/" }
const server = await authorizationServer({ store: memoryStore(), keys: ephemeralKeys(), config })
const options = { verifier: inProcessVerifier(server), resource: "http://localhost:3000/mcp" }
const made = await Promise.allSettled([
  oauthTokenVerifier(options),
  oauthTokenVerifierV1(options),
  oauthServerProvider(server, { resource: options.resource, approve: () => "alice" }),
])
await server.close()
console.log(JSON.stringify(made.map((one) => (one.status === "rejected" ? one.reason.message : "made"))))
