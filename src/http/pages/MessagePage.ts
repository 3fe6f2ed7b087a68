/** A page with one sentence: what could not be done, and what to do. */
import { html } from "hono/html"
import { Effect } from "effect"
import type { Failure, Settings } from "../../provider/index.ts"
import { OperatorNotice } from "../Caller.ts"
import type { WireReply } from "../Wire.ts"
import { destinationOf } from "./ConsentPage.ts"
import { page } from "./Page.ts"
import { strings } from "./Strings.ts"

/** `back` is a link that the visitor may follow, and is told where it leads. */
export const messagePage = (
  settings: Settings,
  status: number,
  sentence: string,
  back?: string,
): Effect.Effect<WireReply> =>
  page(settings, {
    status,
    title: strings.message.title,
    content: html`<p role="alert">${sentence}</p>
${
  back === undefined
    ? ""
    : html`<p><a href="${back}">${strings.message.back}</a></p>
<p class="quiet">${strings.message.leadsTo(destinationOf(back))}</p>`
}`,
  })

/** The page for what an endpoint failed with; why the store is not to be had goes to the operator. */
export const failurePage = (settings: Settings, failure: Failure): Effect.Effect<WireReply> =>
  failure._tag === "OAuthError"
    ? messagePage(settings, 400, failure.description)
    : Effect.flatMap(OperatorNotice, (tell) => {
        tell(failure.message, failure.cause)
        return Effect.map(messagePage(settings, 503, strings.unavailable), (reply) => ({
          ...reply,
          headers: { ...reply.headers, "retry-after": String(Math.ceil(failure.retryAfterSeconds)) },
        }))
      })
