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

it("npm run conformance -- --only takes the rows with all of the words, and says where there is none", async () => {
  const main = fileURLToPath(new URL("../conformance/main.ts", import.meta.url))
  const run = async (...args: ReadonlyArray<string>) => {
    const child = startProgram([main, ...args])
    child.stdin.end()
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), endOf(child)])
    return { stdout, stderr, code }
  }
  const [listed, none] = await Promise.all([
    run("--list", "--only", "openid-client DEVICE"),
    run("--only", "openid-client mainframe"),
  ])
  expect([listed.code, listed.stdout.trimEnd().split("\n").length]).toEqual([0, 2])
  expect(listed.stdout).toMatch(/^openid-client +\S+ +device grant +not run$/m)
  expect(none).toEqual({
    stdout: "",
    stderr: "no row has all of `openid-client mainframe`: npm run conformance -- --list\n",
    code: 2,
  })
})
