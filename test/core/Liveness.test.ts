/** Liveness: when a grant is alive, and when the last of it dies by itself. */
import { describe, expect, it } from "vitest"
import { given, sliceFor, type Fact } from "../../properties/Scenario.ts"
import { currentEpochs, diesAt, isClientEnabled, isGrantAlive, nextEpoch } from "../../src/core/index.ts"
import {
  actForItself,
  at,
  initialize,
  lifetimes,
  minutes,
  open,
  opened,
  raiseEpoch,
  redeem,
  redeemed,
  refresh,
  refuseConsent,
  registerService,
  revoke,
  revokeGrant,
  rotated,
  service,
  standing,
  subjectId,
  toClient,
  toSubject,
} from "./support/Facts.ts"

const stateAfter = (...facts: ReadonlyArray<Fact>) => sliceFor(given(...facts).history, redeem())
const grantAfter = (...facts: ReadonlyArray<Fact>) => stateAfter(...facts).grant
const serving = [initialize(), registerService(), actForItself()]
const served = (...facts: ReadonlyArray<Fact>) =>
  sliceFor(given(...serving, ...facts).history, redeem({ clientId: service }))

describe("a grant is alive", () => {
  it("until its end, and not at that instant", () => {
    const state = stateAfter(...opened)
    expect([at(0), at(300, -1), at(300), at(300, 1)].map((now) => isGrantAlive(state, now))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  it("while its client is disabled, which suspends it without ending it", () => {
    const state = stateAfter(...opened, toClient("DisableClient"))
    expect(isGrantAlive(state, at(1))).toBe(true)
    expect(isClientEnabled(state)).toBe(false)
    expect(isClientEnabled(stateAfter(...opened))).toBe(true)
    expect(isClientEnabled(stateAfter())).toBe(false)
  })

  it("while another subject is signed out", () => {
    const bob = toSubject("RevokeSubjectSessions", { subjectId: subjectId("bob") })
    expect(isGrantAlive(stateAfter(...opened, bob), at(1))).toBe(true)
  })

  it("without a subject, when a client acts for itself", () => {
    expect(isGrantAlive(served(), at(1))).toBe(true)
    expect(isGrantAlive(served(raiseEpoch()), at(1))).toBe(false)
    expect(isGrantAlive(served(toClient("DeleteClient", { clientId: service })), at(1))).toBe(false)
  })

  it.each<readonly [string, Fact]>([
    ["it is revoked", revokeGrant()],
    ["its issuer's epoch is raised", raiseEpoch()],
    ["its client is deleted", toClient("DeleteClient")],
    ["its subject is signed out", toSubject("RevokeSubjectSessions")],
    ["its subject is disabled", toSubject("DisableSubject")],
  ])("no longer once %s", (_, fact) => {
    expect(isGrantAlive(stateAfter(...redeemed, fact), at(1))).toBe(false)
  })

  it("no longer once its client has another epoch, for whatever reason", () => {
    const state = stateAfter(...opened)
    if (state.client._tag !== "Registered") throw new Error("no client was registered")
    const client = { ...state.client, epoch: nextEpoch(state.client.epoch) }
    expect(isGrantAlive({ ...state, client }, at(0))).toBe(false)
  })

  it("not before it is opened, nor when it was denied", () => {
    expect(isGrantAlive(stateAfter(...standing), at(1))).toBe(false)
    expect(isGrantAlive(stateAfter(...standing, refuseConsent()), at(1))).toBe(false)
  })
})

describe("the epochs of now", () => {
  it("are unknown while issuer, client or subject cannot open a grant", () => {
    expect(currentEpochs(stateAfter(), false)).toBeUndefined()
    expect(currentEpochs(stateAfter(initialize()), false)).toBeUndefined()
    expect(currentEpochs(stateAfter(...opened, toSubject("DisableSubject")), true)).toBeUndefined()
    expect(currentEpochs(stateAfter(...opened, toSubject("DisableSubject")), false)).toEqual({
      issuer: 0,
      client: 0,
      subject: null,
    })
  })
})

describe("a grant dies by itself", () => {
  it("when its code expires, as long as that was not redeemed", () => {
    expect(diesAt(grantAfter(...opened))).toBe(at(1))
  })

  it("when its refresh token expires, or the last access token if that is later", () => {
    expect(diesAt(grantAfter(...redeemed))).toBe(at(60))
    expect(diesAt(grantAfter(...rotated, refresh(2, { at: at(5) })))).toBe(at(65))
    const idle = { ...lifetimes, refreshIdle: minutes(2) }
    expect(diesAt(grantAfter(...opened, redeem({ lifetimes: idle })))).toBe(at(10))
  })

  it("at once when nothing of it is left", () => {
    const end = revoke({ clientId: service, authentication: "verified" })
    expect(diesAt(served(end).grant)).toBe(at(0))
  })

  it("when it was denied or revoked", () => {
    expect(diesAt(grantAfter(...standing, refuseConsent({ at: at(3) })))).toBe(at(3))
    expect(diesAt(grantAfter(...redeemed, revokeGrant({ at: at(4) })))).toBe(at(4))
  })

  it("never, if it never was", () => {
    expect(diesAt(grantAfter(...standing))).toBeUndefined()
  })

  it("not after its own end", () => {
    const short = open({ lifetimes: { ...lifetimes, grant: minutes(5) } })
    expect(diesAt(grantAfter(...standing, short, redeem()))).toBe(at(5))
  })
})
