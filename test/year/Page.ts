/** What a year came to, as tables, their place in the page of measurements, and what about it is not as it was made. */
import { readFileSync, writeFileSync } from "node:fs"
import { bytes, grouped } from "../bench/Report.ts"
import type { Quarter, Year } from "./Year.ts"

const README = new URL("../bench/README.md", import.meta.url)
const [BEGIN, END] = ["<!-- year -->", "<!-- /year -->"]

const seconds = (value: number): string => `${value >= 10 ? value.toFixed(0) : value.toFixed(1)} s`

const rowOf = (quarter: Quarter, index: number): string => {
  const { loginCount, refreshCount, signOutCount, theftCount, entryCount, archive } = quarter
  const counts = [loginCount, refreshCount, signOutCount, theftCount, entryCount].map(grouped)
  const archived =
    archive === undefined
      ? ["", "", ""]
      : [grouped(archive.grantCount), grouped(archive.entryCount), bytes(archive.archiveBytes)]
  const sizes = [bytes(quarter.bytesBefore), ...archived, bytes(quarter.bytesAfter)]
  return `| ${[index + 1, ...counts, ...sizes, seconds(quarter.archivingSeconds)].join(" | ")} |`
}

/** The tables; figures of a quarter count from the first day on, but for what was archived at its end. */
export const tableOf = (year: Year): string =>
  [
    `${grouped(year.grantCount)} grants over a year, seed ${year.seed}.`,
    "",
    "| quarter | logins | refreshes | signed out | thefts | entries | the file | archived grants | entries | the archive | the file, shrunk | taking |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...year.quarters.map(rowOf),
    "",
    "| then | |",
    "| --- | ---: |",
    `| \`verify\` over all, with every archive | ${seconds(year.verifyingSeconds)} |`,
    `| \`explain\` of a token of the first day, with every archive: the first question, which makes the index | ${seconds(year.explainingSeconds[0])} |`,
    `| the same, asked again | ${seconds(year.explainingSeconds[1])} |`,
  ].join("\n")

/** What is not as it should be, a line each. */
export const faultsOf = ({ quarters, verified, explained, withoutArchive }: Year): ReadonlyArray<string> => {
  const last = quarters.at(-1)!
  const archivedCount = quarters.reduce((sum, { archive }) => sum + (archive?.entryCount ?? 0), 0)
  const claims: ReadonlyArray<readonly [holds: boolean, otherwise: string]> = [
    [verified.findings.length === 0, `verify found ${JSON.stringify(verified.findings)}`],
    [verified.size === last.entryCount, `verify saw ${verified.size} entries of ${last.entryCount}`],
    [archivedCount > 0, "nothing was archived"],
    [verified.archived.entryCount === archivedCount, "verify knows of other archived entries than were archived"],
    [verified.archived.readCount === archivedCount, "verify did not read every archived entry"],
    [explained.includes("(refresh-token-reused)"), `the theft of the first month is not told: ${explained}`],
    [/in archive \d+/.test(withoutArchive), `where the rest is was not told: ${withoutArchive}`],
  ]
  return claims.filter(([holds]) => !holds).map(([, otherwise]) => otherwise)
}

export const writePage = (year: Year): void => {
  const text = readFileSync(README, "utf8")
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`test/bench/README.md has no ${BEGIN} and ${END}: put them back`)
  writeFileSync(README, `${text.slice(0, begin + BEGIN.length)}\n\n${tableOf(year)}\n\n${text.slice(end)}`)
}
