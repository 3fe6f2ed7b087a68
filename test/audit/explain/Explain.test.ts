/** What is said of a token, code, grant, client or subject: whether it is alive, why not, where it came from. */
import { hash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { momentAtPosition, momentAtTime, type Explained } from "../../../src/audit/index.ts"
import type { SubjectId } from "../../../src/core/index.ts"
import { ALICE, explained, logins, run, type Logins } from "../Logins.ts"

const digestOf = (secret: string) => hash("sha256", secret, "base64url")

const ours = async (world: Logins, pasted: string, at?: Parameters<typeof explained>[2]): Promise<Explained> => {
  const found = await explained(world, { pasted }, at)
  if (!found.isOurs) return expect.fail(found.sentence)
  return found
}

const types = (told: Explained["chain"]) => told.map(({ type }) => type)

describe("a refresh token that was stolen and reused", () => {
  const stolen = async () => {
    const world = await logins()
    const first = await world.login()
    world.clock.pass(1)
    const second = await world.refresh(first.refresh_token)
    world.clock.pass(60)
    await world.refused(world.native.refresh({ credentials: { clientId: "app" }, refreshToken: first.refresh_token }))
    return { world, first, second }
  }

  it("is dead, with its successor: the chain names both presentations and the end, the rule its requirement", async () => {
    const { world, first, second } = await stolen()
    const found = await ours(world, second.access_token)
    expect(found).toMatchObject({ kind: "access token", id: digestOf(second.access_token), grantId: first.grantId })
    expect(found.standing).toMatchObject({
      status: "dead",
      cause: {
        rule: "refresh-token-reused",
        requirements: ["OAUTH21-4.3.1-rt-replay-detection", "RFC9700-4.14.2-rt-family-revoke"],
      },
    })
    expect(found.standing.cause!.since).toBe(world.clock.now())
    expect(types(found.chain)).toEqual(["RefreshTokenRotated", "RefreshTokenReused", "GrantRevoked"])
    expect(types(found.ancestry)).toEqual([
      "GrantOpened",
      "AuthorizationCodeIssued",
      "AuthorizationCodeRedeemed",
      "RefreshTokenIssued",
      "AccessTokenIssued",
    ])
    expect([found.descendants, found.siblings]).toEqual([[], []])
  })

  it("is told with who presented it and when, and with what to do and how to prove it", async () => {
    const { world, first } = await stolen()
    const found = await ours(world, first.refresh_token)
    expect(types(found.presentations)).toEqual(["RefreshTokenRotated", "RefreshTokenReused", "GrantRevoked"])
    expect(found.presentations.map(({ actor }) => actor)).toEqual(["app", "app", "app"])
    const reuse = found.presentations[1]!
    expect(reuse.at).toBe(world.clock.now())
    const commands = found.next.map(({ command }) => command)
    expect(commands).toContain("grantlog blast-radius app")
    expect(commands).toContain(`grantlog history --correlation ${reuse.correlationId}`)
    expect(found.proof.map(({ command }) => command)).toContain(`grantlog prove ${found.chain.at(-1)!.position}`)
  })

  it("was alive as of any moment before, by position and by time", async () => {
    const { world, first } = await stolen()
    const now = await ours(world, first.refresh_token)
    const before = await run(momentAtPosition(world.store, now.chain[0]!.position - 1))
    expect((await ours(world, first.refresh_token, before)).standing).toMatchObject({ status: "alive", cause: null })
    const then = await run(momentAtTime(world.store, now.chain[0]!.at - 1))
    expect((await ours(world, first.refresh_token, then)).standing.status).toBe("alive")
    const rotated = await run(momentAtPosition(world.store, now.chain[0]!.position))
    expect((await ours(world, first.refresh_token, rotated)).standing).toMatchObject({
      status: "dead",
      cause: { rule: "rotated" },
      others: [],
    })
  })

  it("never appears in what is said of it", async () => {
    const { world, first, second } = await stolen()
    const told = JSON.stringify(await ours(world, first.refresh_token))
    for (const secret of [first.refresh_token, first.access_token, first.code, second.refresh_token]) {
      expect(told).not.toContain(secret)
    }
  })
})

it("a code that was replayed took its grant along, and says so", async () => {
  const world = await logins()
  const { code } = await world.login()
  await world.refused(
    world.native.redeemCode({
      credentials: { clientId: "app" },
      code,
      codeVerifier: "the-verifier-of-every-code-in-these-tests-0123",
    }),
  )
  const found = await ours(world, code)
  expect(found.kind).toBe("code")
  expect(found.standing.cause!.rule).toBe("redeemed")
  expect(found.standing.others.map(({ rule }) => rule)).toContain("code-replayed")
  expect(types(found.presentations)).toEqual(["AuthorizationCodeRedeemed", "AuthorizationCodeReplayed", "GrantRevoked"])
})

describe("what is alive", () => {
  it("of a spent refresh token: its successors are below it, the first access token beside it", async () => {
    const world = await logins()
    const first = await world.login()
    const second = await world.refresh(first.refresh_token)
    const found = await ours(world, first.refresh_token)
    const below = found.descendants.map(({ digest }) => digest)
    expect(below.toSorted()).toEqual([second.refresh_token, second.access_token].map(digestOf).toSorted())
    expect(found.siblings.map(({ digest, generation }) => [digest, generation])).toEqual([
      [digestOf(first.access_token), 1],
    ])
    expect(found.next.map(({ command }) => command)).toContain(`grantlog grant revoke ${first.grantId}`)
  })

  it("of an access token: nothing below it, the other tokens beside it, also the younger ones", async () => {
    const world = await logins()
    const first = await world.login()
    const second = await world.refresh(first.refresh_token)
    const found = await ours(world, first.access_token)
    expect(found.descendants).toEqual([])
    expect(found.siblings.map(({ digest }) => digest).toSorted()).toEqual(
      [second.refresh_token, second.access_token].map(digestOf).toSorted(),
    )
  })

  it("of a grant: everything, and of a suspended one nothing until its client is enabled", async () => {
    const world = await logins()
    const { grantId } = await world.login()
    const alive = await explained(world, { id: grantId })
    expect(alive).toMatchObject({ kind: "grant", standing: { status: "alive" } })
    expect(alive.isOurs && alive.descendants.map(({ kind }) => kind)).toEqual(["refresh token", "access token"])
    await run(world.native.disableClient("app"))
    const suspended = await explained(world, { id: grantId })
    expect(suspended).toMatchObject({
      standing: { status: "suspended", cause: { rule: "client-disabled" } },
      descendants: [],
    })
    expect(suspended.next.map(({ command }) => command)).toContain("grantlog client enable app")
    await run(world.native.enableClient("app"))
    expect(await explained(world, { id: grantId })).toMatchObject({ standing: { status: "alive" } })
  })

  it("of a client and of a subject: the grants that have something alive, and no others", async () => {
    const world = await logins()
    await world.addClient("other")
    const [one, two] = [await world.login(), await world.login("other")]
    const ended = await world.login()
    await run(world.native.revokeGrant(ended.grantId, "operator"))
    const ids = async (id: string) => {
      const found = await explained(world, { id })
      return found.isOurs ? found.grants.map(({ grantId }) => grantId).toSorted() : []
    }
    expect(await ids("app")).toEqual([one.grantId])
    expect(await ids("other")).toEqual([two.grantId])
    expect(await ids(ALICE)).toEqual([one.grantId, two.grantId].toSorted())
    await run(world.native.revokeSubjectSessions(ALICE))
    expect(await ids(ALICE)).toEqual([])
  })
})

it("what was alive of a client as of a moment is told, however many grants were opened since", async () => {
  const world = await logins()
  const early = await world.approve()
  const then = await run(momentAtPosition(world.store, (await run(world.store.head)).size - 1))
  world.clock.pass(1)
  for (let count = 0; count < 101; count++) await world.approve()
  const told = await explained(world, { id: "app" }, then)
  if (!told.isOurs) return expect.fail(told.sentence)
  expect(told.grants.map(({ grantId }) => grantId)).toEqual([early.grantId])
  expect(told.hasMoreGrants).toBe(false)
})

it("each end of a subject's sessions is the death of the grants before it, and of no others", async () => {
  const world = await logins()
  const first = await world.login()
  await run(world.native.revokeSubjectSessions(ALICE))
  const second = await world.login()
  world.clock.pass(1)
  await run(world.native.disableSubject(ALICE))
  await run(world.native.enableSubject(ALICE))
  const third = await world.login()
  const standingOf = async (token: string) => (await ours(world, token)).standing
  expect(await standingOf(first.access_token)).toMatchObject({
    cause: { rule: "subject-sessions-revoked" },
    others: [],
  })
  expect(await standingOf(second.access_token)).toMatchObject({ cause: { rule: "subject-disabled" }, others: [] })
  expect((await standingOf(second.access_token)).cause!.since).toBe(world.clock.now())
  expect(await standingOf(third.access_token)).toMatchObject({ status: "alive" })
})

describe("what is asked about", () => {
  it("may be a token, its SHA-256 in base64url or hexadecimal: the answer is the same", async () => {
    const world = await logins()
    const { access_token } = await world.login()
    const pasted = await explained(world, { pasted: `Bearer ${access_token}\n` })
    expect(pasted.isOurs).toBe(true)
    expect(await explained(world, { id: digestOf(access_token) })).toEqual(pasted)
    expect(await explained(world, { id: hash("sha256", access_token, "hex") })).toEqual(pasted)
  })

  it("is not ours if it was never issued; a made-up token that names a real grant is told so", async () => {
    const world = await logins()
    const { grantId, access_token } = await world.login()
    const unknown = await explained(world, { id: "nobody" })
    expect(unknown).toMatchObject({ isOurs: false, next: [] })
    const madeUp = `gla_${grantId}${access_token.slice(26, -6)}000000`
    const named = await explained(world, { pasted: madeUp })
    expect(named.isOurs).toBe(false)
    expect(JSON.stringify(named)).toContain(grantId)
    expect(JSON.stringify(named)).not.toContain(madeUp)
  })

  it("may be a subject to which nothing ever happened but logins", async () => {
    const world = await logins()
    await world.login("app", "sub_bob" as SubjectId)
    expect(await explained(world, { id: "sub_bob" })).toMatchObject({ kind: "subject", standing: { status: "alive" } })
    expect((await explained(world, { id: "sub_carol" })).isOurs).toBe(false)
  })
})
