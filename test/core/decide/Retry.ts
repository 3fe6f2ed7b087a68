/** The rules of presenting a refresh token that is spent: a lost reply inside the window, a reuse otherwise. */
import { given } from "../../../properties/Scenario.ts"
import { MAX_RETRIES, type CommandOf, type Generation } from "../../../src/core/index.ts"
import {
  FILES,
  MAIL,
  again,
  at,
  digest,
  initialize,
  jkt,
  lifetimes,
  login,
  minutes,
  older,
  open,
  opened,
  otherApp,
  redeem,
  redeemed,
  refresh,
  register,
  registerConfidential,
  resources,
  revokeGrant,
  rotated,
  scopes,
  service,
  standing,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const first = 1 as Generation
const alive = { grant: { _tag: "Open" } } as const
const reused = ["RefreshTokenReused", { _tag: "GrantRevoked", reason: "refresh_token_reused" }] as const
const same = { _tag: "TokensIssued", isRetry: true, refreshToken: { digest: digest("refresh-2") } } as const

/** All subsets of what was granted, but the whole: the answers that a retry may ask for besides the first one. */
const subsets: ReadonlyArray<Partial<CommandOf<"Refresh">>> = [null, scopes("read"), scopes("write")].flatMap((some) =>
  [null, resources(FILES), resources(MAIL)].map((one) => ({ scopes: some, resources: one })),
)
const subset = (index: number): CommandOf<"Refresh"> => again(`access-2-${index}`, subsets[index])
const retries = Array.from({ length: MAX_RETRIES }, () => again("access-2"))

export const retry: Rules = {
  //= FAPI2-5.3.2-rotation-safe
  //= A17
  "a lost reply is given again: the same successor and the same access token": () =>
    given(...rotated)
      .when(again("access-2", { at: at(1, 1), afterVersion: 7 }))
      .thenEvents({
        _tag: "RefreshTokenRetried",
        grantId: login,
        generation: first,
        accessToken: digest("access-2"),
        retriedAt: at(1, 1),
      })
      .thenReply({
        ...same,
        refreshToken: { digest: digest("refresh-2"), afterVersion: 5, issuedAt: at(1), expiresAt: at(61) },
        accessToken: { digest: digest("access-2"), issuedAt: at(1), expiresAt: at(11) },
      }),

  "the order in which a subset is asked for does not make it another": () =>
    given(...rotated)
      .when(again("access-2", { scopes: scopes("write read"), resources: resources(MAIL, FILES) }))
      .thenEvents("RefreshTokenRetried"),

  "another subset gets the same successor and an access token of its own": () =>
    given(...rotated)
      .when(again("access-2-read", { scopes: scopes("read"), resources: resources(MAIL) }))
      .thenEvents("RefreshTokenRetried", {
        _tag: "AccessTokenIssued",
        digest: digest("access-2-read"),
        generation: 2 as Generation,
        parent: digest("refresh-1"),
        scopes: scopes("read"),
        resources: resources(MAIL),
      })
      .thenReply(same)
      .when(again("access-2-read", { scopes: scopes("read"), resources: resources(MAIL), at: at(1, 9) }))
      .thenEvents("RefreshTokenRetried")
      .thenReply({ ...same, accessToken: { digest: digest("access-2-read"), expiresAt: at(11) } }),

  "a subset that was narrowed first can be widened again to what was granted": () =>
    given(...redeemed, refresh(1, { scopes: scopes("read") }))
      .when(again("access-2-all"))
      .thenReply({ ...same, accessToken: { scopes: scopes("read write") } }),

  "of 8 parallel refreshes all get the one successor": () => {
    let told = given(...redeemed)
      .when(refresh(1))
      .thenReply({ _tag: "TokensIssued", refreshToken: { digest: digest("refresh-2") } })
    for (const command of retries.slice(1)) told = told.when(command).thenReply(same)
    return told.thenState(alive)
  },

  "8 retries are recorded; the ninth is answered alike and is not": () =>
    given(...rotated, ...retries.slice(1))
      .when(again("access-2"))
      .thenEvents("RefreshTokenRetried")
      .thenState({ grant: { refresh: { previous: { retryCount: MAX_RETRIES } } } })
      .when(again("access-2"))
      .thenEvents()
      .thenReply({ ...same, accessToken: { digest: digest("access-2") } })
      .when(again("access-2"))
      .thenEvents()
      .thenReply(same),

  "after 8 retries a new subset is refused without effect": () =>
    given(...rotated, ...retries)
      .when(again("access-2-read", { scopes: scopes("read") }))
      .thenRefused("refresh-retries-exhausted")
      .when(again("access-2"))
      .thenReply(same)
      .when(refresh(2))
      .thenEvents("RefreshTokenRotated", "AccessTokenIssued"),

  "one generation is answered for at most 9 subsets": () =>
    given(...rotated, ...[1, 2, 3, 4, 5, 6, 7].map(subset))
      .when(subset(8))
      .thenEvents("RefreshTokenRetried", "AccessTokenIssued")
      .thenState({
        grant: {
          refresh: {
            previous: { answers: [{ digest: digest("access-2") }, ...Array.from({ length: MAX_RETRIES }, () => ({}))] },
          },
        },
      })
      .when(subset(8))
      .thenEvents()
      .thenReply(same)
      .when(again("access-2"))
      .thenEvents()
      .thenReply(same),

  "a rotation starts the count anew": () =>
    given(...rotated, ...retries, refresh(2))
      .when(again("access-3"))
      .thenEvents("RefreshTokenRetried"),

  "the window is open until its end, and not at that instant": () => [
    given(...rotated)
      .when(again("access-2", { at: at(1.5, -1) }))
      .thenEvents("RefreshTokenRetried"),
    given(...rotated)
      .when(again("access-2", { at: at(1.5) }))
      .thenRefused("refresh-reused", ...reused),
    given(...rotated)
      .when(again("access-2", { at: at(1.5, 1) }))
      .thenRefused("refresh-reused", ...reused),
  ],

  "the window is measured from the rotation and does not slide": () =>
    given(...rotated, again("access-2", { at: at(1.5, -1) }))
      .when(again("access-2", { at: at(1.5) }))
      .thenRefused("refresh-reused", ...reused),

  "with a window of 0 no refresh is answered twice": () => {
    const none = { lifetimes: { ...lifetimes, retryWindow: minutes(0) } }
    return given(...redeemed, refresh(1, none))
      .when(again("access-2", none))
      .thenRefused("refresh-reused", ...reused)
  },

  "a retry is answered though the token presented has expired since": () => {
    const short = { ...lifetimes, refreshIdle: minutes(2) }
    return given(...opened, redeem({ lifetimes: short }), refresh(1, { at: at(2, -1), lifetimes: short }))
      .when(again("access-2", { at: at(2, 1) }))
      .thenReply(same)
  },

  "no answer to a retry outlives the grant": () =>
    given(...standing, open({ lifetimes: { ...lifetimes, grant: minutes(5) } }), redeem(), refresh(1))
      .when(again("access-2-read", { scopes: scopes("read") }))
      .thenEvents("RefreshTokenRetried", { _tag: "AccessTokenIssued", expiresAt: at(5) }),

  //= OAUTH21-4.3.1-rt-replay-detection
  //= RFC9700-4.14.2-rt-family-revoke
  //= A16
  "a reuse outside the window kills the grant": () =>
    given(...rotated)
      .when(again("access-2", { at: at(2) }))
      .thenRefused(
        "refresh-reused",
        { _tag: "RefreshTokenReused", digest: digest("refresh-1"), generation: first, reusedAt: at(2) },
        { _tag: "GrantRevoked", grantId: login, reason: "refresh_token_reused", revokedAt: at(2) },
      )
      .thenState({ grant: { _tag: "Revoked", reason: "refresh_token_reused" } })
      .when(refresh(2, { at: at(2) }))
      .thenRefused("grant-ended")
      .when(again("access-2", { at: at(2) }))
      .thenRefused("grant-ended"),

  "a token whose successor is spent kills the grant, inside the window too": () =>
    given(...rotated, refresh(2))
      .when(older(1))
      .thenRefused(
        "refresh-reused",
        {
          _tag: "RefreshTokenReused",
          digest: digest("refresh-1"),
          generation: first,
        },
        "GrantRevoked",
      ),

  "a token many generations old kills the grant": () =>
    given(...rotated, refresh(2), refresh(3), refresh(4))
      .when(older(1))
      .thenRefused("refresh-reused", ...reused),

  "another client, a client without proof and a wrong key harm nothing": () => {
    const late = { at: at(2) }
    return [
      given(...rotated, register({ clientId: otherApp }))
        .when(again("access-2", { ...late, clientId: otherApp }))
        .thenRefused("refresh-of-another-client")
        .thenState(alive)
        .when(older(1, { clientId: otherApp }))
        .thenRefused("refresh-of-another-client")
        .thenState(alive),
      given(...rotated)
        .when(again("access-2", { ...late, authentication: "failed" }))
        .thenRefused("client-unauthenticated")
        .thenState(alive),
      given(...opened, redeem({ jkt: jkt("key") }), refresh(1, { jkt: jkt("key") }))
        .when(again("access-2", { ...late, jkt: jkt("other-key") }))
        .thenRefused("refresh-key-wrong")
        .thenState(alive)
        .when(older(1, {}, jkt("key")))
        .thenRefused("refresh-key-wrong")
        .thenState(alive),
    ]
  },

  "a token that was spent unbound, whose successor somebody bound to a key of theirs, ends the grant": () => {
    const bound = given(...redeemed, refresh(1, { jkt: jkt("thief") }))
    return [
      bound.when(again("access-2")).thenRefused("refresh-reused", ...reused),
      bound.when(again("access-2", { jkt: jkt("victim") })).thenRefused("refresh-reused", ...reused),
      bound.when(again("access-2", { at: at(2) })).thenRefused("refresh-reused", ...reused),
      bound.when(older(1, { at: at(2) })).thenRefused("refresh-reused", ...reused),
    ]
  },

  "what a fresh token would be refused for is refused first, without effect": () =>
    [again("access-2", { at: at(2) }), older(1)].flatMap((spent) => [
      given(...rotated)
        .when({ ...spent, scopes: scopes("admin") })
        .thenRefused("scope-exceeds-grant")
        .thenState(alive),
      given(...rotated)
        .when({ ...spent, resources: resources("https://other.example") })
        .thenRefused("resource-exceeds-grant")
        .thenState(alive),
    ]),

  "without the key it was derived with, the answer cannot be repeated now, and nothing is killed": () =>
    given(...rotated)
      .when(again(null))
      .thenRefused("refresh-key-unavailable")
      .thenState(alive)
      .when(again("access-2"))
      .thenReply(same),

  "without that key no answer is given for another subset either": () =>
    given(...rotated)
      .when(again(null, { scopes: scopes("read") }))
      .thenRefused("refresh-key-unavailable")
      .thenState(alive),

  "a digest that is not the one that was issued is not handed out, and nothing is killed": () => {
    const readOnly = { scopes: scopes("read") }
    return [
      given(...rotated)
        .when(again("access-other"))
        .thenRefused("refresh-key-unavailable")
        .thenState(alive)
        .when(again("access-2"))
        .thenReply(same),
      given(...rotated, again("access-2-read", readOnly))
        .when(again("access-2-other", readOnly))
        .thenRefused("refresh-key-unavailable")
        .thenState(alive)
        .when(again("access-2-read", readOnly))
        .thenReply(same),
      given(...rotated, ...retries)
        .when(again("access-other"))
        .thenRefused("refresh-key-unavailable"),
    ]
  },

  "the key is that of the first answer, or the retry is refused without effect": () => {
    const key = { jkt: jkt("key") }
    const otherKey = { jkt: jkt("other-key") }
    const verified = { clientId: service, authentication: "verified" } as const
    const served = [
      initialize(),
      registerConfidential(),
      open({ clientId: service }),
      redeem(verified),
      refresh(1, { ...verified, ...key }),
    ]
    return [
      given(...rotated)
        .when(again("access-2", key))
        .thenRefused("refresh-key-wrong")
        .thenState(alive)
        .when(again("access-2-read", { ...key, scopes: scopes("read") }))
        .thenRefused("refresh-key-wrong")
        .when(again("access-2"))
        .thenReply(same),
      given(...redeemed, refresh(1, key))
        .when(again("access-2", key))
        .thenReply({ ...same, accessToken: key }),
      given(...served)
        .when(again("access-2", verified))
        .thenRefused("refresh-key-wrong")
        .thenState(alive)
        .when(again("access-2", { ...verified, ...otherKey }))
        .thenRefused("refresh-key-wrong")
        .when(again("access-2-read", { ...verified, ...otherKey, scopes: scopes("read") }))
        .thenRefused("refresh-key-wrong")
        .when(again("access-2", { ...verified, ...key }))
        .thenReply({ ...same, accessToken: key }),
    ]
  },

  "an empty list asks for all that was granted: it is no other subset": () =>
    given(...rotated)
      .when(again("access-2", { scopes: [], resources: [] }))
      .thenEvents("RefreshTokenRetried")
      .thenReply({ ...same, accessToken: { digest: digest("access-2"), scopes: scopes("read write") } }),

  "a repeated scope does not make a subset another": () =>
    given(...rotated, again("access-2-read", { scopes: scopes("read") }))
      .when(again("access-2-read", { scopes: scopes("read read") }))
      .thenEvents("RefreshTokenRetried"),

  "a token that was never spent is no earlier one": () =>
    given(...redeemed)
      .when(again("access-2"))
      .thenRefused("refresh-unknown")
      .thenState(alive),

  "a dead grant appends nothing": () =>
    given(...rotated, revokeGrant())
      .when(again("access-2"))
      .thenRefused("grant-ended")
      .when(older(1))
      .thenRefused("grant-ended"),
}
