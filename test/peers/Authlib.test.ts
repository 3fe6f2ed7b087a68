/** Authlib's client, from Python, at a real server: it judges what it is told by its own reading of the documents. */
import { spawn } from "node:child_process"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, expect, test } from "vitest"
import { exportJWK, generateKeyPair } from "jose"
import { temporaryFolder } from "../live/support/Folder.ts"
import { serve, type RunningServer } from "../live/support/ServeProcess.ts"
import { AUTHLIB, PYTHON } from "./Environment.ts"

const folder = temporaryFolder()
let server: RunningServer

beforeAll(async () => {
  server = await serve(folder.at("grantlog.db"), "--private-key-jwt")
})

afterAll(async () => {
  await server.stop()
  folder[Symbol.dispose]()
})

const run = async (asked: object): Promise<unknown> => {
  const child = spawn(PYTHON, [join(AUTHLIB, "client.py"), server.issuer])
  child.stdin.end(`${JSON.stringify(asked)}\n`)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (stdout === "") throw new Error(`Authlib said nothing: ${stderr}`)
  return JSON.parse(stdout)
}

const grant_types = ["authorization_code", "refresh_token"]

test.each(["none", "client_secret_basic", "client_secret_post"])(
  "Authlib logs in with PKCE, refreshes, introspects and revokes, with %s",
  async (token_endpoint_auth_method) => {
    const told = await run({ registration: { token_endpoint_auth_method, grant_types } })
    const seen = token_endpoint_auth_method === "none" ? {} : { active: true, revoked: true }
    expect(told).toEqual({ token_type: "Bearer", scope: "read", refreshed: true, ...seen, again: "invalid_grant" })
  },
)

test("Authlib proves itself by an assertion that it signed, for the issuer alone", async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true })
  const keys = [{ ...(await exportJWK(publicKey)), kid: "1", alg: "ES256" }]
  const key = { ...(await exportJWK(privateKey)), kid: "1" }
  const registration = { token_endpoint_auth_method: "private_key_jwt", grant_types, jwks: { keys } }
  expect(await run({ registration, key, audience: server.issuer })).toMatchObject({ refreshed: true, revoked: true })
  // By default it names the token endpoint, which RFC 10070 has refused.
  expect(await run({ registration, key })).toEqual({ redeemed: "invalid_client" })
})
