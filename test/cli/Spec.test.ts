/** `grantlog spec`: a clause with its lines and its tests, lists of them, and what is not there. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { notOffered } from "../../spec/requirements/NotOffered.ts"
import { requirements } from "../../spec/requirements/index.ts"
import { grantlogHere, grantlogJsonHere } from "../live/support/InProcess.ts"

const ID = "OAUTH21-4.3-rt-client-binding"

describe("spec", () => {
  it("shows a clause with its text, the line that enforces it and the tests that try it", async () => {
    const { code, stdout, stderr } = await grantlogHere(["spec", ID])
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toContain("A refresh token works only for the client it was issued to.")
    expect(stdout).toContain("OAuth 2.1 (OAUTH21), 4.3")
    const [, path, line] = /\n {2}(src\/core\/decide\/Refresh\.ts):(\d+)\n/.exec(stdout) ?? []
    const text = readFileSync(new URL(`../../${path}`, import.meta.url), "utf8").split("\n")[Number(line) - 1]
    expect(text).toContain("grant.clientId !== client.clientId")
    expect(stdout).toMatch(/\n {2}test\/http\/token\/RefreshRules\.ts:\d+ {2}another client can neither use /)
  })

  it("lists all, or those of a document, a standing and a priority", async () => {
    const all = await grantlogJsonHere<ReadonlyArray<unknown>>(["spec"])
    expect(all).toHaveLength(requirements.length)
    const missing = new Set<string>(notOffered.flatMap((feature) => feature.requirements))
    const one = requirements.find(({ id, priority }) => missing.has(id) && priority === "P0")!
    const others = requirements.filter(
      ({ id, doc, priority }) => doc !== one.doc || priority !== "P0" || !missing.has(id),
    )
    const asked = ["--document", one.doc, "--standing", "not offered", "--priority", "P0"]
    const { stdout } = await grantlogHere(["spec", ...asked])
    const [head, ...lines] = stdout.trimEnd().split("\n")
    expect(head).toMatch(/^id +level +priority +standing +enforced +tried$/)
    expect(lines.find((line) => line.startsWith(`${one.id} `))).toContain(" not offered ")
    expect(others.filter(({ id }) => lines.some((line) => line.startsWith(`${id} `)))).toEqual([])
  })

  it("lists a document by its name alone, and finds clauses by what they ask", async () => {
    const rows = await grantlogJsonHere<ReadonlyArray<{ readonly id: string }>>(["spec", "RFC9449"])
    expect(rows.map(({ id }) => id)).toEqual(requirements.filter(({ doc }) => doc === "RFC9449").map(({ id }) => id))
    const { stderr } = await grantlogHere(["spec", "thumbprint"])
    expect(stderr).toMatch(/near it: .*RFC8705-3-rs-thumbprint/)
  })

  it("says what is near when there is no such requirement, and which documents there are", async () => {
    const near = await grantlogHere(["spec", "OAUTH21-rt-client-bindng"])
    expect(near).toMatchObject({ code: 1, stdout: "" })
    expect(near.stderr).toMatch(
      /^grantlog: there is no requirement `OAUTH21-rt-client-bindng`; near it: .*4\.3-rt-client-binding.*\n$/,
    )
    const nowhere = await grantlogHere(["spec", "--document", "RFC1"])
    expect(nowhere).toMatchObject({ code: 1, stdout: "" })
    expect(nowhere.stderr).toMatch(/^grantlog: there is no document `RFC1`: it is one of OAUTH21, .*\n$/)
    expect(await grantlogHere(["spec", "--standing", "well"])).toMatchObject({ code: 2, stdout: "" })
  })
})
