/** What a soak came to, as a table, and its place in the page of promises, between markers: that of the last full one. */
import { readFileSync, writeFileSync } from "node:fs"
import type { Soaked } from "./Soak.ts"

export interface SoakRun extends Soaked {
  readonly minutes: number
  readonly instanceCount: number
  readonly seed: number
}

const README = new URL("../../properties/README.md", import.meta.url)
const [BEGIN, END] = ["<!-- soak -->", "<!-- /soak -->"]

const rows = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).map(([name, count]) => `| ${name} | ${count.toLocaleString("en")} |`)

export const tableOf = (run: SoakRun): string =>
  [
    `${run.instanceCount} instances over one PostgreSQL for ${run.minutes} minutes, seed ${run.seed}.`,
    "",
    "| tried | times |",
    "| --- | ---: |",
    ...rows(run.trials),
    ...rows({
      "instances killed and started again": run.killCount,
      "clocks set wrong by an hour": run.jumpCount,
      "requests sent": run.requestCount,
      "requests that got no answer, or 503": run.unansweredCount,
      "entries in the log": run.entryCount,
      "roots read on the way and verified in the end": run.rootCount,
    }),
    "",
    "| violated | times |",
    "| --- | ---: |",
    ...rows(run.violations),
    ...(run.stories.length > 0 ? ["", "The first of each:", "", ...run.stories.map((story) => `- ${story}`)] : []),
  ].join("\n")

export const writePage = (run: SoakRun): void => {
  const text = readFileSync(README, "utf8")
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`properties/README.md has no ${BEGIN} and ${END}: put them back`)
  writeFileSync(README, `${text.slice(0, begin + BEGIN.length)}\n\n${tableOf(run)}\n\n${text.slice(end)}`)
}
