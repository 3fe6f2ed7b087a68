/** The field in which anything is looked for. Without the script it takes an id or a hash, and refuses a token itself. */
import { html } from "hono/html"
import { paths, type Addresses } from "../Addresses.ts"
import { strings } from "../Strings.ts"
import type { Content } from "../../../http/pages/Document.ts"

/** What has no form of a secret; the browser holds it against what is typed, also where no script runs. */
const NO_SECRET = String.raw`(?!.*gl[arcs]_)(?!.*eyJ[\w\-]{8}).*`

export const search = ({ prefix }: Addresses, about: string, isFirst: boolean): Content => {
  const words = strings.search
  return html`<search class="card"><form class="search" method="get" action="${prefix}${paths.home}">
<label for="about">${words.label}</label>
<div class="row">
<input id="about" name="about" value="${about}" pattern="${NO_SECRET}" title="${words.refusal}" maxlength="16384" autocomplete="off" autocapitalize="none" autocorrect="off" spellcheck="false" required aria-describedby="about-note"${isFirst ? html` autofocus` : ""}>
<button class="solid">${words.submit}</button>
</div>
<div id="about-note" class="note quiet small">
<p id="scripted" hidden>${words.withScript}</p>
<p id="unscripted">${words.withoutScript} <code>${words.hashCommand}</code></p>
</div>
</form></search>`
}
