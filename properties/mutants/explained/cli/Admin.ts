/** Why mutants of Stryker in `src/cli/admin` may live. */
import { at, type Explanation } from "../../Explanation.ts"

const nothing = (file: string) => at(file, '""', '"Stryker was here!"')
const endpoints = "admin/AdminEndpoints.ts"
const remote = "admin/Remote.ts"
const clients = "admin/operations/Clients.ts"
const grants = "admin/operations/Grants.ts"

export const admin: ReadonlyArray<Explanation> = [
  {
    why: "the same: that is no name of this machine, no media type, no bearer token and no credential either",
    places: [
      nothing(endpoints),
      nothing(endpoints),
      nothing(endpoints),
      nothing("admin/Credential.ts"),
      nothing("admin/Credential.ts"),
    ],
  },
  {
    why: "the same: guesses are counted for their source, whatever the account that they are said to be for",
    places: [at(endpoints, '"admin"', '""')],
  },
  {
    why: "the same: what is not asked for was refused before by its name",
    places: [at(endpoints, '{ onExcessProperty: "error", }', "{}"), at(endpoints, '"error"', '""')],
  },
  {
    why: "the same: for the compiler alone; without it nothing is returned, either",
    places: [
      at(endpoints, "{ return undefined }", "{}"),
      at(remote, "{ return undefined }", "{}"),
      at("admin/Credential.ts", "{ file: undefined }", "{}"),
    ],
  },
  {
    why: "the same: for the compiler alone; a path that is no operation's has neither a route nor an operation",
    places: [
      at(endpoints, "route === undefined", "false"),
      at(endpoints, "one === undefined", "false"),
      at(endpoints, "one === undefined || route === undefined", "one === undefined && route === undefined"),
    ],
  },
  {
    why: "never reached: for the compiler alone; a schema's fault has a first line, and a question without a text is refused before",
    places: [nothing("admin/Refusals.ts"), nothing("admin/operations/Audit.ts")],
  },
  {
    why: "only where an answer is longer than 256 MB: then there is no text, and no reason below the reason",
    places: [
      nothing(remote),
      at(remote, "cause instanceof Error && cause.cause instanceof Error", "true"),
      at(
        remote,
        "cause instanceof Error && cause.cause instanceof Error",
        "cause instanceof Error || cause.cause instanceof Error",
      ),
    ],
  },
  {
    why: "the same: for the compiler alone; a member that is `undefined` is one that is left out",
    places: [
      at(remote, "body === undefined", "false"),
      at(clients, "behind === undefined", "false"),
      at(grants, "client === undefined", "false"),
      at("admin/operations/Subjects.ts", "after === undefined", "false"),
    ],
  },
  {
    why: "the same: for the compiler alone; a list has nobody in it who was never there",
    places: [
      at(clients, 'client._tag !== "Absent"', "true"),
      at(clients, '"Absent"', '""'),
      at(grants, 'grants.filter((grant) => grant._tag !== "Absent")', "grants"),
      at(grants, 'grant._tag !== "Absent"', "true"),
      at(grants, '"Absent"', '""'),
    ],
  },
  {
    why: "the same: for the compiler alone; no other failure has an `error`",
    places: [
      at("admin/operations/Accounts.ts", 'failure._tag === "OAuthError"', "true"),
      at(clients, 'failure._tag === "OAuthError"', "true"),
    ],
  },
  {
    why: "the same: an open grant says itself what its first entry says, which is not read then",
    places: [
      at(grants, 'grant._tag === "Open"', "false"),
      at(grants, '"Open"', '""'),
      at(grants, "[]", '["Stryker was here"]'),
    ],
  },
  {
    why: "the same: with no archive a log is read as it is",
    places: [at("admin/Place.ts", "archive.length === 0", "false")],
  },
  {
    why: "the same: nobody has no name",
    places: [at(grants, "one === null", "false")],
  },
  {
    why: "only on Windows, whose files have no such mode: it is not tried there",
    places: [
      at("admin/Credential.ts", 'process.platform !== "win32"', "true"),
      at("admin/Credential.ts", '"win32"', '""'),
    ],
  },
  {
    why: "never seen: what Effect calls the whole, of which the document says nothing",
    places: [at("admin/Document.ts", '"admin"', '""')],
  },
]
