/**
 * The programs of the page of jobs, each with one import of the package and at most ten lines, do what they say; and the
 * examples in doc comments run.
 */
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { describe, expect, it } from "vitest"
import { repository } from "../../spec/trace/Sources.ts"
import { examplesOf, readEntries } from "../law/Entries.ts"
import { jobs, runSnippets, writeSnippet, type Snippet } from "../support/Snippets.ts"
import { startProgram } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"

const MAX_LINES = 10

const must = (condition: string): string => `if (!(${condition})) throw new Error(${JSON.stringify(condition)})`

/** What shows that a job is done. */
const endings: Readonly<Record<string, Omit<Snippet, "name" | "text">>> = {
  Serve: { ending: must(`(await fetch("http://localhost:4000/healthz")).status === 200`) },
  "Embed it in Express": {
    ending: [
      must(`(await fetch("http://localhost:4000/healthz")).status === 200`),
      must(`(await (await fetch("http://localhost:4000/hello")).text()) === "hello"`),
    ].join("\n"),
  },
  "Use a login of your own": {
    ending: [
      `const asked = (cookie: string) => handle(new Request("https://id.example.com/account", { headers: { cookie } }))`,
      must(`(await asked("")).headers.get("location") === "/sign-in?next=%2Faccount"`),
      must(`(await (await asked("session=1")).text()).includes("maria")`),
    ].join("\n"),
  },
  "Protect a resource": { ending: must(`(await serve(new Request(resource))).status === 401`) },
  "Protect an MCP server": { ending: must(`(await serve(new Request(resource, { method: "POST" }))).status === 401`) },
  "Call a protected server": { ending: must(`typeof call === "function"`) },
  "Audit a token": { ending: must(`!found.isOurs`) },
  "Forget somebody": { ending: must(`(await server.accounts.find("alice")) === undefined`) },
  "Check a provider": {
    beside: {
      "my-provider.ts": `export { default } from ${JSON.stringify(join(repository, "test/examples/providers/map.ts"))}`,
    },
    ending: `${must(`report.results.some(({ verdict }) => verdict === "broken")`)}\nprocess.exitCode = 0`,
  },
  "Add a grant type": {
    ending: [
      `const asked = await handle(new Request(config.issuer + "/.well-known/oauth-authorization-server"))`,
      must(`(await asked.json()).grant_types_supported.includes("urn:example:voucher")`),
    ].join("\n"),
  },
}

describe("a job", () => {
  it.each(jobs().map((job) => [job.name, job.text] as const))("takes one import and ten lines: %s", (_, text) => {
    expect(text.match(/from "grantlog/g)).toHaveLength(1)
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(MAX_LINES)
  })

  it("is done by the program that the page has for it", async () => {
    const programs = jobs().map((job) => ({ ...job, ...endings[job.name] }))
    expect(programs.map(({ name }) => name)).toEqual(Object.keys(endings))
    expect(Object.fromEntries(await runSnippets(programs))).toEqual(
      Object.fromEntries(programs.map(({ name }) => [name, "RAN"])),
    )
  })

  it("is seen to fail where it does not do what it says", async () => {
    const text = `import { memoryStore } from "grantlog"\nif (memoryStore().file === undefined) throw new Error("no file")`
    expect((await runSnippets([{ name: "broken", text }])).get("broken")).toContain("no file")
  })
})

/** Needs a provider in Python, which `test/peers/PythonProviders.test.ts` puts beside it. */
const NEEDS_PYTHON = "checkPythonProvider"

it("every example in a doc comment of what an entry exports runs", async () => {
  const all = examplesOf(readEntries())
  expect(all.has(NEEDS_PYTHON)).toBe(true)
  const examples = [...all].filter(([name]) => name !== NEEDS_PYTHON).map(([name, text]) => ({ name, text }))
  const failed = [...(await runSnippets(examples))].filter(([, outcome]) => outcome !== "RAN")
  expect(Object.fromEntries(failed)).toEqual({})
})

it("the example of describeProvider registers a test for each promise, which pass under `node --test`", async () => {
  using folder = temporaryFolder()
  await writeSnippet(folder.at("example"), { text: examplesOf(readEntries()).get("describeProvider")! })
  const program = folder.at("example", "program.ts")
  const child = startProgram(["--test", "--test-reporter=tap", program], { VITEST: "" })
  child.stdin.end()
  const told = await text(child.stdout)
  expect(told).toMatch(/ok \d+ - .*CodeIsSingleUse/)
  expect(told).toMatch(/ok \d+ - .*RotationIsLinear/)
  expect(told).toMatch(/^# fail 0$/m)
})
