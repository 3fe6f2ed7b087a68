/** How each status is drawn: a shape of its own beside its word, so that no colour has to be told from another. */
import { html, raw } from "hono/html"
import type { LineageStatus } from "../../../audit/console/GrantLineage.ts"
import { called, type EventLine } from "../../../audit/index.ts"
import { strings } from "../Strings.ts"
import type { Content } from "../../../http/pages/Document.ts"

const shapes: Readonly<Record<LineageStatus, string>> = {
  live: `<circle cx="8" cy="8" r="6.5" fill="currentColor"/>`,
  suspended: `<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2"/><path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor"/>`,
  spent: `<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2"/><path d="M5 8.2l2.2 2.2L11 6" fill="none" stroke="currentColor" stroke-width="2"/>`,
  dead: `<path d="M3 3l10 10M13 3L3 13" stroke="currentColor" stroke-width="2.5" stroke-linecap="round"/>`,
  stolen: `<path d="M8 1l7.5 14H.5z" fill="currentColor"/><path d="M8 6v4.5M8 12v1.6" stroke="var(--card)" stroke-width="1.8"/>`,
}

export const statusIcon = (status: LineageStatus): Content =>
  html`<svg viewBox="0 0 16 16" aria-hidden="true">${raw(shapes[status])}</svg>`

/** The shape and the word. */
export const statusLabel = (status: LineageStatus): Content =>
  html`<span class="fate ${status}">${statusIcon(status)}${strings.lineage.statuses[status]}</span>`

/** Who did it: a client with its name. */
export const actorOf = ({ actor, actorName }: Pick<EventLine, "actor" | "actorName">): string =>
  actor === null ? strings.explained.nobody : called(actor, actorName)

/** A timestamp, which programs can read, too. */
export const timeOf = (millis: number): Content => {
  const iso = new Date(millis).toISOString()
  return html`<time datetime="${iso}">${shownTime(millis)}</time>`
}

/** To the second, as people say it; UTC. */
export const shownTime = (millis: number): string =>
  `${new Date(millis).toISOString().slice(0, 19).replace("T", " ")} UTC`
