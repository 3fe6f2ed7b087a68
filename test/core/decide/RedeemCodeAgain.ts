/** The rules of attempts on a code that are wrong, or come again: what harms nothing, and what kills the grant. */
import { given } from "../../../properties/Scenario.ts"
import { MAX_REFUSED_ATTEMPTS, type AttemptFault, type CommandOf } from "../../../src/core/index.ts"
import {
  at,
  challenge,
  jkt,
  login,
  open,
  opened,
  redeem,
  redeemed,
  refresh,
  resources,
  standing,
} from "../support/Facts.ts"
import type { Rules } from "../support/Rules.ts"

const unredeemed = { grant: { _tag: "Open", code: { redeemedAt: null } } } as const
const alive = { grant: { _tag: "Open" } } as const

const bound = open({ request: { ...open().request, jkt: jkt("key") } })

type Attempt = Partial<CommandOf<"RedeemCode">>

/** What can be wrong with an attempt by the right client, with the right code. */
const faults: ReadonlyArray<readonly [AttemptFault, Attempt]> = [
  ["verifier_missing", { verifier: null }],
  ["verifier_malformed", { verifier: { wellFormed: false, challenge: null } }],
  ["verifier_malformed", { verifier: { wellFormed: false, challenge: challenge("challenge") } }],
  ["verifier_wrong", { verifier: { wellFormed: true, challenge: challenge("other") } }],
  ["verifier_wrong", { verifier: { wellFormed: true, challenge: null } }],
  ["redirect_uri_wrong", { redirectUri: "https://app.example/other" }],
  ["redirect_uri_wrong", { redirectUri: "" }],
  ["key_wrong", { jkt: null }],
  ["key_wrong", { jkt: jkt("other-key") }],
]

const wrong = redeem({ verifier: null })
const wrongOften = Array.from({ length: MAX_REFUSED_ATTEMPTS }, () => wrong)

export const redeemCodeAgain: Rules = {
  //= OAUTH21-4.1.3-code-single-use
  //= OAUTH21-4.1.3-code-reuse-revokes
  //= A13
  "a code that was redeemed once is refused, and the grant is dead": () =>
    given(...redeemed)
      .when(redeem())
      .thenRefused(
        "code-replayed",
        { _tag: "AuthorizationCodeReplayed", grantId: login, replayedAt: at(0) },
        { _tag: "GrantRevoked", grantId: login, reason: "code_replayed", revokedAt: at(0) },
      )
      .thenState({ grant: { _tag: "Revoked", reason: "code_replayed" } })
      .when(refresh(1))
      .thenRefused("grant-ended"),

  "a replay kills long after the code expired, and without a redirect URI": () =>
    given(...redeemed)
      .when(redeem({ at: at(200), redirectUri: null }))
      .thenRefused("code-replayed", "AuthorizationCodeReplayed", "GrantRevoked"),

  "a replay kills whatever resources it asks for": () =>
    given(...redeemed)
      .when(redeem({ resources: resources("https://other.example") }))
      .thenRefused("code-replayed", "AuthorizationCodeReplayed", "GrantRevoked"),

  "of several redemptions the first alone gets tokens, and the dead grant appends nothing": () =>
    given(...opened)
      .when(redeem())
      .thenEvents("AuthorizationCodeRedeemed", "AccessTokenIssued", "RefreshTokenIssued")
      .when(redeem())
      .thenRefused("code-replayed", "AuthorizationCodeReplayed", "GrantRevoked")
      .when(redeem())
      .thenRefused("grant-ended")
      .when(wrong)
      .thenRefused("grant-ended"),

  //= OAUTH21-7.5.2-bad-replay-no-revoke
  //= A14
  //= RFC9449-10-code-binding
  //= RFC7636-4.1-verifier-format
  "an attempt without the owner's proof is recorded and harms nothing": () =>
    faults.map(([fault, attempt]) =>
      given(...standing, bound)
        .when(redeem({ jkt: jkt("key"), ...attempt }))
        .thenRefused("code-attempt-wrong", { _tag: "AuthorizationCodeAttemptRefused", fault, refusedAt: at(0) })
        .thenState(unredeemed)
        .when(redeem({ jkt: jkt("key") }))
        .thenEvents("AuthorizationCodeRedeemed", "AccessTokenIssued", "RefreshTokenIssued"),
    ),

  "a replay without the owner's proof does not kill": () =>
    faults.map(([fault, attempt]) =>
      given(...standing, bound, redeem({ jkt: jkt("key") }))
        .when(redeem({ jkt: jkt("key"), ...attempt }))
        .thenRefused("code-attempt-wrong", { _tag: "AuthorizationCodeAttemptRefused", fault })
        .thenState(alive),
    ),

  "the code lives on after 8 wrong attempts, and further ones are not recorded": () =>
    given(...opened, ...wrongOften.slice(1))
      .when(wrong)
      .thenRefused("code-attempt-wrong", "AuthorizationCodeAttemptRefused")
      .thenState({ grant: { code: { refusedCount: MAX_REFUSED_ATTEMPTS } } })
      .when(wrong)
      .thenRefused("code-attempt-wrong")
      .when(redeem())
      .thenEvents("AuthorizationCodeRedeemed", "AccessTokenIssued", "RefreshTokenIssued"),

  "attempts before and after the redemption count together": () =>
    given(...opened, ...wrongOften, redeem())
      .when(wrong)
      .thenRefused("code-attempt-wrong")
      .when(redeem())
      .thenRefused("code-replayed", "AuthorizationCodeReplayed", "GrantRevoked"),
}
