/** The page of somebody's own: connected apps, sessions, password. */
import { html } from "hono/html"
import type { Effect } from "effect"
import type { Connection, Session, Settings } from "../../provider/index.ts"
import { FIELD } from "../Forms.ts"
import type { SignedIn } from "../login/Login.ts"
import { paths, pathOf } from "../Metadata.ts"
import type { WireReply } from "../Wire.ts"
import { page, type Content } from "./Page.ts"
import { strings } from "./Strings.ts"

export interface AccountView {
  readonly form: string
  readonly signedIn: SignedIn
  readonly apps: ReadonlyArray<Connection>
  readonly sessions: ReadonlyArray<Session>
  readonly canSignOut: boolean
  readonly notice?: { readonly status: number; readonly sentence: string }
}

/** In UTC: the server does not know where the visitor is. */
const time = (millis: number): Content => {
  const iso = new Date(millis).toISOString()
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace("T", " ")} UTC</time>`
}

export const accountPage = (settings: Settings, view: AccountView): Effect.Effect<WireReply> => {
  const { form, signedIn, apps, sessions, canSignOut, notice } = view
  const action = `${pathOf(settings.issuer)}${paths.account}`
  const button = (name: string, label: string, fields: Readonly<Record<string, string>> = {}) =>
    html`<form method="post" action="${action}">
<input type="hidden" name="${FIELD}" value="${form}">
${Object.entries(fields).map(([field, value]) => html`<input type="hidden" name="${field}" value="${value}">`)}
<button name="action" value="${name}">${label}</button>
</form>`
  return page(settings, {
    status: notice?.status ?? 200,
    title: strings.account.title,
    content: html`${notice === undefined ? "" : html`<p role="status">${notice.sentence}</p>`}
<p>${strings.account.signedInAs} <strong>${signedIn.name}</strong></p>
<h2>${strings.account.apps}</h2>
${apps.length === 0 ? html`<p>${strings.account.noApps}</p>` : ""}
<ul>${apps.map(
      ({ grant, client }) => html`<li>
<h3>${client.metadata.client_name ?? client.clientId}</h3>
<p>${grant.scopes.join(", ")}</p>
<dl>
<dt>${strings.account.since}</dt><dd>${time(grant.openedAt)}</dd>
<dt>${strings.account.until}</dt><dd>${time(grant.expiresAt)}</dd>
<dt>${strings.account.renewed}</dt><dd>${time(grant.refresh?.current.issuedAt ?? grant.openedAt)}</dd>
</dl>
${button("revoke", strings.account.revoke, { grant: grant.grantId })}
</li>`,
    )}</ul>
${apps.length > 1 ? button("revoke-all", strings.account.revokeAll) : ""}
${
  canSignOut
    ? html`<h2>${strings.account.sessions}</h2>
<ul>${sessions.map(
        (session) =>
          html`<li>${time(session.authenticatedAt)}${
            session.digest === signedIn.session
              ? html` (${strings.account.thisBrowser})`
              : button("end-session", strings.account.endSession, { session: session.digest })
          }</li>`,
      )}</ul>
${button("sign-out", strings.account.signOut)}
${button("end-sessions", strings.account.signOutEverywhere)}
<h2>${strings.account.password}</h2>
<form method="post" action="${action}">
<input type="hidden" name="${FIELD}" value="${form}">
<label for="password">${strings.account.presentPassword}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<label for="new-password">${strings.account.newPassword}</label>
<input id="new-password" name="new-password" type="password" autocomplete="new-password" minlength="8" required>
<label for="repeat-password">${strings.account.repeatPassword}</label>
<input id="repeat-password" name="repeat-password" type="password" autocomplete="new-password" minlength="8" required>
<button name="action" value="password">${strings.account.changePassword}</button>
</form>`
    : ""
}`,
  })
}
