/** How a client shows the token endpoint who it is: as it was registered, as far as the server can take it. */
import { expect, test } from "vitest"
import { clientAuthentication, methodOf } from "../../../src/client/tokens/ClientAuthentication.ts"
import { ISSUER } from "../support/World.ts"

const BASIC = "client_secret_basic"
const POST = "client_secret_post"

const serverThat = (...takes: ReadonlyArray<string>) => ({
  issuer: ISSUER,
  metadata: {
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/authorize`,
    token_endpoint: `${ISSUER}/token`,
    ...(takes.length === 0 ? {} : { token_endpoint_auth_methods_supported: takes }),
  },
})

test.each<readonly [string | undefined, string | undefined, ReadonlyArray<string>, string]>([
  // no secret
  [undefined, undefined, [BASIC, POST], "none"],
  [undefined, BASIC, [BASIC], "none"],
  ["", undefined, [BASIC], "none"],
  // as it was registered, whatever the server says of itself
  ["s", POST, [BASIC], POST],
  ["s", BASIC, [POST], BASIC],
  // registered as something that no secret fits: as the server takes it
  ["s", "none", [POST], POST],
  ["s", "none", [BASIC], BASIC],
  ["s", "private_key_jwt", [POST], POST],
  ["s", "private_key_jwt", [BASIC], BASIC],
  // not said: as the server takes it, in the header where it takes both or does not say
  ["s", undefined, [POST], POST],
  ["s", undefined, [BASIC, POST], BASIC],
  ["s", undefined, [POST, BASIC], BASIC],
  ["s", undefined, ["private_key_jwt"], BASIC],
  ["s", undefined, ["none"], BASIC],
  ["s", undefined, [], BASIC],
])("with the secret %j, registered as %j, at a server that takes %j: %s", (secret, registered, takes, method) => {
  const client = {
    client_id: "app",
    ...(secret === undefined ? {} : { client_secret: secret }),
    ...(registered === undefined ? {} : { token_endpoint_auth_method: registered }),
  }
  expect(methodOf(client, serverThat(...takes))).toBe(method)
})

const shown = async (client: Parameters<typeof clientAuthentication>[0], ...takes: ReadonlyArray<string>) => {
  const server = serverThat(...takes)
  const [body, headers] = [new URLSearchParams(), new Headers()]
  const authenticate = clientAuthentication(client, server, { now: () => 0 })
  await authenticate(server.metadata as never, { client_id: "unused" }, body, headers)
  return { body: Object.fromEntries(body), headers: Object.fromEntries(headers) }
}

test("a client without a secret shows its id alone, in the body", async () => {
  expect(await shown({ client_id: "app" }, BASIC)).toEqual({ body: { client_id: "app" }, headers: {} })
})

test("a secret in the body stands there as it is, and nowhere else", async () => {
  expect(await shown({ client_id: "app", client_secret: "s/+ *" }, POST)).toEqual({
    body: { client_id: "app", client_secret: "s/+ *" },
    headers: {},
  })
})

test("a secret in the header is form-encoded where it has to be, and the id is in the body too", async () => {
  const { body, headers } = await shown({ client_id: "my app-1_x.y~z", client_secret: "a:b*(c)'!/ü" }, BASIC)
  expect(body).toEqual({ client_id: "my app-1_x.y~z" })
  expect(Object.keys(headers)).toEqual(["authorization"])
  expect(headers["authorization"]).toMatch(/^Basic /)
  const decoded = Buffer.from(headers["authorization"]!.slice("Basic ".length), "base64").toString()
  expect(decoded).toBe("my+app-1_x.y~z:a%3Ab%2A%28c%29%27%21%2F%C3%BC")
})
