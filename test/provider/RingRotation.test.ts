/** The steps of a rotation: what each leaves in the ring, and that nobody who waits or is known by it is lost. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { deviceGrant, ephemeralKeys, liveRandomness, memoryStore, standardFeatures } from "../../src/provider/index.ts"
import { keyRing, type KeyRingFile } from "../../src/provider/Keys.ts"
import { ringKeys, withKeyInUse, withNewKey, withoutKey } from "../../src/provider/RingRotation.ts"
import { serverOver } from "../support/TestServer.ts"

const pairwiseKeyOf = (ring: KeyRingFile) => Buffer.from(keyRing(ring).secrets("pairwise subject").at(-1)!)

const rotated = (ring: KeyRingFile) => {
  const added = withNewKey(ring, liveRandomness)
  const used = withKeyInUse(added, added.keys.at(-1)!.id)
  return { added, used, left: withoutKey(used, ring.keys[0].id) }
}

describe("a rotated ring", () => {
  it("has a new key behind, then before the others, then alone beside the name of the one that is gone", () => {
    const ring = ephemeralKeys()
    const [{ id: old }] = ring.keys
    const { added, used, left } = rotated(ring)
    const next = added.keys[1]!.id
    const statesOf = (one: KeyRingFile) => ringKeys(one).map(({ id, state }) => `${id} ${state}`)
    expect(statesOf(added)).toEqual([`${old} in use`, `${next} kept`])
    expect(statesOf(used)).toEqual([`${next} in use`, `${old} kept`])
    expect(statesOf(left)).toEqual([`${next} in use`, `${old} retired`])
    expect([keyRing(left).has(old), keyRing(left).has("k_another")]).toEqual([true, false])
    expect(JSON.stringify(left)).not.toContain(ring.keys[0].secret)
    expect(statesOf(rotated(left).left).slice(1)).toEqual([`${old} retired`, `${next} retired`])
  })

  it("keeps who somebody is to a client (OIDC-8.1-pairwise), through every step and a second rotation", () => {
    const ring = ephemeralKeys()
    const { added, used, left } = rotated(ring)
    const again = rotated(left)
    for (const one of [added, used, left, again.added, again.used, again.left]) {
      expect(pairwiseKeyOf(one)).toEqual(pairwiseKeyOf(ring))
    }
    expect(pairwiseKeyOf(ephemeralKeys())).not.toEqual(pairwiseKeyOf(ring))
  })

  it("finds a device that waits by the code that it got before", async () => {
    const ring = ephemeralKeys()
    const store = memoryStore()
    const features = [...standardFeatures, ...deviceGrant()]
    const { native, clock } = await serverOver({ store, keys: ring, features })
    await Effect.runPromise(
      native.addClient({
        clientId: "tv",
        metadata: {
          client_name: "tv",
          redirect_uris: [],
          response_types: [],
          token_endpoint_auth_method: "none",
          grant_types: ["urn:ietf:params:oauth:grant-type:device_code"],
        },
      }),
    )
    const resource = ["https://api.example/mcp"]
    const { userCode } = await Effect.runPromise(native.requestDevice({ credentials: { clientId: "tv" }, resource }))
    const found = async (keys: KeyRingFile) => {
      const { native: another } = await serverOver({ store, keys, clock, features })
      return Effect.runPromise(another.devices.waiting(userCode))
    }
    expect(await found(rotated(ring).used)).toMatchObject({ clientId: "tv", userCode })
    expect(await found(rotated(ring).left)).toBeUndefined()
  })
})
