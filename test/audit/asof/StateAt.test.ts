/** The state as of a moment: of a grant and of all that it came of; what many grants share is read once, within limits. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { statesAt } from "../../../src/audit/asof/StateAt.ts"
import type { Event } from "../../../src/core/index.ts"
import type { Recorded } from "../../../src/log/index.ts"
import type { ProjectedLog } from "../../../src/projection/index.ts"
import { storyLog } from "../Story.ts"
import { eventsOf } from "../StoredLog.ts"
import {
  alice,
  app,
  at,
  digest,
  grantId,
  initialize,
  login,
  redeemed,
  registerService,
  service,
  standing,
  toClient,
  toSubject,
  update,
} from "../../core/support/Facts.ts"

const run = Effect.runPromise

/** Of the story's log, and which streams were read of it. */
const reading = (...args: Parameters<typeof storyLog>) => {
  const { log, all, ...rest } = storyLog(...args)
  const asked: Array<string> = []
  const watched = {
    ...log,
    streamVersion: (stream: string) => {
      asked.push(stream)
      return log.streamVersion(stream)
    },
  }
  return { ...rest, all, asked, readStateAt: statesAt(watched, { size: all.length, at: at(2) }) }
}

describe("a grant that came of a token of another", () => {
  const [opening, issuing] = ["GrantOpened", "AccessTokenIssued"].map((tag) =>
    eventsOf(...redeemed).find(({ _tag }) => _tag === tag)!,
  )
  const exchanged = grantId("exchanged")
  const cameOf = (name: string) => [
    ...eventsOf(initialize(), registerService()).slice(1),
    {
      ...opening,
      grantId: exchanged,
      clientId: service,
      subjectId: null,
      descent: { ancestors: [{ grantId: login, digest: digest(name) }], actors: [service], mayAct: null },
    } as Event,
    { ...issuing, grantId: exchanged, digest: digest("access-x") } as Event,
  ]

  it("has the state of that one beside its own, with the token that it came of", async () => {
    const { readStateAt, of } = reading(redeemed, { more: cameOf("access-1") })
    const stateAt = await run(readStateAt({ grantId: exchanged, digest: digest("access-x") }))
    const named = { grantId: login, digest: digest("access-1") }
    const { _tag, grantId: _grantId, ...token } = issuing as Extract<Event, { _tag: "AccessTokenIssued" }>
    expect(stateAt.ancestors).toHaveLength(1)
    const above = stateAt.ancestors[0]!
    expect(above.named).toEqual(named)
    expect(above.stateAt.entries.grant).toEqual(of(`grant-${login}`))
    const { grant, client, subject } = above.stateAt.state
    expect(stateAt.state.ancestors).toEqual([{ named, grant, client, subject, token }])
    expect([client, subject, grant]).toMatchObject([{ clientId: app }, { status: "enabled" }, { _tag: "Open" }])
    expect(stateAt.state).toMatchObject({ client: { clientId: service }, grant: { grantId: exchanged } })
  })

  it.each(["refresh-1", "code", "nobodys"])(
    "has no token beside it where what it came of is none: %s",
    async (name) => {
      const { readStateAt } = reading(redeemed, { more: cameOf(name) })
      const { state } = await run(readStateAt({ grantId: exchanged }))
      expect(state.ancestors).toMatchObject([{ named: { digest: digest(name) }, token: null, grant: { _tag: "Open" } }])
    },
  )
})

describe("what is read", () => {
  it("is what is named, and the issuer; nothing of a stream that is not concerned", async () => {
    const { readStateAt, asked } = reading([...redeemed, toClient("DisableClient")])
    await run(readStateAt({}))
    expect(asked).toEqual(["issuer"])
    asked.length = 0
    expect(await run(readStateAt({ grantId: grantId("nobodys") }))).toMatchObject({
      opened: undefined,
      counts: { grant: 0, client: 0, subject: 0 },
      ancestors: [],
    })
    expect(asked).toEqual([`grant-${grantId("nobodys")}`])
    asked.length = 0
    await run(readStateAt({ grantId: login }))
    expect(asked).toEqual([`grant-${login}`, `client-${app}`, `subject-${alice}`])
  })

  it("of a grant that a client has for itself is no subject", async () => {
    const opened = eventsOf(...redeemed)[2]!
    const { readStateAt, asked } = reading(standing, { more: [{ ...opened, subjectId: null } as Event] })
    expect(await run(readStateAt({ grantId: login, subjectId: alice }))).toMatchObject({ counts: { subject: 0 } })
    expect(asked).toEqual([`grant-${login}`, `client-${app}`, "issuer"])
  })

  it("of a grant without a beginning is what is named beside it", async () => {
    const [code] = eventsOf(...redeemed).slice(3)
    const { readStateAt } = reading([...standing, toSubject("DisableSubject")], { more: [code!] })
    const stateAt = await run(readStateAt({ grantId: login, clientId: app, subjectId: alice }))
    expect(stateAt).toMatchObject({
      opened: undefined,
      counts: { grant: 1, client: 1, subject: 1 },
      state: { subject: { status: "disabled" }, client: { clientId: app } },
      raised: { issuer: undefined, client: undefined, subject: undefined },
    })
  })

  it("of owners is kept up to 20 000 entries, and then begun anew", async () => {
    const changing = eventsOf(...standing, update())[2]!
    const read: Array<string> = []
    /** A client has as many entries as its id says. */
    const countOf = (stream: string) => Number(/^client-(\d+)/.exec(stream)?.[1] ?? 0)
    const log = {
      streamVersion: (stream: string) =>
        Effect.sync(() => {
          read.push(stream)
          return countOf(stream)
        }),
      readStream: (stream: string, behind = 0, limit = Infinity) =>
        Effect.sync(() =>
          Array.from({ length: Math.min(limit, countOf(stream) - behind) }, (_, index) => {
            const version = behind + index + 1
            return { event: changing, stream, version, position: version } as unknown as Recorded
          }),
        ),
    } as unknown as ProjectedLog
    const readStateAt = statesAt(log, { size: 1_000_000, at: at(0) })
    const isRead = async (clientId: string) => {
      const before = read.filter((stream) => stream === `client-${clientId}`).length
      await run(readStateAt({ clientId }))
      return read.filter((stream) => stream === `client-${clientId}`).length > before
    }
    for (let index = 0; index < 39; index++) expect(await isRead(`512 ${index}`)).toBe(true)
    expect([await isRead("32"), await isRead("512 0"), await isRead("32")]).toEqual([true, false, false])
    // One more than are kept.
    expect([await isRead("1"), await isRead("512 0"), await isRead("1")]).toEqual([true, true, false])
    // From there on they are counted anew.
    expect([await isRead("512 1"), await isRead("512 0"), await isRead("1")]).toEqual([true, false, false])
  })
})
