/** The README, run: its walk against a real server, its snippet as a program, its flags against `--help`. */
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { grantlog } from "./support/Command.ts"
import { serve } from "./support/ServeProcess.ts"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const README = readFileSync(join(ROOT, "README.md"), "utf8")

/** The first code block in `language` behind `heading`. */
const block = (heading: string, language: string): string => {
  const behind = README.slice(README.indexOf(heading))
  return behind.split("```" + language + "\n")[1]!.split("```")[0]!
}

const inFolder = async (body: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "grantlog-readme-"))
  try {
    await body(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const run = async (program: string, args: ReadonlyArray<string>, cwd: string): Promise<string> => {
  const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "inherit"] })
  return text(child.stdout)
}

it("the walk gives tokens, rotates, repeats a lost answer, introspects and revokes", () =>
  inFolder(async (folder) => {
    await using server = await serve(join(folder, "grantlog.db"))
    const walk = block("<!-- walk -->", "sh")
      .replaceAll("http://localhost:4000", server.url)
      .replaceAll("npx grantlog", `"${process.execPath}" "${join(ROOT, "src/cli/main.ts")}"`)
    const printed = await run("bash", ["-euc", walk], folder)
    const answers = printed.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []))
    const [redeemed, rotated, repeated, alive, dead] = answers as ReadonlyArray<Record<string, unknown>>

    expect(redeemed).toMatchObject({ token_type: "Bearer", scope: "read" })
    expect(rotated?.["refresh_token"]).not.toBe(redeemed?.["refresh_token"])
    expect(repeated).toMatchObject({
      access_token: rotated?.["access_token"],
      refresh_token: rotated?.["refresh_token"],
    })
    expect(alive).toMatchObject({ active: true, aud: "http://localhost:9999/mcp", scope: "read" })
    expect(dead).toEqual({ active: false })
    expect(printed).toContain("GrantOpened")
    expect(printed).toContain("RefreshTokenRetried")
    expect(printed).toContain("GrantRevoked")
  }))

it("the snippet is a program that serves", () =>
  inFolder(async (folder) => {
    const snippet = block("## Embed it", "ts").replace('"grantlog"', JSON.stringify(join(ROOT, "src/index.ts")))
    const ask = 'console.log((await handle(new Request("https://id.example.com/healthz"))).status)'
    const program = join(folder, "program.ts")
    writeFileSync(program, `${snippet}\n${ask}\nawait server.close()\n`)
    expect(await run(process.execPath, [program], folder)).toBe("200\n")
  }))

it("every flag of serve is in the configuration table, and every one in the table exists", async () => {
  const { stdout } = await grantlog(["serve", "--help"])
  const flags = stdout.slice(stdout.indexOf("\nFLAGS"), stdout.indexOf("GLOBAL FLAGS"))
  const named = (help: string) => [...help.matchAll(/--[a-z][a-z-]+/g)].map(([flag]) => flag)
  const lines = README.split("\n").filter((line) => line.startsWith("| `--"))
  const table = lines.map((line) => line.split("|")[1]).join(" ")
  expect(new Set(named(table))).toEqual(new Set(named(flags).filter((flag) => flag !== "--json")))
})
