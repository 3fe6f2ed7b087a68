/**
 * What somebody's own code can do to a check, run for real: it ends in time, never with 0, and names the call.
 *
 * What is waited for are the bounds of the command itself; those that wait do so at the same time.
 */
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import type { KitReport } from "../../../properties/kit/Report.ts"
import { endOf, grantlog, startGrantlog, type Ran } from "../../live/support/Command.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

const example = (name: string): string => fileURLToPath(new URL(`../../examples/providers/${name}.ts`, import.meta.url))

/** A module of somebody: its path. */
const moduleOf = (name: string, source: string): string => {
  const path = folder.at(name)
  writeFileSync(path, source)
  return path
}

/** Enough to get to know a provider on a machine that is busy with other things. */
const few = ["--budget", "30", "--seeds", "1", "--only", "ReplayKillsGrant", "--only", "EveryCallIsAnswered"]

const unruly = (name: string): Promise<Ran> => grantlog(["check", example("unruly"), "--export", name, ...few])

const verdictsIn = ({ results }: KitReport) =>
  Object.fromEntries(results.map(({ promise, verdict }) => [promise, verdict]))

describe.concurrent("a provider ends with 2 and a sentence that names the call", () => {
  it.each([
    ["blocks", /^grantlog: `exchangeRefreshToken` of the provider did not return within 10 s \(a busy loop\?\)$/],
    ["blocksWhenMade", /^grantlog: the factory did not return within 10 s \(a busy loop\?\)$/],
    ["blocksLater", /^grantlog: nothing runs any more after `\w+` of the provider \(a busy loop\?\)$/],
    ["exits", /^grantlog: `revokeToken` of the provider ended the process with code 3$/],
    ["exitsWell", /^grantlog: `exchangeRefreshToken` of the provider ended the process with code 0$/],
    ["isKilled", /^grantlog: `revokeToken` of the provider ended the process with SIGKILL$/],
  ])("where it %s, and there is no report", async (name, sentence) => {
    const { code, stdout, stderr } = await unruly(name)
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(sentence)
    expect([code, stdout]).toEqual([2, ""])
  })

  it.each([
    ["hangs", "`revokeToken` of the provider did not answer within 5 s"],
    ["hangsWhenDisposedOf", "the disposal did not answer within 5 s"],
    ["rejectsAtOnce", "an unhandled rejection after `verifyToken` of the provider: lost in the woods"],
    ["rejectsLater", "an unhandled rejection after `revokeToken` of the provider: too late"],
    ["throwsLater", "an error that nobody caught after `exchangeRefreshToken` of the provider: nobody is here"],
  ])("where it %s, and what could be found out is in the report", async (name, sentence) => {
    const { code, stdout, stderr } = await unruly(name)
    expect(stderr.trimEnd().split("\n").at(-1)).toBe(`grantlog: ${sentence}`)
    expect(stdout).toMatch(/^promise +verdict +tries +time\n/)
    expect(stdout).toContain(`\nnot to be relied on: ${sentence}\n`)
    expect(code).toBe(2)
  })

  it.each([
    ["waits for ever", "60", "await new Promise(() => {})", /`.+` waits for something that never comes\n$/],
    [
      "hangs with a timer running",
      "3",
      "setInterval(() => {}, 1000); await new Promise(() => {})",
      /grantlog: the time was up, and it did not end in loading the module\n$/,
    ],
    ["exits", "60", "process.exit(0)", /grantlog: loading the module ended the process with code 0\n$/],
    [
      "rejects on the side",
      "60",
      "Promise.reject(new Error('at the door'))",
      /an unhandled rejection \w+ loading the module: at the door\n$/,
    ],
  ])("where its module %s", async (title, budget, line, sentence) => {
    const source = `import make from ${JSON.stringify(example("correctSql"))}\n${line}\nexport default make`
    const path = moduleOf(`${title.replaceAll(" ", "-")}.mjs`, source)
    const flags = ["--budget", budget, "--seeds", "1", "--only", "ReplayKillsGrant"]
    const { code, stderr } = await grantlog(["check", path, ...flags])
    expect(stderr).toMatch(sentence)
    expect(code).toBe(2)
  })
})

describe.concurrent("a provider", () => {
  it("that hangs is broken for it as well, and what else is broken is told all the same", async () => {
    const { code, stdout } = await grantlog(["check", example("unruly"), "--export", "hangs", "--json", ...few])
    const report = JSON.parse(stdout) as KitReport
    expect(verdictsIn(report)).toMatchObject({ EveryCallIsAnswered: "broken" })
    expect(report.failure).toBe("`revokeToken` of the provider did not answer within 5 s")
    expect(code).toBe(2)
  })

  it("prints nothing into the report, and what it left running ends with the check", async () => {
    const source = `import { spawn } from "node:child_process"
        import { createServer } from "node:http"
        import make from ${JSON.stringify(example("correctSql"))}
        console.log("loaded")
        setInterval(() => {}, 1000)
        createServer().listen(0, "127.0.0.1")
        spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" })
        export default (options) => { console.log("made"); return make(options) }`
    const flags = ["--json", "--budget", "600", "--only", "ReplayKillsGrant", "--seeds", "1"]
    // Standard error is closed when the last of them has ended, and not before.
    const { code, stdout, stderr } = await grantlog(["check", moduleOf("noisy.mjs", source), ...flags])
    expect(verdictsIn(JSON.parse(stdout) as KitReport)).toEqual({ ReplayKillsGrant: "kept" })
    // What the command itself says of its progress comes from another process, at any time.
    expect(stderr.split("\n")).toEqual(expect.arrayContaining(["loaded", "made"]))
    expect(code).toBe(0)
  })

  it("that leaves behind what nobody can end with it is not waited for, whether it gave a report or went away", async () => {
    const source = (line: string) => `import { spawn } from "node:child_process"
        import make from ${JSON.stringify(example("correctSql"))}
        const left = "setTimeout(() => {}, 20000)"
        const stdio = ["ignore", "ignore", "ignore", 3]
        spawn(process.execPath, ["-e", left], { stdio, detached: true }).unref()
        ${line}
        export default make`
    const flags = ["--budget", "600", "--only", "ReplayKillsGrant", "--seeds", "1"]
    const done = await grantlog(["check", moduleOf("leaves.mjs", source("")), ...flags])
    expect(done.stderr).not.toContain("grantlog: ")
    expect(done.code).toBe(0)
    const gone = await grantlog(["check", moduleOf("leaves-and-goes.mjs", source("process.exit(4)")), ...flags])
    expect([gone.code, gone.stderr]).toEqual([2, "grantlog: loading the module ended the process with code 4\n"])
  })

  it("that was being tried when the check was stopped is not called sound, and ends with it", async () => {
    const source = `process.stderr.write("loaded\\n")
        export default () => new Promise(() => setInterval(() => {}, 1000))`
    const child = startGrantlog(["check", moduleOf("never.mjs", source)])
    let complaints = ""
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      complaints += chunk
      if (chunk.includes("loaded")) child.kill("SIGINT")
    })
    expect(await endOf(child)).toBe(2)
    expect(complaints).toMatch(/grantlog: stopped before the check was done\n$/)
  })
})
