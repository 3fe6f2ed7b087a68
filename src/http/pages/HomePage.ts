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
    title: settings.displayName,
    content: html`<p>${strings.home.whatItIs} <code>${settings.issuer}</code>.</p>
<ul>${links.map((link) => html`<li><a href="${link}">${link}</a></li>`)}</ul>`,
  })
