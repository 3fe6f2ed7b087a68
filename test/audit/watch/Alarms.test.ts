/** What is reported while it happens: replays, reuses, and retries that do not stop; nothing else. */
import { Effect, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { alarmWatch, followHistory, type EntryAlarm } from "../../../src/audit/index.ts"
import type { Recorded } from "../../../src/log/index.ts"
import { VERIFIER } from "../../support/TenMethods.ts"
import { auditOf, logins, run, type Logins } from "../Logins.ts"

const alarmsOf = async ({ store }: Logins): Promise<ReadonlyArray<EntryAlarm>> => {
  const alarmOf = alarmWatch()
  const { size } = await run(store.head)
  return (await run(store.readAll(0, size))).flatMap((entry) => alarmOf(entry) ?? [])
}

const credentials = { clientId: "app" }

describe("an alarm", () => {
  it("is not raised by what honest clients do, a lost reply included", async () => {
    const world = await logins()
    const first = await world.login()
    const second = await world.refresh(first.refresh_token)
    await world.refresh(first.refresh_token)
    await world.refresh(second.refresh_token)
    await run(world.native.revokeToken({ credentials, token: second.access_token }))
    expect(await alarmsOf(world)).toEqual([])
  })

  it("is raised by a code that is replayed, and by a refresh token that is reused", async () => {
    const world = await logins()
    const one = await world.login()
    await world.refused(world.native.redeemCode({ credentials, code: one.code, codeVerifier: VERIFIER }))
    const two = await world.login()
    await world.refresh(two.refresh_token)
    world.clock.pass(31)
    await world.refused(world.native.refresh({ credentials, refreshToken: two.refresh_token }))
    const alarms = await alarmsOf(world)
    expect(alarms.map(({ alarm, grantId, actor, advice }) => [alarm, grantId, actor, advice])).toEqual([
      ["replay", one.grantId, "app", "somebody else had the code and its verifier; the grant is dead"],
      ["reuse", two.grantId, "app", "two parties held tokens of this grant; the grant is dead"],
    ])
  })

  it("is raised when the third generation in a row is retried, however often each is", async () => {
    const world = await logins()
    const login = await world.login()
    let token = login.refresh_token
    const counts: Array<number> = []
    for (let generation = 1; generation <= 4; generation++) {
      const next = await world.refresh(token)
      await world.refresh(token)
      await world.refresh(token)
      counts.push((await alarmsOf(world)).length)
      token = next.refresh_token
    }
    expect(counts).toEqual([0, 0, 1, 2])
    expect(await alarmsOf(world)).toMatchObject(
      [3, 4].map((length) => ({
        alarm: "retries",
        type: "RefreshTokenRetried",
        grantId: login.grantId,
        advice: `${length} generations in a row were retried: two may be taking turns, and the grant is alive`,
      })),
    )
  })

  describe("of generations that were retried in a row", () => {
    /** An entry of a retry as it is recorded, of any grant and generation. */
    const retries = async () => {
      const world = await logins()
      const { refresh_token, grantId } = await world.login()
      await world.refresh(refresh_token)
      await world.refresh(refresh_token)
      await run(world.native.revokeGrant(grantId, "operator"))
      const entries = await run(world.store.readAll(0))
      const of = (tag: string) => entries.find(({ event }) => event._tag === tag)!
      const [retried, revoked] = [of("RefreshTokenRetried"), of("GrantRevoked")]
      const about = (entry: Recorded, grant: string, generation: number): Recorded => ({
        ...entry,
        event: { ...entry.event, grantId: grant, generation } as Recorded["event"],
      })
      return {
        retry: (grant: string, generation: number) => about(retried, grant, generation),
        revoke: (grant: string) => about(revoked, grant, 0),
      }
    }

    it("nothing is remembered once the grant ended", async () => {
      const { retry, revoke } = await retries()
      const alarmOf = alarmWatch()
      const told = [retry("a", 1), retry("a", 2), revoke("a"), retry("a", 3), retry("a", 4), retry("a", 5)].map(alarmOf)
      expect(told.map((one) => one?.alarm)).toEqual([...Array.from({ length: 5 }, () => undefined), "retries"])
    })

    it("those of 10 000 grants are remembered, and the one that was retried longest ago is forgotten first", async () => {
      const { retry } = await retries()
      for (const [others, isRemembered] of [
        [9_999, true],
        [10_000, false],
      ] as const) {
        const alarmOf = alarmWatch()
        for (const entry of [retry("a", 1), retry("a", 2)]) alarmOf(entry)
        for (let other = 0; other < others; other++) alarmOf(retry(`other-${other}`, 1))
        expect(alarmOf(retry("a", 3)) !== undefined).toBe(isRemembered)
      }
    })

    it("a grant that is retried again counts as retried last", async () => {
      const { retry } = await retries()
      const alarmOf = alarmWatch()
      const others = (from: number, to: number) => {
        for (let other = from; other < to; other++) alarmOf(retry(`other-${other}`, 1))
      }
      alarmOf(retry("a", 1))
      others(0, 9000)
      alarmOf(retry("a", 2))
      others(9000, 18_999)
      expect(alarmOf(retry("a", 3))?.alarm).toBe("retries")
    })
  })

  it("is not raised when a generation in between was not retried", async () => {
    const world = await logins()
    let { refresh_token: token } = await world.login()
    for (const isRetried of [true, true, false, true, true]) {
      const next = await world.refresh(token)
      if (isRetried) await world.refresh(token)
      token = next.refresh_token
    }
    expect(await alarmsOf(world)).toEqual([])
  })
})

it("following gives what is about it, what comes later included, and nothing else", async () => {
  const world = await logins()
  await world.addClient("other")
  const one = await world.login()
  const audit = await auditOf(world)
  const followed = followHistory(audit, { grantId: one.grantId, from: 0 })
  const types = Effect.runPromise(
    followed.pipe(
      Stream.take(7),
      Stream.map(({ event }) => event._tag),
      Stream.runCollect,
    ),
  )
  await world.login("other")
  await world.refresh(one.refresh_token)
  expect(await types).toEqual([
    "GrantOpened",
    "AuthorizationCodeIssued",
    "AuthorizationCodeRedeemed",
    "AccessTokenIssued",
    "RefreshTokenIssued",
    "RefreshTokenRotated",
    "AccessTokenIssued",
  ])
})
