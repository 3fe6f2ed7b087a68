/** `grantlog doctor`, as it tells a person: a line for each finding, and how many of them are faults. */
import { chmodSync, writeFileSync } from "node:fs"
import { afterAll, beforeAll, expect, it } from "vitest"
import { version } from "../../../src/cli/Version.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { grantlogHere } from "../../live/support/InProcess.ts"

const folder = temporaryFolder()
const doctor = (...args: ReadonlyArray<string>) => grantlogHere(["doctor", "--offline", ...args])
const VERSIONS = `ok      versions: grantlog ${version()} on Node ${process.versions.node}, SQLite ${process.versions["sqlite"]}`
const TAKEN = "ok      settings: `grantlog serve` takes them"

beforeAll(async () => {
  await grantlogHere(["doctor", "--nothing"])
})
afterAll(() => folder[Symbol.dispose]())

it("looks at nothing else with settings that are none, and counts one fault", async () => {
  expect(await doctor("--port", "70000")).toEqual({
    code: 1,
    stdout: `${VERSIONS}\nFAULT   settings: --port \`70000\` is not between 0 and 65535\n`,
    stderr: "grantlog: there is a fault\n",
  })
})

it("tells advice as such, and is content", async () => {
  const { code, stdout, stderr } = await doctor("--store", "memory:", "--auto-approve", "alice")
  expect([code, stderr]).toEqual([0, ""])
  const lines = stdout.trimEnd().split("\n")
  expect(lines.slice(0, 2)).toEqual([VERSIONS, TAKEN])
  expect(lines).toContain("ADVICE  auto-approval: --auto-approve is for development: nobody is asked")
  // Nothing is kept in memory that could be looked at.
  expect(lines.filter((line) => / {2}(?:keys|checkpoints|issuer|admin API): /.test(line))).toEqual([])
})

it("counts faults, in JSON as well", async () => {
  const credential = folder.at("credential")
  writeFileSync(credential, "x".repeat(43))
  chmodSync(credential, 0o644)
  const file = folder.at("text.db")
  writeFileSync(file, "no database", { mode: 0o600 })
  const flags = ["--store", `sqlite:${file}`, "--admin-port", "0", "--admin-credential-file", credential]
  const { code, stderr, stdout } = await doctor(...flags, "--json")
  const { findings } = JSON.parse(stdout) as { readonly findings: ReadonlyArray<{ readonly verdict: string }> }
  const faultCount = findings.filter(({ verdict }) => verdict === "fault").length
  expect(faultCount).toBeGreaterThan(1)
  expect([code, stderr]).toEqual([1, `grantlog: there are ${faultCount} faults\n`])
  expect((await doctor(...flags)).stdout).toContain(
    `\nFAULT   admin API: other users can read the admin credential \`${credential}\`: chmod 600 it, or delete it for a new one if they may have\n`,
  )
})

it("has a word for a credential that is as it should be", async () => {
  const credential = folder.at("own-credential")
  writeFileSync(credential, "x".repeat(43), { mode: 0o600 })
  const flags = ["--store", "memory:", "--admin-port", "0", "--admin-credential-file", credential]
  const { code, stdout } = await doctor(...flags)
  expect(code).toBe(0)
  expect(stdout).toContain("\nok      admin API: its credential is there, for its owner alone\n")
})

it("asks the issuer unless it is told not to", async () => {
  const given = ["--store", "memory:", "--issuer", "http://127.0.0.1:1"]
  const { code, stdout } = await grantlogHere(["doctor", ...given])
  expect([code, stdout]).toEqual([1, expect.stringMatching(/\nFAULT {3}issuer: nothing answers at /)])
  expect((await doctor(...given)).stdout).not.toContain("  issuer: ")
})

it("does not look at a credential that the first start makes, or that nobody asks for", async () => {
  const store = ["--store", `sqlite:${folder.at("first.db")}`]
  for (const flags of [[], ["--admin-port", "0"]]) {
    const { code, stdout } = await doctor(...store, ...flags)
    expect([code, stdout.includes("admin API: its credential")]).toEqual([0, false])
  }
})
