/** The lineage of a grant, drawn as a tree: the generations are its trunk, what was issued with each its branches. */
import { html } from "hono/html"
import type { GrantLineage, Generation, LineageMember } from "../../../audit/console/GrantLineage.ts"
import { shortDigest } from "../../../audit/index.ts"
import type { Addresses } from "../Addresses.ts"
import { strings } from "../Strings.ts"
import { statusLabel, shownTime } from "./Statuses.ts"
import type { Content } from "../../../http/pages/Document.ts"
import { fold } from "./Fold.ts"

export interface LineageView {
  readonly addresses: Addresses
  /** The moment as it stands in the address. */
  readonly at: string | undefined
  /** The digest or id that was asked about. */
  readonly asked: string
}

const words = strings.lineage

/** Why it is as it is, in a few words; what ended together is told by the same. */
const reasonOf = ({ standing, status }: LineageMember, grantSince: number | undefined): string => {
  const { cause, others, until } = standing
  if (cause === null) return until === null ? "" : strings.explained.until(shownTime(until))
  if (status === "suspended") return words.suspended
  const theft = [cause, ...others].find(({ isTheft }) => isTheft)
  if (status === "stolen" && theft !== undefined) return words.presentedAgain(shownTime(theft.since))
  return cause.since === grantSince ? words.diedWithGrant : strings.explained.since(shownTime(cause.since))
}

const memberOf = (one: LineageMember, whole: GrantLineage, { addresses, at, asked }: LineageView): Content => {
  const isAsked = one.digest === asked
  return html`<li class="member ${one.status}"${isAsked ? html` aria-current="true"` : ""}>
<div class="line"><a href="${addresses.about(one.digest, at)}">${one.kind} <code>${shortDigest(one.digest)}</code></a>${statusLabel(one.status)}</div>
<div class="line small quiet"><span>#${one.position} · ${reasonOf(one, whole.standing.cause?.since)}</span>${isAsked ? html`<span class="here">${words.thisOne}</span>` : ""}</div>
</li>`
}

const generationOf = (
  { generation, members, unnamedCount }: Generation,
  whole: GrantLineage,
  view: LineageView,
): Content =>
  html`<li>
<h3>${members[0]?.kind === "code" ? words.code : words.generation(generation)}</h3>
<ul class="members">${members.map((one) => memberOf(one, whole, view))}</ul>
${unnamedCount === 0 ? "" : html`<p class="small quiet">${words.unnamedMembers(unnamedCount)}</p>`}
</li>`

export const lineage = (whole: GrantLineage, view: LineageView): Content => {
  const { generationCount, after } = whole.unnamed
  const gap = html`<li class="gap"><p class="small quiet">${words.unnamed(generationCount)}</p></li>`
  const { cause, until } = whole.standing
  const when = cause === null ? until : cause.since
  const said = cause === null ? strings.explained.until : strings.explained.since
  return fold(
    { id: "lineage", heading: words.heading, isOpen: true },
    html`<ol class="tree">
<li class="root"><div class="member ${whole.status}"${whole.grantId === view.asked ? html` aria-current="true"` : ""}>
<div class="line"><a href="${view.addresses.about(whole.grantId, view.at)}">grant <code>${whole.grantId}</code></a>${statusLabel(whole.status)}</div>
<div class="line small quiet"><span>${when === null ? "" : html`<time datetime="${new Date(when).toISOString()}">${said(shownTime(when))}</time>`}</span>${whole.grantId === view.asked ? html`<span class="here">${words.thisOne}</span>` : ""}</div>
</div></li>
${whole.generations.map((one, index) => [
  index === after && generationCount > 0 ? gap : "",
  generationOf(one, whole, view),
])}
</ol>
<p class="small quiet">${words.legend}</p>`,
  )
}
