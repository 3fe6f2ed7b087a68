/**
 * What every place for credentials promises, whatever it is: run once for each.
 *
 * A place is opened anew for each rule, by a clock that only the test moves.
 */
import { describe, expect, it } from "vitest"
import {
  TokenStorageAdapter,
  type KeyValue,
  type StoredClient,
  type StoredTokens,
} from "../../../src/client/storage/index.ts"
import { START_MILLIS } from "../../support/ManualClock.ts"

/** Makes an empty store; what it is kept in goes away after the test. */
export type OpenEmpty = (now: () => number) => Promise<KeyValue>

export const server = "https://example.com/mcp"

export const tokens: StoredTokens = {
  tokens: { access_token: "access-1", token_type: "Bearer", expires_in: 60, refresh_token: "refresh-1" },
  expiresAt: START_MILLIS + 60_000,
  issuer: "https://issuer.example",
}

const client = (secretEnd: number): StoredClient => ({
  client: { client_id: "app", client_secret: "hush", client_secret_expires_at: secretEnd },
  issuer: "https://issuer.example",
})

const refusal = (code: string) => expect.objectContaining({ _tag: "StorageError", code })

/** What a place can do besides: `isComparing` where it sets a value only over the one that was expected. */
export interface Abilities {
  readonly isComparing: boolean
}

export const keyValueSuite = (name: string, { isComparing }: Abilities, openEmpty: OpenEmpty): void => {
  describe(name, () => {
    const open = async () => {
      let time = START_MILLIS
      const now = () => time
      const keyValue = await openEmpty(now)
      const storage = (url = server, namespace?: string) => TokenStorageAdapter(keyValue, url, namespace, { now })
      return { keyValue, storage, pass: (seconds: number) => void (time += seconds * 1000) }
    }

    it("gives back what was set last, and nothing once it was deleted", async () => {
      const { keyValue } = await open()
      expect(await keyValue.get("a")).toBeUndefined()
      await keyValue.set("a", "one")
      await keyValue.set("a", "two\u0000ü\n")
      expect(await keyValue.get("a")).toBe("two\u0000ü\n")
      await keyValue.delete("a")
      await keyValue.delete("a")
      expect(await keyValue.get("a")).toBeUndefined()
    })

    it("keeps keys apart that only look alike", async () => {
      const { keyValue } = await open()
      const keys = [
        "a.b",
        "a_b",
        "A.b",
        "a/b",
        "a\\b",
        "../a.b",
        "a.b ",
        "",
        "__proto__",
        "ä",
        "a\u0308",
        "x".repeat(500),
      ]
      for (const key of keys) await keyValue.set(key, `of ${key}`)
      for (const key of keys) expect(await keyValue.get(key)).toBe(`of ${key}`)
    })

    it("ends a value with its ttl, at that moment and not before; setting it anew without one ends the ttl", async () => {
      const { keyValue, pass } = await open()
      await keyValue.set("a", "one", { ttlSeconds: 10 })
      await keyValue.set("b", "one", { ttlSeconds: 10 })
      await keyValue.set("b", "two")
      pass(9.999)
      expect(await keyValue.get("a")).toBe("one")
      pass(0.001)
      expect(await keyValue.get("a")).toBeUndefined()
      expect(await keyValue.get("b")).toBe("two")
    })

    it.each([0, -1, NaN, Infinity])("refuses a ttl of %s", async (ttlSeconds) => {
      const { keyValue } = await open()
      await expect(keyValue.set("a", "one", { ttlSeconds })).rejects.toEqual(refusal("invalid_argument"))
    })

    it("compares before it sets where it is said to, and only there", async () => {
      const { keyValue } = await open()
      expect(typeof keyValue.compareAndSet).toBe(isComparing ? "function" : "undefined")
    })

    it("gives back credentials with their issuer, their absolute end and members that nobody knows", async () => {
      const { storage, pass } = await open()
      const sent = { ...tokens, tokens: { ...tokens.tokens, id_token: "x" } }
      await storage().setTokens(sent)
      await storage().setClientInfo(client(0))
      pass(3600)
      expect(await storage().getTokens()).toEqual(sent)
      expect(await storage().getClientInfo()).toEqual(client(0))
    })

    it("keeps servers and namespaces apart; clearing one leaves the others", async () => {
      const { storage } = await open()
      const places = [storage(), storage("https://example_com/mcp"), storage(`${server}/`), storage(server, "other")]
      for (const [index, place] of places.entries()) {
        expect(await place.getTokens()).toBeUndefined()
        await place.setTokens({ ...tokens, issuer: `https://issuer-${index}.example` })
      }
      await storage().setClientInfo(client(0))
      await storage().clear()
      expect(await storage().getClientInfo()).toBeUndefined()
      const left = await Promise.all(places.map(async (place) => (await place.getTokens())?.issuer))
      expect(left).toEqual([undefined, ...[1, 2, 3].map((index) => `https://issuer-${index}.example`)])
    })

    it("ends client information with its secret; without a secret it does not end", async () => {
      const { storage, pass } = await open()
      const end = START_MILLIS / 1000 + 10
      const { client_secret: _, ...withoutSecret } = client(end).client
      await storage("https://public.example").setClientInfo({ ...client(end), client: withoutSecret })
      await storage().setClientInfo(client(end))
      pass(9.999)
      expect(await storage().getClientInfo()).toEqual(client(end))
      pass(0.001)
      expect(await storage().getClientInfo()).toBeUndefined()
      await storage().setClientInfo(client(end))
      expect(await storage().getClientInfo()).toBeUndefined()
      expect(await storage("https://public.example").getClientInfo()).toBeDefined()
    })

    it.each(["{", "{}", '{"tokens":{"access_token":1,"token_type":"Bearer"},"issuer":"x"}'])(
      "says that %s is no token, and is usable again once cleared",
      async (text) => {
        const { keyValue, storage } = await open()
        const written: Array<string> = []
        const spy: KeyValue = { ...keyValue, set: async (key) => void written.push(key) }
        await TokenStorageAdapter(spy, server).setTokens(tokens)
        await keyValue.set(written[0]!, text)
        await expect(storage().getTokens()).rejects.toEqual(refusal("corrupt"))
        await storage().clear()
        expect(await storage().getTokens()).toBeUndefined()
      },
    )

    it("runs one exclusive body at a time, in adapters made apart too, and goes on after one that failed", async () => {
      const { storage } = await open()
      let insideCount = 0
      const count = async (fails: boolean) => {
        expect(++insideCount).toBe(1)
        const found = Number((await storage().getTokens())?.issuer ?? 0)
        await storage().setTokens({ ...tokens, issuer: String(found + 1) })
        insideCount--
        if (fails) throw new Error("on purpose")
        return found
      }
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) => storage().exclusively(() => count(index % 2 === 0))),
      )
      expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(4)
      expect((await storage().getTokens())?.issuer).toBe("8")
    })

    if (!isComparing) return

    describe("where it compares,", () => {
      const comparing = async () => {
        const opened = await open()
        return { ...opened, compareAndSet: opened.keyValue.compareAndSet! }
      }

      it("sets only over what was expected, also after that has ended", async () => {
        const { keyValue, compareAndSet, pass } = await comparing()
        expect(await compareAndSet("a", "none", "one")).toBe(false)
        expect(await compareAndSet("a", undefined, "one", { ttlSeconds: 5 })).toBe(true)
        expect(await compareAndSet("a", undefined, "two")).toBe(false)
        expect(await keyValue.get("a")).toBe("one")
        pass(5)
        expect(await compareAndSet("a", "one", "two")).toBe(false)
        expect(await compareAndSet("a", undefined, "two")).toBe(true)
        expect(await compareAndSet("a", "two", undefined)).toBe(true)
        expect(await keyValue.get("a")).toBeUndefined()
      })

      it("lets one of eight at once through", async () => {
        const { keyValue, compareAndSet } = await comparing()
        await keyValue.set("a", "old")
        const names = Array.from({ length: 8 }, (_, index) => `new ${index}`)
        const outcomes = await Promise.all(names.map((next) => compareAndSet("a", "old", next)))
        expect(outcomes.filter((won) => won)).toHaveLength(1)
        expect(await keyValue.get("a")).toBe(names[outcomes.indexOf(true)])
      })
    })
  })
}
