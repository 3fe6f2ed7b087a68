/** The command on a Node that is too old: one sentence, whatever it was told to do. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { endOf, startProgram } from "./support/Command.ts"
import { text } from "node:stream/consumers"

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

const { version } = JSON.parse(readFileSync(at("package.json"), "utf8")) as { readonly version: string }

/** Runs the command on a Node that takes itself for another. */
const on = async (node: string, args: ReadonlyArray<string>) => {
  const other = `Object.defineProperty(process.versions, "node", { value: "${node}" })`
  const child = startProgram([
    "--import",
    `data:text/javascript,${encodeURIComponent(other)}`,
    at("src/cli/main.ts"),
    ...args,
  ])
  child.stdin.end()
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), endOf(child)])
  return { code, stdout, stderr }
}

it.each(["20.20.2", "23.99.0", "24.0.0", "24.6.9"])("Node %s is refused in one sentence", async (node) => {
  const oldest = /A server needs Node (\d+\.\d+) or newer/.exec(readFileSync(at("README.md"), "utf8"))![1]
  for (const args of [["--version"], ["serve"]]) {
    expect(await on(node, args)).toEqual({
      code: 1,
      stdout: "",
      stderr: `grantlog needs Node ${oldest} or newer, and this is ${node}: install a newer one\n`,
    })
  }
})

it.each(["24.7.0", "25.0.0", "100.0.0"])("Node %s is new enough", async (node) => {
  const { code, stdout } = await on(node, ["--version"])
  expect(code).toBe(0)
  expect(stdout).toContain(version)
})
