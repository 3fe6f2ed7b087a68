/** Whose key the origin of a request is sealed under, what of it is kept, and what opening it can come to. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { absentGrant, initial, type Event, type State, type SubjectId } from "../../src/core/index.ts"
import { seal, unseal, type SealingKey } from "../../src/log/index.ts"
import {
  ephemeralKeys,
  liveRandomness,
  openRequestOrigin,
  requestOriginOf,
  RequestOrigin,
} from "../../src/provider/index.ts"
import { requestOriginSealer, sealedFor } from "../../src/provider/RequestOrigin.ts"
import { memorySubjectKeys } from "../../src/provider/SubjectKeys.ts"

const run = Effect.runPromise
const ALICE = "sub_alice" as SubjectId
const BOB = "sub_bob" as SubjectId
const ORIGIN = { address: "203.0.113.7", userAgent: "Somebody/1.0" }

/** Only what is looked at here: whose event it is, and of what. */
const event = (_tag: Event["_tag"], members: Record<string, unknown>) => ({ _tag, ...members }) as unknown as Event
const stateOf = (subjectId: SubjectId | null | undefined, status: State["subject"]["status"] = "enabled"): State => ({
  ...initial,
  subject: { ...initial.subject, status },
  grant: subjectId === undefined ? absentGrant : ({ _tag: "Open", subjectId } as unknown as State["grant"]),
})

describe("the origin of a request is sealed", () => {
  const opened = event("GrantOpened", { grantId: "g", clientId: "c", subjectId: ALICE })
  const issued = event("AccessTokenIssued", { grantId: "g" })

  test("for the subject that the first event names, or whose grant it is about", () => {
    expect(sealedFor([opened, issued], stateOf(undefined))).toBe(ALICE)
    expect(sealedFor([issued], stateOf(ALICE))).toBe(ALICE)
    expect(sealedFor([event("GrantDenied", { grantId: "g", clientId: "c", subjectId: BOB })], stateOf(undefined))).toBe(
      BOB,
    )
    expect(sealedFor([event("SubjectDisabled", { subjectId: BOB })], stateOf(undefined))).toBe(BOB)
  })

  test("for nobody where a client acts for itself, or there is nothing about a subject", () => {
    const own = event("GrantOpened", { grantId: "g", clientId: "c", subjectId: null })
    expect(sealedFor([own, issued], stateOf(undefined))).toBeUndefined()
    // What the command was about does not make it somebody else's.
    expect(sealedFor([own, issued], stateOf(ALICE))).toBeUndefined()
    expect(sealedFor([issued], stateOf(null))).toBeUndefined()
    expect(sealedFor([issued], stateOf(undefined))).toBeUndefined()
    for (const tag of ["ClientRegistered", "ClientUpdated", "ClientDisabled", "ClientDeleted"] as const) {
      expect(sealedFor([event(tag, { clientId: "c" })], stateOf(ALICE)), tag).toBeUndefined()
    }
    expect(sealedFor([event("IssuerEpochRaised", {})], stateOf(ALICE))).toBeUndefined()
    expect(sealedFor([], stateOf(ALICE))).toBeUndefined()
  })

  test("for nobody who is forgotten, or is being forgotten by it", () => {
    expect(sealedFor([opened], stateOf(undefined, "forgotten"))).toBeUndefined()
    expect(sealedFor([issued], stateOf(ALICE, "forgotten"))).toBeUndefined()
    const forgotten = event("SubjectForgotten", { subjectId: ALICE })
    expect(sealedFor([forgotten], stateOf(undefined))).toBeUndefined()
    expect(sealedFor([event("SubjectDisabled", { subjectId: ALICE }), forgotten], stateOf(undefined))).toBeUndefined()
    expect(sealedFor([opened], stateOf(undefined, "disabled"))).toBe(ALICE)
  })
})

describe("of an origin is kept", () => {
  test("64 characters of the address and 256 of the user agent, and nothing of what is empty", () => {
    expect(requestOriginOf(ORIGIN.address, ORIGIN.userAgent)).toEqual(ORIGIN)
    expect(requestOriginOf("a".repeat(65), "b".repeat(257))).toEqual({
      address: "a".repeat(64),
      userAgent: "b".repeat(256),
    })
    expect(requestOriginOf(ORIGIN.address, undefined)).toEqual({ address: ORIGIN.address, userAgent: null })
    expect(requestOriginOf("", ORIGIN.userAgent)).toEqual({ address: null, userAgent: ORIGIN.userAgent })
    expect(requestOriginOf("", undefined)).toBeUndefined()
    expect(requestOriginOf("", "")).toBeUndefined()
  })
})

const start = () => {
  const keys = memorySubjectKeys(ephemeralKeys(), liveRandomness)
  const sealerFor = (
    subjectId: SubjectId | undefined,
    origin: typeof ORIGIN | undefined = ORIGIN,
    under: typeof keys | undefined = keys,
  ) => run(Effect.provideService(requestOriginSealer(under, liveRandomness, subjectId), RequestOrigin, origin))
  const open = (id: string, sealed: string | null) => run(openRequestOrigin(keys, { id, position: 7 as never, sealed }))
  return { keys, sealerFor, open }
}

describe("a sealed origin", () => {
  test("opens for its event, and says where the request came from", async () => {
    const { sealerFor, open } = start()
    const sealed = (await sealerFor(ALICE))("event")
    expect(await open("event", sealed)).toEqual({ _tag: "RequestOrigin", ...ORIGIN })
    expect(await open("another", sealed)).toEqual({
      _tag: "Damaged",
      message: "what entry 7 has sealed cannot be opened",
    })
    expect(await open("event", null)).toEqual({ _tag: "NotRecorded" })
    expect(await open("event", "no sealed text")).toMatchObject({ _tag: "Damaged" })
  })

  test("is under the key of its subject and of nobody else", async () => {
    const { keys, sealerFor } = start()
    const sealed = (await sealerFor(ALICE))("event")!
    const key = async (subjectId: SubjectId): Promise<SealingKey> => (await run(keys.ensure(subjectId)))!
    expect(unseal(await key(ALICE), "event", sealed)).toBeDefined()
    const posing = { ...(await key(BOB)), id: (await key(ALICE)).id }
    expect(unseal(posing, "event", sealed)).toBeUndefined()
  })

  test("is none without a subject, an origin, keys, or once the subject's key is destroyed", async () => {
    const { keys, sealerFor, open } = start()
    expect((await sealerFor(undefined))("event")).toBeNull()
    expect((await run(requestOriginSealer(keys, liveRandomness, ALICE)))("event")).toBeNull()
    expect(
      (await run(Effect.provideService(requestOriginSealer(undefined, liveRandomness, ALICE), RequestOrigin, ORIGIN)))(
        "event",
      ),
    ).toBeNull()
    const sealed = (await sealerFor(ALICE))("event")
    await run(keys.forget(ALICE))
    expect((await sealerFor(ALICE))("event")).toBeNull()
    expect(await open("event", sealed)).toEqual({ _tag: "Forgotten" })
  })

  test("is lost with its key, and damaged when something else is in it", async () => {
    const { keys, sealerFor } = start()
    const sealed = (await sealerFor(ALICE))("event")
    const others = start()
    expect(await others.open("event", sealed)).toEqual({
      _tag: "Lost",
      message: "the key that entry 7 was sealed under is not among the subject keys: they were lost or replaced",
    })
    const key = (await run(keys.ensure(ALICE)))!
    for (const text of ["no JSON", "{}", '{"address":1,"userAgent":null}']) {
      const wrong = seal(key, "event", Buffer.from(text), liveRandomness.bytes(12))
      expect(await run(openRequestOrigin(keys, { id: "event", position: 7 as never, sealed: wrong }))).toMatchObject({
        _tag: "Damaged",
      })
    }
  })

  test("is as long as others are, and another one each time", async () => {
    const { sealerFor } = start()
    const lengthOf = async (origin: typeof ORIGIN) => (await sealerFor(ALICE, origin))("event")!.length
    const short = await lengthOf({ address: "::1", userAgent: "x" })
    expect(await lengthOf({ address: "2001:db8::1234:5678", userAgent: "x".repeat(60) })).toBe(short)
    expect(await lengthOf({ ...ORIGIN, userAgent: "x".repeat(200) })).toBeGreaterThan(short)
    const sealOne = await sealerFor(ALICE)
    expect(sealOne("event")).not.toBe(sealOne("event"))
  })
})
