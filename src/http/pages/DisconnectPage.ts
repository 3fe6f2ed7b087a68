/**
 * The page that asks once more before an app is disconnected, or all of them.
 *
 * It names what is about to lose its access, does nothing by being looked at, and leads back without doing anything.
 */
import { html } from "hono/html"
import type * as Effect from "effect/Effect"
import type { RegisteredClient } from "../../core/index.ts"
import type { Settings } from "../../provider/index.ts"
import { FIELD } from "../Forms.ts"
import { paths, pathOf } from "../Metadata.ts"
import type { WireReply } from "../../provider/features/Wire.ts"
import { appName } from "./AppName.ts"
import { page } from "./Page.ts"
import { permissions, type DetailView } from "./Permissions.ts"
import { strings } from "./Strings.ts"

export interface DisconnectView {
  readonly form: string
  /** What is to be disconnected; everything where it is absent. */
  readonly app?: {
    readonly grantId: string
    readonly client: RegisteredClient
    readonly scopes: ReadonlyArray<string>
    readonly details?: ReadonlyArray<DetailView>
  }
}

export const disconnectPage = (settings: Settings, { form, app }: DisconnectView): Effect.Effect<WireReply> => {
  const words = strings.account
  const address = pathOf(settings.issuer) + paths.account
  const [title, action, label, keep] =
    app === undefined
      ? [words.revokeAllTitle, "revoke-all", words.revokeAll, words.keepAll]
      : [words.revokeTitle, "revoke", words.revoke, words.keep]
  return page(settings, {
    status: 200,
    title,
    content: html`${
      app === undefined
        ? html`<p>${words.revokeAllMeans}</p>`
        : html`<p class="name">${appName(app.client)}</p>
<p>${words.revokeMeans}</p>
<section>
<h2>${words.may}</h2>
${permissions(settings, app.scopes, app.details)}
</section>
<dl><div><dt>${strings.consent.clientId}</dt><dd><code>${app.client.clientId}</code></dd></div></dl>`
    }
<form method="post" action="${address}">
<input type="hidden" name="${FIELD}" value="${form}">
${app === undefined ? "" : html`<input type="hidden" name="grant" value="${app.grantId}">`}
<div class="answers">
<a class="button" href="${address}">${keep}</a>
<button name="action" value="${action}">${label}</button>
</div>
</form>`,
  })
}
