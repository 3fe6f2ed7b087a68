/** `grantlog spec`, word by word: what it prints is what the catalogue and the trace say, in this order. */
import { beforeAll, describe, expect, it } from "vitest"
import { promises } from "../../properties/invariants/index.ts"
import { attacks, documents, requirements } from "../../spec/requirements/index.ts"
import { materialWith } from "../../spec/trace/Material.ts"
import { traceOf, type Entry, type Trace } from "../../spec/trace/Trace.ts"
import { grantlogHere, grantlogJsonHere } from "../live/support/InProcess.ts"

let trace: Trace

beforeAll(() => {
  trace = traceOf(materialWith(promises))
})

const told = async (...args: ReadonlyArray<string>) => {
  const { code, stdout, stderr } = await grantlogHere(["spec", ...args])
  expect([code, stderr]).toEqual([0, ""])
  return stdout
}

const indented = (lines: ReadonlyArray<string>) => (lines.length === 0 ? ["-"] : lines).map((line) => `  ${line}`)

const triedBy = ({
  promises: kept,
  attacks: stopped,
  vectors,
  tests,
}: Pick<Entry, "promises" | "attacks" | "vectors" | "tests">) => [
  ...kept.map((name) => `the promise ${name}`),
  ...stopped.map((id) => `the attack ${id}`),
  ...vectors.map((id) => `the vector ${id}`),
  ...tests.map(({ path, line, title }) => `${path}:${line}  ${title}`),
]

/** Requirements of which together there is to be said all that can be, and one of which only is to be said why. */
const chosen = () => {
  const one = (isIt: (entry: Entry) => boolean) => trace.entries.find(isIt) ?? expect.fail()
  return [
    one(({ promises: kept, attacks: stopped, tests }) => [kept, stopped, tests].every(({ length }) => length > 0)),
    one(({ vectors }) => vectors.length > 0),
    one(({ id }) => requirements.some((requirement) => requirement.id === id && requirement.roles.length > 1)),
    one(({ because, enforcedAt, tests }) => because !== undefined && enforcedAt.length + tests.length === 0),
  ]
}

describe("spec", () => {
  it("prints a requirement with its document, level, standing, and every line and test of it", async () => {
    for (const entry of chosen()) {
      const { id } = entry
      const requirement = requirements.find((one) => one.id === id)!
      const { doc, section, level, priority, roles, text } = requirement
      const title = documents.find((one) => one.id === doc)!.title
      const because = entry.because === undefined ? "" : `: ${entry.because}`
      expect(await told(id)).toBe(
        [
          `id        ${id}`,
          `document  ${title} (${doc}), ${section}`,
          `level     ${level}, ${priority}, asked of ${roles.join(" and ")}`,
          `asks      ${text}`,
          `standing  ${entry.standing}${because}`,
          "",
          "enforced at",
          ...indented(entry.enforcedAt.map(({ path, line }) => `${path}:${line}`)),
          "",
          "tried by",
          ...indented(triedBy(entry)),
          "",
        ].join("\n"),
      )
    }
    const [entry] = chosen()
    const { id } = entry!
    expect(await grantlogJsonHere(["spec", id])).toEqual({ ...requirements.find((one) => one.id === id), ...entry })
  })

  it("prints an attack with what stops it, or that nothing does, and what tries it", async () => {
    const stays = attacks.find(({ stoppedBy }) => stoppedBy.length === 0)!
    const kept = trace.attacks.find(({ promises: names }) => names.length > 0)!
    for (const id of [stays.id, kept.id]) {
      const { name, source, attacker, stoppedBy, test } = attacks.find((one) => one.id === id)!
      const tried = trace.attacks.find((one) => one.id === id)
      const { tests, promises: names } = tried ?? { tests: [], promises: [] }
      expect(await told(id)).toBe(
        [
          `id          ${id}`,
          `attack      ${name}`,
          `source      ${source}`,
          `attacker    ${attacker}`,
          `stopped by  ${stoppedBy.length === 0 ? "no requirement: a risk that stays" : stoppedBy.join(", ")}`,
          `tried so    ${test}`,
          "",
          "tried by",
          ...indented(triedBy({ tests, promises: names, attacks: [], vectors: [] })),
          "",
        ].join("\n"),
      )
    }
    expect(await grantlogJsonHere(["spec", kept.id])).toEqual({ ...attacks.find(({ id }) => id === kept.id), ...kept })
  })

  it("lists those of a priority or a standing, with how much there is of each", async () => {
    const rows = (isIt: (requirement: (typeof requirements)[number]) => boolean) =>
      requirements.flatMap((requirement) => {
        const entry = trace.entries.find((one) => one.id === requirement.id)!
        if (!isIt(requirement)) return []
        const { id, level, priority } = requirement
        const [enforced, tried] = [entry.enforcedAt.length, triedBy(entry).length]
        return [{ id, level, priority, standing: entry.standing, enforced, tried }]
      })
    expect(await grantlogJsonHere(["spec", "--priority", "P2"])).toEqual(rows(({ priority }) => priority === "P2"))
    expect(await told("RFC9449", "--standing", "declined")).toBe("no requirements\n")
    expect((await grantlogHere(["spec", "--priority", "P9"])).stderr).toBe(
      "grantlog: --priority is `P9`: give P0 or P1 or P2 (try grantlog spec --help)\n",
    )
  })

  it("says which are near what there is not, the nearest first, and no more than five", async () => {
    const near = async (typed: string) => {
      const { code, stdout, stderr } = await grantlogHere(["spec", typed])
      expect([code, stdout]).toEqual([1, ""])
      return stderr.replace(`grantlog: there is no requirement \`${typed}\`; `, "").trimEnd()
    }
    // In the title of a document, and in no id.
    const ofPasskeys = requirements.filter(({ doc }) => doc === "WEBAUTHN").map(({ id }) => id)
    expect(await near("passkeys")).toBe(`near it: ${ofPasskeys.slice(0, 5).join(", ")}`)
    expect(await near("replay window of RFC9449")).toMatch(/^near it: RFC9449-11\.1-replay-window(?:, \S+){4}$/)
    expect(await near("zzz--qqq")).toBe("list them without an id")
  })
})
