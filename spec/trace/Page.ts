/**
 * `spec/report.html`: the trace as one file to search in, without network.
 *
 * Everything in it goes through `html`, which escapes. Readable without the script: only the filters need it. Its policy
 * allows its own style and script and nothing else.
 */
import { hash } from "node:crypto"
import { html, raw } from "hono/html"
import { attacks, documents, meta, requirements } from "../requirements/index.ts"
import { coverageOf } from "./Coverage.ts"
import { script, style } from "./PageAssets.ts"
import { isBinding } from "./Report.ts"
import type { NamedTest } from "./Tests.ts"
import { standings, type Entry, type Line, type Trace, type TriedAttack } from "./Trace.ts"
import type { Run, Verdict } from "./Verdict.ts"

export const PAGE_FILE = "spec/report.html"

type Markup = ReturnType<typeof html>

const verdictNames: readonly Verdict[] = ["kept", "broken", "not tried", "not run"]

const sha256 = (text: string): string => `'sha256-${hash("sha256", text, "base64")}'`

const policy = `default-src 'none'; style-src ${sha256(style)}; script-src ${sha256(script)}; base-uri 'none'`

export const pageOf = async (
  trace: Trace,
  verdicts: ReadonlyMap<string, Verdict>,
  run: Run | undefined,
): Promise<string> => {
  const binding = trace.entries.filter(isBinding)
  const count = (verdict: Verdict): number => binding.filter(({ id }) => verdicts.get(id) === verdict).length
  const title = "What the standards ask of grantlog"
  const said =
    run === undefined
      ? "There was no run of the tests: no verdict is known."
      : `The last run kept ${count("kept")}, broke ${count("broken")} and did not try ${count("not tried")}.`
  return String(
    await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<header><h1>${title}</h1>
<p>${String(trace.entries.length)} requirements, ${String(binding.length)} of which bind this server as it is. ${said}</p>
<nav aria-label="tables"><a href="#requirements">Requirements</a> · <a href="#attacks">Attacks</a> · <a href="#coverage">P0 by document</a></nav>
${words()}</header>
<main>
${filters()}
<div class="wide" role="region" aria-label="requirements" tabindex="0"><table id="requirements">
<caption>Requirements, what enforces them and what tries them</caption>
<thead><tr>${["requirement", "asks", "standing", "enforced at", "tried by", "verdict"].map(heading)}</tr></thead>
<tbody>
${trace.entries.map((entry) => requirementRow(entry, verdicts.get(entry.id) ?? "not run"))}
</tbody></table></div>
<div class="wide" role="region" aria-label="attacks" tabindex="0"><table id="attacks">
<caption>Attacks, and what tries them</caption>
<thead><tr>${["attack", "what it is", "tried by", "verdict"].map(heading)}</tr></thead>
<tbody>
${trace.attacks.map((tried) => attackRow(tried, verdicts.get(tried.id) ?? "not run"))}
</tbody></table></div>
<div class="wide" role="region" aria-label="coverage" tabindex="0"><table id="coverage">
<caption>P0 requirements by document</caption>
<thead><tr>${["document", "P0", "binding", "enforced", "tried", "open"].map(heading)}</tr></thead>
<tbody>
${coverageOf(trace.entries).map(
  (row) => html`<tr><th scope="row">${row.document}</th>
${[row.total, row.binding, row.enforced, row.tried, row.open].map((value) => html`<td>${String(value)}</td>`)}</tr>
`,
)}
</tbody></table></div>
</main>
<script>${raw(script)}</script>
</body>
</html>
`,
  )
}

const heading = (text: string): Markup => html`<th scope="col">${text}</th>`

/** What the words in the tables mean, for who sees them for the first time. */
const words = (): Markup => html`<details><summary>What the words mean</summary><dl>
${Object.entries(standings).map(([name, meaning]) => html`<dt>${name}</dt><dd>${meaning}</dd>`)}
${Object.entries(meta.priority).map(([name, meaning]) => html`<dt>${name}</dt><dd>${meaning}</dd>`)}
<dt>AS, RS, client</dt><dd>authorization server, resource server, client: who is asked</dd>
<dt>verdict</dt><dd>kept: every test and promise that names it held in the last run; broken: one did not; not tried: one of them did not run</dd>
</dl></details>`

const filters = (): Markup => html`<form id="filters" role="search" hidden>
<label>Search <input id="words" type="search" autocomplete="off" placeholder="id, words, file, test"></label>
${choice("standing", Object.keys(standings))}
${choice("verdict", verdictNames)}
${choice(
  "document",
  documents
    .filter(({ id }) => requirements.some(({ doc }) => doc === id))
    .map(({ id, title }) => [id, `${id}: ${title}`] as const),
)}
${choice("priority", ["P0", "P1", "P2"])}
<output id="shown" aria-live="polite"></output>
</form>`

/** Values, or values with the words that are shown for them. */
const choice = (name: string, values: ReadonlyArray<string | readonly [string, string]>): Markup =>
  html`<label>${name} <select id="${name}"><option value="">any</option>${values.map((one) => {
    const [value, shown] = typeof one === "string" ? [one, one] : one
    return html`<option value="${value}">${shown}</option>`
  })}</select></label>`

const requirementRow = (entry: Entry, verdict: Verdict): Markup => {
  const requirement = requirements.find(({ id }) => id === entry.id)!
  const { id, doc, section, level, priority, roles, text } = requirement
  const shown = isBinding(entry) ? verdict : "–"
  return html`<tr id="${id}" data-standing="${entry.standing}" data-verdict="${shown}" data-document="${doc}" data-priority="${priority}">
<th scope="row"><a href="#${id}">${id}</a><small>${titleOf(doc)}, ${section} · ${level} · ${priority} · ${roles.join(", ")}</small></th>
<td>${text}</td>
<td>${entry.standing}${entry.because === undefined ? "" : html`<small>${entry.because}</small>`}</td>
<td>${entry.enforcedAt.map((line) => html`<div>${place(line)}</div>`)}</td>
<td>${tries([...entry.promises, ...entry.attacks.map((one) => `attack ${one}`), ...entry.vectors.map((one) => `vector ${one}`)], entry.tests)}</td>
<td class="${verdict === "broken" ? "broken" : ""}">${shown}</td></tr>
`
}

const titleOf = (document: string): string => documents.find(({ id }) => id === document)?.title ?? document

const attackRow = ({ id, tests, promises }: TriedAttack, verdict: Verdict): Markup => {
  const { name, source, stoppedBy, test } = attacks.find((attack) => attack.id === id)!
  const stops = stoppedBy.length === 0 ? "no requirement: a risk that stays" : stoppedBy.join(", ")
  return html`<tr id="${id}"><th scope="row"><a href="#${id}">${id}</a></th>
<td>${name}<small>${source}; stopped by ${stops}</small></td>
<td>${tests.length + promises.length === 0 ? html`nothing here<small>${test}</small>` : tries(promises, tests)}</td>
<td class="${verdict === "broken" ? "broken" : ""}">${verdict}</td></tr>
`
}

/** A path may break at its slashes. */
const place = ({ path, line }: Line): Markup =>
  html`<code>${path.split("/").map((part, index) => html`${index === 0 ? "" : html`/<wbr>`}${part}`)}:${String(line)}</code>`

/** More than these are shown when somebody asks for them. */
const SHOWN_TESTS = 2

const tries = (names: readonly string[], tests: readonly NamedTest[]): Markup => {
  const shown = tests.map((test) => html`<div>${test.title} ${place(test)}</div>`)
  return html`${names.map((name) => html`<div>${name}</div>`)}${
    tests.length > SHOWN_TESTS
      ? html`<details><summary>${String(tests.length)} tests</summary>${shown}</details>`
      : shown
  }`
}
