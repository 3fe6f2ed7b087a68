/** What is said of where a request came from: what was opened, or why it cannot be, and that it is sealed otherwise. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { withRequestOrigins, type Explained, type EventLine } from "../../../src/audit/index.ts"
import { explainText } from "../../../src/cli/audit/ExplainText.ts"
import { openRequestOrigins, requestOriginsBy, requestOriginText } from "../../../src/cli/audit/RequestOrigins.ts"
import type { KeptBeside } from "../../../src/cli/Beside.ts"
import type { StoreLocation } from "../../../src/cli/StoreLocation.ts"
import { ephemeralKeys, liveRandomness, memorySubjectKeys } from "../../../src/provider/index.ts"
import { temporaryFolder } from "../../support/TestServer.ts"
import { showTime } from "../../../src/cli/audit/Times.ts"
import { explained, logins, run } from "../../audit/Logins.ts"

const told: EventLine = {
  position: 0,
  at: 0,
  type: "GrantOpened",
  sentence: "something happened",
  actor: null,
  actorName: null,
  clientName: null,
  correlationId: "request",
  causationId: null,
  isRequestOriginSealed: true,
}
const opened = (requestOrigin: NonNullable<EventLine["requestOrigin"]>) => requestOriginText({ ...told, requestOrigin })

describe("the origin of a request", () => {
  it("is sealed unless it was opened, and of what nothing was kept nothing is said", () => {
    expect(requestOriginText(told)).toBe("origin sealed")
    expect(requestOriginText({ ...told, isRequestOriginSealed: false })).toBeUndefined()
  })

  it("is told as it was sealed, the user agent quoted, and what is not known as not known", () => {
    expect(opened({ _tag: "RequestOrigin", address: "192.0.2.1", userAgent: `a, user agent "b"` })).toBe(
      String.raw`from 192.0.2.1, user agent "a, user agent \"b\""`,
    )
    expect(opened({ _tag: "RequestOrigin", address: null, userAgent: null })).toBe(
      "from an address not known, user agent not known",
    )
  })

  it("that cannot be opened is told with the reason: never kept, forgotten, lost or damaged", () => {
    expect(opened({ _tag: "NotRecorded" })).toBe("origin not recorded")
    expect(opened({ _tag: "Forgotten" })).toBe("origin unreadable for good: whom it concerns was forgotten")
    expect(opened({ _tag: "Lost", message: "no key" })).toBe("origin unreadable: no key")
    expect(opened({ _tag: "Damaged", message: "no sense" })).toBe("origin unreadable: no sense")
  })
})

describe("the origins that a store has sealed", () => {
  const keys = ephemeralKeys()
  const keyFile = () => {
    const path = join(temporaryFolder(), "keys.json")
    writeFileSync(path, JSON.stringify(keys))
    return path
  }
  const locationOf = (path: string): StoreLocation => ({
    name: "sqlite:grantlog.db",
    file: "grantlog.db",
    database: undefined,
    keyFile: path,
    isKeyFileGiven: true,
  })
  /** Keys of subjects, of which some were destroyed, and who is noted as to be forgotten. */
  const besideOf = (forgotten: ReadonlyArray<string>, noted: ReadonlyArray<string>, missing?: string) => {
    const subjectKeys = {
      isForgotten: (subjectId: string) => Effect.succeed(forgotten.includes(subjectId)),
      find: () => Effect.succeed({ _tag: "Forgotten" }),
    }
    return {
      missingSubjectKeys: () => missing,
      openSubjectKeys: (ring: unknown) =>
        JSON.stringify(ring) === JSON.stringify(keys) ? Effect.succeed(subjectKeys) : Effect.die("another ring"),
      forgetLedger: { read: Effect.succeed(noted.map((subjectId) => ({ subjectId }))) },
    } as unknown as KeptBeside
  }
  const opening = (beside: KeptBeside) => Effect.scoped(openRequestOrigins(locationOf(keyFile()), beside))
  const unsealed = { id: "1", position: 1, sealed: null }

  it("are opened with its key ring and its subject keys, also where somebody was forgotten since", async () => {
    const open = await run(opening(besideOf(["sub_gone"], ["sub_gone"])))
    expect(await run(open(unsealed as never))).toEqual({ _tag: "NotRecorded" })
  })

  it("are not where the subject keys are missing, or somebody has yet to be forgotten", async () => {
    expect(await run(Effect.flip(opening(besideOf([], [], "grantlog.db.subject-keys"))))).toMatchObject({
      _tag: "CommandFault",
      message:
        "the subject keys `grantlog.db.subject-keys` are missing: put them back; without them no origin can be opened",
    })
    expect(await run(Effect.flip(opening(besideOf(["sub_gone"], ["sub_gone", "sub_due"]))))).toMatchObject({
      _tag: "CommandFault",
      message:
        "subject sub_due has yet to be forgotten, as after a restored backup: start the server once, then ask again",
    })
  })

  it("of a store that keeps no ledger are opened", async () => {
    const subjectKeys = memorySubjectKeys(keys, liveRandomness)
    const open = await run(requestOriginsBy({ subjectKeys }))
    expect(await run(open(unsealed as never))).toEqual({ _tag: "NotRecorded" })
  })
})

describe("an explanation", () => {
  const sealedOne = async () => {
    const world = await logins()
    const { grantId } = await world.login()
    const found = await explained(world, { id: grantId })
    if (!found.isOurs) return expect.fail(found.sentence)
    const sealed = (entries: ReadonlyArray<EventLine>) =>
      entries.map((one) => ({ ...one, isRequestOriginSealed: true }))
    const next = [{ command: `grantlog explain ${grantId} --request-origin`, purpose: "open it" }]
    return { world, found: { ...found, ancestry: sealed(found.ancestry), next } satisfies Explained }
  }

  it("is opened entry by entry, each as the first of its append, and advises to open it no longer", async () => {
    const { world, found } = await sealedOne()
    const open = ({ position }: Pick<EventLine, "position">) =>
      Effect.succeed({ _tag: "RequestOrigin" as const, address: `192.0.2.${position}`, userAgent: null })
    const known = (await run(withRequestOrigins(world.store, open, found))) as Explained
    const all = [...known.chain, ...known.ancestry, ...known.presentations]
    expect(all.length).toBeGreaterThan(3)
    const entries = await run(world.store.readAll(0))
    const firstOf = ({ position, causationId }: EventLine) =>
      entries.find(({ id }) => id === causationId)?.position ?? position
    expect(all.filter((one) => firstOf(one) !== one.position).length).toBeGreaterThan(1)
    for (const one of all) expect(one.requestOrigin).toMatchObject({ address: `192.0.2.${firstOf(one)}` })
    expect(explainText(known, showTime(false))).toContain(`, from 192.0.2.${firstOf(all[0]!)}, user agent not known)`)
    expect(JSON.stringify(known.next)).not.toContain("--request-origin")
  })

  it("of nothing that is ours opens nothing", async () => {
    const { world } = await sealedOne()
    const nothing = await explained(world, { id: "nobody" })
    expect(await run(withRequestOrigins(world.store, () => Effect.die("opened"), nothing))).toBe(nothing)
  })
})
