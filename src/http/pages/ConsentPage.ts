/**
 * The page that asks for consent: who wants what, and where the answer goes.
 *
 * What a client says about itself is shown as that: a name on a plate of its own, with who registered it, its id
 * beside it, no picture or link. Both answers look alike, and neither is given by pressing anything too early.
 */
import { html } from "hono/html"
import type * as Effect from "effect/Effect"
import type { RegisteredClient } from "../../core/index.ts"
import { isLoopbackUri } from "../../protocol/index.ts"
import type { Settings } from "../../provider/index.ts"
import { FIELD } from "../Forms.ts"
import { paths, pathOf } from "../Metadata.ts"
import type { WireReply } from "../../provider/features/Wire.ts"
import { appName } from "./AppName.ts"
import { page } from "./Page.ts"
import { permissions, type DetailView } from "./Permissions.ts"
import { strings } from "./Strings.ts"

export interface ConsentView {
  readonly form: string
  /** The name of the account that is signed in. */
  readonly account: string
  readonly client: RegisteredClient
  readonly redirectUri: string
  readonly scopes: ReadonlyArray<string>
  readonly resources: ReadonlyArray<string>
  /** What is asked for besides scopes; nothing by default. */
  readonly details?: ReadonlyArray<DetailView>
  /** Whether somebody else can sign in instead. */
  readonly canSwitch: boolean
  /** Why the page is shown again. */
  readonly fault?: string
}

/** Where the answer goes, in words: this computer, an app, or a site by its host. */
//= MCP-AUTHZ-as-show-redirect-host
export const destinationOf = (redirectUri: string): string => {
  const { protocol, host } = new URL(redirectUri)
  if (protocol === "http:") return strings.consent.toThisComputer(host)
  return protocol === "https:" ? strings.consent.toSite(host) : strings.consent.toApp(protocol)
}

export const consentPage = (settings: Settings, view: ConsentView): Effect.Effect<WireReply> => {
  const { form, account, client, redirectUri, scopes, resources, details = [], canSwitch, fault } = view
  const words = strings.consent
  //= OAUTH21-7.9-consent-shows-client
  //= RFC7591-5-self-asserted
  //= CIMD-6.4-show-hostname
  const host = client.origin === "document" ? new URL(client.clientId).host : undefined
  const unchecked = host === undefined ? words.unchecked : words.described(host)
  const standing = client.origin === "operator" ? words.registeredByOperator : unchecked
  const isLoopbackOnly = host !== undefined && client.metadata.redirect_uris.every(isLoopbackUri)
  const warning = isLoopbackOnly ? html`\n<p>${words.loopbackOnly}</p>` : ""
  const source = host && html`\n<div><dt>${words.describedAt}</dt><dd><strong>${host}</strong></dd></div>`
  return page(settings, {
    status: fault === undefined ? 200 : 400,
    title: words.title,
    ...(fault === undefined ? {} : { windowTitle: strings.faultTitle(words.title) }),
    content: html`${fault === undefined ? "" : html`<p role="alert">${fault}</p>`}
<p>${words.callsItself}</p>
<p class="name">${appName(client)}</p>
<p>${standing}</p>${warning}
<section>
<h2>${words.wants}</h2>
${permissions(settings, scopes, details)}
</section>
<dl>
<div><dt>${words.answerGoes}</dt><dd>${destinationOf(redirectUri)}</dd></div>
${resources.map((resource) => html`<div><dt>${words.resource}</dt><dd><code>${resource}</code></dd></div>`)}${source}
<div><dt>${words.clientId}</dt><dd><code>${client.clientId}</code></dd></div>
</dl>
<form method="post" action="${pathOf(settings.issuer)}${paths.consent}">
<input type="hidden" name="${FIELD}" value="${form}">
<div class="row">
<p>${words.signedInAs} <strong><bdi>${account}</bdi></strong></p>
${canSwitch ? html`<button class="plain" name="decision" value="switch">${words.switchAccount}</button>` : ""}
</div>
<div class="answers">
<button name="decision" value="deny">${words.deny}</button>
<button name="decision" value="allow">${words.allow}</button>
</div>
</form>`,
  })
}
