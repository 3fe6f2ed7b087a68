/** Why mutants of Stryker in `src/http` may live: from `/authorize` through login to consent. */
import { at, type Explanation } from "../../Explanation.ts"

export const login: ReadonlyArray<Explanation> = [
  {
    why: "for the compiler alone: where there are no pages nobody is signed in",
    places: [at("endpoints/Authorize.ts", "flow !== undefined", "true")],
  },
  {
    why: "the same: what was not asked for becomes no number, which JSON writes as `null`, and no login was before that",
    places: [
      at("endpoints/Authorize.ts", "maxAgeSeconds === undefined", "false"),
      at("endpoints/Authorize.ts", "maxAge === undefined", "false"),
    ],
  },
  {
    why: "the same: a host that is not named is not this machine, and neither is what Stryker writes",
    places: [at("endpoints/Authorize.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: what was not encrypted here cannot be decrypted, and neither can what Stryker writes",
    places: [
      at("endpoints/Consent.ts", '""', '"Stryker was here!"'),
      at("login/OpenIdLogin.ts", '""', '"Stryker was here!"'),
    ],
  },
  {
    why: "the same: a digest is compared with digests of its own kind alone; read as UTF-8 it loses bits, and two still differ",
    places: [at("endpoints/Consent.ts", '"base64url"', '""')],
  },
  {
    why: "the same: where a nonce is expected, `openid-client` expects an ID token, whatever it is told of that",
    places: [at("login/OpenIdLogin.ts", "true", "false")],
  },
  {
    why: "the same but for a wait in the line: who tried too often is told so when the turn has come",
    places: [at("login/PasswordGate.ts", "waitSeconds > 0", "false")],
  },
  {
    why: "the same: a count of none counts for nothing, and a number is all that would be kept",
    places: [at("login/Turns.ts", "sum > 0", "true"), at("login/Turns.ts", "sum > 0", "sum >= 0")],
  },
  {
    why: "the same but for one place of 256",
    places: [at("login/Turns.ts", "inside < MAX_INSIDE", "inside <= MAX_INSIDE")],
  },
  {
    why: "the same: who has no network would be counted under `undefined`, which is asked for by nobody",
    places: [
      at("login/Turns.ts", "network === undefined", "false"),
      at("login/Turns.ts", "network === undefined", "false"),
    ],
  },
]
