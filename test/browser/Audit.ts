/** A page judged for everybody: by axe, light and dark, on a phone and on a wide screen, once everything on it has come to rest. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import type { AxeResults, RunOptions } from "axe-core"
import type { Page } from "playwright-core"
import { expect } from "vitest"
import { expectToFit, phone, wide } from "./Visit.ts"

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

/** Of what is in order no list is made. */
const complaints: RunOptions = { resultTypes: ["violations", "incomplete"] }
const all: RunOptions = { ...complaints, rules: { "target-size": { enabled: true } } }
const colours: RunOptions = { ...complaints, runOnly: ["color-contrast", "link-in-text-block"] }

/** As the visitor may have set it. Only colours change with the scheme. */
const settings = [
  ["light, on a phone", { colorScheme: "light" }, phone, all],
  ["light, on a wide screen", { colorScheme: "light" }, wide, all],
  ["dark, on a wide screen", { colorScheme: "dark" }, wide, colours],
  ["dark, on a phone", { colorScheme: "dark" }, phone, colours],
] as const

type Window = typeof globalThis & {
  readonly axe: { readonly run: (context: Document, options: RunOptions) => Promise<AxeResults> }
}

/** Runs in the page. */
const judge = async (options: RunOptions) => {
  const { violations, incomplete, passes } = await (window as unknown as Window).axe.run(document, options)
  const said = ({ id, nodes }: AxeResults["violations"][number]) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`
  return { violations: violations.map(said), incomplete: incomplete.map(said), passCount: passes.length }
}

/** Fails where axe finds anything, or could not judge. */
export const audit = async (page: Page, what: string): Promise<void> => {
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)))
  await page.evaluate(axe)
  for (const [setting, media, viewport, options] of settings) {
    await page.emulateMedia(media)
    await page.setViewportSize(viewport)
    const found = await page.evaluate(judge, options)
    expect(found.violations, `${what}, ${setting}`).toEqual([])
    expect(found.incomplete, `${what}, ${setting}: could not be judged`).toEqual([])
    expect(found.passCount).toBeGreaterThan(0)
    await expectToFit(page)
  }
}
