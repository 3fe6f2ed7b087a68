/** What the flags of commands that ask the log take, what they are without being given, and what the help says of them. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer, Option } from "effect"
import { CliOutput, Command, type HelpDoc } from "effect/cli"
import { expect, it } from "vitest"
import { archives } from "../../../src/cli/audit/Archives.ts"
import { what } from "../../../src/cli/audit/ReadQuestion.ts"
import { requestOrigin } from "../../../src/cli/audit/RequestOrigins.ts"
import { local } from "../../../src/cli/audit/Times.ts"

const called = async (...args: ReadonlyArray<string>) => {
  let given: unknown
  let help: HelpDoc.HelpDoc | undefined
  const presenter = CliOutput.layerPresenter({
    present: (event) => Effect.sync(() => void (help = event._tag === "Help" ? event.helpDoc : help)),
  })
  const command = Command.make("ask", { archives, what, requestOrigin, local }, (parsed) =>
    Effect.sync(() => void (given = parsed)),
  )
  const ran = Command.runWith(command, { version: "0" })([...args])
  await Effect.runPromise(Effect.provide(ran, Layer.merge(presenter, NodeServices.layer)))
  return { given, help }
}

it("the flags are what was given, and nothing where nothing was", async () => {
  expect((await called()).given).toEqual({
    archives: [],
    what: Option.none(),
    requestOrigin: false,
    local: false,
  })
  const args = ["desk", "--archive", "a", "--archive", "b", "--request-origin", "--local"]
  expect((await called(...args)).given).toEqual({
    archives: ["a", "b"],
    what: Option.some("desk"),
    requestOrigin: true,
    local: true,
  })
})

it("the help says of each what it is for", async () => {
  const { help } = await called("--help")
  const documented = [...(help?.args ?? []), ...(help?.flags ?? [])]
  expect(documented.map(({ name, description }) => [name, Option.getOrUndefined(description)])).toEqual([
    ["what", "a SHA-256, an id or an account's name; a token itself comes on standard input"],
    ["archive", "an archive of this log, to read what was taken out of it; may be given several times"],
    ["request-origin", "open address and user agent of who asked, which may identify somebody; needs the store's keys"],
    ["local", "show times of this machine's zone instead of UTC"],
  ])
})
