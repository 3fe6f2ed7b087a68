/** A page judged for everybody: by axe, light and dark, on a phone and on a wide screen, once everything on it has come to rest. */
import axe, { type AxeResults } from "axe-core"
import type { Page } from "playwright-core"
import { expect } from "vitest"
import { expectToFit, phone, wide } from "./Visit.ts"

const rules = { "target-size": { enabled: true } }
const contrast = { runOnly: ["color-contrast"] }

/** As the visitor may have set it. Only colours change with the scheme. */
const settings = [
  ["light, on a phone", { colorScheme: "light" }, phone, { rules }],
  ["light, on a wide screen", { colorScheme: "light" }, wide, { rules }],
  ["dark, on a wide screen", { colorScheme: "dark" }, wide, contrast],
  ["dark, on a phone", { colorScheme: "dark" }, phone, contrast],
] as const

const said = ({ id, nodes }: AxeResults["violations"][number]): string =>
  `${id}: ${nodes.map(({ html }) => html).join(" ")}`

/** Fails where axe finds anything, or could not judge. */
export const audit = async (page: Page, what: string): Promise<void> => {
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)))
  await page.evaluate(axe.source)
  for (const [setting, media, viewport, options] of settings) {
    await page.emulateMedia(media)
    await page.setViewportSize(viewport)
    const found: AxeResults = await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)
    expect(found.violations.map(said), `${what}, ${setting}`).toEqual([])
    expect(found.incomplete.map(said), `${what}, ${setting}: could not be judged`).toEqual([])
    expect(found.passes.length).toBeGreaterThan(0)
    await expectToFit(page)
  }
}
