/** What `/metrics` says, read by itself: the value of each series, and what a histogram was told between two readings. */
import type { Sample } from "./Scraping.ts"

export interface Series extends Sample {
  readonly name: string
}

const LINE = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/

export const readExposition = (text: string): ReadonlyArray<Series> =>
  text.split("\n").flatMap((line) => {
    const [, name, labels = "", value] = LINE.exec(line) ?? []
    if (name === undefined) return []
    const pairs = [...labels.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, label, word]) => [label!, word!] as const)
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }]
  })

const isSame = (one: Series, other: Series): boolean =>
  one.name === other.name && JSON.stringify(one.labels) === JSON.stringify(other.labels)

/** By how much each series rose; those that were not there before have risen by nothing that Prometheus sees. */
export const risen = (before: ReadonlyArray<Series>, after: ReadonlyArray<Series>): ReadonlyArray<Series> =>
  after.map((series) => {
    const earlier = before.find((one) => isSame(one, series))
    return { ...series, value: series.value - (earlier?.value ?? series.value) }
  })

/** The sums of the series with that name that fit, by the value of these labels in that order. */
export const sums = (
  series: ReadonlyArray<Series>,
  name: string,
  labels: ReadonlyArray<string>,
  fits: (labels: Sample["labels"]) => boolean = () => true,
): Readonly<Record<string, number>> => {
  const found = series.filter((one) => one.name === name && fits(one.labels))
  const groups = Map.groupBy(found, (one) => labels.map((label) => one.labels[label]).join(" "))
  return Object.fromEntries([...groups].map(([key, ones]) => [key, ones.reduce((sum, { value }) => sum + value, 0)]))
}

/** The bucket of a histogram that such a share of what it was told is in, as its bounds. */
export const bucketOf = (
  series: ReadonlyArray<Series>,
  name: string,
  share: number,
  fits: (labels: Sample["labels"]) => boolean = () => true,
): readonly [from: number, to: number] => {
  const counts = sums(series, `${name}_bucket`, ["le"], fits)
  const bounds = Object.keys(counts).toSorted(
    (one, other) => Number(one.replace("+Inf", "Infinity")) - Number(other.replace("+Inf", "Infinity")),
  )
  const rank = share * counts["+Inf"]!
  const index = bounds.findIndex((bound) => counts[bound]! >= rank)
  const finite = bounds.slice(0, -1).map(Number)
  return [index === 0 ? 0 : finite[index - 1]!, finite[index] ?? finite.at(-1)!]
}
