/**
 * The page of somebody's own: connected apps, sessions, passkeys, password.
 *
 * What takes something away names what it takes, to the ear as well: a button's own words are the same for every app.
 */
import { html } from "hono/html"
import type * as Effect from "effect/Effect"
import type { Connection, Passkey, Session, Settings } from "../../provider/index.ts"
import { isOnSharedHost } from "../Browser.ts"
import { FIELD } from "../Forms.ts"
import type { SignedIn } from "../login/Login.ts"
import { paths, pathOf } from "../Metadata.ts"
import type { WireReply } from "../../provider/features/Wire.ts"
import { appName, appNameOf } from "./AppName.ts"
import { atMinute, minuteOf, onDay } from "./Moment.ts"
import type { Content } from "./Document.ts"
import { page } from "./Page.ts"
import { passkeySection } from "./PasskeyPages.ts"
import { passwordSection } from "./PasswordSection.ts"
import { permissions, type DetailView } from "./Permissions.ts"
import { strings } from "./Strings.ts"

export interface AccountView {
  readonly form: string
  readonly signedIn: SignedIn
  /** A page of them, the newest first. */
  readonly apps: ReadonlyArray<Connection>
  /** What a grant allows besides scopes; nothing by default. */
  readonly details?: (grant: Connection["grant"]) => ReadonlyArray<DetailView>
  /** The grant behind which older ones go on; `undefined` where there are none. */
  readonly olderApps: string | undefined
  /** Whether the page begins with the newest. */
  readonly isAtNewest: boolean
  readonly sessions: ReadonlyArray<Session>
  readonly canSignOut: boolean
  /** Absent where there can be none. */
  readonly passkeys?: ReadonlyArray<Passkey>
  readonly notice?: Notice
}

/** What came of something that was done here. */
export interface Notice {
  readonly status: number
  readonly sentence: string
  /** Whether it belongs beside the fields for a new password. */
  readonly isOfPassword?: boolean
  /** When it can be tried again, if it was not looked at. */
  readonly retryAfterSeconds?: number
}

/** A form of one button. */
type ActButton = (
  name: string,
  label: string,
  more?: { readonly fields?: Readonly<Record<string, string>>; readonly spoken?: string },
) => Content

const appItem = (
  settings: Settings,
  { grant, client }: Connection,
  details: ReadonlyArray<DetailView>,
  button: ActButton,
): Content => {
  const words = strings.account
  const renewedAt = grant.refresh?.current.issuedAt ?? grant.openedAt
  return html`<li class="app">
<div class="row">
<h3>${appName(client)}</h3>
${button("disconnect", words.revoke, { fields: { grant: grant.grantId }, spoken: words.revokeOf(appNameOf(client)) })}
</div>
<p class="quiet">${words.may}</p>
${permissions(settings, grant.scopes, details)}
<dl>
${grant.resources.map((resource) => html`<dt>${strings.consent.resource}</dt><dd><code>${resource}</code></dd>`)}
<dt>${strings.consent.clientId}</dt><dd><code>${client.clientId}</code></dd>
<dt>${words.since}</dt><dd>${onDay(grant.openedAt)}</dd>
<dt>${words.renewed}</dt><dd>${renewedAt > grant.openedAt ? atMinute(renewedAt) : words.notRenewed}</dd>
<dt>${words.until}</dt><dd>${onDay(grant.expiresAt)}</dd>
</dl>
</li>`
}

const sessionItem = (session: Session, present: string, button: ActButton): Content => {
  const words = strings.account
  const since = atMinute(session.authenticatedAt)
  return session.digest === present
    ? html`<li class="row"><p>${words.signedInSince} ${since}</p><strong>${words.thisBrowser}</strong></li>`
    : html`<li class="row"><p>${words.signedInSince} ${since}</p>
${button("end-session", words.endSession, {
  fields: { session: session.digest },
  spoken: words.endSessionSince(minuteOf(session.authenticatedAt)),
})}</li>`
}

export const accountPage = (settings: Settings, view: AccountView): Effect.Effect<WireReply> => {
  const {
    form,
    signedIn,
    apps,
    details = () => [],
    olderApps,
    isAtNewest,
    sessions,
    canSignOut,
    passkeys,
    notice,
  } = view
  const words = strings.account
  const latestFirst = apps.toSorted((left, right) => right.grant.openedAt - left.grant.openedAt)
  const isFault = notice !== undefined && notice.status >= 400
  const [passwordFault, pageNotice] =
    isFault && notice.isOfPassword === true ? [notice.sentence, undefined] : [undefined, notice]
  const address = pathOf(settings.issuer) + paths.account
  const frame = (content: Content, className = "") =>
    html`<form method="post" action="${address}" class="${className}">
<input type="hidden" name="${FIELD}" value="${form}">
${content}
</form>`
  const button: ActButton = (name, label, { fields = {}, spoken } = {}) =>
    frame(
      html`${Object.entries(fields).map(([field, value]) => html`<input type="hidden" name="${field}" value="${value}">`)}
<button name="action" value="${name}"${spoken === undefined ? "" : html` aria-label="${spoken}"`}>${label}</button>`,
      "bare",
    )
  return page(settings, {
    status: notice?.status ?? 200,
    title: words.title,
    ...(isFault ? { windowTitle: strings.faultTitle(words.title) } : {}),
    ...(notice?.retryAfterSeconds === undefined
      ? {}
      : { headers: { "retry-after": String(notice.retryAfterSeconds) } }),
    isWide: true,
    content: html`${pageNotice === undefined ? "" : html`<p role="${isFault ? "alert" : "status"}">${pageNotice.sentence}</p>`}
<div class="row">
<p>${words.signedInAs} <strong><bdi>${signedIn.name}</bdi></strong></p>
${canSignOut ? button("sign-out", words.signOut) : ""}
</div>
<section aria-labelledby="apps">
<h2 id="apps">${words.apps}</h2>
${
  apps.length === 0
    ? html`<p class="quiet">${isAtNewest && olderApps === undefined ? words.noApps : words.noAppsHere}</p>`
    : html`<ul>${latestFirst.map((app) => appItem(settings, app, details(app.grant), button))}</ul>`
}
${isAtNewest ? "" : html`<p><a href="${address}">${words.newestApps}</a></p>`}
${olderApps === undefined ? "" : html`<p class="quiet">${words.olderLeftOut} <a href="${address}?before=${olderApps}">${words.olderApps}</a></p>`}
${apps.length > 1 || olderApps !== undefined || !isAtNewest ? button("disconnect-all", words.revokeAll) : ""}
</section>
${
  canSignOut
    ? html`<section aria-labelledby="sessions">
<h2 id="sessions">${words.sessions}</h2>
${isOnSharedHost(settings.issuer) ? html`<p class="quiet">${words.shared}</p>` : ""}
<ul>${sessions.map((session) => sessionItem(session, signedIn.session, button))}</ul>
${button("end-sessions", words.signOutEverywhere)}
</section>`
    : ""
}
${passkeys === undefined ? "" : passkeySection(settings, passkeys)}${signedIn.account === undefined ? "" : passwordSection(signedIn.account, frame, passwordFault)}`,
  })
}
