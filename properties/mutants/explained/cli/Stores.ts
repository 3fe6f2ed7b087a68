/** Why mutants of Stryker in `src/cli` may live: opening and moving stores, and what is listened on, printed and listed. */
import { at, type Explanation } from "../../Explanation.ts"

export const stores: ReadonlyArray<Explanation> = [
  {
    why: "for the compiler alone: what is split has a first piece",
    places: [at("Terminal.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "for the compiler alone: an empty page has nothing on either side",
    places: [at("Listing.ts", "first !== undefined", "true"), at("Listing.ts", "last !== undefined", "true")],
  },
  {
    why: "for the compiler alone: a log that is not begun has no issuer, and what is not named is no file",
    places: [
      at("OpenStore.ts", 'state._tag === "Initialized"', "true"),
      at("OpenStore.ts", "retrySecrets === undefined", "false"),
      at("Importing.ts", '""', '"Stryker was here!"'),
    ],
  },
  {
    why: "over PostgreSQL alone, where `test/live/Migrate.test.ts` moves stores",
    places: [at("Importing.ts", "database === undefined", "true")],
  },
  {
    why: "the same: what is parsed as JSON is read as UTF-8, as bytes and as text",
    places: [at("McpLogin.ts", '"utf8"', '""')],
  },
  {
    why: "the same: who returns nothing returns `undefined`",
    places: [at("Version.ts", "{ return undefined }", "{}")],
  },
  {
    why: "the same: where no stream is named, Node asks standard output whether it shows colours",
    places: [at("Terminal.ts", "{ stream: process.stdout }", "{}")],
  },
  {
    why: "the same: a host that was parsed has brackets around all of it, or none",
    places: [
      at("OwnHost.ts", String.raw`/^\[(.*)\]$/`, String.raw`/\[(.*)\]$/`),
      at("OwnHost.ts", String.raw`/^\[(.*)\]$/`, String.raw`/^\[(.*)\]/`),
    ],
  },
]
