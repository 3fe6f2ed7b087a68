/** What is said of a token that is alive: every member that applies, and none that does not. */
import { expect, test } from "vitest"
import { introspectionAnswer, type IntrospectedToken } from "../../src/protocol/index.ts"

const least: IntrospectedToken = {
  kind: "access",
  issuer: "https://id.example",
  clientId: "an-app",
  scopes: [],
  resource: [],
}
const said = { active: true, client_id: "an-app", iss: "https://id.example" }

test.each<[string, Partial<IntrospectedToken>, object]>([
  ["that nothing is known of", {}, { token_type: "Bearer" }],
  ["that nobody granted", { subject: null }, { token_type: "Bearer" }],
  [
    "with all there is",
    {
      subject: "sub_1",
      scopes: ["read", "write"],
      resource: ["https://a.example"],
      expiresAt: 20,
      issuedAt: 10,
    },
    { sub: "sub_1", scope: "read write", aud: "https://a.example", token_type: "Bearer", exp: 20, iat: 10 },
  ],
  ["for several resources", { resource: ["urn:a", "urn:b"] }, { aud: ["urn:a", "urn:b"], token_type: "Bearer" }],
  ["that is bound to a key", { jkt: "a-thumbprint" }, { token_type: "DPoP", cnf: { jkt: "a-thumbprint" } }],
  ["that refreshes", { kind: "refresh", jkt: "a-thumbprint" }, { token_type: "refresh_token" }],
])("of a token %s", (_, changes, members) => {
  expect(introspectionAnswer({ ...least, ...changes })).toStrictEqual({ ...said, ...members })
})

test("who changes an answer changes no state", () => {
  const resource = ["urn:a", "urn:b"]
  const { aud } = introspectionAnswer({ ...least, resource }) as { readonly aud?: unknown }
  expect(() => (aud as Array<string>).push("urn:c")).toThrow(TypeError)
  expect(resource).toEqual(["urn:a", "urn:b"])
})
