/**
 * An explanation as one page of HTML, to be attached to a ticket: no script, no network, readable in light and dark.
 *
 * Whatever came from outside is escaped by `html`; the page's own policy forbids the rest. No token is in it.
 */
import { hash } from "node:crypto"
import { html, raw } from "hono/html"
import {
  called,
  type Command,
  type Explained,
  type Explanation,
  type Relative,
  type Standing,
  type EventLine,
} from "../../audit/index.ts"
import { textOf } from "../Print.ts"
import { whoOf } from "./ExplainText.ts"
import { requestOriginText } from "./RequestOrigins.ts"
import type { ShowTime } from "./Times.ts"

const style = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1a1a1a;--dim:#555;--line:#ccc;--alive:#0a5d1e;--dead:#a30d11;--suspended:#6b4a00;--soft:#f4f4f4}
@media(prefers-color-scheme:dark){:root{--bg:#121212;--fg:#eee;--dim:#b5b5b5;--line:#444;--alive:#7fdc96;--dead:#ff9c99;--suspended:#f0c674;--soft:#1e1e1e}}
body{background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem;overflow-wrap:anywhere}h2{font-size:1.1rem;margin-block:1.5rem .3rem}
code{overflow-wrap:anywhere;font-size:.9em}
.standing{background:var(--soft);padding:.5rem 1rem;border-inline-start:.3rem solid currentcolor}
.standing p{color:var(--fg);margin:.2rem 0}.standing .theft{color:var(--dead);font-weight:600}
.word{font-weight:700}
.alive{color:var(--alive)}.dead{color:var(--dead)}.suspended{color:var(--suspended)}
.dim{color:var(--dim)}
ol,ul{padding-inline-start:1.5rem}li{margin-block:.3rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .8rem}
dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
`.trim()

const policy = `default-src 'none'; style-src 'sha256-${hash("sha256", style, "base64")}'; base-uri 'none'`

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

const events = (heading: string, entries: ReadonlyArray<EventLine>, show: ShowTime, untold = 0, what = "") =>
  entries.length === 0
    ? ""
    : html`<h2>${heading}</h2>${untold === 0 ? "" : html`<p class="dim">${untold} ${what} are left out: grantlog history has them.</p>`}<ol>${entries.map((one) => told(one, show))}</ol>`

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
${events("Where it came from", one.origin, show, one.untold.generations, "generations between")}
${events("Who presented it, and what happened to it", one.presentations, show, one.untold.presentations, "older events")}
${one.kind === "client" || one.kind === "subject" ? "" : alive("Alive because of it", one.descendants, show)}
${one.siblings.length === 0 ? "" : alive("Alive beside it", one.siblings, show)}
${
  one.grants.length === 0
    ? ""
    : html`<h2>Grants with something alive: ${one.grants.length}${one.hasMoreGrants ? " or more" : ""}</h2>
<ul>${one.grants.map((grant) => html`<li><code>${grant.grantId}</code>, client ${plain(called(grant.clientId, grant.clientName))}, opened ${show(grant.openedAt)}, alive: ${grant.aliveCount}</li>`)}</ul>`
}`

export const explainHtml = async (explanation: Explanation, show: ShowTime): Promise<string> => {
  const { asOf, next, proof } = explanation
  const title = explanation.isOurs ? `grantlog: this ${explanation.kind}` : "grantlog: not ours"
  const page = html`<!doctype html>
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
<p class="dim">As of ${show(asOf.at)}, ${asOf.size} entries.</p>
${explanation.isOurs ? body(explanation, show) : html`<p>${plain(explanation.sentence)}.</p>`}
${commands("What to do next", next)}
${commands("How to prove it", proof)}
</main></body>
</html>`
  return String(await page)
}
