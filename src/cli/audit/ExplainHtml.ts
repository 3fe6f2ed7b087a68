/** An explanation as one page of HTML, to be attached to a ticket. No token is in it. */
import { html } from "hono/html"
import {
  called,
  jwtSentence,
  type Command,
  type Explained,
  type Explanation,
  type Relative,
  type Standing,
  type EventLine,
} from "../../audit/index.ts"
import type { Content } from "../../http/pages/Document.ts"
import { textOf } from "../Print.ts"
import { reportPage, reportStyle } from "../ReportPage.ts"
import { whoOf } from "./ExplainText.ts"
import { requestOriginText } from "./RequestOrigins.ts"
import type { ShowTime } from "./Times.ts"

const style = reportStyle(`
h1{font-size:1.4rem;overflow-wrap:anywhere}h2{font-size:1.1rem;margin-block:1.5rem .3rem}
code{font-size:.9em}
.standing{background:var(--soft);padding:.5rem 1rem;border-inline-start:.3rem solid currentcolor}
.standing p{color:var(--fg);margin:.2rem 0}.standing .theft{color:var(--bad);font-weight:600}
.word{font-weight:700}
.alive{color:var(--good)}.dead{color:var(--bad)}.suspended{color:var(--doubtful)}
ol,ul{padding-inline-start:1.5rem}li{margin-block:.3rem}
dd{overflow-wrap:anywhere}
`)

/** More than colour tells them apart. */
const marks = { alive: "●", suspended: "◐", dead: "✕" } as const

const plain = (text: string): string => textOf(text)

const standing = ({ status, until, cause, others }: Standing, show: ShowTime) => html`<div class="standing ${status}">
<span class="word"><span aria-hidden="true">${marks[status]}</span> ${status}</span>
${
  cause === null
    ? html`<p>${until === null ? "" : `until ${show(until)}`}</p>`
    : html`<p>since ${show(cause.since)}: ${cause.sentence}</p>
<p class="dim">rule ${cause.rule} · ${cause.requirements.join(", ")}</p>`
}
${others.map(
  ({ sentence, since, rule, isTheft }) =>
    html`<p class="${isTheft ? "theft" : "dim"}">${isTheft ? "Theft:" : "also:"} ${sentence}, since ${show(since)} (${rule})</p>`,
)}
</div>`

const told = (one: EventLine, show: ShowTime) => {
  const origin = requestOriginText(one)
  return html`<li>
${plain(one.sentence)}<br>
<span class="dim">#${one.position} · <time datetime="${new Date(one.at).toISOString()}">${show(one.at)}</time> · by ${plain(whoOf(one))} · request ${plain(one.correlationId)}${origin === undefined ? "" : ` · ${plain(origin)}`}</span>
</li>`
}

const leftOut = (count: number, what: string): Content | "" =>
  count === 0 ? "" : html`<p class="dim">${count} ${what} are left out: grantlog history has them.</p>`

const events = (heading: string, entries: ReadonlyArray<EventLine>, show: ShowTime, untold: Content | "" = "") =>
  entries.length === 0 ? "" : html`<h2>${heading}</h2>${untold}<ol>${entries.map((one) => told(one, show))}</ol>`

const alive = (heading: string, relatives: ReadonlyArray<Relative>, show: ShowTime) =>
  html`<h2>${heading}: ${relatives.length}</h2>
<ul>${relatives.map(
    ({ kind, digest, generation, expiresAt, position }) =>
      html`<li><span class="alive"><span aria-hidden="true">${marks.alive}</span> ${kind}</span>, generation ${generation}, until ${show(expiresAt)}, issued as #${position}<br><code class="dim">${digest}</code></li>`,
  )}</ul>`

const commands = (heading: string, list: ReadonlyArray<Command>) =>
  list.length === 0
    ? ""
    : html`<h2>${heading}</h2><ul>${list.map(({ command, purpose }) => html`<li><code>${plain(command)}</code><br><span class="dim">${purpose}</span></li>`)}</ul>`

const owner = (name: string, id: string | null, calls: string | null = null) =>
  id === null ? "" : html`<dt>${name}</dt><dd>${plain(called(id, calls))}</dd>`

const body = (one: Explained, show: ShowTime) => html`
<dl>
<dt>${one.kind}</dt><dd><code>${plain(one.kind === "client" ? called(one.id, one.clientName) : one.id)}</code></dd>
${one.kind === "grant" ? "" : owner("grant", one.grantId)}
${one.kind === "client" ? "" : owner("client", one.clientId, one.clientName)}
${one.kind === "subject" ? "" : owner("subject", one.subjectId)}
</dl>
${standing(one.standing, show)}
${events("What led to that", one.chain, show)}
${events("Where it came from", one.ancestry, show, leftOut(one.untold.generations, "generations between"))}
${events("Who presented it, and what happened to it", one.presentations, show, leftOut(one.untold.presentations, "older events"))}
${one.kind === "client" || one.kind === "subject" ? "" : alive("Alive because of it", one.descendants, show)}
${one.siblings.length === 0 ? "" : alive("Alive beside it", one.siblings, show)}
${
  one.grants.length === 0
    ? ""
    : html`<h2>Grants with something alive: ${one.grants.length}${one.hasMoreGrants ? " or more" : ""}</h2>
<ul>${one.grants.map((grant) => html`<li><code>${grant.grantId}</code>, client ${plain(called(grant.clientId, grant.clientName))}, opened ${show(grant.openedAt)}, alive: ${grant.aliveCount}</li>`)}</ul>`
}`

export const explainHtml = (explanation: Explanation, show: ShowTime): Promise<string> => {
  const { asOf, jwt, next, proof } = explanation
  const title = explanation.isOurs ? `grantlog: this ${explanation.kind}` : "grantlog: not ours"
  return reportPage(
    title,
    style,
    html`<p class="dim">As of ${show(asOf.at)}, ${asOf.size} entries.</p>
${jwt === undefined ? "" : html`<p>${plain(jwtSentence(jwt))}.</p>`}
${explanation.isOurs ? body(explanation, show) : html`<p>${plain(explanation.sentence)}.</p>`}
${commands("What to do next", next)}
${commands("How to prove it", proof)}`,
  )
}
