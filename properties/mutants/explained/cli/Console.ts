/** Why mutants of Stryker in `src/cli/console` may live. */
import { at, type Explanation } from "../../Explanation.ts"

const name = at("console/HttpAuthentication.ts", '"console"', '""')
const nothing = (file: string) => at(file, '""', '"Stryker was here!"')

export const consolePages: ReadonlyArray<Explanation> = [
  {
    why: "the same: guesses are counted for their source, whatever the account that they are said to be for",
    places: [name, name, at("console/ConsoleSessions.ts", '"console"', '""')],
  },
  {
    why: "the same: there is no session under the digest of that either",
    places: [nothing("console/ConsoleSessions.ts")],
  },
  {
    why: "the same: that is no header that shows a password either",
    places: [
      nothing("console/HttpAuthentication.ts"),
      at("console/HttpAuthentication.ts", "[]", '["Stryker was here"]'),
    ],
  },
  {
    why: "the same: that is neither the password nor a path of the console either",
    places: [nothing("console/Console.ts"), nothing("console/Console.ts")],
  },
  {
    why: "the same: for the compiler alone; `undefined`, as text, is none of what is looked for",
    places: [
      at("console/Console.ts", "given !== undefined", "true"),
      at("console/ConsoleQuery.ts", "names !== undefined", "true"),
      at("console/Downloads.ts", "text !== undefined", "true"),
    ],
  },
  {
    why: "the same: for the compiler alone; nothing is less than `undefined`",
    places: [at("console/pages/Page.ts", "indexedCount !== undefined", "true")],
  },
  {
    why: "the same: for the compiler alone; a question has a meaning, and what is known has an ancestry",
    places: [
      at("console/Console.ts", "meant?._tag", "meant._tag"),
      at("console/ConsoleQuery.ts", "known.ancestry[0]?.position", "known.ancestry[0].position"),
    ],
  },
  {
    why: "the same: no grant has an id of another form, and nothing more is said of one that is not there",
    places: [
      at("console/ConsoleQuery.ts", "names !== undefined && GRANT_ID.test(names)", "true"),
      at(
        "console/ConsoleQuery.ts",
        "names !== undefined && GRANT_ID.test(names)",
        "names !== undefined || GRANT_ID.test(names)",
      ),
      at("console/ConsoleQuery.ts", "/^[0-9A-Za-z]{22}$/", "/[0-9A-Za-z]{22}$/"),
      at("console/ConsoleQuery.ts", "/^[0-9A-Za-z]{22}$/", "/^[0-9A-Za-z]{22}/"),
    ],
  },
  {
    why: "the same: what is not there now is asked for again, and what stands before the first event is nothing",
    places: [
      at("console/ConsoleQuery.ts", "at === undefined", "false"),
      at("console/ConsoleQuery.ts", "version < 1", "false"),
    ],
  },
  {
    why: "the same tree: with the digest, what the explanation has read is not read again",
    places: [
      at("console/ConsoleQuery.ts", 'kind === "grant"', "true"),
      at("console/ConsoleQuery.ts", 'kind === "grant"', "false"),
      at("console/ConsoleQuery.ts", 'kind === "grant"', 'kind !== "grant"'),
      at("console/ConsoleQuery.ts", '"grant"', '""'),
      at("console/ConsoleQuery.ts", "{ digest: id }", "{}"),
    ],
  },
]
