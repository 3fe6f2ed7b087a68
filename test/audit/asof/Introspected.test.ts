/** RFC 7662's answer as of a moment, whole, for each kind of thing that somebody may have. */
import { Effect } from "effect"
import { decodeJwt, UnsecuredJWT } from "jose"
import { describe, expect, it } from "vitest"
import { introspectAt, secretDigest } from "../../../src/audit/index.ts"
import { grantNamedBy } from "../../../src/audit/asof/IntrospectAt.ts"
import { Digest, type Command, type Event } from "../../../src/core/index.ts"
import { readPresentedJwt } from "../../../src/audit/asof/PresentedJwt.ts"
import { storyLog } from "../Story.ts"
import {
  alice,
  app,
  at,
  digest,
  FILES,
  initialize,
  login,
  MAIL,
  open,
  redeem,
  redeemed,
  refresh,
  refuseConsent,
  register,
  revoke,
  standing,
  toClient,
} from "../../core/support/Facts.ts"

const run = Effect.runPromise
const secret = (kind: string) => `gl${kind}_${login}${kind.repeat(49)}`
const [access, first, second, code] = ["a", "r", "d", "c"].map(secret) as [string, string, string, string]
const digestOf = (token: string) => Digest.make(secretDigest(token))

const basis = { _tag: "User", subjectId: alice, approvedAt: at(0), login: { authTime: at(0) } } as const
const story = [
  ...standing,
  open({ basis, code: digestOf(code) }),
  redeem({ accessToken: digestOf(access), refreshToken: digestOf(first) }),
]
const rotating = refresh(1, {
  presented: {
    _tag: "Current",
    successor: { refreshToken: digestOf(second), accessToken: digest("access-2"), keyId: "key-1" as never },
  },
})

const asked = (
  token: string,
  commands: ReadonlyArray<Command> = story,
  minute = 1,
  more: ReadonlyArray<Event> = [],
) => {
  const { log, all } = storyLog(commands, { more })
  return run(introspectAt(log, token, { size: all.length, at: at(minute) }))
}

const seconds = (minute: number) => at(minute) / 1000
const whose = { active: true, iss: "https://auth.example", client_id: app, sub: alice, scope: "read write" }
const inactive = { answer: { active: false }, standing: undefined }

describe("an access token that is alive", () => {
  it("is told whole, with when its user signed in", async () => {
    const { answer, standing: stands, ...rest } = await asked(access)
    expect(answer).toEqual({
      ...whose,
      token_type: "Bearer",
      aud: [FILES, MAIL],
      iat: seconds(0),
      exp: seconds(10),
      auth_time: seconds(0),
    })
    expect(stands).toMatchObject({ status: "alive", cause: null })
    expect(rest).toEqual({})
  })
})

describe("a refresh token that is alive", () => {
  it("is told with when it was issued, be it the first or one that took its place", async () => {
    const told = { ...whose, token_type: "refresh_token", aud: [FILES, MAIL] }
    expect((await asked(first)).answer).toEqual({ ...told, iat: seconds(0), exp: seconds(60) })
    const rotated = await asked(second, [...story, rotating], 2)
    expect(rotated.answer).toEqual({ ...told, iat: seconds(1), exp: seconds(61) })
    expect(await asked(first, [...story, rotating], 2)).toMatchObject({
      answer: { active: false },
      standing: { status: "dead", cause: { rule: "rotated" } },
    })
  })
})

describe("no more is told than that it is not active", () => {
  it("of what ended, is suspended, or expired; with why beside it", async () => {
    const revoked = revoke({ presented: { _tag: "AccessToken", digest: digestOf(access) } })
    for (const [command, status] of [
      [revoked, "dead"],
      [toClient("DisableClient"), "suspended"],
    ] as const) {
      expect(await asked(access, [...story, command], 2)).toMatchObject({
        answer: { active: false },
        standing: { status },
      })
    }
    expect(await asked(access, story, 10)).toMatchObject({ answer: { active: false }, standing: { status: "dead" } })
  })

  it("of a code, which is no token, though it is alive", async () => {
    const { answer, standing: stands } = await asked(code, story.slice(0, 3), 0)
    expect([answer, stands?.status]).toEqual([{ active: false }, "alive"])
  })

  it.each([
    ["what names no grant", "nobody"],
    ["what only ends like a token", `x${access}`],
    ["a token of a grant that was never opened", access.replace(login, "n".repeat(22))],
    ["a token that was made up for a grant", `${access.slice(0, -1)}b`],
  ])("of %s, which was never issued here", async (_, token) => {
    expect(await asked(token)).toEqual(inactive)
  })

  it("of a token by whose entry nothing was opened, or whose issuer never began", async () => {
    const grant = storyLog(story)
      .all.map(({ event }) => event)
      .slice(2)
    expect(await asked(access, [], 1, grant)).toMatchObject({ answer: { active: false } })
    expect(await asked(access, [initialize(), register()], 1, grant.slice(1))).toMatchObject({
      answer: { active: false },
    })
    expect(await asked(access, [...standing, refuseConsent()])).toEqual(inactive)
  })
})

it("a text names the grant that follows its kind, and nothing else does", () => {
  expect(
    [access, first, second, code, `gls_${login}`, `gla_${login.slice(1)}`, ` ${access}`].map(grantNamedBy),
  ).toEqual([...[login, login, login, login], ...[undefined, undefined, undefined]])
})

describe("a JWT", () => {
  const claims = {
    iss: "https://auth.example",
    sub: alice,
    client_id: app,
    aud: [FILES, MAIL],
    iat: seconds(0),
    exp: seconds(10),
    scope: "read write",
    jti: `${login}.${digest("access-1")}`,
  }
  const jwtOf = (over: object = {}) => `${new UnsecuredJWT({ ...claims, ...over }).encode()}AAAA`
  const { log, all } = storyLog(redeemed)
  const moment = { size: all.length, at: at(1) }
  const checked = (signature: string, differing: ReadonlyArray<string> = []) => ({ kid: null, signature, differing })

  it("is told as the token that it names, with what was checked of it", async () => {
    expect(decodeJwt(jwtOf()).jti).toBe(claims.jti)
    const { answer, jwt } = await run(introspectAt(log, jwtOf(), moment))
    expect(answer).toEqual({ ...whose, token_type: "Bearer", aud: [FILES, MAIL], iat: seconds(0), exp: seconds(10) })
    expect(jwt).toEqual(checked("not checked"))
  })

  it.each([
    ["says otherwise than the log", jwtOf({ scope: "admin" }), undefined, checked("not checked", ["scope"])],
    ["was signed by nobody here", jwtOf(), "wrong", checked("wrong")],
    ["was signed by a compromised key", jwtOf(), "by a compromised key", checked("by a compromised key")],
  ] as const)("is not active where it %s, though the token that it names is alive", async (_, text, signature, jwt) => {
    const presented = { ...readPresentedJwt(text)!, ...(signature === undefined ? {} : { signature }) }
    const found = await run(introspectAt(log, text, moment, presented))
    expect(found).toMatchObject({ answer: { active: false }, standing: { status: "alive" }, jwt })
  })

  it("is active where it was signed here, and names nothing else than an access token", async () => {
    const presented = { ...readPresentedJwt(jwtOf())!, signature: "verified" as const }
    const found = await run(introspectAt(log, jwtOf(), moment, presented))
    expect(found).toMatchObject({ answer: { active: true }, jwt: checked("verified") })
    const refreshing = jwtOf({ jti: `${login}.${digest("refresh-1")}` })
    expect(await run(introspectAt(log, refreshing, moment))).not.toHaveProperty("jwt")
    expect(await run(introspectAt(log, jwtOf({ jti: `${login}.${digest("nobodys")}` }), moment))).toEqual(inactive)
  })
})
