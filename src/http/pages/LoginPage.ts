/** The page that asks for a name and a password, or a passkey where there are any. */
import { html } from "hono/html"
import type * as Effect from "effect/Effect"
import type { Settings } from "../../provider/index.ts"
import { FIELD } from "../Forms.ts"
import { paths, pathOf } from "../Metadata.ts"
import type { WireReply } from "../../provider/features/Wire.ts"
import type { Content } from "./Document.ts"
import { page } from "./Page.ts"
import { passkeyForm, passkeyPolicy, type PasskeyFormView } from "./PasskeyForm.ts"
import { strings } from "./Strings.ts"

export interface LoginView {
  /** The encrypted value of the hidden field. */
  readonly form: string
  /** The name that is filled in already; may be empty. */
  readonly name: string
  /** What the app calls itself that sent the browser here. */
  readonly app?: string
  /** Why somebody who is signed in is asked again. */
  readonly because?: string
  /** What is asked of a browser that has a passkey; absent where there are none here. */
  readonly passkey?: PasskeyFormView
  readonly fault?: { readonly status: number; readonly sentence: string; readonly retryAfterSeconds?: number }
}

export const loginPage = (
  settings: Settings,
  { form, name, app, because, passkey, fault }: LoginView,
): Effect.Effect<WireReply> => {
  const { title, submit, sentBy, sent } = strings.login
  const described = fault === undefined ? "" : html` aria-describedby="fault"`
  // Who has to wait may have typed everything right.
  const doubted =
    fault === undefined || fault.retryAfterSeconds !== undefined ? described : html`${described} aria-invalid="true"`
  const [focusName, focusPassword] = name === "" ? [html` autofocus`, ""] : ["", html` autofocus`]
  return page(settings, {
    status: fault?.status ?? 200,
    title,
    ...(fault === undefined ? {} : { windowTitle: strings.faultTitle(title) }),
    ...(fault?.retryAfterSeconds === undefined ? {} : { headers: { "retry-after": String(fault.retryAfterSeconds) } }),
    ...(passkey === undefined ? {} : { policy: passkeyPolicy }),
    content: html`${fault === undefined ? "" : html`<p role="alert" id="fault">${fault.sentence}</p>`}
${app === undefined ? "" : html`<p>${sentBy} <strong><bdi>${app}</bdi></strong> ${sent}</p>`}
${because === undefined ? "" : html`<p>${because}</p>`}
<form method="post" action="${pathOf(settings.issuer)}${paths.login}">
<input type="hidden" name="${FIELD}" value="${form}">
<div class="field">
<label for="name">${strings.login.name}</label>
<input id="name" name="name" value="${name}" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" required${doubted}${focusName}>
</div>
<div class="field">
<label for="password">${strings.login.password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${doubted}${focusPassword}>
</div>
<button class="solid">${submit}</button>
</form>${passkey === undefined ? "" : passkeyPart(settings, passkey)}`,
  })
}

const passkeyPart = (settings: Settings, passkey: PasskeyFormView): Content => html`
${passkeyForm(passkey, {
  action: pathOf(settings.issuer) + paths.passkey,
  ceremony: "get",
  button: strings.passkey.signIn,
  content: html`<p class="quiet">${strings.passkey.or}</p>`,
})}`
