/** The scenario itself: it tells when a story is not as told, and which slice a command sees. */
import { describe, expect, it } from "vitest"
import { given, sliceFor } from "../../../properties/Scenario.ts"
import {
  alice,
  at,
  opened,
  otherApp,
  raiseEpoch,
  redeem,
  redeemed,
  refresh,
  register,
  revokeGrant,
  rotated,
  standing,
  subjectId,
  toSubject,
} from "./Facts.ts"

const replay = () => given(...redeemed).when(redeem())

describe("a story", () => {
  it.each<readonly [string, () => unknown, string]>([
    [
      "that asks for an event too many",
      () => replay().thenRefused("code-replayed", "GrantRevoked"),
      "events[1]: expected undefined",
    ],
    [
      "that asks for an event too few",
      () => given().when(raiseEpoch()).thenRefused("issuer-not-initialized", "IssuerEpochRaised"),
      "events[0]: expected",
    ],
    [
      "that names another event",
      () => given().when(register()).thenEvents("ClientUpdated"),
      'events[0]._tag: expected "ClientUpdated", got "ClientRegistered"',
    ],
    [
      "that names another member",
      () =>
        given()
          .when(register())
          .thenEvents({ _tag: "ClientRegistered", registeredAt: at(1) }),
      `events[0].registeredAt: expected ${at(1)}, got ${at(0)}`,
    ],
    [
      "that takes a refusal for another",
      () => replay().thenRefused("grant-ended", "AuthorizationCodeReplayed", "GrantRevoked"),
      'reply.reason: expected "grant-ended", got "code-replayed"',
    ],
    [
      "that takes a refusal for consent",
      () => replay().thenEvents("AuthorizationCodeReplayed", "GrantRevoked"),
      "it was refused: code-replayed",
    ],
    [
      "that takes consent for a refusal",
      () => given().when(register()).thenRefused("client-id-taken", "ClientRegistered"),
      'reply._tag: expected "Refused", got "ClientStored"',
    ],
    [
      "that expects another answer",
      () => given().when(register()).thenReply({ _tag: "Done" }),
      'reply._tag: expected "Done"',
    ],
    [
      "that expects another state",
      () => replay().thenState({ grant: { _tag: "Open" } }),
      'state.grant._tag: expected "Open", got "Revoked"',
    ],
    [
      "that expects a shorter list",
      () =>
        given(...opened)
          .when(redeem())
          .thenState({ grant: { accessTokens: [] } }),
      "state.grant.accessTokens[0]: expected undefined",
    ],
    [
      "that begins with what is refused",
      () => given(...redeemed, register()),
      "the given RegisterClient is refused: client-id-taken",
    ],
  ])("%s fails and says where", (_, tell, place) => {
    expect(tell).toThrow(place)
  })

  it("that fails shows what was given, asked and answered", () => {
    expect(() => given(register()).when(register()).thenEvents()).toThrow(
      /^RegisterClient: was to be accepted.*\n.*it was refused: client-id-taken\ngiven ClientRegistered\nwhen {2}\{"_tag":"RegisterClient".*\nreply \{"_tag":"Refused"/,
    )
  })

  it("may be given a refusal that proves something", () => {
    const proven = given(...redeemed, redeem())
    expect(proven.history.at(-1)).toMatchObject({ _tag: "GrantRevoked" })
    expect(proven.when(refresh(1)).thenRefused("grant-ended").steps).toHaveLength(1)
  })

  it("may be given events as well as commands, and is not changed by going on", () => {
    const facts = given(...redeemed)
    const told = given(...facts.history)
    told.when(revokeGrant()).thenEvents("GrantRevoked")
    told.when(refresh(1)).thenEvents("RefreshTokenRotated", "AccessTokenIssued")
    expect(told.history).toEqual(facts.history)
    expect(told.steps).toEqual([])
  })
})

describe("a slice", () => {
  const { history } = given(...rotated, register({ clientId: otherApp }))

  it("holds the client that asks, the grant it names and that grant's subject", () => {
    const foreign = sliceFor(history, refresh(2, { clientId: otherApp }))
    expect(foreign.client).toMatchObject({ clientId: otherApp })
    expect(foreign.grant).toMatchObject({ clientId: redeem().clientId, subjectId: alice })
  })

  it("holds the grant's own client where the command names none", () => {
    expect(sliceFor(history, revokeGrant()).client).toMatchObject({ clientId: redeem().clientId })
  })

  it("holds the grant's own subject, whoever revokes the grant", () => {
    const { history: signedOut } = given(...rotated, toSubject("RevokeSubjectSessions"))
    for (const by of [alice, subjectId("bob"), null]) {
      expect(sliceFor(signedOut, revokeGrant({ subjectId: by })).subject).toMatchObject({ epoch: 1 })
    }
  })

  it("holds nothing of what the command does not name", () => {
    const { client, grant } = sliceFor(given(...standing).history, refresh(1, { clientId: otherApp }))
    expect([client, grant]).toEqual([{ _tag: "Absent" }, { _tag: "Absent" }])
  })
})
