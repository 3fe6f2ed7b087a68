/** The page of the server itself, for whoever opens the issuer in a browser. */
import { html } from "hono/html"
import type { Effect } from "effect"
import type { Settings } from "../../provider/index.ts"
import type { WireReply } from "../Wire.ts"
import { page } from "./Page.ts"
import { strings } from "./Strings.ts"

export const homePage = (settings: Settings, links: ReadonlyArray<string>): Effect.Effect<WireReply> =>
  page(settings, {
    status: 200,
    title: strings.home.title,
    content: html`<p>${strings.home.whatItIs}</p>
<dl>
<div><dt>${strings.home.issuer}</dt><dd><code>${settings.issuer}</code></dd></div>
<div><dt>${strings.home.metadata}</dt>${links.map((link) => html`<dd><a href="${link}">${link}</a></dd>`)}</div>
</dl>`,
  })
