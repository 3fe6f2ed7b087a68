/**
 * The frame of every page: what the policy allows, who is asked, and how the log stands.
 *
 * One small script of our own address may run, and it only hashes; nothing else is loaded from anywhere, nothing is
 * framed or kept, and no other site learns where the visitor came from.
 */
import { html, raw } from "hono/html"
import type * as Effect from "effect/Effect"
import type { LogState } from "../../../audit/console/LogState.ts"
import type { WireReply } from "../../../http/index.ts"
import { sentDocument, styleOf, type Content } from "../../../http/pages/Document.ts"
import { paths, type Addresses } from "../Addresses.ts"
import { strings } from "../Strings.ts"
import { statusIcon } from "./Statuses.ts"
import { style as css } from "./Style.ts"

const style = styleOf(css)

/** What the pages of one console share. */
export interface Frame {
  readonly issuer: string
  readonly addresses: Addresses
  /** Whether there is a session to end. */
  readonly canSignOut: boolean
}

const policyOf = ({ issuer, addresses }: Frame): ReadonlyArray<string> => [
  `script-src ${new URL(issuer).origin}${addresses.prefix}${paths.script}`,
  "form-action 'self'",
]

export interface PageParts {
  readonly status: number
  readonly title: string
  readonly content: Content
  /** How the log stands; only somebody who is signed in is told. */
  readonly state?: LogState
  /** How many entries of the log the index has taken in: what is shown says so where they are not all. */
  readonly indexedCount?: number
  readonly headers?: WireReply["headers"]
}

const statuses = { none: "suspended", unreadable: "stolen", consistent: "live", inconsistent: "stolen" } as const

const stateOf = ({ size, root, head, verification, uncoveredCount }: LogState, { addresses }: Frame): Content => {
  const words = strings.log
  const status = statuses[verification]
  const chip = html`<span class="fate chip ${status}" title="${words.meaning[verification]}">${statusIcon(status)}${words.verification[verification]}</span>`
  // What is wrong with the log is told without being asked for, however small the screen.
  return html`<div class="inner state small"><details${verification === "consistent" ? "" : raw(" open")}>
<summary>${words.entries(size)} ${chip}</summary>
<dl class="folded" aria-label="${words.heading}">
<div><dt>${words.size}</dt><dd>${size.toLocaleString("en")}</dd></div>
<div><dt>${words.root}</dt><dd><code>${root}</code></dd></div>
<div><dt>${words.checkpoint}</dt><dd>${head === undefined ? words.none : words.at(head.size)}
${chip}
<span class="quiet">${words.meaning[verification]}${head !== undefined && uncoveredCount > 0 ? `, ${words.uncovered(uncoveredCount)}` : ""}</span></dd></div>
</dl></details>${head === undefined ? "" : html`<a href="${addresses.export(0)}" download>${words.export}</a>`}</div>`
}

/** A log that branches. */
const mark = `<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="M5 3v14M5 8c0 4 9 1 9 6" fill="none" stroke="currentColor" stroke-width="2"/><circle cx="5" cy="4" r="2.6"/><circle cx="5" cy="16" r="2.6"/><circle cx="14" cy="15" r="2.6"/></svg>`

const bar = ({ issuer, addresses, canSignOut }: Frame, isSignedIn: boolean): Content => html`<div class="inner bar">
<a class="brand" href="${addresses.prefix}${paths.home}">${raw(mark)}${strings.name}</a>
<span class="issuer small" title="${issuer}">${issuer}</span>
${isSignedIn && canSignOut ? html`<form method="post" action="${addresses.prefix}${paths.logout}"><button>${strings.signOut}</button></form>` : ""}
</div>`

export const page = (frame: Frame, parts: PageParts): Effect.Effect<WireReply> => {
  const { status, title, content, state, indexedCount, headers } = parts
  const isBehind = state !== undefined && indexedCount !== undefined && indexedCount < state.size
  const document = {
    language: strings.language,
    title: strings.windowTitle(title),
    style,
    policy: policyOf(frame),
    head: html`<script src="${frame.addresses.prefix}${paths.script}" defer></script>`,
    body: html`<a class="skip" href="#content">${strings.skip}</a>
<header>
${bar(frame, state !== undefined)}
${state === undefined ? "" : stateOf(state, frame)}
</header>
<main class="inner" id="content">
${isBehind ? html`<p class="card quiet" role="status">${strings.log.indexing(indexedCount, state.size)}</p>` : ""}
${content}
</main>`,
  }
  return sentDocument(status, document, headers)
}
