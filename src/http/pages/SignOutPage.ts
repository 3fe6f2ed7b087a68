/** The page that asks whether somebody wants to sign out, whom an application sent here. It does nothing by being looked at. */
import { html } from "hono/html"
import type * as Effect from "effect/Effect"
import type { Settings } from "../../provider/index.ts"
import { FIELD } from "../Forms.ts"
import { paths, pathOf } from "../Metadata.ts"
import type { WireReply } from "../../provider/features/Wire.ts"
import { page } from "./Page.ts"
import { strings } from "./Strings.ts"

export interface SignOutView {
  readonly form: string
  /** Who is signed in. */
  readonly name: string
  /** Where the form goes. */
  readonly action: string
}

export const signOutPage = (settings: Settings, { form, name, action }: SignOutView): Effect.Effect<WireReply> =>
  page(settings, {
    status: 200,
    title: strings.signOut.title,
    content: html`<p>${strings.signOut.asks(name)}</p>
<form method="post" action="${action}">
<input type="hidden" name="${FIELD}" value="${form}">
<div class="answers">
<a class="button" href="${pathOf(settings.issuer) + paths.account}">${strings.signOut.stay}</a>
<button name="action" value="sign-out">${strings.signOut.leave}</button>
</div>
</form>`,
  })
