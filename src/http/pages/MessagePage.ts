/** A page with one sentence: what could not be done, and what to do. */
import { html } from "hono/html"
import { Effect } from "effect"
import type { Failure, Settings } from "../../provider/index.ts"
import { OperatorNotice } from "../Caller.ts"
import type { WireReply } from "../Wire.ts"
import { destinationOf } from "./ConsentPage.ts"
import { page, type Content } from "./Page.ts"
import { strings } from "./Strings.ts"

/** `back` is a link to the client, whose fault it is then; the visitor is told where it leads, and may follow it. */
export const messagePage = (
  settings: Settings,
  status: number,
  sentence: string,
  back?: string,
): Effect.Effect<WireReply> => {
  const words = strings.message
  return page(settings, {
    status,
    title: words.title,
    content:
      back === undefined
        ? html`<p role="alert">${sentence}</p>`
        : html`${clientFault(sentence)}
<p><a href="${back}">${words.back}</a></p>
<p class="quiet">${words.leadsTo(destinationOf(back))}</p>`,
  })
}

/** The protocol's own words come last: they are for whoever makes the client. */
const clientFault = (description: string): Content => html`<p role="alert">${strings.message.clientFault}</p>
<p class="quiet">${strings.message.detail} ${description}</p>`

/** The page for what an endpoint failed with; why the store is not to be had goes to the operator. */
export const failurePage = (settings: Settings, failure: Failure): Effect.Effect<WireReply> =>
  failure._tag === "OAuthError"
    ? page(settings, { status: 400, title: strings.message.title, content: clientFault(failure.description) })
    : Effect.flatMap(OperatorNotice, (tell) => {
        const isLimited = failure._tag === "RateLimited"
        if (!isLimited) tell(failure.message, failure.cause)
        return Effect.map(messagePage(settings, isLimited ? 429 : 503, strings.unavailable), (reply) => ({
          ...reply,
          headers: { ...reply.headers, "retry-after": String(Math.ceil(failure.retryAfterSeconds)) },
        }))
      })
