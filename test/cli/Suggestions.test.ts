/** A command that is suggested finds the store that is spoken of, and shows no address that has a password. */
import { Effect, Option } from "effect"
import { expect, it } from "vitest"
import { adviceAbout, commandLine } from "../../src/cli/Suggestions.ts"
import { locate } from "../../src/cli/StoreLocation.ts"

const locationOf = (store: string) => Effect.runSync(locate({ store, beside: Option.none(), keysFile: Option.none() }))

it.each([
  ["sqlite:grantlog.db", "grantlog grant list"],
  ["sqlite:other.db", "grantlog grant list --store sqlite:other.db"],
  ["sqlite:a b.db", "grantlog grant list --store 'sqlite:a b.db'"],
  ["postgres://u:s3cret@one,two/log", "grantlog grant list"],
])("for %s it is `%s`", (store, suggested) => {
  expect(commandLine(["grant", "list"], locationOf(store))).toBe(suggested)
})

const command = (text: string) => ({ command: text, purpose: `for ${text}` })
const advice = { kind: "grant", next: [command("a"), command("b")], proof: [command("c")] }

it.each([
  ["sqlite:grantlog.db", ["a", "b", "c"]],
  ["sqlite:a b.db", ["a --store 'sqlite:a b.db'", "b --store 'sqlite:a b.db'", "c --store 'sqlite:a b.db'"]],
  ["memory:", []],
])("what is advised about %s is %j", (store, commands) => {
  const { next, proof, ...rest } = adviceAbout(locationOf(store))(advice)
  expect([...next, ...proof].map((one) => one.command)).toEqual(commands)
  expect([...next, ...proof].map(({ purpose }) => purpose)).toEqual(commands.map((one) => `for ${one[0]}`))
  expect([next.length, proof.length]).toEqual(commands.length === 0 ? [0, 0] : [2, 1])
  expect(rest).toEqual({ kind: "grant" })
})
