/** The page of the server itself, for whoever opens the issuer in a browser. */
import { html } from "hono/html"
import type * as Effect from "effect/Effect"
import type { Settings } from "../../provider/index.ts"
import type { WireReply } from "../../provider/features/Wire.ts"
import { page } from "./Page.ts"
import { strings } from "./Strings.ts"

export interface HomeView {
  readonly metadata: string
  /** Where people find what is theirs, and sign in on the way; absent where that is somebody else's affair. */
  readonly account?: string
  readonly isSignedIn: boolean
}

export const homePage = (settings: Settings, view: HomeView): Effect.Effect<WireReply> => {
  const { metadata, account, isSignedIn } = view
  const words = strings.home
  const way = isSignedIn
    ? html`<p><a href="${account}">${words.account}</a></p>`
    : html`<p><a class="button" href="${account}">${words.signIn}</a></p>
<p class="quiet">${words.signInFor}</p>`
  return page(settings, {
    status: 200,
    title: words.title,
    content: html`<p>${words.whatItIs}</p>
${account === undefined ? "" : way}
<dl>
<div><dt>${words.issuer}</dt><dd><code>${settings.issuer}</code></dd></div>
<div><dt>${words.metadata}</dt><dd><a href="${metadata}">${metadata}</a></dd></div>
</dl>`,
  })
}
