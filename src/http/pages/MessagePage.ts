/**
 * A page with one sentence: what could not be done, and what to do.
 *
 * It has a link to go on by, and names the request, so that whoever asks the operator about it can be told more than
 * the page tells.
 */
import { html } from "hono/html"
import * as Effect from "effect/Effect"
import { CorrelationId, type Failure, type Settings } from "../../provider/index.ts"
import { OperatorNotice } from "../Caller.ts"
import { paths, pathOf } from "../Metadata.ts"
import type { PostedForm } from "../../provider/features/Feature.ts"
import type { WireReply, WireRequest } from "../../provider/features/Wire.ts"
import { destinationOf } from "./ConsentPage.ts"
import type { Content } from "./Document.ts"
import { page } from "./Page.ts"
import { postForm } from "./PostPage.ts"
import { strings } from "./Strings.ts"

const words = strings.message

/** A link to go on by, and what is said beside it. */
export interface Way {
  readonly href: string
  readonly text: string
  readonly note?: string
}

export interface MessageParts {
  readonly title?: string
  /** The first page of the server where there is nothing better. */
  readonly way?: Way
}

/** For whoever is at the account page, or signed in and lost. */
export const wayToAccount = ({ issuer }: Settings): Way => ({
  href: pathOf(issuer) + paths.account,
  text: words.account,
})

const wayHome = ({ issuer, displayName }: Settings): Way => ({ href: issuer, text: words.home(displayName) })

const messageOf = (
  settings: Settings,
  status: number,
  content: Content,
  parts: MessageParts,
): Effect.Effect<WireReply> =>
  Effect.flatMap(CorrelationId, (requestId) => {
    const { title = words.title, way = wayHome(settings) } = parts
    return page(settings, {
      status,
      title,
      content: html`${content}
<p><a href="${way.href}">${way.text}</a></p>
${way.note === undefined ? "" : html`<p class="quiet">${way.note}</p>`}
${requestId === undefined ? "" : html`<p class="quiet">${words.request} <code>${requestId}</code></p>`}`,
    })
  })

export const messagePage = (
  settings: Settings,
  status: number,
  sentence: string,
  parts: MessageParts = {},
): Effect.Effect<WireReply> => messageOf(settings, status, html`<p role="alert">${sentence}</p>`, parts)

/** By another name than the issuer's nobody is served; who followed a link may follow it where it should have led. */
export const elsewherePage = (settings: Settings, { method, path, query }: WireRequest): Effect.Effect<WireReply> => {
  const there = new URL(settings.issuer).origin + path + (query === "" ? "" : `?${query}`)
  const parts = method === "GET" ? { way: { href: there, text: words.there } } : {}
  return messagePage(settings, 421, strings.notAtHome(settings.issuer), parts)
}

/** The protocol's own words come last: they are for whoever makes the client. */
const clientFault = (description: string): Content => html`<p role="alert">${words.clientFault}</p>
<p class="quiet">${words.detail} ${description}</p>`

/**
 * For what the client got wrong, with a link or a button that leads there, if one does; the visitor is told where to, and
 * may go there.
 */
export const clientFaultPage = (
  settings: Settings,
  description: string,
  back: string | PostedForm | undefined,
): Effect.Effect<WireReply> => {
  const fault = clientFault(description)
  if (typeof back === "object") {
    const note = strings.post.button(destinationOf(back.action))
    const content = html`${fault}
${postForm(back, words.back)}
<p class="quiet">${note}</p>`
    return messageOf(settings, 400, content, {})
  }
  const way = back && { href: back, text: words.back, note: words.leadsTo(destinationOf(back)) }
  return messageOf(settings, 400, fault, way ? { way } : {})
}

/** The page for what an endpoint failed with; why the store is not to be had goes to the operator. */
export const failurePage = (settings: Settings, failure: Failure): Effect.Effect<WireReply> =>
  failure._tag === "OAuthError"
    ? clientFaultPage(settings, failure.description, undefined)
    : Effect.flatMap(OperatorNotice, (tell) => {
        const isLimited = failure._tag === "RateLimited"
        if (!isLimited) tell(failure.message, failure.cause)
        return Effect.map(messagePage(settings, isLimited ? 429 : 503, strings.unavailable), (reply) => ({
          ...reply,
          headers: { ...reply.headers, "retry-after": String(Math.ceil(failure.retryAfterSeconds)) },
        }))
      })
