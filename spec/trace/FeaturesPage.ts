/**
 * `spec/FEATURES.md`: what is offered here and by default, by which document, what traces it, and what others offer.
 *
 * Written from the feature modules ({@link offerOf}), the trace and `spec/peers`. Holds no time, no line number and nothing
 * of a run. Says of others only what they say of themselves.
 */
import { facts, peerOrder, type Fact, type FactId } from "../peers/Facts.ts"
import { answers, peers } from "../peers/Peers.ts"
import { documents, notOffered, requirements } from "../requirements/index.ts"
import type { Offered } from "./Offer.ts"
import { standings, type Trace } from "./Trace.ts"

export const FEATURES_FILE = "spec/FEATURES.md"

export const featuresPage = (offer: ReadonlyArray<Offered>, trace: Trace): string => {
  const taken: ReadonlySet<FactId> = new Set(offer.map(({ fact }) => fact))
  const lacking = (Object.keys(facts) as ReadonlyArray<FactId>).filter((id) => !taken.has(id))
  const peerNames = peerOrder.map((id) => `${peers[id].name} ${peers[id].version}`)
  return (
    [
      "# What is offered",
      "Written by `npm run spec` from the feature modules in `src/provider/features`, their annotations, and `spec/peers`. Edits are lost.",
      "What is `off` is advertised nowhere, and its endpoints are not there, until somebody puts the feature into the list of a server or gives `grantlog serve` the flag. A number behind a document counts its clauses that this row answers to; each is enforced in a line and tried by a test, which [the report](REPORT.md) names.",
      "## Here, and elsewhere",
      table(
        ["feature", "here", "by", ...peerNames],
        offer.map((row) => [
          `[${facts[row.fact].title}](#${row.fact})`,
          row.state,
          documentsOf(row.ids),
          ...facts[row.fact].peers,
        ]),
      ),
      "## What this server lacks",
      "Some of it is asked for by documents in the catalogue, and stands there as not offered: " +
        `${notOffered.map(({ feature }) => feature).join("; ")}.`,
      table(
        ["feature", "by", ...peerNames],
        lacking.map((id) => [facts[id].title, facts[id].document, ...facts[id].peers]),
      ),
      "## What the words mean",
      [
        "- `always`: part of every server; `on`: among `standardFeatures`; `off`: for who switches it on",
        ...Object.entries(answers).map(([answer, meaning]) => `- ${answer}: ${meaning}`),
      ].join("\n"),
      "Others are told of by what they say of themselves, in what was read of each; none of it was tried for this page. What was tried on servers that run is in [Other people's servers](../properties/PEERS.md).",
      table(
        ["server", "version", "what was read"],
        peerOrder.map((id) => [peers[id].name, peers[id].version, peers[id].source]),
      ),
      "## How each is switched on, and what traces it",
      ...offer.map((row) => section(row, trace)),
    ].join("\n\n") + "\n"
  )
}

const section = ({ fact, modules, names, state, call, flag, ids }: Offered, { entries }: Trace): string => {
  const { title }: Fact = facts[fact]
  const traced = ids.map((id) => {
    const entry = entries.find((one) => one.id === id)
    const places = new Set(entry?.enforcedAt.map(({ path }) => path))
    return [
      `\`${id}\``,
      [...places].map(linked).join("<br>") || "–",
      entry === undefined ? "–" : standings[entry.standing],
    ]
  })
  const switched =
    call === undefined ? (state === "always" ? "In every server." : "Among `standardFeatures`.") : `By \`${call}\``
  return [
    `<a id="${fact}"></a>`,
    `### ${title}`,
    [
      names.length === 0 ? undefined : `${names.join(", ")}.`,
      `${switched}${flag === undefined ? "" : `, or \`${flag}\` of \`grantlog serve\``}${call === undefined ? "" : "."}`,
      `In ${modules.map(linked).join(", ")}.`,
    ]
      .filter((sentence) => sentence !== undefined)
      .join(" "),
    table(["clause", "in", "standing"], traced),
  ].join("\n\n")
}

const linked = (path: string): string => `[${path.split("/").at(-1)}](../${path})`

/** The documents of these clauses with how many are of each, linked to their section of the report. */
const documentsOf = (ids: ReadonlyArray<string>): string =>
  documents
    .map(({ id, title }) => ({
      id,
      title,
      count: requirements.filter((one) => one.doc === id && ids.includes(one.id)).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ id, title, count }) => `[${id}](REPORT.md#${anchorOf(`${id}: ${title}`)}) ${count}`)
    .join(", ")

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, "")
    .replaceAll(" ", "-")

const table = (headings: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [headings, headings.map(() => "---"), ...rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")))]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n")
