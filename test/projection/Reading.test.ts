/** What is asked of the rows and what is not, and the order in which it comes: that is what an answer costs a store. */
import { describe, expect, it } from "vitest"
import { pruneGrants, readGrant, readSlice } from "../../src/projection/index.ts"
import {
  actForItself,
  alice,
  app,
  at,
  digest,
  exchange,
  grantId,
  login,
  open,
  redeem,
  refresh,
  service,
} from "../core/support/Facts.ts"
import { beginning } from "./Histories.ts"
import { rowsAfter, telling } from "./Worlds.ts"

const granted = [...beginning, open(), redeem({ accessToken: digest("b-first") })]
const named = { grantId: login, digest: digest("b-first") }

describe("a grant", () => {
  it("whose code waits to be redeemed is read without looking for access tokens", async () => {
    const asked: Array<string> = []
    const waiting = telling(await rowsAfter(...beginning, open()), (what) => asked.push(what))
    expect(readGrant(waiting, login)).toMatchObject({ state: { _tag: "Open", accessTokens: [] }, version: 2 })
    expect(asked).toEqual([`get grant_rows ${login}`])
  })

  it("has its access tokens in the order in which they were issued, whatever their digests are", async () => {
    const { successor } = refresh(1).presented as Extract<ReturnType<typeof refresh>["presented"], { _tag: "Current" }>
    const presented = { _tag: "Current", successor: { ...successor, accessToken: digest("a-second") } } as const
    const { state, diesAt } = readGrant(await rowsAfter(...granted, refresh(1, { presented })), login)
    expect(diesAt).toBe(at(61))
    expect(state).toMatchObject({ accessTokens: [{ digest: named.digest }, { digest: digest("a-second") }] })
  })
})

describe("the slice", () => {
  const exchanged = { grantId: grantId("exchanged"), digest: digest("access-x") }
  const chain = [...granted, exchange({ subject: named })]

  it("of what came of a token has that token with its grant, client and subject, and their versions", async () => {
    const { state, ancestry } = readSlice(await rowsAfter(...chain), { grantId: exchanged.grantId })
    expect(state.ancestors).toMatchObject([
      {
        named,
        grant: { grantId: login },
        client: { clientId: app },
        subject: { epoch: 0 },
        token: { digest: named.digest },
      },
    ])
    expect(ancestry).toEqual([
      { stream: `grant-${login}`, version: 5 },
      { stream: `client-${app}`, version: 1 },
      { stream: `subject-${alice}`, version: 0 },
    ])
  })

  it("of presented tokens has each of them and what it came of once, and the subject of the first", async () => {
    const asked: Array<string> = []
    const rows = telling(await rowsAfter(...chain), (what) => asked.push(what))
    const { state, streams } = readSlice(rows, { clientId: service, presented: [exchanged, named, exchanged] })
    expect(state.ancestors.map((one) => one.named)).toEqual([exchanged, named])
    expect(streams).toMatchObject({ client: `client-${service}`, subject: `subject-${alice}` })
    const looked = asked.filter((what) => what.startsWith("get access_rows"))
    expect(looked).toEqual([exchanged, named].map((one) => `get access_rows ${one.grantId} ${one.digest}`))
    expect(readSlice(rows, { presented: [exchanged] }).state.ancestors.map((one) => one.named)).toEqual([
      exchanged,
      named,
    ])
  })

  it("of a presented token that is unknown, or is nobody's, has no subject", async () => {
    const own = { grantId: grantId("own"), digest: digest("access-1") }
    const rows = await rowsAfter(...beginning, actForItself({ grantId: own.grantId }))
    const unknown = readSlice(rows, { presented: [named] })
    expect(unknown.state.ancestors).toMatchObject([{ named, grant: { _tag: "Absent" }, token: null }])
    expect(unknown.streams.subject).toBeUndefined()
    expect(unknown.ancestry).toEqual([
      { stream: `grant-${login}`, version: 0 },
      { stream: "client-", version: 0 },
    ])
    const nobodys = readSlice(rows, { presented: [own] })
    expect(nobodys.streams.subject).toBeUndefined()
    expect(nobodys.ancestry.map(({ stream }) => stream)).toEqual([`grant-${own.grantId}`, `client-${service}`])
  })
})

it("removing a dead grant removes its own tokens and touches no others", async () => {
  const other = grantId("other")
  const ended = [...granted, actForItself({ grantId: other, accessToken: digest("access-own") })]
  const rows = await rowsAfter(...ended)
  const done: Array<string> = []
  const through = { diedAt: at(59), id: "" }
  const last = pruneGrants(
    telling(rows, (what) => done.push(what)),
    through,
    10,
  )
  expect(last).toEqual({ diedAt: at(10), id: other })
  expect(done).toEqual([
    "list grant_rows",
    "list access_rows",
    `delete access_rows ${other} ${digest("access-own")}`,
    `delete grant_rows ${other}`,
  ])
  expect(pruneGrants(rows, through, 10)).toBeUndefined()
  expect(readGrant(rows, login)).toMatchObject({ state: { _tag: "Open" } })
})
