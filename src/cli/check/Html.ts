/** The report of a check as one page of HTML: every promise, and the story of each that is broken. */
import { html } from "hono/html"
import { plain, duration } from "../../../properties/kit/render/Plain.ts"
import { expecting, isSurprise, replayOf } from "../../../properties/kit/render/Story.ts"
import { seeds, tally } from "../../../properties/kit/render/Table.ts"
import type { KitReport, PromiseResult, StoryStep } from "../../../properties/kit/Report.ts"
import { passages } from "../../../properties/Story.ts"
import { reportPage, reportStyle } from "../ReportPage.ts"

const style = reportStyle(`
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
caption{text-align:start;color:var(--dim);padding-block:.5rem}
th,td{text-align:start;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line)}
td.number{text-align:end;font-variant-numeric:tabular-nums;white-space:nowrap}
td{overflow-wrap:anywhere}td:last-child{min-width:16rem}
th[scope=row]{font-weight:600}
.verdict{font-weight:600;white-space:nowrap}
.kept{color:var(--good)}.limited{color:var(--limited)}.broken{color:var(--bad)}.not-tried{color:var(--doubtful)}
section{background:var(--soft);padding:.5rem 1rem;margin-block:1rem;border-inline-start:.3rem solid var(--bad)}
ol{padding-inline-start:2rem}
dl{margin:.2rem 0 .6rem}
.surprise dd:last-of-type{color:var(--bad);font-weight:600}
@media(max-width:40rem){
h1{font-size:1.5rem;overflow-wrap:anywhere}
thead{position:absolute;clip-path:inset(50%)}
tr{display:grid;grid-template-columns:1fr auto auto auto;border-bottom:1px solid var(--line);padding-block:.4rem}
tbody th,td{border:0;padding:0 .5rem 0 0;overflow-wrap:anywhere}
td.number{font-size:.85rem}
td:last-child{grid-column:1/-1;min-width:0}
}
`)

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
  const page = await reportPage(
    title,
    style,
    html`<p>${tally(report)}.</p>
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
<dl>${Object.entries(capabilities).map(([name, value]) => html`<dt>${plain(name)}</dt><dd>${plain(value)}</dd>`)}</dl>`,
  )
  return `${page}\n`
}
