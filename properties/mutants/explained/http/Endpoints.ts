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
]
