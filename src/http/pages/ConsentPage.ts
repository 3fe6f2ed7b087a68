/**
 * The page that asks for consent: who wants what, and where the answer goes.
 *
 * What a client says about itself is shown as that: its name in quotes, its id beside it, no picture or link of its own.
 */
import { html } from "hono/html"
import type { Effect } from "effect"
import type { RegisteredClient } from "../../core/index.ts"
import type { Settings } from "../../provider/index.ts"
import { FIELD } from "../Forms.ts"
import { paths, pathOf } from "../Metadata.ts"
import type { WireReply } from "../Wire.ts"
import { page } from "./Page.ts"
import { strings } from "./Strings.ts"

export interface ConsentView {
  readonly form: string
  /** The name of the account that is signed in. */
  readonly account: string
  readonly client: RegisteredClient
  readonly redirectUri: string
  readonly scopes: ReadonlyArray<string>
  readonly resources: ReadonlyArray<string>
  /** Whether somebody else can sign in instead. */
  readonly canSwitch: boolean
}

/** Where the answer goes, in words: this computer, an app, or a site by its host. */
//= MCP-AUTHZ-as-show-redirect-host
export const destinationOf = (redirectUri: string): string => {
  const { protocol, hostname, host } = new URL(redirectUri)
  if (protocol === "http:") return strings.consent.toThisComputer(host)
  return protocol === "https:" ? strings.consent.toSite(hostname) : strings.consent.toApp(protocol)
}

export const consentPage = (settings: Settings, view: ConsentView): Effect.Effect<WireReply> => {
  const { form, account, client, redirectUri, scopes, resources, canSwitch } = view
  const name = client.metadata.client_name ?? client.clientId
  const describe = (scope: string) => settings.scopeDescriptions[scope]
  return page(settings, {
    status: 200,
    title: strings.consent.title,
    content: html`<p><strong>${name}</strong> ${strings.consent.asks} <strong>${account}</strong></p>
<ul>${scopes.map((scope) => html`<li>${describe(scope) ?? scope}${describe(scope) === undefined ? "" : html` <code>${scope}</code>`}</li>`)}</ul>
<dl>
<dt>${strings.consent.clientId}</dt><dd><code>${client.clientId}</code></dd>
<dt>${strings.consent.answerGoes}</dt><dd>${destinationOf(redirectUri)}</dd>
${resources.map((resource) => html`<dt>${strings.consent.resource}</dt><dd><code>${resource}</code></dd>`)}
</dl>
<form method="post" action="${pathOf(settings.issuer)}${paths.consent}">
<input type="hidden" name="${FIELD}" value="${form}">
<button name="decision" value="allow">${strings.consent.allow}</button>
<button name="decision" value="deny">${strings.consent.deny}</button>
${canSwitch ? html`<button name="decision" value="switch">${strings.consent.switchAccount}</button>` : ""}
</form>`,
  })
}
