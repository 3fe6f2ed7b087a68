/** What the benchmark prints: a table a question, with the aim of each row and whether it was met. */

export type Aim = { readonly atLeast: number } | { readonly atMost: number }

export interface Row {
  readonly name: string
  readonly ours: string
  /** What it is held against. */
  readonly other: string
  readonly ratio?: number
  readonly aim?: Aim
  /** Why the aim is missed, if it is, where that is known. */
  readonly why?: string
}

export interface Section {
  readonly title: string
  /** What `ours` and `other` are in this table. */
  readonly columns: readonly [ours: string, other: string, ratio: string]
  readonly rows: ReadonlyArray<Row>
}

const significant = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(2))

const aimText = (aim: Aim): string => ("atLeast" in aim ? `≥ ${aim.atLeast}` : `≤ ${aim.atMost}`)

const isMet = (ratio: number, aim: Aim): boolean => ("atLeast" in aim ? ratio >= aim.atLeast : ratio <= aim.atMost)

const verdict = ({ ratio, aim, why }: Row): string => {
  if (aim === undefined || ratio === undefined) return ""
  if (isMet(ratio, aim)) return "met"
  return why === undefined ? "missed" : `missed: ${why}`
}

const line = (row: Row): string => {
  const { name, ours, other, ratio, aim } = row
  const ratioText = ratio === undefined ? "" : significant(ratio)
  return `| ${[name, ours, other, ratioText, aim === undefined ? "" : aimText(aim), verdict(row)].join(" | ")} |`
}

/** A section as a table of Markdown. */
export const tableOf = ({ title, columns, rows }: Section): string =>
  [
    `| ${[title, ...columns, "aim", ""].join(" | ")} |`,
    "| --- | ---: | ---: | ---: | :---: | --- |",
    ...rows.map(line),
  ].join("\n")

export const micros = (value: number): string => `${value >= 10 ? value.toFixed(0) : value.toFixed(1)} µs`

export const bytes = (count: number): string => {
  const [size, unit] = count >= 1e9 ? [count / 1e9, "GB"] : count >= 1e6 ? [count / 1e6, "MB"] : [count, "B"]
  return `${unit === "B" ? size.toFixed(0) : size.toPrecision(3)} ${unit}`
}

export const grouped = (count: number): string => Math.round(count).toLocaleString("en")
