/** What each kind of entry says to a person: the sentence, whose name stands beside which id, and no whole digest of a token. */
import { describe, expect, it } from "vitest"
import { eventLineOf, eventSentence } from "../../../src/audit/explain/EventLine.ts"
import { called } from "../../../src/audit/explain/ClientNames.ts"
import { eventTypes, type Event, type EventType } from "../../../src/core/index.ts"
import { exampleOf, otherExamples, recordedExample } from "../../log/Examples.ts"

const CLIENT = "https://app.example/client.json"
const SUBJECT = "sub_8cJ4sV0mRr1yQh2pT6uXzA"
const DOCUMENT = "TWV0YWRhdGEtZG9jdW1lbnQtZGlnZXN0LTAwMDAwMDA"

const sentences: Readonly<Record<EventType, string>> = {
  IssuerInitialized: "the log became that of https://auth.example/tenant-1",
  IssuerEpochRaised: "every grant that was opened before ended: a backup was restored\tat noon – “all” grants end",
  ClientRegistered: `client ${CLIENT} registered (dynamic)`,
  ClientUpdated: `the registration of client ${CLIENT} changed`,
  ClientSecretRotated: `client ${CLIENT} got a new secret`,
  ClientDisabled: `client ${CLIENT} disabled: its grants are suspended`,
  ClientEnabled: `client ${CLIENT} enabled: its grants are resumed`,
  ClientDeleted: `client ${CLIENT} deleted: its grants ended`,
  SubjectSessionsRevoked: `every grant of subject ${SUBJECT} ended`,
  SubjectDisabled: `subject ${SUBJECT} disabled: every grant of theirs ended`,
  SubjectEnabled: `subject ${SUBJECT} enabled`,
  SubjectForgotten: `subject ${SUBJECT} forgotten: every grant of theirs ended`,
  GrantOpened: `the policy first-party apps approved client ${CLIENT} for subject ${SUBJECT}, for write read, as the document ${DOCUMENT} describes it`,
  GrantDenied: `subject ${SUBJECT} denied client ${CLIENT}`,
  AuthorizationCodeIssued: "a code was issued (6w4nqKJ2mBIq…)",
  AuthorizationCodeRedeemed: "the code was redeemed",
  AuthorizationCodeReplayed: "the code was redeemed a second time, with everything right: a replay",
  AuthorizationCodeAttemptRefused: "the code was presented with the wrong code verifier, and refused",
  AccessTokenIssued: "access token of generation 1 issued (Qm9yZWFsaXMt…), for read, bound to the key 0ZcOCORZNYy-…",
  AccessTokenRevoked: "access token Qm9yZWFsaXMt… ended, to make room",
  RefreshTokenIssued: "refresh token of generation 1 issued (UmVmcmVzaC10…)",
  RefreshTokenRotated:
    "refresh token UmVmcmVzaC10… spent, generation 2 issued (U3VjY2Vzc29y…), bound to the key 0ZcOCORZNYy-…",
  RefreshTokenRetried:
    "the spent refresh token of generation 1 presented again inside the retry window, and answered the same",
  RefreshTokenReused: "the spent refresh token of generation 1 presented again (UmVmcmVzaC10…): a reuse",
  GrantRevoked: "the grant ended because a refresh token was reused, with everything that came of it",
}

/** The example of a type with other members. */
const of = (type: EventType, over: object): string => eventSentence({ ...exampleOf(type), ...over } as Event)

describe("the sentence of an entry", () => {
  it.each(eventTypes.map((type) => [type]))("of %s says what happened", (type) => {
    expect(eventSentence(exampleOf(type))).toBe(sentences[type])
  })

  it("says how a grant was approved", () => {
    const approved = { subjectId: SUBJECT, approvedAt: 1 }
    const told = (basis: object, over: object = {}) =>
      of("GrantOpened", { basis, metadataDigest: null, scopes: [], ...over })
    expect(told({ _tag: "User", ...approved })).toBe(`subject ${SUBJECT} approved client ${CLIENT}, for no scope`)
    expect(told({ _tag: "Auto", ...approved })).toBe(
      `client ${CLIENT} was approved for subject ${SUBJECT} without asking, for no scope`,
    )
    expect(told({ _tag: "ClientCredentials" })).toBe(`client ${CLIENT} got a grant of its own, for no scope`)
    const descent = { ancestors: [{ digest: "A".repeat(43) }], actors: ["robot", "helper"], mayAct: null }
    const exchange = { _tag: "Exchange", policy: "tests" }
    expect(told(exchange, { descent })).toBe(
      `the policy tests let client ${CLIENT} exchange access token AAAAAAAAAAAA… of subject ${SUBJECT}, for no scope; acting: robot, for which acted helper`,
    )
    expect(told(exchange, { descent: { ...descent, actors: [] }, subjectId: null })).toBe(
      `the policy tests let client ${CLIENT} exchange access token AAAAAAAAAAAA…, for no scope`,
    )
    const details = ['{"type":"payment"}', '{"type":"account"}']
    expect(told({ _tag: "User", ...approved }, { authorizationDetails: details })).toBe(
      `subject ${SUBJECT} approved client ${CLIENT}, for no scope, with details of payment, account`,
    )
    expect(eventSentence(otherExamples["GrantOpened.device"]!)).toContain(
      `client ${CLIENT}, on a device that asked at 2025-12-31T23:59:00.000Z, for write read`,
    )
    expect(eventSentence(otherExamples["GrantDenied.device"]!)).toBe(
      `subject ${SUBJECT} denied client ${CLIENT}, which asked on a device`,
    )
  })

  it.each([
    ["verifier_missing", "without a code verifier"],
    ["verifier_malformed", "with a code verifier that is none"],
    ["verifier_wrong", "with the wrong code verifier"],
    ["redirect_uri_wrong", "with another redirect URI"],
    ["key_wrong", "with another key"],
  ])("says what was wrong with a presentation of the code: %s", (fault, how) => {
    expect(of("AuthorizationCodeAttemptRefused", { fault })).toBe(`the code was presented ${how}, and refused`)
  })

  it.each([
    ["code_replayed", "because its code was replayed"],
    ["refresh_token_reused", "because a refresh token was reused"],
    ["client", "by its client"],
    ["subject", "by whoever approved it"],
    ["operator", "by the operator"],
  ])("says how a grant ended: %s", (reason, how) => {
    expect(of("GrantRevoked", { reason })).toBe(`the grant ended ${how}, with everything that came of it`)
  })

  it("says how a client became known, and what became of its secret", () => {
    const digest = "B".repeat(43)
    expect(of("ClientRegistered", { metadataDigest: digest })).toBe(
      `client ${CLIENT} became known, described by a document (BBBBBBBBBBBB…)`,
    )
    expect(of("ClientUpdated", { metadataDigest: digest })).toBe(
      `client ${CLIENT} became known by another document (BBBBBBBBBBBB…)`,
    )
    expect(of("ClientRegistered", { origin: "operator", policy: "partners" })).toBe(
      `client ${CLIENT} registered (operator, by the policy \`partners\`)`,
    )
    expect(of("ClientSecretRotated", { overlapUntil: 0 })).toBe(
      `client ${CLIENT} got a new secret, and keeps the old one until 1970-01-01T00:00:00.000Z`,
    )
    expect(of("AccessTokenRevoked", { reason: "client" })).toBe("access token Qm9yZWFsaXMt… ended, by its client")
  })
})

describe("the line of an entry", () => {
  const nameOf = (id: string | null) => (id === CLIENT ? "Files" : undefined)

  it("has the names of the client that did it and of the one that it is about, and never for the id", () => {
    const disabled = eventLineOf(recordedExample(exampleOf("ClientDisabled"), `client-${CLIENT}`, "sealed"), nameOf)
    expect(disabled).toMatchObject({
      type: "ClientDisabled",
      sentence: `client ${CLIENT} ("Files") disabled: its grants are suspended`,
      actor: CLIENT,
      actorName: "Files",
      clientName: "Files",
      isRequestOriginSealed: true,
      position: 41,
    })
    const forgotten = recordedExample(exampleOf("SubjectForgotten"), `subject-${SUBJECT}`, null)
    expect(eventLineOf(forgotten, nameOf)).toMatchObject({
      actor: null,
      actorName: null,
      clientName: null,
      isRequestOriginSealed: false,
      at: forgotten.recordedAt,
      correlationId: forgotten.correlationId,
    })
    expect(eventLineOf(recordedExample(exampleOf("ClientDisabled"), "", "sealed"))).toMatchObject({
      actorName: null,
      clientName: null,
    })
  })

  it("quotes a name, cuts it at 64 characters, and has none where it is the id", () => {
    expect(called("app", undefined)).toBe("app")
    expect(called("app", null)).toBe("app")
    expect(called("app", "app")).toBe("app")
    expect(called("app", 'a "real" one')).toBe('app ("a \\"real\\" one")')
    expect(called("app", "x".repeat(64))).toBe(`app ("${"x".repeat(64)}")`)
    expect(called("app", "x".repeat(65))).toBe(`app ("${"x".repeat(63)}…")`)
  })
})
