/** Events as they came: one request, one group, and in each what it led to. */
import { html } from "hono/html"
import type { TimelineEvent, TimelineRequest } from "../../../audit/console/Timeline.ts"
import { textOf } from "../../Print.ts"
import type { Addresses } from "../Addresses.ts"
import { strings } from "../Strings.ts"
import { actorOf, statusIcon, timeOf } from "./Statuses.ts"
import type { Content } from "../../../http/pages/Document.ts"
import { fold, type FoldParts } from "./Fold.ts"

export interface TimelineView extends FoldParts {
  readonly addresses: Addresses
  readonly note: string
  /** What the page is about; events of something else lead there. */
  readonly asked: string | undefined
  /** How many entries a checkpoint vouches for: only those can be proven. */
  readonly provenSize: number
  /** Where the page goes on to. */
  readonly links: ReadonlyArray<readonly [address: string, text: string]>
  /** Events of the same thing that are not shown, older and younger. */
  readonly earlierCount: number
  readonly laterCount: number
}

const words = strings.timeline

const eventItem = (one: TimelineEvent, { addresses, asked, provenSize }: TimelineView): Content => {
  const about = asked ?? one.grantId
  const number = html`#${one.position}`
  return html`<li>
<span>${about === null ? html`<span class="quiet mono">${number}</span>` : html`<a class="mono" href="${addresses.about(about, asked === undefined ? undefined : String(one.position))}" aria-label="${asked === undefined ? words.grantOf(one.position) : words.asOf(one.position)}">${number}</a>`}
<span class="${one.isTheft ? "theft" : ""}">${textOf(one.sentence)}</span>${one.isRequestOriginSealed ? html` <span class="quiet small">(${words.sealed})</span>` : ""}</span>
${one.position < provenSize ? html`<span class="links small"><a href="${addresses.proof(one.position)}" aria-label="${words.proveOf(one.position)}" download>${words.prove}</a></span>` : ""}
</li>`
}

const requestOf = (one: TimelineRequest, view: TimelineView): Content => {
  const isTheft = one.events.some((event) => event.isTheft)
  return html`<li class="request${isTheft ? " stolen" : ""}">
<p class="head small"><span class="fate ${isTheft ? "stolen" : ""}">${isTheft ? statusIcon("stolen") : ""}${timeOf(one.at)}</span>
<span class="quiet">${strings.explained.by(textOf(actorOf(one)))}</span></p>
<ol class="happenings">${one.events.map((event) => eventItem(event, view))}</ol>
<p class="small quiet">${strings.explained.request} <code>${textOf(one.correlationId)}</code></p>
</li>`
}

export const timeline = (requests: ReadonlyArray<TimelineRequest>, view: TimelineView): Content =>
  fold(
    view,
    html`<p class="small quiet">${view.note}</p>
<ol class="requests">${requests.map((one) => requestOf(one, view))}</ol>
${view.earlierCount === 0 ? "" : html`<p class="small quiet">${words.left(view.earlierCount)}</p>`}
${view.laterCount === 0 ? "" : html`<p class="small quiet">${words.later(view.laterCount)}</p>`}
${view.links.length === 0 ? "" : html`<p class="row">${view.links.map(([address, text]) => html`<a class="button" href="${address}">${text}</a>`)}</p>`}`,
  )
