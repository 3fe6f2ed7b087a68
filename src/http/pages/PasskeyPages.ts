/**
 * The pages of passkeys: the one after the password, the one that adds one on the way, and those of the account.
 *
 * What takes a passkey away names it, and is asked for once more. The name is the person's own word for it.
 */
import { html } from "hono/html"
import type * as Effect from "effect/Effect"
import type { Passkey, Settings } from "../../provider/index.ts"
import type { WireReply } from "../../provider/features/Wire.ts"
import { FIELD } from "../Forms.ts"
import { paths, pathOf } from "../Metadata.ts"
import type { Content } from "./Document.ts"
import { atMinute, onDay } from "./Moment.ts"
import { page } from "./Page.ts"
import { passkeyForm, passkeyPolicy, type PasskeyFormView } from "./PasskeyForm.ts"
import { strings } from "./Strings.ts"

const words = strings.passkey

/** Why what was tried did not work, and with which status. */
export interface PasskeyFaultView {
  readonly status: number
  readonly sentence: string
  readonly retryAfterSeconds?: number
}

const framed = (settings: Settings, title: string, fault: PasskeyFaultView | undefined, content: Content) =>
  page(settings, {
    status: fault?.status ?? 200,
    title,
    ...(fault === undefined ? {} : { windowTitle: strings.faultTitle(title) }),
    ...(fault?.retryAfterSeconds === undefined ? {} : { headers: { "retry-after": String(fault.retryAfterSeconds) } }),
    policy: passkeyPolicy,
    content: html`${fault === undefined ? "" : html`<p role="alert">${fault.sentence}</p>`}
${content}`,
  })

/** Whose password was right is asked for their passkey. */
export const passkeyStepPage = (
  settings: Settings,
  view: PasskeyFormView,
  fault?: PasskeyFaultView,
): Effect.Effect<WireReply> =>
  framed(
    settings,
    words.stepTitle,
    fault,
    html`<p>${words.step}</p>
${passkeyForm(view, {
  action: pathOf(settings.issuer) + paths.passkey,
  ceremony: "get",
  button: words.use,
  otherwise: words.cannot,
})}
<p class="quiet">${words.lost}</p>`,
  )

const nameField = (name: string): Content => html`<div class="field">
<label for="passkey-name">${words.name}</label>
<input id="passkey-name" name="name" value="${name}" maxlength="64" autocomplete="off" required>
</div>`

/** Whose password was right, and who has no passkey, adds one. */
export const newPasskeyPage = (
  settings: Settings,
  view: PasskeyFormView & { readonly name: string; readonly because: string },
  fault?: PasskeyFaultView,
): Effect.Effect<WireReply> =>
  framed(
    settings,
    words.addTitle,
    fault,
    html`<p>${view.because}</p>
<p>${words.what}</p>
${passkeyForm(view, {
  action: pathOf(settings.issuer) + paths.newPasskey,
  ceremony: "create",
  button: words.add,
  content: nameField(view.name),
  otherwise: words.cannot,
})}`,
  )

const itemOf = (passkey: Passkey): Content => html`<dl>
<dt>${words.added}</dt><dd>${onDay(passkey.createdAt)}</dd>
<dt>${words.used}</dt><dd>${passkey.usedAt === null ? words.notUsedYet : atMinute(passkey.usedAt)}</dd>
<dt>${words.kept}</dt><dd>${passkey.isSynced ? words.isSynced : words.isBound}</dd>
</dl>
${passkey.wentBackAt === null ? "" : html`<p class="warning">${words.wentBack} ${atMinute(passkey.wentBackAt)}</p>`}`

/** The part of the account page about passkeys, which leads to where they are changed. */
export const passkeySection = (settings: Settings, passkeys: ReadonlyArray<Passkey>): Content =>
  html`<section aria-labelledby="passkeys">
<h2 id="passkeys">${words.title}</h2>
${
  passkeys.length === 0
    ? html`<p class="quiet">${words.none}</p>`
    : html`<ul>${passkeys.map((passkey) => html`<li class="app"><h3><bdi>${passkey.name}</bdi></h3>${itemOf(passkey)}</li>`)}</ul>`
}
<p><a class="button" href="${pathOf(settings.issuer)}${paths.passkeys}">${passkeys.length === 0 ? words.addOne : words.change}</a></p>
</section>`

export interface PasskeysView extends PasskeyFormView {
  readonly passkeys: ReadonlyArray<Passkey>
  /** What the next one is called unless the person says otherwise. */
  readonly name: string
}

/** Where somebody who has just proved who they are adds and removes passkeys. */
export const passkeysPage = (
  settings: Settings,
  { passkeys, name, ...view }: PasskeysView,
  fault?: PasskeyFaultView,
): Effect.Effect<WireReply> => {
  const address = pathOf(settings.issuer) + paths.passkeys
  return framed(
    settings,
    words.title,
    fault,
    html`<p>${words.what}</p>
${passkeyForm(view, {
  action: address,
  ceremony: "create",
  button: words.add,
  content: html`<input type="hidden" name="action" value="add">
${nameField(name)}`,
  otherwise: words.cannot,
})}
${
  passkeys.length === 0
    ? ""
    : html`<section aria-labelledby="own">
<h2 id="own">${words.own}</h2>
<ul>${passkeys.map(
        (passkey) => html`<li class="app"><div class="row"><h3><bdi>${passkey.name}</bdi></h3>
<form method="post" action="${address}" class="bare">
<input type="hidden" name="${FIELD}" value="${view.form}">
<input type="hidden" name="passkey" value="${passkey.id}">
<button name="action" value="ask" aria-label="${words.removeOf(passkey.name)}">${words.remove}</button>
</form></div>
${itemOf(passkey)}</li>`,
      )}</ul>
</section>`
}
<p><a href="${pathOf(settings.issuer)}${paths.account}">${strings.message.account}</a></p>`,
  )
}

/** Asks before a passkey is removed. */
export const removePasskeyPage = (
  settings: Settings,
  { form, passkey, isLast }: { readonly form: string; readonly passkey: Passkey; readonly isLast: boolean },
): Effect.Effect<WireReply> => {
  const address = pathOf(settings.issuer) + paths.passkeys
  return page(settings, {
    status: 200,
    title: words.removeTitle,
    content: html`<p class="name"><bdi>${passkey.name}</bdi></p>
<p>${words.removeMeans}</p>
${isLast ? html`<p class="warning">${words.isLast}</p>` : ""}
<form method="post" action="${address}">
<input type="hidden" name="${FIELD}" value="${form}">
<input type="hidden" name="passkey" value="${passkey.id}">
<div class="answers">
<a class="button" href="${pathOf(settings.issuer)}${paths.account}">${words.keep}</a>
<button name="action" value="remove">${words.remove}</button>
</div>
</form>`,
  })
}
