/** Why mutants of Stryker in `src/client` may live: how the client logs in and stays logged in. */
import { at, type Explanation } from "../../Explanation.ts"

export const login: ReadonlyArray<Explanation> = [
  {
    why: "for the compiler alone: a request that a server of Node got has a target",
    places: [at("Callback.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: to an answer whose reader is gone Node says at once that it ended",
    places: [at("Callback.ts", '"close"', '""')],
  },
  {
    why: "the same: an answer that was sent is closed, too",
    places: [at("Callback.ts", "() => resolve()", "() => undefined")],
  },
  {
    why: "the same: only a loopback name or address gets here, and of those only one has brackets, at both ends",
    places: [
      at("Callback.ts", "/^\\[(.*)\\]$/", "/^\\[(.*)\\]/"),
      at("Callback.ts", "/^\\[(.*)\\]$/", "/\\[(.*)\\]$/"),
    ],
  },
  {
    why: "the same: a server that listens has no more faults to tell",
    places: [at("Callback.ts", '"error"', '""')],
  },
  {
    why: "the same: no port is any port",
    places: [at("Callback.ts", "preferredPort === undefined", "false")],
  },
  {
    why: "the same: what is closed has nobody waiting, no browser and no timer left",
    places: [at("Callback.ts", "isClosed", "false"), at("Callback.ts", "true", "false")],
  },
  {
    why: "the same: the page asks for its connection to be closed, and a second later every one is",
    places: [at("Callback.ts", "server.closeIdleConnections()", ";")],
  },
  {
    why: "never reached: a switch over every case; the default is for the compiler alone",
    places: [
      at("Flow.ts", "default: return flow satisfies never", "default:"),
      at("Flow.ts", "default: return flow satisfies never", "default:"),
      at("Login.ts", "default: return flow satisfies never", "default:"),
      at("Reaction.ts", "default: return reaction satisfies never", "default:"),
    ],
  },
  {
    why: "the same: a code that is not there is in no list, and neither is what Stryker writes",
    places: [at("Flow.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: what is over goes on to the end of the switch, which gives back the state as it is",
    places: [
      at("Flow.ts", '"LoggedIn"', '""'),
      at("Flow.ts", '"Failed"', '""'),
      at("Flow.ts", 'case "Failed": return flow', 'case "Failed":'),
      at("Flow.ts", '"LoggedIn"', '""'),
      at("Flow.ts", 'case "Failed": return flow', 'case "Failed":'),
      at("Flow.ts", '"Failed"', '""'),
    ],
  },
  {
    why: "the same: for what is not stored the advice is to log in",
    places: [at("Keeper.ts", "seen === undefined", "false")],
  },
  {
    why: "never reached: that issuer, client and refresh token are at hand was looked at before",
    places: [
      at("Keeper.ts", '"login_required"', '""'),
      at("Keeper.ts", 'code === "login_required"', "false"),
      at("Keeper.ts", '"login_required"', '""'),
    ],
  },
  {
    why: "the same: without a case of its own it ends with `undefined` as well",
    places: [at("Keeper.ts", '"login"', '""')],
  },
  {
    why: "the same: a window of nothing is over as soon as it begins",
    places: [at("Keeper.ts", "windowMillis === 0", "false")],
  },
  {
    why: "never reached: nothing but a `TokenError` comes out of a refresh, unless a program's own clock fails, and then it is thrown either way",
    places: [at("Keeper.ts", "!(error instanceof TokenError)", "false")],
  },
  {
    why: "the same: trouble that is kept for a dead refresh token is trouble with no other",
    places: [at("Keeper.ts", 'code === "grant_ended"', "false"), at("Keeper.ts", '"grant_ended"', '""')],
  },
  {
    why: "never reached: tokens without an end are renewed only when they were rejected",
    places: [at("Keeper.ts", "expiresAt === undefined", "false")],
  },
  {
    why: "for the compiler alone: a login that came so far has a callback",
    places: [
      at("Login.ts", "{ callback: undefined }", "{}"),
      at("Login.ts", "held.callback?.close", "held.callback.close"),
    ],
  },
  {
    why: "the same: what was not foreseen ends the login as it is, thrown at once or by the machine",
    places: [at("Login.ts", "isOAuthClientError(error)", "true")],
  },
  {
    why: "for the compiler alone: a member that is `undefined` and one that is not there mean the same to whoever reads it",
    places: [
      at("Login.ts", "demanded === undefined", "false"),
      at("Login.ts", "listed === undefined", "false"),
      at("Login.ts", "offered === undefined", "false"),
      at("Freshness.ts", "repeatableUntil === undefined", "false"),
      at("OAuth.ts", "resourceMetadata === undefined", "false"),
      at("OAuth.ts", "preferred === undefined", "false"),
    ],
  },
  {
    why: "the same: a port of nothing is any port that is free, and what is no number is as good as none",
    places: [
      at("Login.ts", '""', '"Stryker was here!"'),
      at("Login.ts", "registeredPort > 0", "true"),
      at("Login.ts", '""', '"Stryker was here!"'),
      at("Login.ts", "registeredPort > 0", "registeredPort >= 0"),
    ],
  },
  {
    why: "never reached: what is thrown while an answer is awaited is a fault of this client",
    places: [at("SdkProvider.ts", '"the program stopped"', '""'), at("Steps.ts", '"the program stopped"', '""')],
  },
  {
    why: "for the compiler alone: of a server that was found it is always known what of it cannot be used",
    places: [at("SdkProvider.ts", "server.unusable?.registration_endpoint", "server.unusable.registration_endpoint")],
  },
  {
    why: "never read: the answer is judged by issuer and state alone, and the SDK has the verifier",
    places: [at("SdkProvider.ts", '""', '"Stryker was here!"'), at("SdkProvider.ts", "[]", '["Stryker was here"]')],
  },
  {
    why: "how the page looks, which is nobody's promise: its hash is made of whatever stands there",
    places: [
      at("CallbackPage.ts", '"body{font:1.125rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;pa…', '""'),
    ],
  },
  {
    why: "for the compiler alone: no number compares with a time or a count that is not there",
    places: [
      at("Freshness.ts", "trouble.repeatableUntil !== undefined", "true"),
      at("Freshness.ts", "expiresAt === undefined", "false"),
    ],
  },
  {
    why: "the same: how long a value is kept is counted from now, by whichever clock, and the end of a secret is looked at besides",
    places: [at("OAuth.ts", "{ now }", "{}")],
  },
  {
    why: "the same but for one more question: what was found since may be looked for again",
    places: [at("OAuth.ts", "known === mine", "true")],
  },
  {
    why: "the same: without a challenge the resource is asked, as it would be a moment later",
    places: [at("OAuth.ts", "rejected.challenge !== undefined", "true")],
  },
  {
    why: "for the compiler alone: a token that was rejected is stored, unless somebody logged out in that moment",
    places: [at("OAuth.ts", "stored?.issuer", "stored.issuer")],
  },
  {
    why: "the same: where there is nothing to revoke, or nobody to do it, the fault that follows says the same as `false`",
    places: [at("OAuth.ts", "tokens === undefined", "false"), at("OAuth.ts", "client !== undefined", "true")],
  },
]
