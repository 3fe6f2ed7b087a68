/** Why mutants of Stryker in `src/client` may live: how the client logs in and stays logged in. */
import { at, type Explanation } from "../../Explanation.ts"

export const login: ReadonlyArray<Explanation> = [
  {
    why: "for the compiler alone: a request that a server of Node got has a target",
    places: [at("authorization/CallbackServer.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: to an answer whose reader is gone Node says at once that it ended",
    places: [at("authorization/CallbackServer.ts", '"close"', '""')],
  },
  {
    why: "the same: an answer that was sent is closed, too",
    places: [at("authorization/CallbackServer.ts", "() => resolve()", "() => undefined")],
  },
  {
    why: "the same: only a loopback name or address gets here, and of those only one has brackets, at both ends",
    places: [
      at("authorization/CallbackServer.ts", "/^\\[(.*)\\]$/", "/^\\[(.*)\\]/"),
      at("authorization/CallbackServer.ts", "/^\\[(.*)\\]$/", "/\\[(.*)\\]$/"),
    ],
  },
  {
    why: "the same: a server that listens has no more faults to tell",
    places: [at("authorization/CallbackServer.ts", '"error"', '""')],
  },
  {
    why: "the same: no port is any port",
    places: [at("authorization/CallbackServer.ts", "preferredPort === undefined", "false")],
  },
  {
    why: "the same: what is closed has nobody waiting, no browser and no timer left",
    places: [
      at("authorization/CallbackServer.ts", "isClosed", "false"),
      at("authorization/CallbackServer.ts", "true", "false"),
    ],
  },
  {
    why: "the same: the page asks for its connection to be closed, and a second later every one is",
    places: [at("authorization/CallbackServer.ts", "server.closeIdleConnections()", ";")],
  },
  {
    why: "never reached: a switch over every case; the default is for the compiler alone",
    places: [
      at("authorization/LoginFlow.ts", "default: return flow satisfies never", "default:"),
      at("authorization/LoginFlow.ts", "default: return flow satisfies never", "default:"),
      at("authorization/Login.ts", "default: return flow satisfies never", "default:"),
      at("tokens/RetryPolicy.ts", "default: return action satisfies never", "default:"),
    ],
  },
  {
    why: "the same: a code that is not there is in no list, and neither is what Stryker writes",
    places: [at("authorization/LoginFlow.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: what is over goes on to the end of the switch, which gives back the state as it is",
    places: [
      at("authorization/LoginFlow.ts", '"LoggedIn"', '""'),
      at("authorization/LoginFlow.ts", '"Failed"', '""'),
      at("authorization/LoginFlow.ts", 'case "Failed": return flow', 'case "Failed":'),
      at("authorization/LoginFlow.ts", '"LoggedIn"', '""'),
      at("authorization/LoginFlow.ts", 'case "Failed": return flow', 'case "Failed":'),
      at("authorization/LoginFlow.ts", '"Failed"', '""'),
    ],
  },
  {
    why: "the same: for what is not stored the advice is to log in",
    places: [at("tokens/TokenRefresher.ts", "seen === undefined", "false")],
  },
  {
    why: "never reached: that issuer, client and refresh token are at hand was looked at before",
    places: [
      at("tokens/TokenRefresher.ts", '"login_required"', '""'),
      at("tokens/TokenRefresher.ts", 'code === "login_required"', "false"),
      at("tokens/TokenRefresher.ts", '"login_required"', '""'),
    ],
  },
  {
    why: "the same: without a case of its own it ends with `undefined` as well",
    places: [at("tokens/TokenRefresher.ts", '"login"', '""')],
  },
  {
    why: "the same: a window of nothing is over as soon as it begins",
    places: [at("tokens/TokenRefresher.ts", "windowMillis === 0", "false")],
  },
  {
    why: "never reached: nothing but a `TokenError` comes out of a refresh, unless a program's own clock fails, and then it is thrown either way",
    places: [at("tokens/TokenRefresher.ts", "!(error instanceof TokenError)", "false")],
  },
  {
    why: "the same: a failure that is remembered of a dead refresh token matters to no other",
    places: [
      at("tokens/TokenRefresher.ts", 'code === "grant_ended"', "false"),
      at("tokens/TokenRefresher.ts", '"grant_ended"', '""'),
    ],
  },
  {
    why: "never reached: tokens without an end are renewed only when they were rejected",
    places: [at("tokens/TokenRefresher.ts", "expiresAt === undefined", "false")],
  },
  {
    why: "the same: what was not foreseen ends the login as it is, thrown at once or by the machine",
    places: [at("authorization/Login.ts", "isOAuthClientError(error)", "true")],
  },
  {
    why: "for the compiler alone: a member that is `undefined` and one that is not there mean the same to whoever reads it",
    places: [
      at("authorization/Login.ts", "demanded === undefined", "false"),
      at("authorization/Login.ts", "listed === undefined", "false"),
      at("authorization/Login.ts", "offered === undefined", "false"),
      at("tokens/RefreshPolicy.ts", "repeatableUntil === undefined", "false"),
      at("OAuth.ts", "resourceMetadata === undefined", "false"),
      at("OAuth.ts", "preferred === undefined", "false"),
    ],
  },
  {
    why: "the same: a port of nothing is any port that is free, and what is no number is as good as none",
    places: [
      at("authorization/BrowserLogin.ts", '""', '"Stryker was here!"'),
      at("authorization/BrowserLogin.ts", "port > 0", "true"),
      at("authorization/BrowserLogin.ts", '""', '"Stryker was here!"'),
      at("authorization/BrowserLogin.ts", "port > 0", "port >= 0"),
    ],
  },
  {
    why: "for the compiler alone: of a server that was found it is always known what of it cannot be used",
    places: [
      at("sdk/SdkProvider.ts", "server.unusable?.registration_endpoint", "server.unusable.registration_endpoint"),
    ],
  },
  {
    why: "never read: the answer is judged by issuer and state alone, and the SDK has the verifier",
    places: [
      at("sdk/SdkProvider.ts", '""', '"Stryker was here!"'),
      at("sdk/SdkProvider.ts", "[]", '["Stryker was here"]'),
    ],
  },
  {
    why: "how the page looks, which is nobody's promise: its hash is made of whatever stands there",
    places: [
      at(
        "authorization/CallbackPage.ts",
        '"body{font:1.125rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;pa…',
        '""',
      ),
    ],
  },
  {
    why: "for the compiler alone: no number compares with a time or a count that is not there",
    places: [
      at("tokens/RefreshPolicy.ts", "failures.repeatableUntil !== undefined", "true"),
      at("tokens/RefreshPolicy.ts", "expiresAt === undefined", "false"),
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
