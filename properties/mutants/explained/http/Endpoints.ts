/** Why mutants of Stryker in `src/http` may live: the account page, registration, and the health of the server. */
import { at, type Explanation } from "../../Explanation.ts"

export const endpoints: ReadonlyArray<Explanation> = [
  {
    why: "for the compiler alone: `undefined`, read as text, is no id of a grant",
    places: [at("endpoints/Account.ts", "before !== undefined", "true")],
  },
  {
    why: "for the compiler alone: a member that is `undefined` and one that is not there mean the same to whoever reads it",
    places: [at("endpoints/Account.ts", "notice === undefined", "false")],
  },
  {
    why: "the same: an empty text is no id of a grant, and neither is what Stryker writes",
    places: [at("endpoints/Account.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same for everybody whose password is neither empty nor what Stryker writes",
    places: [at("endpoints/Account.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: only a fault is told beside the fields",
    places: [at("endpoints/Account.ts", "true", "false")],
  },
  {
    why: "the same: what is asked for is whether the store can be read, whichever client there is or is not",
    places: [at("endpoints/Health.ts", '"healthz"', '""')],
  },
  {
    why: "the same: a function that goes on to its end gives `undefined`, too",
    places: [at("endpoints/Register.ts", "{ return undefined }", "{}")],
  },
  {
    why: "the same but for one character of a bound that nobody counts on",
    places: [at("endpoints/Authorize.ts", "path.length > MAX_PATH_CHARACTERS", "path.length >= MAX_PATH_CHARACTERS")],
  },
  {
    why: "for the compiler alone: no server says that it has a grant type which the table lacks",
    places: [
      at("endpoints/token/Token.ts", "grant === undefined", "false"),
      at(
        "endpoints/token/Token.ts",
        "grant === undefined || !server.grantTypes.includes(grantType)",
        "grant === undefined && !server.grantTypes.includes(grantType)",
      ),
    ],
  },
  {
    why: "the same: it is asked for by the name that it was given",
    places: [at("endpoints/Account.ts", '"done"', '""')],
  },
  {
    why: "the same: pages and programs have two buckets of one size, whichever is which",
    places: [
      at("endpoints/Register.ts", 'request.headers["origin"] !== undefined', 'request.headers["origin"] === undefined'),
    ],
  },
]
