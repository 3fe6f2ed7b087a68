/**
 * A part of a page that is folded up where there is little room, and open where there is enough.
 *
 * It is the browser's own way to fold, so that no script is needed; the stylesheet shows what is inside on a wide screen,
 * whether it was opened or not. What is asked for most is open on every screen.
 */
import { html, raw } from "hono/html"
import type { Content } from "../../../http/pages/Document.ts"

export interface FoldParts {
  /** What its heading is called within the page. */
  readonly id: string
  readonly heading: string
  readonly isOpen?: boolean
}

export const fold = ({ id, heading, isOpen = false }: FoldParts, content: Content): Content =>
  html`<section class="card fold" aria-labelledby="${id}">
<details${isOpen ? raw(" open") : ""}>
<summary><h2 id="${id}">${heading}</h2></summary>
<div class="folded">${content}</div>
</details>
</section>`
