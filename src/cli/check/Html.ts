/**
 * A report as one page of HTML: no script, no network, readable in light and dark, by eye and by ear.
 *
 * Everything that came from the checked server is escaped by `html`; the page's own policy forbids the rest.
 */
import { hash } from "node:crypto"
import { html, raw } from "hono/html"
import { plain, duration } from "../../../properties/kit/render/Plain.ts"
import { expecting, isSurprise, replayOf } from "../../../properties/kit/render/Story.ts"
import { seeds, tally } from "../../../properties/kit/render/Table.ts"
import type { KitReport, PromiseResult, StoryStep } from "../../../properties/kit/Report.ts"
import { passages } from "../../../properties/Story.ts"

const style = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1a1a1a;--dim:#555;--line:#ccc;--kept:#0a5d1e;--broken:#a30d11;--limited:#0b4f79;--not:#6b4a00;--soft:#f4f4f4}
@media(prefers-color-scheme:dark){:root{--bg:#121212;--fg:#eee;--dim:#b5b5b5;--line:#444;--kept:#7fdc96;--broken:#ff9c99;--limited:#8cc8f2;--not:#f0c674;--soft:#1e1e1e}}
body{background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
caption{text-align:start;color:var(--dim);padding-block:.5rem}
th,td{text-align:start;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line)}
td.number{text-align:end;font-variant-numeric:tabular-nums;white-space:nowrap}
code,td{overflow-wrap:anywhere}td:last-child{min-width:16rem}
th[scope=row]{font-weight:600}
.verdict{font-weight:600;white-space:nowrap}
.kept{color:var(--kept)}.limited{color:var(--limited)}.broken{color:var(--broken)}.not-tried{color:var(--not)}
.dim{color:var(--dim)}
section{background:var(--soft);padding:.5rem 1rem;margin-block:1rem;border-inline-start:.3rem solid var(--broken)}
ol{padding-inline-start:2rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .8rem;margin:.2rem 0 .6rem}
dt{color:var(--dim)}dd{margin:0}
.surprise dd:last-of-type{color:var(--broken);font-weight:600}
@media(max-width:40rem){
h1{font-size:1.5rem;overflow-wrap:anywhere}
thead{position:absolute;clip-path:inset(50%)}
tr{display:grid;grid-template-columns:1fr auto auto auto;border-bottom:1px solid var(--line);padding-block:.4rem}
tbody th,td{border:0;padding:0 .5rem 0 0;overflow-wrap:anywhere}
td.number{font-size:.85rem}
td:last-child{grid-column:1/-1;min-width:0}
}
`.trim()

const policy = `default-src 'none'; style-src 'sha256-${hash("sha256", style, "base64")}'; base-uri 'none'`

const classOf = (verdict: PromiseResult["verdict"]): string => verdict.replace(" ", "-")

const row = ({ promise, sentence, verdict, tries, millis, reason, counterexample }: PromiseResult, index: number) => {
  const isTried = verdict !== "not tried"
  return html`<tr>
<th scope="row">${counterexample === undefined ? plain(promise) : html`<a href="#broken-${index}">${plain(promise)}</a>`}</th>
<td class="verdict ${classOf(verdict)}">${verdict}</td>
<td class="number">${isTried ? tries : "–"}</td>
<td class="number">${isTried ? duration(millis) : "–"}</td>
<td>${plain(sentence)}${reason === undefined ? "" : html`<br><span class="dim">${plain(reason)}</span>`}</td>
</tr>`
}

const call = (step: StoryStep) =>
  html`${plain(step.text)}${step.exchange === undefined ? "" : html`<br><code>${plain(step.exchange)}</code>`}
<dl class="${isSurprise(step) ? "surprise" : "agreed"}">
<dt>${expecting(step)}</dt><dd>${plain(step.expected)}</dd>
<dt>observed</dt><dd>${plain(step.observed)}</dd>
</dl>`

const story = (report: KitReport, { promise, sentence, counterexample }: PromiseResult, index: number) =>
  counterexample === undefined
    ? ""
    : html`<section aria-labelledby="broken-${index}">
<h3 id="broken-${index}">${plain(promise)}</h3>
<p>${plain(counterexample.objection)}</p>
<p class="dim">${plain(sentence)}</p>
<ol>${passages(counterexample.steps).map((passage) =>
        passage.length === 1
          ? html`<li>${call(passage[0]!)}</li>`
          : html`<li>at the same time:<ul>${passage.map((step) => html`<li>${call(step)}</li>`)}</ul></li>`,
      )}</ol>
<p>To see it again: <code>${replayOf(report, counterexample, promise)}</code></p>
</section>`

export const renderHtml = async (report: KitReport): Promise<string> => {
  const { subject, results, capabilities, operationCount, millis, failure } = report
  const title = `grantlog check: ${plain(subject)}`
  const hasBroken = results.some(({ counterexample }) => counterexample !== undefined)
  return String(
    await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body><main>
<h1>${title}</h1>
<p>${tally(report)}.</p>
${failure === undefined ? "" : html`<p class="broken">Not to be relied on: ${plain(failure)}.</p>`}
<div class="scroll" role="region" aria-label="Promises" tabindex="0">
<table>
<caption>${operationCount} calls in ${duration(millis)}, ${seeds(report)}</caption>
<thead><tr><th scope="col">promise</th><th scope="col">verdict</th><th scope="col">tries</th><th scope="col">time</th><th scope="col">what it says</th></tr></thead>
<tbody>${results.map(row)}</tbody>
</table>
</div>
${hasBroken ? html`<h2>What is broken</h2>${results.map((result, index) => story(report, result, index))}` : ""}
<h2>What it can do</h2>
<dl>${Object.entries(capabilities).map(([name, value]) => html`<dt>${plain(name)}</dt><dd>${plain(value)}</dd>`)}</dl>
</main></body>
</html>
`,
  )
}
