/**
 * The table of features has a row for each that there is, with its trace, and says what is on by default as the list does.
 *
 * Every rule is first shown to catch a breach, then held against the repository.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { promises } from "../../properties/invariants/index.ts"
import { facts } from "../../spec/peers/Facts.ts"
import { peers } from "../../spec/peers/Peers.ts"
import { featuresPage } from "../../spec/trace/FeaturesPage.ts"
import { materialWith } from "../../spec/trace/Material.ts"
import { offerOf, rowless, switches, type Offered } from "../../spec/trace/Offer.ts"
import { repository, sourceTexts } from "../../spec/trace/Sources.ts"
import { traceOf } from "../../spec/trace/Trace.ts"
import { standardFeatures } from "../../src/provider/index.ts"

const text = (path: string): string => readFileSync(join(repository, path), "utf8")

const sources = sourceTexts("src")
const offer = offerOf(sources)
const trace = traceOf(materialWith(promises))

describe("a feature", () => {
  it("has a row, by its module", () => {
    const path = "src/provider/features/grants/Password.ts"
    const fed = { path, text: `export const password: GrantType = {\n  kind: "grant type",\n  name: "password",\n}` }
    expect(rowless([fed])).toEqual([`${path} offers a grant type, and no row of spec/trace/Offer.ts names it`])
    expect(rowless(sources)).toEqual([])
  })

  it("has one row alone", () => {
    const modules = offer.flatMap((row) => row.modules)
    expect(modules.filter((path, index) => modules.indexOf(path) < index)).toEqual([])
    const keys = offer.map(({ fact }) => fact)
    expect(keys.filter((key, index) => keys.indexOf(key) < index)).toEqual([])
  })

  it("is said to be on if it is one of the standard features, and they are all there", () => {
    const on = switches.filter(
      ({ features, isList }) => isList !== true && features.some((one) => standardFeatures.includes(one)),
    )
    expect(new Set(on.flatMap(({ features }) => features))).toEqual(new Set(standardFeatures))
    expect(offer.filter(({ state }) => state === "on").map(({ fact }) => fact)).toEqual(on.map(({ fact }) => fact))
  })
})

describe.each(offer.map((row) => [row.fact, row] as const))("the row of %s", (_, row) => {
  it("stands on modules that are there", () => {
    const paths = sources.map(({ path }) => path)
    expect(row.modules.filter((path) => !paths.includes(path))).toEqual([])
  })

  it("has its trace: clauses that are enforced and tried, each of them", () => {
    expect(row.ids.length).toBeGreaterThan(0)
    const standing = row.ids.map((id) => [id, trace.entries.find((entry) => entry.id === id)?.standing])
    expect(standing.filter(([, one]) => one !== "traced")).toEqual([])
  })

  it("names a call that users can import and a flag that the command has, if it is off by default", () => {
    const { call, flag, state } = row
    expect([call === undefined, flag === undefined]).toEqual([state !== "off", state !== "off"])
    if (call === undefined || flag === undefined) return
    const exports = text("test/law/exports.txt").split(/\s+/)
    expect(exports).toContain(/^\w+/.exec(call)![0])
    expect(text("src/cli/README.md")).toContain(`\`${flag.split(" ")[0]}`)
  })
})

describe("the page", () => {
  it("lists what peers have and this server lacks", () => {
    const page = (rows: ReadonlyArray<Offered>) => featuresPage(rows, trace).split("## What this server lacks")
    const [has = "", lacks = ""] = page(offer)
    expect(has).toContain(`[${facts.dpop.title}](#dpop)`)
    expect(lacks.split("## What the words mean")[0]).toContain(`| ${facts.mtls.title} |`)
    const [hasLess = "", lacksMore = ""] = page(offer.filter(({ fact }) => fact !== "dpop"))
    expect(hasLess).not.toContain(facts.dpop.title)
    expect(lacksMore).toContain(`| ${facts.dpop.title} |`)
  })

  it("says of each peer in which version it was read, and where", () => {
    const page = featuresPage(offer, trace)
    for (const { name, version, source } of Object.values(peers)) {
      expect(page).toContain(`| ${name} | ${version} | ${source} |`)
    }
  })

  it("leads to what is there: files, and headings of the report", () => {
    const page = featuresPage(offer, trace)
    const report = text("spec/REPORT.md")
    const anchors = [...report.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} -]/gu, "")
        .replaceAll(" ", "-"),
    )
    const led = [...page.matchAll(/\]\(REPORT\.md#([^)]*)\)/g)].map(([, anchor]) => anchor!)
    expect(led.length).toBeGreaterThan(20)
    expect(led.filter((anchor) => !anchors.includes(anchor))).toEqual([])
    const own = [...page.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor]) => anchor!)
    expect(own.filter((anchor) => !page.includes(`<a id="${anchor}"></a>`))).toEqual([])
  })
})
