/** What whole streams are folded to, ended and damaged ones too, and what is left of one that is archived. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import type { Command } from "../../src/core/index.ts"
import { inlineProjection, rowChanges } from "../../src/projection/index.ts"
import {
  FILES,
  actForItself,
  alice,
  app,
  at,
  digest,
  initialize,
  keyId,
  login,
  open,
  raiseEpoch,
  redeem,
  refresh,
  refuseConsent,
  register,
  registerService,
  resources,
  revoke,
  revokeGrant,
  service,
  toClient,
  toSubject,
} from "../core/support/Facts.ts"
import { beginning } from "./Histories.ts"
import { logAfter } from "./Worlds.ts"

const LOGIN = `grant-${login}`

const entriesOf = async (stream: string, ...commands: ReadonlyArray<Command>) =>
  Effect.runPromise((await logAfter(...commands)).readStream(stream))

/** What is put by the fold of a stream, and what else is done, by tables. */
const folded = async (stream: string, ...commands: ReadonlyArray<Command>) =>
  inlineProjection
    .fold(await entriesOf(stream, ...commands))
    .map((change) => [change.table.name, change._tag === "Put" ? change.row : change._tag])

const loggedIn = [...beginning, open(), redeem()]

describe("a stream is folded to", () => {
  it("the row of the issuer, and the keys that it names", async () => {
    const row = { id: "issuer", version: 2, epoch: 1, state: expect.stringContaining("https://auth.example") }
    expect(await folded("issuer", initialize(), raiseEpoch())).toEqual([
      ["key_rows", { key_id: keyId("key-1") }],
      ["issuer_rows", row],
    ])
  })

  it("the row of a subject", async () => {
    const commands = [...beginning, toSubject("RevokeSubjectSessions"), toSubject("DisableSubject")]
    const row = { subject_id: alice, version: 2, status: "disabled", epoch: 2, state: expect.any(String) }
    expect(await folded(`subject-${alice}`, ...commands)).toEqual([["subject_rows", row]])
  })

  it("the row of a deleted client, which keeps when it registered, and no row besides", async () => {
    const row = { client_id: app, version: 2, status: "deleted", epoch: 1, origin: null, registered_at: at(0) }
    expect(await folded(`client-${app}`, initialize(), register(), toClient("DeleteClient"))).toEqual([
      ["client_rows", { ...row, state: expect.any(String) }],
      ["unused_rows", "Delete"],
    ])
  })

  it("the row of a grant, whose end is that of what ends last, and of its access tokens those that are left", async () => {
    const changes = await folded(LOGIN, ...loggedIn, refresh(1), revoke())
    const row = { status: "open", client_id: app, subject_id: alice, descent: null, login: null }
    const epochs = { issuer_epoch: 0, client_epoch: 0, subject_epoch: 0 }
    expect(changes).toEqual([
      ["key_rows", { key_id: keyId("key-1") }],
      ["unused_rows", "Delete"],
      ["grant_rows", expect.objectContaining({ ...row, ...epochs, expires_at: at(300), dies_at: at(61) })],
      ["access_rows", expect.objectContaining({ digest: digest("access-2"), expires_at: at(11) })],
    ])
  })

  it("a grant that has ended: its text has no tokens, and no place for them", async () => {
    const [, [, row] = []] = await folded(LOGIN, ...loggedIn, revokeGrant())
    expect(row).toMatchObject({ status: "revoked", expires_at: null, login: null, descent: null })
    expect(String((row as { readonly state: string }).state)).not.toContain("accessTokens")
  })

  it.each([
    ["issuer", [initialize(), raiseEpoch()]],
    [`client-${app}`, [initialize(), register(), toClient("DisableClient")]],
    [LOGIN, [...loggedIn, revoke()]],
  ])("no row of its own where the beginning of %s is missing", async (stream, commands) => {
    const [, ...rest] = await entriesOf(stream, ...commands)
    expect(rest.length).toBeGreaterThan(0)
    expect(inlineProjection.fold(rest)).toEqual([])
    expect(inlineProjection.retire!(rest)).toBeUndefined()
  })
})

it("what happens to a resource server leaves what it was added for where it is", async () => {
  const added = registerService({ audience: resources(FILES)[0]! })
  const log = await logAfter(initialize(), added)
  const { state, versions, grantDiesAt } = await Effect.runPromise(log.rows.slice({ clientId: service }))
  const disabled = { _tag: "ClientDisabled", clientId: service, disabledAt: at(1) } as const
  const changes = rowChanges({ state, versions, grantDiesAt }, [disabled])
  expect(changes.map(({ table }) => table.name)).toEqual(["client_rows"])
})

describe("what is left of an archived stream", () => {
  const retired = async (stream: string, ...commands: ReadonlyArray<Command>) =>
    inlineProjection.retire!(await entriesOf(stream, ...commands))

  it("is, of a grant, when it died, whose registration it made count as used, and the keys that it names", async () => {
    expect(await retired(LOGIN, ...loggedIn, refresh(1), revokeGrant({ at: at(2) }))).toEqual({
      diedAt: at(3),
      clientId: app,
      keyIds: [keyId("key-1")],
    })
    expect(await retired(LOGIN, ...beginning, actForItself())).toMatchObject({ clientId: null, keyIds: [] })
    expect(await retired(LOGIN, ...beginning, refuseConsent())).toMatchObject({ clientId: null, keyIds: [] })
  })

  it("is nothing of what is never archived, and of nothing", async () => {
    for (const stream of ["issuer", `client-${app}`]) expect(await retired(stream, ...beginning)).toBeUndefined()
    expect(inlineProjection.retire!([])).toBeUndefined()
  })

  it("does to the rows of others what the stream did", () => {
    const stream = { stream: LOGIN, version: 3, diedAt: at(2), clientId: app, keyIds: ["key-1", "key-2"] }
    const told = (one: typeof stream | (Omit<typeof stream, "clientId"> & { readonly clientId: null })) =>
      inlineProjection.foldRetired!(one).map((change) => [
        change.table.name,
        change._tag === "Put" ? change.row : change._tag === "Delete" ? change.key : [],
      ])
    const keys = [
      ["key_rows", { key_id: "key-1" }],
      ["key_rows", { key_id: "key-2" }],
    ]
    expect(told(stream)).toEqual([...keys, ["unused_rows", [app]]])
    expect(told({ ...stream, clientId: null })).toEqual(keys)
  })
})
