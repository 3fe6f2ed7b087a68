/** What is run from a checkout, beside the tests, starts without them. */
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { endOf, startProgram } from "./support/Command.ts"

it.each(["bench", "conformance", "simulate", "soak"])("npm run %s -- --help says what can be asked", async (name) => {
  const child = startProgram([fileURLToPath(new URL(`../${name}/main.ts`, import.meta.url)), "--help"])
  child.stdin.end()
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), endOf(child)])
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 })
  expect(stdout).toContain(`npm run ${name} -- `)
})
