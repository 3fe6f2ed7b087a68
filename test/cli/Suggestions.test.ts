/** A command that is suggested finds the store that is spoken of, and shows no address that has a password. */
import { Effect, Option } from "effect"
import { expect, it } from "vitest"
import { commandLine } from "../../src/cli/Suggestions.ts"
import { locate } from "../../src/cli/StoreLocation.ts"

it.each([
  ["sqlite:grantlog.db", "grantlog grant list"],
  ["sqlite:other.db", "grantlog grant list --store sqlite:other.db"],
  ["postgres://u:s3cret@one,two/log", "grantlog grant list"],
])("for %s it is `%s`", (store, suggested) => {
  const location = Effect.runSync(locate({ store, beside: Option.none(), keysFile: Option.none() }))
  expect(commandLine(["grant", "list"], location)).toBe(suggested)
})
