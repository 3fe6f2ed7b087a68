/** The keys that a client publishes are fetched with care: believed for a while, asked for again seldom, and never far. */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { compactVerify, type JWK } from "jose"
import { describe, expect, it, onTestFinished } from "vitest"
import { clientKeysOf } from "../../../../src/http/ClientKeys.ts"
import { makeKeysOf } from "../../../../src/provider/features/clients/PublishedKeys.ts"
import { isSignedByClient } from "../../../../src/provider/features/clients/SignedByClient.ts"
import { settingsOf } from "../../../../src/provider/index.ts"
import { assertionOf, newSigningKey, type SigningKey } from "../../../support/Assertions.ts"

const ADDRESS = "https://client.example/jwks.json"
const MINUTE = 60_000

/** Somebody who publishes, a clock, and how often was asked. */
const publisher = (keys: ReadonlyArray<JWK> = []) => {
  const site = { keys: [...keys], status: 200, now: 0, asked: [] as Array<RequestInit | undefined>, text: "" }
  const keysOf = makeKeysOf({
    now: () => site.now,
    isKnown: (clientId) => Promise.resolve(clientId === "known"),
    fetch: (_address, init) => {
      site.asked.push(init)
      const headers = { "content-type": "application/jwk-set+json", "cache-control": "max-age=86400" }
      const text = site.text || JSON.stringify({ keys: site.keys })
      return Promise.resolve(new Response(text, { status: site.status, headers }))
    },
  })
  const isSigned = async (key: SigningKey, client = { client_id: "app", jwks_uri: ADDRESS }) =>
    isSignedByClient(await assertionOf({ clientId: "app", key, now: 0 }), client, keysOf, [key.alg])
  return Object.assign(site, { keysOf, isSigned })
}

describe("keys at an address", () => {
  it("are asked for once in ten minutes, however many signatures are verified", async () => {
    const key = await newSigningKey()
    const site = publisher([key.jwk])
    for (const minutes of [0, 0, 5, 9.9]) {
      site.now = minutes * MINUTE
      expect(await site.isSigned(key)).toBe(true)
    }
    expect(site.asked).toHaveLength(1)
    site.now = 10 * MINUTE
    site.keys = []
    expect(await site.isSigned(key)).toBe(false)
  })

  it("are asked for again when none of them fits, at most twice a minute", async () => {
    const [first, second] = [await newSigningKey("ES256", "1"), await newSigningKey("ES256", "2")]
    const site = publisher([first.jwk])
    expect(await site.isSigned(first)).toBe(true)
    site.keys = [first.jwk, second.jwk]
    for (let tries = 0; tries < 10; tries++) expect(await site.isSigned(second)).toBe(false)
    expect(site.asked).toHaveLength(1)
    site.now = MINUTE / 2
    expect(await site.isSigned(second)).toBe(true)
    expect(site.asked).toHaveLength(2)
  })

  it("are asked for again for a key without a name, where the one that was known is another", async () => {
    const [first, second] = [await newSigningKey(), await newSigningKey()]
    const site = publisher([first.jwk])
    expect(await site.isSigned(first)).toBe(true)
    site.keys = [second.jwk]
    site.now = MINUTE
    expect(await site.isSigned(second)).toBe(true)
    expect(await site.isSigned(first)).toBe(false)
  })

  it("are each tried where several fit", async () => {
    const keys = [await newSigningKey(), await newSigningKey(), await newSigningKey()]
    const site = publisher(keys.map(({ jwk }) => jwk))
    for (const key of keys) expect(await site.isSigned(key)).toBe(true)
    expect(await site.isSigned(await newSigningKey())).toBe(false)
  })

  it("are asked for once by all who wait at the same time", async () => {
    const key = await newSigningKey()
    const site = publisher([key.jwk])
    expect(await Promise.all(Array.from({ length: 50 }, () => site.isSigned(key)))).toEqual(Array(50).fill(true))
    expect(site.asked).toHaveLength(1)
  })

  it("that cannot be had are none, and are not asked for again within half a minute", async () => {
    const key = await newSigningKey()
    const site = publisher([key.jwk])
    site.status = 500
    for (let tries = 0; tries < 10; tries++) expect(await site.isSigned(key)).toBe(false)
    expect(site.asked).toHaveLength(1)
    site.status = 200
    site.now = MINUTE / 2
    expect(await site.isSigned(key)).toBe(true)
  })

  it.each([
    ["no JSON", "keys"],
    ["nothing", " "],
    ["no set of keys", "[]"],
    ["a private key", '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}'],
    ["more than 64 KiB", JSON.stringify({ keys: [], padding: "x".repeat(65_536) })],
  ])("are none where there is %s", async (_what, text) => {
    const site = publisher()
    site.text = text
    expect(await site.isSigned(await newSigningKey())).toBe(false)
    expect(site.asked).toHaveLength(1)
  })

  it("that could not be looked for again leave those that are known as they are", async () => {
    const [first, second] = [await newSigningKey("ES256", "1"), await newSigningKey("ES256", "2")]
    const site = publisher([first.jwk])
    expect(await site.isSigned(first)).toBe(true)
    site.now = MINUTE
    site.status = 503
    for (let tries = 0; tries < 5; tries++) expect(await site.isSigned(second)).toBe(false)
    expect(site.asked).toHaveLength(2)
    expect(await site.isSigned(first)).toBe(true)
  })

  it("of clients that somebody vouched for are not displaced by those of any number of strangers", async () => {
    const site = publisher([(await newSigningKey()).jwk])
    await site.keysOf({ client_id: "known", jwks_uri: ADDRESS })
    for (let index = 0; index < 1100; index++) {
      await site.keysOf({ client_id: `stranger ${index}`, jwks_uri: `https://${index}.example/jwks.json` })
    }
    const asked = site.asked.length
    await site.keysOf({ client_id: "known", jwks_uri: ADDRESS })
    expect(site.asked).toHaveLength(asked)
    await site.keysOf({ client_id: "stranger 0", jwks_uri: "https://0.example/jwks.json" })
    expect(site.asked).toHaveLength(asked + 1)
  })
})

describe("keys by value", () => {
  it("are those that were registered, and nothing is asked for", async () => {
    const [own, other] = [await newSigningKey(), await newSigningKey()]
    const site = publisher()
    const client = { client_id: "app", jwks: { keys: [own.jwk as JWK & { kty: string }] } }
    const signed = async (key: SigningKey) =>
      isSignedByClient(await assertionOf({ clientId: "app", key, now: 0 }), client, site.keysOf, ["ES256"])
    expect([await signed(own), await signed(other)]).toEqual([true, false])
    expect(site.asked).toEqual([])
  })

  it("verify nothing for a client that has none", async () => {
    const key = await newSigningKey()
    const keys = await publisher().keysOf({ client_id: "app" })
    await expect(compactVerify(await assertionOf({ clientId: "app", key, now: 0 }), keys)).rejects.toThrow()
  })
})

describe("the guard", () => {
  const listen = async (listener: RequestListener): Promise<string> => {
    const http = createServer(listener)
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
    onTestFinished(() => void http.close())
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  }
  const keysOfServerAt = (issuer: string) => clientKeysOf({ settings: settingsOf({ issuer }), now: () => 0 as never })

  it("lets a server on this machine ask this machine, and no server for the public", async () => {
    const key = await newSigningKey()
    let count = 0
    const url = await listen((_request, response) => {
      count++
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys: [key.jwk] }))
    })
    const jws = await assertionOf({ clientId: "app", key, now: 0 })
    const isKnownAt = (issuer: string) =>
      isSignedByClient(jws, { client_id: "app", jwks_uri: `${url}/jwks` }, keysOfServerAt(issuer), ["ES256"])
    expect(await isKnownAt("https://id.example")).toBe(false)
    expect(count).toBe(0)
    expect(await isKnownAt("http://localhost:4000")).toBe(true)
    expect(count).toBe(1)
  })

  it("does not follow who sends the server somewhere else", async () => {
    const key = await newSigningKey()
    const url = await listen((request, response) => {
      if (request.url === "/jwks")
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys: [key.jwk] }))
      else response.writeHead(302, { location: "/jwks" }).end()
    })
    const jws = await assertionOf({ clientId: "app", key, now: 0 })
    const keysOf = keysOfServerAt("http://localhost:4000")
    expect(await isSignedByClient(jws, { client_id: "app", jwks_uri: `${url}/moved` }, keysOf, ["ES256"])).toBe(false)
  })
})
