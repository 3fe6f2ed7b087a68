/** The moment that a page is of, and the way to others: it is in the address, so that a page can be sent to somebody. */
import { html, raw } from "hono/html"
import type { Moment } from "../../../audit/index.ts"
import { paths, type Addresses } from "../Addresses.ts"
import { strings } from "../Strings.ts"
import { shownTime } from "./Statuses.ts"
import type { Content } from "../../../http/pages/Document.ts"

export interface AsOfView {
  readonly addresses: Addresses
  readonly about: string
  readonly at: string | undefined
  readonly moment: Moment
  /** Positions of the events before and after. */
  readonly earlier: number | undefined
  readonly later: number | undefined
}

const words = strings.asOf

export const asOf = ({ addresses, about, at, moment, earlier, later }: AsOfView): Content => {
  const step = (position: number | undefined, text: string) =>
    position === undefined
      ? ""
      : html`<a class="button" href="${addresses.about(about, String(position))}">${text} (#${position})</a>`
  const said = at === undefined ? words.isNow(shownTime(moment.at)) : words.isPast(shownTime(moment.at), moment.size)
  return html`<section class="moment" aria-label="${words.label}">
<p class="${at === undefined ? "quiet" : "past"}">${said}</p>
<details class="other"${at === undefined ? "" : raw(" open")}>
<summary>${words.other}</summary>
<div class="folded">
<form method="get" action="${addresses.prefix}${paths.home}">
<input type="hidden" name="about" value="${about}">
<label for="at">${words.label}</label>
<input id="at" name="at" value="${at ?? ""}" placeholder="${words.example}" aria-describedby="at-hint" autocomplete="off" spellcheck="false">
<button>${words.submit}</button>
</form>
<p class="links">${step(earlier, at === undefined ? words.last : words.earlier)}${step(later, words.later)}${at === undefined ? "" : html`<a class="button" href="${addresses.about(about)}">${words.now}</a>`}</p>
<p id="at-hint" class="hint">${words.hint}</p>
</div>
</details>
</section>`
}
