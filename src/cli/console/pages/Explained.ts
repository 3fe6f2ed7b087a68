/** The same that `grantlog explain` tells, with a way to everything that it names. */
import { html } from "hono/html"
import type { GrantLineage, LineageStatus } from "../../../audit/console/GrantLineage.ts"
import {
  called,
  shortDigest,
  type Cause,
  type Command,
  type Explained,
  type Relative,
  type Standing,
  type EventLine,
} from "../../../audit/index.ts"
import { textOf } from "../../Print.ts"
import type { Addresses } from "../Addresses.ts"
import { strings } from "../Strings.ts"
import { actorOf, statusLabel, shownTime, timeOf } from "./Statuses.ts"
import type { Content } from "../../../http/pages/Document.ts"
import { fold, type FoldParts } from "./Fold.ts"

export interface ExplainedView {
  readonly addresses: Addresses
  readonly at: string | undefined
}

const words = strings.explained

const statuses = { alive: "live", suspended: "suspended", dead: "dead" } as const

/** Whether it is named by its digest. */
export const isToken = ({ kind }: Explained): boolean => kind !== "grant" && kind !== "client" && kind !== "subject"

/** The status that the tree gives it, where it stands in one. */
const statusIn = ({ id, kind, standing }: Explained, lineage: GrantLineage | undefined): LineageStatus => {
  const member = lineage?.generations.flatMap(({ members }) => members).find(({ digest }) => digest === id)
  return member?.status ?? (kind === "grant" ? lineage?.status : undefined) ?? statuses[standing.status]
}

const owner = (
  name: string,
  id: string | null,
  { addresses, at }: ExplainedView,
  calls: string | null = null,
): Content | "" =>
  id === null
    ? ""
    : html`<dt>${name}</dt><dd><a href="${addresses.about(id, at)}"><code>${textOf(called(id, calls))}</code></a></dd>`

const theftOf = ({ sentence, since, rule }: Cause): Content =>
  html`<p class="alarm"><strong>${words.theft}:</strong> ${sentence}, ${words.since(shownTime(since))} <span class="small">(${rule})</span></p>`

/** What keeps it from being alive; theft is told first, whatever it died of. */
const causesOf = ({ cause, others }: Standing): Content | "" => {
  if (cause === null) return ""
  const all = [cause, ...others]
  return html`${all.filter(({ isTheft }) => isTheft).map(theftOf)}
${cause.isTheft ? "" : html`<p class="said">${cause.sentence}.</p>`}
<p class="small quiet">${words.rule(cause.rule)} · ${cause.requirements.join(", ")}</p>
${others.map(({ sentence, since, rule, isTheft }) => (isTheft ? "" : html`<p class="small quiet">${words.also}: ${sentence}, ${words.since(shownTime(since))} (${rule})</p>`))}`
}

export const standingCard = (one: Explained, lineage: GrantLineage | undefined, view: ExplainedView): Content => {
  const { kind, id, grantId, clientId, clientName, subjectId, standing } = one
  const { status, until, cause } = standing
  const shown = statusIn(one, lineage)
  const when =
    cause === null ? (until === null ? "" : words.until(shownTime(until))) : words.since(shownTime(cause.since))
  return html`<section class="card standing ${shown}" aria-label="${strings.lineage.statuses[shown]}">
<p>${statusLabel(shown)} <span class="quiet">${shown === statuses[status] ? "" : `${strings.lineage.statuses[statuses[status]]} `}${when}</span></p>
${causesOf(standing)}
<dl class="facts">
<dt>${isToken(one) ? words.digest : words.id}</dt><dd><code>${textOf(kind === "client" ? called(id, clientName) : id)}</code></dd>
${kind === "grant" ? "" : owner(words.grant, grantId, view)}
${kind === "client" ? "" : owner(words.client, clientId, view, clientName)}
${kind === "subject" ? "" : owner(words.subject, subjectId, view)}
</dl>
</section>`
}

const eventItem = (one: EventLine): Content => html`<li>
<p>${textOf(one.sentence)}</p>
<p class="small quiet">#${one.position} · ${timeOf(one.at)} · ${words.by(textOf(actorOf(one)))}</p>
</li>`

export const events = (parts: FoldParts, entries: ReadonlyArray<EventLine>, note = ""): Content | "" =>
  entries.length === 0
    ? ""
    : fold(
        parts,
        html`${note === "" ? "" : html`<p class="small quiet">${note}</p>`}<ol class="told">${entries.map(eventItem)}</ol>`,
      )

const relatives = (heading: string, list: ReadonlyArray<Relative>, { addresses, at }: ExplainedView): Content =>
  html`<h3>${heading}: ${list.length}</h3>
<ul class="told">${list.map(
    ({ kind, digest, expiresAt, position }) =>
      html`<li><a href="${addresses.about(digest, at)}">${kind} <code>${shortDigest(digest)}</code></a> ${statusLabel("live")} <span class="small quiet">#${position} · ${words.until(shownTime(expiresAt))}</span></li>`,
  )}</ul>`

/** What else lives: of a token and a grant its relatives, of a client and a subject their grants. */
export const alive = (one: Explained, view: ExplainedView): Content => {
  const { addresses, at } = view
  const id = "alive"
  if (one.kind !== "client" && one.kind !== "subject") {
    const count = one.descendants.length + one.siblings.length
    return fold(
      { id, heading: words.alive(count) },
      count === 0
        ? html`<p class="quiet">${words.nothingAlive}</p>`
        : html`${relatives(words.below, one.descendants, view)}
${one.kind === "grant" ? "" : relatives(words.beside, one.siblings, view)}`,
    )
  }
  const count = one.hasMoreGrants ? words.orMore(one.grants.length) : String(one.grants.length)
  return fold(
    { id, heading: `${words.grants}: ${count}`, isOpen: true },
    html`${one.grants.length === 0 ? html`<p class="quiet">${words.noGrants}</p>` : ""}
<ul class="told">${one.grants.map(
      ({ grantId, clientId, clientName, subjectId, openedAt, aliveCount }) =>
        html`<li><a href="${addresses.about(grantId, at)}"><code>${grantId}</code></a> <span class="small quiet">${timeOf(openedAt)} · ${textOf(one.kind === "client" ? subjectId : called(clientId, clientName))} · ${words.aliveCount(aliveCount)}</span></li>`,
    )}</ul>`,
  )
}

/** Commands to copy, and what may be taken along besides. */
export const commands = (parts: FoldParts, list: ReadonlyArray<Command>, besides: Content | "" = ""): Content | "" =>
  list.length === 0 && besides === ""
    ? ""
    : fold(
        parts,
        html`<ul class="commands">${list.map(
          ({ command, purpose }) =>
            html`<li><code>${textOf(command)}</code><span class="small quiet">${purpose}</span></li>`,
        )}</ul>
${besides}`,
      )
