/** A blast radius as a whole: what it is asked for, what is looked at and in which order, what is counted and named. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import {
  blastRadius,
  questionOf,
  type AuditIndex,
  type BlastOptions,
  type IndexedGrant,
} from "../../../src/audit/index.ts"
import type { ClientId, Event } from "../../../src/core/index.ts"
import { storyAudit, type StoryAudit } from "../StoryAudit.ts"
import { eventsOf } from "../StoredLog.ts"
import {
  alice,
  app,
  at,
  clientId,
  denyDevice,
  digest,
  grantId,
  initialize,
  login,
  metadata,
  open,
  opened,
  redeemed,
  refresh,
  register,
  registerDevice,
  subjectId,
  toClient,
} from "../../core/support/Facts.ts"

const run = Effect.runPromise
const other = clientId("another")
const [bob, eve] = [subjectId("bob"), subjectId("eve")]

const registered = (client: ClientId) => ({ ...eventsOf(initialize(), register())[1], clientId: client }) as Event

/** The first entries of a grant like the story's, with other members and other digests. */
const grantLike = (name: string, over: object, count = 5): ReadonlyArray<Event> =>
  eventsOf(...redeemed)
    .slice(2, 2 + count)
    .map((event) => {
      const own = event._tag === "GrantOpened" ? over : {}
      const named = "digest" in event ? { digest: digest(`${name}-${event._tag.slice(0, 8)}`) } : {}
      return { ...event, ...named, ...own, grantId: grantId(name) } as Event
    })

const document = digest("document")
const descent = { ancestors: [{ grantId: login, digest: digest("access-1") }], actors: [], mayAct: null }
/**
 * 0 issuer, 1 app, 2–6 alice's login at it, 7 another client, 8–12 bob's at that one, 13–14 alice's at that one, of which
 * there is a code, 15–16 of nobody's a code, 17–18 what came of the first by an exchange.
 */
const more = [
  registered(other),
  ...grantLike("bobs", { clientId: other, subjectId: bob, openedAt: at(5), metadataDigest: document }),
  ...grantLike("waiting", { clientId: other, openedAt: at(0, 1) }, 2),
  ...grantLike("nobodys", { subjectId: null, epochs: { issuer: 0, client: 0, subject: null } }, 2),
  ...grantLike("exchanged", { clientId: other, subjectId: eve, descent, openedAt: at(0, 2) }, 1),
  { ...grantLike("exchanged", {}, 4)[3] } as Event,
]
const named = (client: string) => ({
  client: (id: string) =>
    Effect.succeed({
      version: 1,
      state: { _tag: "Registered", status: "enabled", metadata: { ...metadata, client_name: `${client} ${id}` } },
    }),
})
const world = (over: ReadonlyArray<Event> = []) =>
  storyAudit(redeemed, { more: [...more, ...over], over: { rows: named("The") } })

const asking = async (
  { audit, size }: StoryAudit,
  asked: string | BlastOptions["question"],
  { minute = 0, limit = 10, ...rest }: Partial<BlastOptions> & { readonly minute?: number } = {},
) => {
  const question = typeof asked === "string" ? questionOf(asked) : asked
  return run(blastRadius(audit, { question, limit, ...rest }, { size, at: at(minute, 3) }))
}
const brief = (found: Awaited<ReturnType<typeof asking>>) =>
  found?.grants.map((grant) => grant.grantId.replace(/0+$/, ""))

describe("a blast radius", () => {
  it("has each grant whole, with what is alive of it, and counts all of it", async () => {
    const found = await asking(await world(), undefined)
    expect(found).toEqual({
      asOf: { size: 19, at: at(0, 3) },
      root: "everything",
      rootName: null,
      counts: {
        grants: 5,
        suspendedGrants: 0,
        clients: 2,
        subjects: 3,
        codes: 2,
        refreshTokens: 2,
        accessTokens: 3,
      },
      grants: expect.anything(),
    })
    expect(found!.grants[0]).toEqual({
      grantId: grantId("bobs"),
      clientId: other,
      clientName: "The another",
      subjectId: bob,
      openedAt: at(5),
      position: 8,
      isSuspended: false,
      alive: [
        { kind: "refresh token", digest: digest("bobs-RefreshT"), expiresAt: at(60), generation: 1, position: 12 },
        { kind: "access token", digest: digest("bobs-AccessTo"), expiresAt: at(10), generation: 1, position: 11 },
      ],
    })
    // By client, and for each in the order in which they were opened.
    expect(brief(found)).toEqual(["bobs", "waiting", "exchanged", "login", "nobodys"])
  })

  it.each<readonly [string, string, string, string | null, ReadonlyArray<string>]>([
    ["a client, with its name", app, "client app", "The app", ["exchanged", "login", "nobodys"]],
    ["another client", other, "client another", "The another", ["bobs", "waiting", "exchanged"]],
    ["a subject", bob, `subject ${bob}`, null, ["bobs"]],
    ["a subject, and what came of its grants", alice, `subject ${alice}`, null, ["waiting", "exchanged", "login"]],
    ["a document", document, `metadata ${document}`, null, ["bobs"]],
    ["a grant", grantId("bobs"), `grant ${grantId("bobs")}`, null, ["bobs"]],
    ["a grant, and what came of it", login, `grant ${login}`, null, ["exchanged", "login"]],
    ["a token, by its grant", digest("access-1"), `grant ${login}`, null, ["exchanged", "login"]],
    ["a grant of nobody", grantId("nobodys"), `grant ${grantId("nobodys")}`, null, ["nobodys"]],
  ])("is asked for by %s", async (_, asked, root, rootName, grants) => {
    const found = await asking(await world(), asked)
    expect(found).toMatchObject({ root, rootName })
    expect(brief(found)).toEqual(grants)
  })

  it.each(["nobody", "sub_nobody", grantId("nobody"), digest("nobody")])("of nothing is none: %s", async (asked) => {
    expect(await asking(await world(), asked)).toBeUndefined()
  })

  it("of a grant that was denied is none, and of its device code has nothing", async () => {
    const denied = await storyAudit([initialize(), registerDevice(), denyDevice()])
    expect(await asking(denied, login)).toBeUndefined()
    expect(await asking(denied, digest("device-code"))).toMatchObject({
      root: `grant ${login}`,
      counts: { grants: 0, codes: 0 },
    })
  })

  it("is that of the first meaning that exists, whichever kind of thing that is", async () => {
    const meanings = [
      { _tag: "Token", digest: digest("nobody") },
      { _tag: "Metadata", digest: digest("nobody") },
      { _tag: "Grant", grantId: grantId("nobody") },
      { _tag: "Client", clientId: "nobody" },
      { _tag: "Subject", subjectId: bob },
      { _tag: "Client", clientId: app },
    ] as const
    expect(await asking(await world(), { meanings, namedGrant: undefined, name: undefined })).toMatchObject({
      root: `subject ${bob}`,
    })
  })

  it("since a time has what was opened then or later, also of what came of something older", async () => {
    const since = async (asked: string | undefined, openedSince: number) =>
      brief(await asking(await world(), asked, { openedSince }))
    expect(await since(undefined, at(0))).toEqual(["bobs", "waiting", "exchanged", "login", "nobodys"])
    expect(await since(undefined, at(0, 1))).toEqual(["bobs", "waiting", "exchanged"])
    expect(await since(undefined, at(0, 2))).toEqual(["bobs", "exchanged"])
    expect(await since(login, at(0, 2))).toEqual(["exchanged"])
    expect(await since(login, at(0, 3))).toEqual([])
    // An older grant is not met, and so neither is what came of it: who wants that asks for the older one.
    expect(await since(app, at(0, 1))).toEqual([])
  })

  it("has what is suspended by its client, with nothing of it alive", async () => {
    const disabled = eventsOf(...opened, toClient("DisableClient")).at(-1)!
    const found = await asking(await world([{ ...disabled, clientId: other } as Event]), other)
    expect(found!.counts).toEqual({
      grants: 3,
      suspendedGrants: 3,
      clients: 1,
      subjects: 3,
      codes: 0,
      refreshTokens: 0,
      accessTokens: 0,
    })
    expect(found!.grants.map(({ isSuspended, alive }) => [isSuspended, alive])).toEqual([
      [true, []],
      [true, []],
      [true, []],
    ])
  })
})

describe("what is looked at", () => {
  it("is told as it is met, alive or not, and each grant that is alive", async () => {
    const met = async (asked: string | undefined, minute = 0) => {
      const [counts, told]: [Array<number>, Array<string>] = [[], []]
      const onProgress = (count: number) => counts.push(count)
      await asking(await world(), asked, { onProgress, minute, onGrant: ({ grantId: id }) => told.push(id) })
      return [counts, told.toSorted()]
    }
    const alive = [grantId("bobs"), grantId("exchanged"), login, grantId("waiting"), grantId("nobodys")]
    expect(await met(undefined)).toEqual([[1, 2, 3, 4, 5], alive.toSorted()])
    expect(await met(grantId("nobodys"), 9)).toEqual([[1], []])
  })

  it("is named as far as was asked, those that last longest, and counted as a whole", async () => {
    const many = Array.from({ length: 7 }, (_, index) => {
      const name = `many${index}x`
      const [opening, code] = grantLike(name, { clientId: other }, 2)
      return [opening!, { ...code, expiresAt: at(1 + index) } as Event]
    }).flat()
    for (const [limit, found] of [
      [2, ["many5x", "many6x"]],
      [3, ["many4x", "many5x", "many6x"]],
      [1, ["many6x"]],
      [9, [0, 1, 2, 3, 4, 5, 6].map((index) => `many${index}x`)],
    ] as const) {
      const audit = await storyAudit([initialize(), register()], { more: [registered(other), ...many] })
      const radius = await asking(audit, other, { limit })
      expect([brief(radius), radius!.counts.grants]).toEqual([found, 7])
    }
  })

  it("is read no further than shows what is alive", async () => {
    const refreshes = Array.from({ length: 40 }, (_, index) => refresh(index + 1))
    const { audit, size } = await storyAudit([...redeemed, ...refreshes])
    let readCount = 0
    const { readStream } = audit.log
    const log = {
      ...audit.log,
      readStream: (...about: Parameters<typeof readStream>) =>
        Effect.tap(readStream(...about), (entries) => Effect.sync(() => void (readCount += entries.length))),
    }
    const found = await run(
      blastRadius({ ...audit, log }, { question: questionOf(login), limit: 1 }, { size, at: at(1) }),
    )
    expect(found!.counts).toMatchObject({ refreshTokens: 1, accessTokens: 41 })
    expect(readCount).toBeLessThan(20)
  })

  it("comes page by page, upwards, and each grant once, however often it is met", async () => {
    const { audit, size } = await storyAudit([...opened.slice(0, 2), open()], {})
    const grant = (name: string): IndexedGrant => ({
      grantId: name,
      clientId: app,
      subjectId: null,
      metadataDigest: null,
      position: 2,
      openedAt: at(0),
      endsAt: at(9),
    })
    const pages = [
      Array.from({ length: 256 }, (_, index) => grant(`${index}`)),
      [...Array.from({ length: 255 }, (_, index) => grant(`${index}`)), grant(login)],
      [grant("0"), grant("last")],
    ]
    const asked: Array<unknown> = []
    const cameOf: Array<string> = []
    const index = {
      ...audit.index,
      exchangedFrom: (id: string) => Effect.sync(() => (cameOf.push(id), [{ grant: grant("0"), digest: "" }])),
      grants: (query: object, page: { readonly after?: IndexedGrant }) =>
        Effect.sync(() => {
          asked.push([query, { ...page, after: page.after?.grantId }])
          return pages[asked.length - 1]!
        }),
    } as unknown as AuditIndex
    const counts: Array<number> = []
    const options = {
      question: undefined,
      openedSince: at(0),
      limit: 5,
      onProgress: (count: number) => counts.push(count),
    }
    const found = await run(blastRadius({ log: audit.log, index }, options, { size, at: at(0) }))
    expect(found!.grants.map((one) => one.grantId)).toEqual([login])
    const query = { openedSince: at(0), endsAtLeast: at(0) }
    const page = { limit: 256, isUpwards: true }
    expect(asked).toEqual([
      [query, { after: undefined, ...page }],
      [query, { after: "255", ...page }],
      [query, { after: login, ...page }],
    ])
    expect([counts.length, cameOf.length]).toEqual([258, 258])
  })
})
