/** What `serve` says when it starts: where it is, where everything is kept, who can sign in, and what to try. */
import { Effect, Option } from "effect"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { consoleLine } from "../../src/cli/console/Password.ts"
import { locate } from "../../src/cli/StoreLocation.ts"
import { welcome, type Shown } from "../../src/cli/Welcome.ts"
import type { AuthorizationServer } from "../../src/provider/index.ts"

interface Asked {
  readonly issuer?: string
  readonly autoApprove?: string
  readonly store?: string
  readonly keysFile?: string
  readonly shown?: Partial<Shown>
}

const said = ({ issuer = "http://localhost:4000", autoApprove, store = "memory:", keysFile, shown }: Asked) => {
  const location = Effect.runSync(locate({ store, beside: Option.none(), keysFile: Option.fromUndefinedOr(keysFile) }))
  const server = { settings: { issuer, autoApprove } } as unknown as AuthorizationServer
  return welcome(server, location, 4000, { demo: undefined, console: undefined, admin: undefined, ...shown })
}

const trying = (base: string, metadata: string) => `
Try:
  curl ${metadata}
  curl ${base}/register -H 'content-type: application/json' -d '{"redirect_uris":["http://127.0.0.1/callback"],"token_endpoint_auth_method":"none","grant_types":["authorization_code","refresh_token"]}'`

const local = trying("http://localhost:4000", "http://localhost:4000/.well-known/oauth-authorization-server")

const inMemory = `grantlog is serving http://localhost:4000 on port 4000
  store  in memory: everything is gone when this stops`

beforeEach(() => void vi.stubEnv("GRANTLOG_KEYS", undefined))
afterEach(() => void vi.unstubAllEnvs())

it("says of a store in memory that it is gone in the end, and suggests no command for it", () => {
  expect(said({})).toBe(`${inMemory}\n${local}`)
})

it("says the issuer as it is, and what lies under it by its own paths", () => {
  const tried = trying("https://a.example/b", "https://a.example/.well-known/oauth-authorization-server/b")
  expect(said({ issuer: "https://a.example/b/" })).toBe(
    `${inMemory.replace("http://localhost:4000", "https://a.example/b/")}\n${tried}`,
  )
})

it("says where a store in a file is, and its keys, which belong into the same backup", () => {
  const rest = `\n${local}\n  npx grantlog grant list --store sqlite:a.db`
  const first = "grantlog is serving http://localhost:4000 on port 4000\n  store  a.db\n  keys   "
  expect(said({ store: "sqlite:a.db" })).toBe(`${first}a.db.keys.json (back it up with the store)${rest}`)
  vi.stubEnv("GRANTLOG_KEYS", "{}")
  expect(said({ store: "sqlite:a.db" })).toBe(`${first}from GRANTLOG_KEYS${rest}`)
  expect(said({ store: "sqlite:a.db", keysFile: "k" })).toBe(`${first}k (back it up with the store)${rest}`)
})

it("says of a database neither its password nor that the keys lie beside it", () => {
  expect(said({ store: "postgres://u:s3cret@host/log", keysFile: "k" })).toBe(
    `grantlog is serving http://localhost:4000 on port 4000
  store  postgres://u@host/log
  keys   k (give it to every instance, and back it up)
${local}
  npx grantlog grant list`,
  )
})

it("says how to sign in, and where console and admin API are, where they are on", () => {
  const demo = { name: "demo", password: "made-up" }
  expect(said({ shown: { demo } })).toBe(`${inMemory}

Sign in at http://localhost:4000/account as demo with the password made-up
(shown this once)
${local}`)
  expect(said({ shown: { console: { password: "made-up" } } })).toBe(`${inMemory}

${consoleLine("http://localhost:4000", "made-up")}
${local}`)
  const admin = (file?: string) => said({ shown: { admin: { port: 5000, file } } })
  expect(admin("a.cred")).toBe(`${inMemory}

Admin API at http://localhost:5000, with the credential in a.cred
${local}`)
  expect(admin()).toContain("with the credential in GRANTLOG_ADMIN_CREDENTIAL\n")
})

it("warns before everything else where requests are approved by themselves", () => {
  expect(said({ autoApprove: "alice" }))
    .toBe(`!!! AUTO-APPROVAL IS ON: every request for a loopback redirect URI is approved
!!! as alice, without login and without consent. For development only.

${inMemory}
${local}`)
})
