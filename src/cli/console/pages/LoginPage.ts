/** The page that asks for the console's password. */
import { html } from "hono/html"
import type * as Effect from "effect/Effect"
import type { WireReply } from "../../../http/index.ts"
import { paths } from "../Addresses.ts"
import { strings } from "../Strings.ts"
import { page, type Frame } from "./Page.ts"

export interface LoginFault {
  readonly status: number
  readonly sentence: string
  readonly retryAfterSeconds?: number
}

/** `to` is where to go on, a path of the console with its query. */
export const loginPage = (frame: Frame, to: string, fault?: LoginFault): Effect.Effect<WireReply> => {
  const words = strings.login
  return page(frame, {
    status: fault?.status ?? 403,
    title: words.title,
    ...(fault?.retryAfterSeconds === undefined ? {} : { headers: { "retry-after": String(fault.retryAfterSeconds) } }),
    content: html`<div class="card narrow">
<h1>${words.title}</h1>
<p class="quiet">${words.what}</p>
${fault === undefined ? "" : html`<p role="alert" id="fault">${fault.sentence}</p>`}
<form method="post" action="${frame.addresses.prefix}${paths.login}">
<input type="hidden" name="to" value="${to}">
<div class="field">
<label for="password">${words.password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus${fault === undefined ? "" : html` aria-describedby="fault"${fault.retryAfterSeconds === undefined ? html` aria-invalid="true"` : ""}`}>
</div>
<button class="solid">${words.submit}</button>
</form>
</div>`,
  })
}
