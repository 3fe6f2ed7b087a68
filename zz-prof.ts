import { hash } from "node:crypto"
import { rmSync } from "node:fs"
import { Effect } from "effect"
const W = process.argv[2]!
const P = await import(`${W}/src/provider/index.ts`)
const file = "/tmp/wt-layout/prof.db"
for (const s of ["", "-wal", "-shm", ".subject-keys", ".retry-secrets", ".keys.json"]) rmSync(file + s, { force: true })
const store = P.sqliteStore(file)
const keys = P.ephemeralKeys()
const subjectKeys = P.openSubjectKeys(file + ".subject-keys", keys, P.liveSecrets)
const run = (e: any): Promise<any> => Effect.runPromise(Effect.provideService(e, P.RequestOrigin, { address: "127.0.0.1", userAgent: "node" }) as any)
const native: any = await run(P.makeServer({ store, keys, subjectKeys, config: { issuer: "http://localhost:4000", autoApprove: "alice", tokenRate: "off", registrationRate: "off", resources: "any" } }))
const V = "v".repeat(43), R = "http://127.0.0.1:9999/callback"
const app = (await run(native.registerClient({ client_name: "bench", redirect_uris: [R], token_endpoint_auth_method: "none", grant_types: ["authorization_code", "refresh_token"] }))).client_id
const cred = (clientId: string) => ({ clientId, isAuthenticated: true })
const flow = async () => {
  const a: any = await run(native.authorize(app, { redirectUri: R, redirectUriProvidedExplicitly: true, codeChallenge: hash("sha256", V, "base64url"), scopes: ["read"], resources: ["http://localhost:9999/mcp"] }))
  return (await run(native.redeemCode({ credentials: cred(app), code: a.code, codeVerifier: V }))).refresh_token
}
const tokens: string[] = []
for (let i = 0; i < 16; i++) tokens.push(await flow())
const go = async (n: number) => Promise.all(tokens.map(async (_, i) => { for (let k = 0; k < n; k++) tokens[i] = (await run(native.refresh({ credentials: cred(app), refreshToken: tokens[i] }))).refresh_token }))
await go(60)
const s = process.cpuUsage(); await go(120); const e = process.cpuUsage(s)
console.log("µs a refresh", ((e.user + e.system) / 1920).toFixed(0), "system", (e.system / 1920).toFixed(0))
await run(store.close); await run(subjectKeys.close)
