/**
 * The page that posts an answer to the client by itself (OAuth 2.0 Form Post Response Mode 2).
 *
 * Its policy allows the one script that sends the form, by its hash, and nothing else that runs. Without scripts there is
 * a button. Nothing of the answer is in an address, and nothing of it is kept.
 */
import { hash } from "node:crypto"
import { html, raw } from "hono/html"
import type * as Effect from "effect/Effect"
import type { Settings } from "../../provider/index.ts"
import type { PostedForm } from "../../provider/features/Feature.ts"
import type { WireReply } from "../../provider/features/Wire.ts"
import { destinationOf } from "./ConsentPage.ts"
import type { Content } from "./Document.ts"
import { page } from "./Page.ts"
import { strings } from "./Strings.ts"

const SCRIPT = "document.forms[0].submit()"
const scriptSource = `'sha256-${hash("sha256", SCRIPT, "base64")}'`

const words = strings.post

/** The form, for a page that says what pressing its button does. */
export const postForm = (
  { action, fields }: PostedForm,
  button: string,
): Content => html`<form method="post" action="${action}">
${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button>${button}</button>
</form>`

//= FORMPOST-2-not-kept
export const postPage = (settings: Settings, form: PostedForm): Effect.Effect<WireReply> =>
  page(settings, {
    status: 200,
    title: words.title,
    content: html`<p>${words.leadsTo(destinationOf(form.action))}</p>
${postForm(form, words.go)}
<script>${raw(SCRIPT)}</script>`,
    policy: [`script-src ${scriptSource}`],
  })
