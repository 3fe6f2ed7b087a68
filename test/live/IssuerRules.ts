/** What the black-box check says of a server of ours: the rules that hold of it, however many instances answer for it. */
import { beforeAll, expect, it } from "vitest"
import { checkIssuer } from "../../properties/kit/issuer/checkIssuer.ts"
import { rules } from "../../properties/kit/issuer/rules/index.ts"
import { isKept, type KitReport, type PromiseResult, type Verdict } from "../../properties/kit/Report.ts"

export const resources = ["http://localhost:9998/mcp", "http://localhost:9999/mcp"]

export const named = (report: KitReport, verdict: Verdict): ReadonlyArray<string> =>
  report.results.filter((result) => result.verdict === verdict).map(({ promise }) => promise)

export const resultOf = (report: KitReport, name: string): PromiseResult =>
  report.results.find(({ promise }) => promise === name)!

/** Rules of what a server has only where it was told so. */
const isOfFeature = (id: string): boolean => /^(?:RFC9126|RFC8628|RFC9068|CIMD)-/.test(id)

/** `url` is asked for when it runs. */
export const issuerRules = (url: () => string): void => {
  let report: KitReport
  beforeAll(async () => {
    report = await checkIssuer(url(), { resources })
  })

  it("keeps everything: nothing is broken", () => {
    expect(report.results.filter(({ verdict }) => verdict === "broken")).toEqual([])
  })

  it("is not called sound for what there was no time for", async () => {
    const short = await checkIssuer(url(), { resources, budgetMillis: 1 })
    expect([named(short, "kept"), named(short, "broken")]).toEqual([[], []])
    const cut = short.results.filter(({ isCutShort }) => isCutShort === true).map(({ promise }) => promise)
    expect(cut).toEqual(expect.arrayContaining(["CodeIsSingleUse", "RevocationIsFinal", rules[0]!.id]))
    expect(resultOf(short, "CodeIsSingleUse").reason).toMatch(/^the time was up: tried 0 times, /)
    expect(isKept(short)).toBe(false)
  })

  it("is tried by every rule of the wire", () => {
    for (const { id } of rules.filter((rule) => !isOfFeature(rule.id)))
      expect(resultOf(report, id)).toMatchObject({ verdict: "kept", promise: id })
  })

  it("is tried by every promise but those about time, chains of grants, ids of the server's own and the store", () => {
    expect(named(report, "not tried").filter((id) => !isOfFeature(id))).toEqual([
      "LifetimeNeverGrows",
      "AncestorsBound",
      "ExpiryIsExact",
      "RequestIsAnsweredOnce",
      "ClientIdIsCreatedOnce",
      "NoSecretIsStored",
      "OutsidersCannotGrowTheLog",
      "RebuiltEqualsServed",
      "StateIsBounded",
    ])
    for (const { verdict, reason } of report.results) expect(reason !== undefined).toBe(verdict === "not tried")
  })
}
