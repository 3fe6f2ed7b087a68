/**
 * The pages for connecting a device: where its code is entered, the question, and what came of the answer.
 *
 * The danger is a code that somebody else sent: their device would get in. So the question says that in words of its own,
 * shows the code to compare with the device's, and when and from which address it was asked for. What the device calls
 * itself is not shown, for whoever sent the code would have chosen it.
 */
import { html } from "hono/html"
import type * as Effect from "effect/Effect"
import type { RegisteredClient } from "../../core/index.ts"
import { shownUserCode, USER_CODE_CHARACTERS } from "../../protocol/index.ts"
import type { Settings, WaitingDevice } from "../../provider/index.ts"
import type { WireReply } from "../../provider/features/Wire.ts"
import { FIELD } from "../Forms.ts"
import { paths, pathOf } from "../Metadata.ts"
import { appName } from "./AppName.ts"
import { atMinute } from "./Moment.ts"
import { page } from "./Page.ts"
import { permissions } from "./Permissions.ts"
import { strings } from "./Strings.ts"

const words = strings.device

export interface DeviceEntryView {
  /** The path of the page. */
  readonly address: string
  /** What was entered before. */
  readonly typed?: string
  readonly fault?: { readonly status: number; readonly sentence: string; readonly retryAfterSeconds?: number }
}

/** Room for a dash and some spaces. */
const MAX_TYPED_CHARACTERS = USER_CODE_CHARACTERS * 2

/** A form that is sent by GET, so that a login in between leads back to what was entered. */
export const deviceEntryPage = (
  settings: Settings,
  { address, typed = "", fault }: DeviceEntryView,
): Effect.Effect<WireReply> => {
  const isDoubted = fault !== undefined && fault.retryAfterSeconds === undefined
  const described =
    fault === undefined ? html` aria-describedby="only-yours"` : html` aria-describedby="fault only-yours"`
  return page(settings, {
    status: fault?.status ?? 200,
    title: words.title,
    ...(fault === undefined ? {} : { windowTitle: strings.faultTitle(words.title) }),
    ...(fault?.retryAfterSeconds === undefined ? {} : { headers: { "retry-after": String(fault.retryAfterSeconds) } }),
    content: html`${fault === undefined ? "" : html`<p role="alert" id="fault">${fault.sentence}</p>`}
<p>${words.enter}</p>
<p id="only-yours">${words.onlyYours}</p>
<form method="get" action="${address}">
<div class="field">
<label for="user_code">${words.code}</label>
<input id="user_code" name="user_code" value="${typed.slice(0, MAX_TYPED_CHARACTERS)}" maxlength="${MAX_TYPED_CHARACTERS}" autocomplete="off" autocapitalize="characters" autocorrect="off" spellcheck="false" required${described}${isDoubted ? html` aria-invalid="true"` : ""} autofocus>
</div>
<button class="solid">${words.submit}</button>
</form>`,
  })
}

export interface DeviceQuestionView {
  readonly address: string
  readonly form: string
  /** The name of the account that is signed in. */
  readonly account: string
  readonly client: RegisteredClient
  readonly scopes: ReadonlyArray<string>
  readonly resources: ReadonlyArray<string>
  readonly waiting: WaitingDevice
  /** Whether the device asked from where this browser is. */
  readonly isSameAddress: boolean
  /** Whether somebody else can sign in instead. */
  readonly canSwitch: boolean
  /** Why the page is shown again. */
  readonly fault?: string
}

//= RFC8628-5.4-remote-phishing
//= RFC8628-3.3.1-code-is-shown
//= RFC10027-mitigations-context-shown
//= RFC10027-mitigations-easy-to-decline
export const deviceQuestionPage = (settings: Settings, view: DeviceQuestionView): Effect.Effect<WireReply> => {
  const { address, form, account, client, scopes, resources, waiting, isSameAddress, canSwitch, fault } = view
  const { consent } = strings
  const from = waiting.address
  return page(settings, {
    status: fault === undefined ? 200 : 400,
    title: words.question,
    ...(fault === undefined ? {} : { windowTitle: strings.faultTitle(words.question) }),
    content: html`${fault === undefined ? "" : html`<p role="alert">${fault}</p>`}
<p>${consent.callsItself}</p>
<p class="name">${appName(client)}</p>
<p>${client.origin === "operator" ? words.registeredByOperator : words.unchecked}</p>
<p>${words.compare}</p>
<p class="name"><code>${shownUserCode(waiting.userCode)}</code></p>
<p class="warning">${words.warning}</p>
<section>
<h2>${consent.wants}</h2>
${permissions(settings, scopes)}
<p>${words.lasts}</p>
</section>
<dl>
<div><dt>${words.asked}</dt><dd>${atMinute(waiting.requestedAt)}</dd></div>
${from === null ? "" : html`<div><dt>${words.askedFrom}</dt><dd>${isSameAddress ? words.sameAddress(from) : words.otherAddress(from)}</dd></div>`}
${resources.map((resource) => html`<div><dt>${consent.resource}</dt><dd><code>${resource}</code></dd></div>`)}
<div><dt>${consent.clientId}</dt><dd><code>${client.clientId}</code></dd></div>
</dl>
<form method="post" action="${address}">
<input type="hidden" name="${FIELD}" value="${form}">
<div class="row">
<p>${consent.signedInAs} <strong><bdi>${account}</bdi></strong></p>
${canSwitch ? html`<button class="plain" name="decision" value="switch">${consent.switchAccount}</button>` : ""}
</div>
<div class="answers">
<button name="decision" value="deny">${consent.deny}</button>
<button name="decision" value="allow">${consent.allow}</button>
</div>
</form>`,
  })
}

/** What came of the answer; nothing leads to the device, which finds out by itself. */
export const deviceDonePage = (
  settings: Settings,
  outcome: "allowed" | "denied",
  app: string,
): Effect.Effect<WireReply> =>
  page(settings, {
    status: 200,
    title: outcome === "allowed" ? words.allowedTitle : words.deniedTitle,
    content: html`<p role="status">${words[outcome](app)}</p>
<p><a href="${pathOf(settings.issuer)}${paths.account}">${strings.message.account}</a></p>`,
  })
