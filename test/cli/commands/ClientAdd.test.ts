/** `grantlog client add`: what is registered for which flags, and which of them exclude one another. */
import { writeFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../../live/support/InProcess.ts"
import { ISSUER } from "../../support/TestServer.ts"

const folder = temporaryFolder()
const store = ["--store", `sqlite:${folder.at("grantlog.db")}`, "--issuer", ISSUER]
const add = ["client", "add", "--name", "App"]

const KEY = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }
const files = { key: KEY, set: { keys: [KEY] }, nothing: null, text: "kty", list: [] }
/** `FILES` is where they are, for a name that is the same in every run. */
const placed = (text: string): string => text.replace("FILES", folder.at("."))

beforeAll(async () => {
  for (const [name, content] of Object.entries(files)) writeFileSync(folder.at(name), JSON.stringify(content))
  writeFileSync(folder.at("none"), "no JSON")
  await grantlogJsonHere([...add, "--client-id", "first", ...store])
})
afterAll(() => folder[Symbol.dispose]())

const REDIRECT = ["--redirect-uri", "http://127.0.0.1/"]
const [REDIRECTED, ELSEWHERE] = [{ redirect_uris: ["http://127.0.0.1/"] }, { redirect_uris: [] }]
const BY_CODE = {
  ...REDIRECTED,
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
}
const withoutCode = (...types: ReadonlyArray<string>) => ({ ...ELSEWHERE, grant_types: types, response_types: [] })
const BY_ITSELF = withoutCode("client_credentials")
const SECRET = {
  client_secret: expect.stringMatching(/^gls_\w+$/),
  client_secret_expires_at: 0,
  token_endpoint_auth_method: "client_secret_basic",
}
const PUBLIC = { token_endpoint_auth_method: "none" }
const SIGNING = { token_endpoint_auth_method: "private_key_jwt" }
const grant = (name: string): string => `urn:ietf:params:oauth:grant-type:${name}`

describe("what is registered", () => {
  it.each<readonly [ReadonlyArray<string>, Readonly<Record<string, unknown>>]>([
    [REDIRECT, { ...SECRET, ...BY_CODE }],
    [[], { ...SECRET, ...BY_ITSELF }],
    [["--public", ...REDIRECT], { ...PUBLIC, ...BY_CODE }],
    [["--public", "--device"], { ...PUBLIC, ...withoutCode(grant("device_code"), "refresh_token") }],
    [
      ["--public", "--device", ...REDIRECT],
      { ...PUBLIC, ...BY_CODE, grant_types: ["authorization_code", grant("device_code"), "refresh_token"] },
    ],
    [
      ["--require-dpop", "--require-pushed-requests"],
      { ...SECRET, ...BY_ITSELF, dpop_bound_access_tokens: true, require_pushed_authorization_requests: true },
    ],
    [
      ["--require-signed-requests", "--jwks", "FILES/key"],
      { ...SIGNING, ...BY_ITSELF, jwks: files.set, require_signed_request_object: true },
    ],
    [["--jwks", "FILES/set"], { ...SIGNING, ...BY_ITSELF, jwks: files.set }],
    [["--jwks-uri", "https://a.example/jwks"], { ...SIGNING, ...BY_ITSELF, jwks_uri: "https://a.example/jwks" }],
    [["--token-exchange"], { ...SECRET, ...withoutCode(grant("token-exchange")) }],
    [["--identity-assertions"], { ...SECRET, ...withoutCode(grant("jwt-bearer")) }],
    [
      ["--token-exchange", ...REDIRECT],
      { ...SECRET, ...BY_CODE, grant_types: [...BY_CODE.grant_types, grant("token-exchange")] },
    ],
    [["--audience", "https://api.example"], { ...SECRET, ...withoutCode(), audience: "https://api.example" }],
    [["--scope", " read  write "], { ...SECRET, ...BY_ITSELF, scope: "read write" }],
    [["--client-id", "own-id"], { ...SECRET, ...BY_ITSELF, client_id: "own-id" }],
  ])("for %j", async (flags, registered) => {
    expect(await grantlogJsonHere([...add, ...flags.map(placed), ...store])).toEqual({
      client_id: expect.stringMatching(/^\w{22}$/),
      client_id_issued_at: expect.any(Number),
      client_name: "App",
      ...registered,
    })
  })

  it("is told a person in lines, with the secret", async () => {
    const { stdout } = await grantlogHere([...add, ...store])
    expect(stdout).toMatch(/^client_id {19}\w{22}\nclient_id_issued_at {9}\d+\nclient_secret {15}gls_\w+\n/)
  })
})

describe("what cannot be meant", () => {
  const NO_JSON = "cannot be read: name a file with a JWK Set in JSON"
  const NO_SET = "jwks cannot be kept: it is no object with a list of keys: send a JWK Set (RFC 7517)"

  it.each<readonly [ReadonlyArray<string>, number, string]>([
    [["--public"], 2, "a client with --public needs --redirect-uri or --device: it has no other way to a token"],
    ...[
      ["--jwks-uri", "https://a.example/jwks"],
      ["--jwks", "FILES/set"],
    ].map(
      (keys) =>
        [["--public", "--device", ...keys], 2, "a client with --public has no keys: leave out one of both"] as const,
    ),
    [
      ["--jwks", "FILES/set", "--jwks-uri", "https://a.example/jwks"],
      2,
      "--jwks and --jwks-uri exclude one another: give one of them",
    ],
    [["--require-signed-requests"], 2, "a client with --require-signed-requests needs --jwks or --jwks-uri"],
    [["--jwks", "FILES/none"], 2, `--jwks \`FILES/none\` ${NO_JSON}`],
    [["--jwks", "FILES/missing"], 2, `--jwks \`FILES/missing\` ${NO_JSON}`],
    [["--jwks", "FILES/nothing"], 1, "a client that uses private_key_jwt needs jwks or jwks_uri"],
    [["--jwks", "FILES/text"], 1, NO_SET],
    [["--jwks", "FILES/list"], 1, NO_SET],
  ])("%j ends with %i and a sentence", async (flags, code, sentence) => {
    const stderr = `grantlog: ${placed(sentence)}\n`
    expect(await grantlogHere([...add, ...flags.map(placed), ...store])).toEqual({ code, stdout: "", stderr })
  })

  it("is a name that nobody can see", async () => {
    expect(await grantlogHere(["client", "add", "--name=", ...store])).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "grantlog: --name needs a value: give a value with a length of at least 1 (try grantlog client add --help)\n",
    })
  })
})
