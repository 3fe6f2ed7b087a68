/** Clients: what they may do and what proves them. */
import { describe, expect, it } from "vitest"
import { given, sliceFor, type Fact } from "../../properties/Scenario.ts"
import {
  ClientMetadata,
  isAuthenticated,
  isPublic,
  mayUse,
  registeredScopes,
  usableScopes,
  type RegisteredClient,
} from "../../src/core/index.ts"
import { at, digest, metadata, redeem, register, registerService, scopes, service } from "./support/Facts.ts"
import { Schema } from "effect"

const after = (fact: Fact, clientId = redeem().clientId): RegisteredClient => {
  const { client } = sliceFor(given(fact).history, redeem({ clientId }))
  if (client._tag !== "Registered") throw new Error("no client was registered")
  return client
}
const app = after(register())
const isMetadata = Schema.is(ClientMetadata)
const confidential = after(registerService(), service)

describe("a public client", () => {
  it("proves nothing, and may not pretend to", () => {
    expect(isPublic(app)).toBe(true)
    expect(isAuthenticated(app, "none", at(0))).toBe(true)
    expect(isAuthenticated(app, "verified", at(0))).toBe(false)
    expect(isAuthenticated(app, "failed", at(0))).toBe(false)
  })
})

describe("a confidential client", () => {
  it("proves itself by whatever verified it, and by nothing else", () => {
    expect(isPublic(confidential)).toBe(false)
    expect(isAuthenticated(confidential, "verified", at(0))).toBe(true)
    expect(isAuthenticated(confidential, "none", at(0))).toBe(false)
    expect(isAuthenticated(confidential, "failed", at(0))).toBe(false)
    expect(isAuthenticated({ ...confidential, secret: null }, "verified", at(0))).toBe(true)
  })

  it("proves itself until the secret expires, and not at that instant", () => {
    const expiring = { ...confidential, secret: { digest: digest("secret-1"), expiresAt: at(1) } }
    expect([at(1, -1), at(1), at(1, 1)].map((now) => isAuthenticated(expiring, "verified", now))).toEqual([
      true,
      false,
      false,
    ])
  })
})

describe("a client", () => {
  it("may use the grant types it registered", () => {
    expect(mayUse(app, "refresh_token")).toBe(true)
    expect(mayUse(app, "client_credentials")).toBe(false)
  })

  it("is registered for the scopes it named, or for no list at all", () => {
    expect(registeredScopes(app)).toBeUndefined()
    expect(registeredScopes(after(register({ metadata: { ...metadata, scope: "read write" } })))).toEqual([
      "read",
      "write",
    ])
  })

  it("can use what there is of the scopes it named, in its order, else the default, and all if it named none", () => {
    const there = { scopes: scopes("read write admin"), defaultScopes: scopes("read") }
    const naming = (scope: string) => usableScopes(after(register({ metadata: { ...metadata, scope } })), there)
    expect(usableScopes(app, there)).toEqual(["read", "write", "admin"])
    expect(naming("admin fly write")).toEqual(["admin", "write"])
    expect(naming("fly swim")).toEqual(["read"])
  })

  it.each(["My App", "Größe 2 – 語", "Zoë’s \u{1f680}", "", "a".repeat(256)])("may be called %j", (client_name) => {
    expect(isMetadata({ ...metadata, client_name })).toBe(true)
  })

  it.each(["line\nbreak", "\u0000", "tab\t", "\u007f", "\u0085", "My \u202eppA", "\u2066x\u2069", "a".repeat(257)])(
    "has no name that breaks, turns around or floods what stands beside it: %j",
    (client_name) => {
      expect(isMetadata({ ...metadata, client_name })).toBe(false)
    },
  )

  describe.each(["client_uri", "logo_uri", "tos_uri", "policy_uri"])("has a %s that", (member) => {
    it.each(["https://app.example", "https://app.example/logo.png?x=1#y", "http://localhost:8080/terms"])(
      "is a page or picture: %s",
      (uri) => {
        expect(isMetadata({ ...metadata, [member]: uri })).toBe(true)
      },
    )

    it.each([
      "",
      "https://",
      "javascript:alert(1)",
      "JavaScript:alert(1)",
      "data:image/svg+xml,x",
      "file:///etc/passwd",
      "ftp://app.example/",
      "//app.example/logo.png",
      "/logo.png",
      " https://app.example/",
      "https://app.example/a b",
      "https://app.example/\n",
      "javascript:alert(1)//\nhttps://app.example/",
      "https://äpp.example/",
      "https://app.example/".padEnd(2049, "a"),
    ])("is no script, file or text: %j", (uri) => {
      expect(isMetadata({ ...metadata, [member]: uri })).toBe(false)
    })
  })

  it("keeps nothing that names a person, nor what it does not know", () => {
    const decoded = Schema.decodeUnknownSync(ClientMetadata)({ ...metadata, contacts: ["a@b.example"], unknown: 1 })
    expect(decoded).toEqual(metadata)
  })
})
