/**
 * What is answered where no endpoint answers: a page for whoever looks with a browser, JSON for programs.
 *
 * A browser is who asks for HTML more than for JSON. Endpoints answer in the form of their protocol whoever asks.
 */
import * as Effect from "effect/Effect"
import type { Settings } from "../provider/index.ts"
import { wishesOf } from "./Accept.ts"
import { messagePage } from "./pages/MessagePage.ts"
import type { WireReply, WireRequest } from "../provider/features/Wire.ts"

const wantsPage = (request: WireRequest): boolean => {
  const wishFor = wishesOf(request)
  return wishFor("text/html") > wishFor("application/json")
}

/** `reply` for programs; for people a page of the same status that says so in a sentence of theirs. */
export const refusalOf = (
  settings: Settings,
  request: WireRequest,
  reply: WireReply,
  sentence: string,
  title?: string,
): Effect.Effect<WireReply> => {
  const shown = wantsPage(request)
    ? messagePage(settings, reply.status, sentence, title === undefined ? {} : { title })
    : Effect.succeed(reply)
  const { allow } = reply.headers
  return Effect.map(shown, (one) => ({
    ...one,
    headers: { ...one.headers, ...(allow === undefined ? {} : { allow }), vary: "accept" },
  }))
}
