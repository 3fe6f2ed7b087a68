/** The console's pages, whole: where it begins, an answer, and what cannot be answered. */
import * as Effect from "effect/Effect"
import { html } from "hono/html"
import type { LogState } from "../../audit/console/LogState.ts"
import { requestsOf } from "../../audit/console/Timeline.ts"
import { called, shortDigest, eventLinesOf, type Audit, type Explained } from "../../audit/index.ts"
import type { WireReply } from "../../http/index.ts"
import type { Recorded, StoreFault } from "../../log/index.ts"
import { CorrelationId } from "../../provider/index.ts"
import { textOf } from "../Print.ts"
import { paths, type EventPage } from "./Addresses.ts"
import type { ConsoleAnswer, ConsoleQuery } from "./ConsoleQuery.ts"
import { asOf } from "./pages/AsOf.ts"
import { alive, commands, events, isToken, standingCard } from "./pages/Explained.ts"
import { lineage } from "./pages/Lineage.ts"
import type { Content } from "../../http/pages/Document.ts"
import { page, type Frame } from "./pages/Page.ts"
import { search } from "./pages/Search.ts"
import { timeline } from "./pages/Timeline.ts"
import { strings } from "./Strings.ts"

/** Entries that the first page shows, and thefts. */
const RECENT = 40
const MAX_THEFTS = 5

const theftTypes = ["AuthorizationCodeReplayed", "RefreshTokenReused"] as const

/** The newest thefts that the index knows. */
const latestThefts = Effect.fnUntraced(function* (
  { log, index }: Audit,
  size: number,
): Effect.fn.Return<ReadonlyArray<Recorded>, StoreFault> {
  const found = yield* Effect.forEach(theftTypes, (type) =>
    index.positions({ type, from: 0, to: size, limit: MAX_THEFTS, isNewestFirst: true }),
  )
  const newest = found
    .flat()
    .toSorted((left, right) => right - left)
    .slice(0, MAX_THEFTS)
  return (yield* Effect.forEach(newest, (position) => log.readAll(position, 1))).flat()
})

const provenSize = ({ head, verification }: LogState): number => (verification === "consistent" ? head!.size : 0)

export const homePage = Effect.fnUntraced(function* (
  frame: Frame,
  audit: Audit,
  state: LogState,
  indexedCount: number,
): Effect.fn.Return<WireReply, StoreFault> {
  const { addresses } = frame
  const words = strings.home
  const recent = yield* audit.log.readAll(Math.max(0, state.size - RECENT), RECENT)
  const thefts = yield* latestThefts(audit, state.size)
  const lineOf = yield* eventLinesOf(audit.log, [...recent, ...thefts])
  const view = {
    addresses,
    asked: undefined,
    provenSize: provenSize(state),
    links: [],
    earlierCount: 0,
    laterCount: 0,
    note: strings.timeline.note,
    isOpen: true,
  }
  return yield* page(frame, {
    status: 200,
    title: words.title,
    state,
    indexedCount,
    content: html`<h1>${words.title}</h1>
${search(addresses, "", true)}
<div class="first">
${
  thefts.length === 0
    ? html`<section class="card"><h2>${words.thefts}</h2><p class="quiet">${words.noThefts(Math.min(indexedCount, state.size))}</p></section>`
    : timeline(requestsOf(thefts, lineOf), { ...view, id: "thefts", heading: words.thefts })
}
${recent.length === 0 ? html`<p class="card quiet">${words.empty}</p>` : timeline(requestsOf(recent, lineOf).toReversed(), { ...view, id: "recent", heading: words.recent })}
</div>`,
  })
})

const titleOf = (one: Explained): string => {
  const { kind, id, clientName } = one
  const shown = kind === "client" ? called(id, clientName) : id
  return `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)} ${textOf(isToken(one) ? shortDigest(id) : shown)}`
}

const explanationOf = (
  frame: Frame,
  state: LogState,
  query: ConsoleQuery,
  one: Explained,
  answer: ConsoleAnswer,
): Content => {
  const { addresses } = frame
  const { about, at } = query
  const words = strings.explained
  const view = { addresses, at }
  const [oldest, newest] = [answer.events[0]?.position, answer.events.at(-1)?.position]
  const link = (isThere: boolean, page: EventPage, text: string) =>
    isThere ? [[addresses.about(about, at, page), text] as const] : []
  const links: ReadonlyArray<readonly [string, string]> = [
    ...link(answer.earlierCount > 0, { before: oldest }, strings.timeline.earlier),
    ...link(answer.newerCount > 0, { after: newest }, strings.timeline.newer),
    ...link(answer.newerCount > 0, {}, strings.timeline.newest),
  ]
  const began = one.ancestry[0]?.position
  const taken =
    began === undefined || began >= provenSize(state)
      ? ""
      : html`<p><a class="button" href="${addresses.export(began)}" download>${words.fromHere} (#${began})</a></p>`
  return html`<div class="answer">
<div class="stack">
${standingCard(one, answer.lineage, view)}
${commands({ id: "next", heading: words.next }, one.next)}
${commands({ id: "proof", heading: words.proof }, one.proof, taken)}
</div>
<div class="stack">
${answer.lineage === undefined ? "" : lineage(answer.lineage, { ...view, asked: one.id })}
${alive(one, view)}
</div>
<div class="stack">
${
  answer.events.length === 0
    ? ""
    : timeline(requestsOf(answer.events, answer.lineOf).toReversed(), {
        id: "timeline",
        heading: strings.timeline.heading,
        isOpen: answer.lineage === undefined,
        addresses,
        note: strings.timeline.note,
        asked: about,
        provenSize: provenSize(state),
        links,
        earlierCount: answer.earlierCount,
        laterCount: answer.laterCount,
      })
}
</div>
</div>
<div class="beside">
${events({ id: "led", heading: words.led }, one.chain)}
${events({ id: "ancestry", heading: words.ancestry }, one.ancestry, one.untold.generations === 0 ? "" : words.untoldGenerations(one.untold.generations))}
${isToken(one) ? events({ id: "presentations", heading: words.presentations }, one.presentations, words.presentationsNote) : ""}
</div>`
}

export const answerPage = (
  frame: Frame,
  state: LogState,
  indexedCount: number,
  query: ConsoleQuery,
  answer: ConsoleAnswer,
): Effect.Effect<WireReply> => {
  const { explanation, moment, earlier, later } = answer
  const { about, at } = query
  const title = explanation.isOurs ? titleOf(explanation) : strings.explained.notOurs
  return page(frame, {
    status: explanation.isOurs ? 200 : 404,
    title,
    state,
    indexedCount,
    content: html`${search(frame.addresses, about, false)}
<h1>${title}</h1>
${asOf({ addresses: frame.addresses, about, at, moment, earlier, later })}
${
  explanation.isOurs
    ? explanationOf(frame, state, query, explanation, answer)
    : html`<p class="card said">${textOf(explanation.sentence)}.</p>${commands({ id: "next", heading: strings.explained.next, isOpen: true }, explanation.next)}`
}`,
  })
}

/** What could not be done, with the way back, by the issuer's own name, and the id of the request for the operator. */
export const faultPage = (frame: Frame, status: number, title: string, sentence: string): Effect.Effect<WireReply> =>
  Effect.flatMap(CorrelationId, (requestId) =>
    page(frame, {
      status,
      title,
      content: html`<div class="card narrow">
<h1>${title}</h1>
<p role="alert">${textOf(sentence)}</p>
<p><a href="${new URL(frame.issuer).origin}${frame.addresses.prefix}${paths.home}">${strings.back}</a></p>
${requestId === undefined ? "" : html`<p class="small quiet">${strings.explained.request} <code>${requestId}</code></p>`}
</div>`,
    }),
  )
