/** The page of the server itself, for whoever opens the issuer in a browser. */
import { html } from "hono/html"
import type { Effect } from "effect"
import type { Settings } from "../../provider/index.ts"
import type { WireReply } from "../Wire.ts"
import { page } from "./Page.ts"
import { strings } from "./Strings.ts"

export interface HomeView {
  readonly metadata: string
  /** Where people find what is theirs; absent where that is somebody else's affair. */
  readonly account?: string
}

export const homePage = (settings: Settings, { metadata, account }: HomeView): Effect.Effect<WireReply> =>
  page(settings, {
    status: 200,
    title: strings.home.title,
    content: html`<p>${strings.home.whatItIs}</p>
${account === undefined ? "" : html`<p><a href="${account}">${strings.home.account}</a></p>`}
<dl>
<div><dt>${strings.home.issuer}</dt><dd><code>${settings.issuer}</code></dd></div>
<div><dt>${strings.home.metadata}</dt><dd><a href="${metadata}">${metadata}</a></dd></div>
</dl>`,
  })
