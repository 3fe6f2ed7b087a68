/** Signing keys: one that signs for each algorithm whoever asks, handed over by time, and gone for good once compromised. */
import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { memoryPlace, StoreFault } from "../../../src/log/index.ts"
import {
  ephemeralKeys,
  isPublished,
  liveRandomness,
  memorySigningKeys,
  openSigningKeys,
  signerOver,
  signingKeyTable,
  signingKeysIn,
  stateOf,
  type KeyRingFile,
  type SigningKeys,
} from "../../../src/provider/index.ts"
import { temporaryFolder } from "../../support/TestServer.ts"

const run = Effect.runPromise
const NOW = 1_800_000_000_000
const DAY = 86_400_000
const ISSUER = "https://id.example.com"

const inMemory = (): SigningKeys => memorySigningKeys(ephemeralKeys(), liveRandomness)

const opened = async (file: string, ring: KeyRingFile): Promise<SigningKeys> => {
  const keys = await run(openSigningKeys(file, ring, liveRandomness))
  onTestFinished(() => run(keys.close))
  return keys
}

const signerAt = (keys: SigningKeys, now: () => number) => signerOver(keys, ISSUER, ["ES256"], now)

describe("the keys of a server", () => {
  it("have one that signs for each algorithm, the same each time", async () => {
    const keys = inMemory()
    const made = [await run(keys.active("ES256", NOW)), await run(keys.active("RS256", NOW))]
    expect(made.map(({ alg }) => alg)).toEqual(["ES256", "RS256"])
    expect((await run(keys.active("ES256", NOW + DAY))).kid).toBe(made[0]!.kid)
    expect(await run(keys.list)).toHaveLength(2)
  })

  it("are made once, however many instances ask for the first one at once, and all see what one of them does", async () => {
    const [file, ring] = [join(temporaryFolder(), "signing-keys"), ephemeralKeys()]
    const instances = await Promise.all([1, 2, 3, 4].map(() => opened(file, ring)))
    const asked = instances.flatMap((keys) => [keys, keys])
    const made = await Promise.all(asked.map((keys) => run(keys.active("ES256", NOW))))
    expect(new Set(made.map(({ kid }) => kid)).size).toBe(1)
    const rotated = await Promise.all(
      instances.map((keys) => run(keys.rotate("ES256", { now: NOW, overlapMillis: 0 }))),
    )
    const now = await Promise.all(instances.map((keys) => run(keys.active("ES256", NOW))))
    expect(new Set(now.map(({ kid }) => kid)).size).toBe(1)
    expect(rotated.map(({ kid }) => kid)).toContain(now[0]!.kid)
    const active = (await run(instances[0]!.list)).filter((key) => stateOf(key, NOW) === "active")
    expect(active).toHaveLength(1)
  })

  it("are in the file only wrapped, and the file is its owner's alone", async () => {
    const file = join(temporaryFolder(), "signing-keys")
    const keys = await opened(file, ephemeralKeys())
    const { d } = await run(Effect.flatMap(keys.active("ES256", NOW), keys.privateKeyOf))
    expect(d).toMatch(/^[\w-]{43}$/)
    const bytes = readFileSync(file)
    expect(bytes.includes(d!)).toBe(false)
    expect(bytes.includes(Buffer.from(d!, "base64url"))).toBe(false)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it("are of no use without the ring that they were made with, and that is said", async () => {
    const place = memoryPlace(signingKeyTable)
    const made = await run(signingKeysIn(place, "here", ephemeralKeys(), liveRandomness).active("ES256", NOW))
    const foreign = signingKeysIn(place, "here", ephemeralKeys(), liveRandomness)
    const fault = await run(Effect.flip(foreign.privateKeyOf(made)))
    expect(fault).toBeInstanceOf(StoreFault)
    expect(fault.message).toBe(
      `the signing key \`${made.kid}\` in \`here\` cannot be opened: bring the key ring that it was made with, or retire it`,
    )
    await expect(signerAt(foreign, () => NOW).sign({}, { typ: "example+jwt" })).rejects.toMatchObject({
      _tag: "Unavailable",
    })
  })

  it("that cannot be read are not taken for none", async () => {
    const place = memoryPlace(signingKeyTable)
    await run(place.exchange([{ after: { name: "signing", keys: "[{}]" } }]))
    const keys = signingKeysIn(place, "here", ephemeralKeys(), liveRandomness)
    expect((await run(Effect.flip(keys.active("ES256", NOW)))).message).toContain("`here` cannot be read")
  })
})

describe("a rotation", () => {
  it("publishes the next key first, lets it sign when the overlap is over, and keeps the old one while its signatures live", async () => {
    const keys = inMemory()
    const old = await run(keys.active("ES256", NOW))
    const next = await run(keys.rotate("ES256", { now: NOW, overlapMillis: 300_000 }))
    const statesAt = async (now: number) =>
      (await run(keys.list)).map((key) => [key.kid, isPublished(key, now) ? stateOf(key, now) : "gone"])
    expect(await statesAt(NOW)).toEqual([
      [next.kid, "next"],
      [old.kid, "active"],
    ])
    expect((await run(keys.active("ES256", NOW + 299_999))).kid).toBe(old.kid)
    expect((await run(keys.active("ES256", NOW + 300_000))).kid).toBe(next.kid)
    expect(await statesAt(NOW + 300_000)).toEqual([
      [next.kid, "active"],
      [old.kid, "retired"],
    ])
    expect(await statesAt(NOW + 300_000 + DAY - 1)).toContainEqual([old.kid, "retired"])
    expect(await statesAt(NOW + 300_000 + DAY)).toContainEqual([old.kid, "gone"])
  })

  it("of an algorithm that has no key yet signs at once", async () => {
    const keys = inMemory()
    const made = await run(keys.rotate("EdDSA", { now: NOW, overlapMillis: 300_000 }))
    expect((await run(keys.active("EdDSA", NOW))).kid).toBe(made.kid)
  })

  it("destroys the private key of what has ended, and forgets keys that ended a month ago", async () => {
    const keys = inMemory()
    const first = await run(keys.active("ES256", NOW))
    await run(keys.rotate("ES256", { now: NOW, overlapMillis: 1000 }))
    await run(keys.rotate("ES256", { now: NOW + 2000, overlapMillis: 1000 }))
    expect((await run(keys.list)).find(({ kid }) => kid === first.kid)).toMatchObject({ wrapped: null })
    await run(keys.rotate("ES256", { now: NOW + 31 * DAY, overlapMillis: 0 }))
    expect((await run(keys.list)).map(({ kid }) => kid)).not.toContain(first.kid)
  })
})

describe("a key that is retired", () => {
  it("signs no more, another takes its place at once, and what it signed is verified still", async () => {
    const keys = inMemory()
    const { sign, verify } = signerAt(keys, () => NOW)
    const before = await sign({ aud: "a" }, { typ: "example+jwt" })
    const old = await run(keys.active("ES256", NOW))
    const { key, successor } = (await run(keys.retire(old.kid, { now: NOW, isCompromised: false })))!
    expect([stateOf(key, NOW), key.wrapped]).toEqual(["retired", null])
    expect((await run(keys.active("ES256", NOW))).kid).toBe(successor!.kid)
    expect(await verify(before, "example+jwt")).toMatchObject({ aud: "a" })
  })

  it("as compromised is published no more and verifies nothing, and the next in line signs at once", async () => {
    const keys = inMemory()
    const { sign, verify, publicKeys } = signerAt(keys, () => NOW)
    const before = await sign({}, { typ: "example+jwt" })
    const old = await run(keys.active("ES256", NOW))
    const next = await run(keys.rotate("ES256", { now: NOW, overlapMillis: 300_000 }))
    const { successor } = (await run(keys.retire(old.kid, { now: NOW, isCompromised: true })))!
    expect(successor!.kid).toBe(next.kid)
    expect(await verify(before, "example+jwt")).toBeUndefined()
    expect((await publicKeys()).keys.map(({ kid }) => kid)).toEqual([next.kid])
    const again = (await run(keys.retire(old.kid, { now: NOW + 1, isCompromised: false })))!
    expect([stateOf(again.key, NOW + 1), again.key.retiredAt]).toEqual(["compromised", NOW])
  })

  it("is one that is there", async () => {
    expect(await run(inMemory().retire("nobody", { now: NOW, isCompromised: true }))).toBeUndefined()
  })
})

describe("what is signed", () => {
  it("names the issuer, whatever was handed in, and is read back as its own kind alone", async () => {
    const { sign, verify } = signerAt(inMemory(), () => NOW)
    const jwt = await sign({ iss: "https://elsewhere.example", aud: "a" }, { typ: "example+jwt" })
    expect(await verify(jwt, "example+jwt")).toEqual({ iss: ISSUER, aud: "a" })
    for (const typ of ["at+jwt", "JWT", "application/other"]) expect(await verify(jwt, typ)).toBeUndefined()
  })

  it("expires by the server's clock, and may not outlive the key that it is verified by", async () => {
    let now = NOW
    const { sign, verify } = signerAt(inMemory(), () => now)
    const jwt = await sign({ exp: NOW / 1000 + 60 }, { typ: "example+jwt" })
    now = NOW + 59_999
    expect(await verify(jwt, "example+jwt")).toBeDefined()
    now = NOW + 60_000
    expect(await verify(jwt, "example+jwt")).toBeUndefined()
    await expect(sign({ exp: now / 1000 + 86_401 }, { typ: "example+jwt" })).rejects.toThrow("longer than a day")
  })
})
