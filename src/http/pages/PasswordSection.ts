/** The part of the account page where the password is changed; folded up until it is asked for, or went wrong. */
import { html, raw } from "hono/html"
import { MIN_PASSWORD_CHARACTERS } from "../../provider/index.ts"
import type { Content } from "./Document.ts"
import { strings } from "./Strings.ts"

/** `frame` makes the form that is posted to the account page. */
export const passwordSection = (
  account: string,
  frame: (content: Content) => Content,
  fault: string | undefined,
): Content => {
  const words = strings.account
  const field = (id: string, label: string, autocomplete: string, attributes: string) => html`<div class="field">
<label for="${id}">${label}</label>
<input id="${id}" name="${id}" type="password" autocomplete="${autocomplete}" required${raw(attributes)}>
</div>`
  const isNew = ` minlength="${MIN_PASSWORD_CHARACTERS}"`
  return html`<section aria-labelledby="password-heading">
<h2 id="password-heading">${words.password}</h2>
<details${fault === undefined ? "" : raw(" open")}>
<summary>${words.changePassword}</summary>
${frame(html`${fault === undefined ? "" : html`<p role="alert" id="fault">${fault}</p>`}
<input hidden autocomplete="username" value="${account}" aria-label="${strings.login.name}" readonly>
${field("password", words.presentPassword, "current-password", fault === undefined ? "" : ' aria-describedby="fault" autofocus')}
${field("new-password", words.newPassword(MIN_PASSWORD_CHARACTERS), "new-password", isNew)}
${field("repeat-password", words.repeatPassword, "new-password", isNew)}
<button name="action" value="password">${words.savePassword}</button>`)}
</details>
</section>`
}
