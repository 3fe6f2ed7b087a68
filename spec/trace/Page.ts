/**
 * `spec/report.html`: the trace as one file to search in, without network.
 *
 * Everything in it goes through `html`, which escapes. Readable without the script: only the filters need it. Its policy
 * allows its own style and script and nothing else.
 */
import { hash } from "node:crypto"
import { html, raw } from "hono/html"
import { attacks, documents, requirements } from "../requirements/index.ts"
import { coverageOf } from "./Coverage.ts"
import { script, style } from "./PageAssets.ts"
import { isBinding } from "./Report.ts"
import type { NamedTest } from "./Tests.ts"
import { standings, type Entry, type Trace } from "./Trace.ts"
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
<p>${String(trace.entries.length)} requirements, ${String(binding.length)} of which bind this server as it is. ${said}</p></header>
<main>
${filters()}
<div class="wide" role="region" aria-label="requirements" tabindex="0"><table id="requirements">
<caption>Requirements, what enforces them and what tries them</caption>
<thead><tr>${["requirement", "asks", "standing", "enforced at", "tried by", "verdict"].map(heading)}</tr></thead>
<tbody>
${trace.entries.map((entry) => requirementRow(entry, verdicts.get(entry.id) ?? "not run"))}
</tbody></table></div>
<div class="wide" role="region" aria-label="attacks" tabindex="0"><table>
<caption>Attacks, and what tries them</caption>
<thead><tr>${["attack", "name", "tried by", "verdict"].map(heading)}</tr></thead>
<tbody>
${trace.attacks.map(
  ({ id, tests, promises }) => html`<tr id="${id}"><th scope="row"><a href="#${id}">${id}</a></th>
<td>${attacks.find((attack) => attack.id === id)?.name ?? ""}</td><td>${tries(promises, tests)}</td><td>${verdicts.get(id) ?? "not run"}</td></tr>
`,
)}
</tbody></table></div>
<div class="wide" role="region" aria-label="coverage" tabindex="0"><table>
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

const filters = (): Markup => html`<form id="filters" role="search" hidden>
<label>Search <input id="words" type="search" autocomplete="off" placeholder="id, words, file, test"></label>
${choice("standing", Object.keys(standings))}
${choice("verdict", verdictNames)}
${choice(
  "document",
  documents.map(({ id }) => id).filter((id) => requirements.some(({ doc }) => doc === id)),
)}
${choice("priority", ["P0", "P1", "P2"])}
<output id="shown" aria-live="polite"></output>
</form>`

const choice = (name: string, values: readonly string[]): Markup =>
  html`<label>${name} <select id="${name}"><option value="">any</option>${values.map((value) => html`<option>${value}</option>`)}</select></label>`

const requirementRow = (entry: Entry, verdict: Verdict): Markup => {
  const requirement = requirements.find(({ id }) => id === entry.id)!
  const { id, doc, section, level, priority, roles, text } = requirement
  const shown = isBinding(entry) ? verdict : "–"
  return html`<tr id="${id}" data-standing="${entry.standing}" data-verdict="${shown}" data-document="${doc}" data-priority="${priority}">
<th scope="row"><a href="#${id}">${id}</a><small>${doc} ${section} · ${level} · ${priority} · ${roles.join(", ")}</small></th>
<td>${text}</td>
<td>${entry.standing}${entry.because === undefined ? "" : html`<small>${entry.because}</small>`}</td>
<td>${entry.enforcedAt.map(({ path, line }) => html`<code>${path}:${String(line)}</code> `)}</td>
<td>${tries([...entry.promises, ...entry.attacks.map((one) => `attack ${one}`), ...entry.vectors.map((one) => `vector ${one}`)], entry.tests)}</td>
<td class="${verdict === "broken" ? "broken" : ""}">${shown}</td></tr>
`
}

const tries = (names: readonly string[], tests: readonly NamedTest[]): Markup =>
  html`${names.map((name) => html`<div>${name}</div>`)}${tests.map(({ path, line, title }) => html`<div>${title} <code>${path}:${String(line)}</code></div>`)}`
