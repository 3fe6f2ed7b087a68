/** What an operator asks of the log: what has to be said, what is found, and what is ended because of it. */
import { Clock, Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import * as operations from "../../../../src/cli/admin/operations/Audit.ts"
import type { Examined, OperationFault, Place } from "../../../../src/cli/admin/Place.ts"
import { openAuditIndex, questionOf } from "../../../../src/audit/index.ts"
import type { SubjectId } from "../../../../src/core/index.ts"
import { ALICE, logins, type Logins } from "../../../audit/Logins.ts"
import { faultOf, notThere, placeOf } from "./PlaceHere.ts"

const { blastRadius, explain, listSigningKeys, revokeBlastRadius } = operations

const FILE = "/somewhere/else.db"
const location = { name: `sqlite:${FILE}`, file: FILE, database: undefined, keyFile: undefined, isKeyFileGiven: false }

/** The place of a server whose index is brought up to date whenever it is asked, as that of one that serves. */
const placeIn = ({ native, store }: Logins, more: Partial<Place> = {}): Place => {
  const index = openAuditIndex(store, undefined)
  const examined: Examined = { audit: { log: store, index }, location, beside: {} }
  return placeOf({ server: native, log: store, examined: Effect.as(index.catchUp(), examined), ...more })
}

const usage = (message: string) => ({ _tag: "UsageFault", message })

describe("a question", () => {
  let world: Logins
  let place: Place
  const grants: Array<string> = []
  const now = <A>(asked: Effect.Effect<A, OperationFault>): Promise<A> =>
    Effect.runPromise(Effect.provideService(asked, Clock.Clock, world.clock.clock))

  beforeAll(async () => {
    world = await logins()
    await world.addClient("other")
    place = placeIn(world)
    for (const clientId of ["app", "app", "other"]) {
      grants.push((await world.login(clientId)).grantId)
      world.clock.pass(60)
    }
  })

  it("is about one thing, and says which", async () => {
    const one = usage("give `about` or `question`: one of them")
    expect(await faultOf(explain.run(place, {}))).toEqual(one)
    expect(await faultOf(explain.run(place, { about: "app", question: { meanings: [] } }))).toEqual(one)
    const some = usage("give `about` or `since`: one of them, or both")
    expect(await faultOf(blastRadius.run(place, {}))).toEqual(some)
    expect(await faultOf(revokeBlastRadius.run(place, { limit: 1 }))).toEqual(some)
  })

  it("has no token in it, and none is repeated", async () => {
    const token = `gla_${"g".repeat(22)}${"x".repeat(49)}`
    const refused = usage("`about` is a token or has one in it: give its SHA-256, and end it")
    expect(await faultOf(explain.run(place, { about: token }))).toEqual(refused)
    expect(await faultOf(blastRadius.run(place, { about: token }))).toEqual(refused)
  })

  it("is answered by what is recorded, and says how to go on at this store", async () => {
    const answer = await now(explain.run(place, { about: grants[0]! }))
    expect(answer).toMatchObject({ isOurs: true, kind: "grant", id: grants[0], clientName: "app" })
    expect(answer.next.map(({ command }) => command)).toEqual(
      answer.next.map(() => expect.stringMatching(/ --store sqlite:\/somewhere\/else\.db$/) as string),
    )
    expect(answer.next.length).toBeGreaterThan(0)
    const asked = await now(explain.run(place, { question: { meanings: questionOf(grants[0]!).meanings } }))
    expect(asked).toEqual(answer)
    const before = await now(explain.run(place, { about: grants[0]!, at: "1" }))
    expect([before.isOurs, before.asOf.size]).toEqual([false, 2])
  })

  it("opens where requests came from only where that is asked for", async () => {
    const opened: Array<unknown> = []
    const open = () => {
      opened.push("once")
      return Effect.succeed({ _tag: "NotRecorded" } as const)
    }
    const origins = placeIn(world, { requestOrigins: Effect.succeed(open as never) })
    const closed = await now(explain.run(origins, { about: grants[0]! }))
    expect([JSON.stringify(closed).includes('requestOrigin":'), opened]).toEqual([false, []])
    const told = await now(explain.run(origins, { about: grants[0]!, request_origin: true }))
    expect([JSON.stringify(told).includes('requestOrigin":'), opened.length > 0]).toEqual([true, true])
  })

  it("what is alive is counted in full, and named as far as was asked", async () => {
    const answer = await now(blastRadius.run(place, { about: "app" }))
    expect(answer.radius).toMatchObject({ root: "client app", counts: { grants: 2, clients: 1 } })
    expect(answer.grantIds.toSorted()).toEqual(grants.slice(0, 2).toSorted())
    expect(answer.radius.grants).toHaveLength(2)
    const counted = await now(blastRadius.run(place, { about: "app", limit: 0 }))
    expect([counted.radius.grants, counted.grantIds.length]).toEqual([[], 2])
    const since = await now(blastRadius.run(place, { since: "2m" }))
    expect([since.radius.root, since.grantIds]).toEqual(["everything", grants.slice(1)])
    expect((await now(blastRadius.run(place, { about: "app", since: "2m" }))).grantIds).toEqual([grants[1]])
    expect(await faultOf(blastRadius.run(place, { since: "soon" }))).toEqual(
      usage("a time is like 2026-11-21T08:00:00Z, or 90m, 24h or 7d for that long ago"),
    )
    expect(await faultOf(blastRadius.run(place, { about: "nobody" }))).toEqual(
      notThere("nothing of that name or digest was ever here"),
    )
  })

  it("what is alive is ended, and what was approved meanwhile is told as left", async () => {
    const bob = "sub_bob" as SubjectId
    const mine = [(await world.login("other", bob)).grantId, (await world.login("app", bob)).grantId]
    let late = ""
    const { native } = world
    const meanwhile = placeIn(world, {})
    const racing: Place = {
      ...meanwhile,
      workplace: Effect.map(meanwhile.workplace, (workplace) => ({
        ...workplace,
        server: {
          ...native,
          revokeGrant: (id: string, by: string) =>
            Effect.andThen(
              native.revokeGrant(id, by),
              Effect.promise(async () => {
                if (late === "") late = (await world.login("app", bob)).grantId
              }),
            ),
        },
      })),
    }
    const { revokedGrantIds, left } = await now(revokeBlastRadius.run(racing, { about: bob }))
    expect(revokedGrantIds.toSorted()).toEqual(mine.toSorted())
    expect(left.grants.map(({ grantId }) => grantId)).toEqual([late])
    const stands = await Promise.all([...mine, late].map(async (id) => (await now(native.grant(id)))._tag))
    expect(stands).toEqual(["Revoked", "Revoked", "Open"])
    const entries = await Effect.runPromise(world.store.readStream(`grant-${mine[0]}`, 0, 100))
    expect(entries.at(-1)).toMatchObject({ actor: "operator" })
    expect((await now(blastRadius.run(place, { about: ALICE }))).grantIds).toHaveLength(3)
  })
})

it("the keys that the server signs with are listed without what signs", async () => {
  const key = { kid: "k", alg: "ES256", publicKey: { kty: "EC" }, isCompromised: false } as const
  const place = placeOf({ signingKeys: Effect.succeed([{ ...key, privateKey: "planted", verifier: "x" } as never]) })
  expect(await Effect.runPromise(listSigningKeys.run(place, {}))).toStrictEqual({ keys: [key] })
})
