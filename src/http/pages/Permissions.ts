/** What a client may do, in the operator's words, or in words made from the scope's name; the scope stands beside them. */
import { html } from "hono/html"
import type { Settings } from "../../provider/index.ts"
import type { Content } from "./Document.ts"
import { wordsOf } from "./ScopeWords.ts"
import { strings } from "./Strings.ts"

/** A scope is any text: `constructor` describes nothing. */
const descriptionOf = ({ scopeDescriptions }: Settings, scope: string): string | undefined =>
  Object.hasOwn(scopeDescriptions, scope) ? scopeDescriptions[scope] : undefined

/** Something that is asked for by its type, in words (RFC 9396). */
export interface DetailView {
  readonly type: string
  readonly words: string
}

export const permissions = (
  settings: Settings,
  scopes: ReadonlyArray<string>,
  details: ReadonlyArray<DetailView> = [],
): Content => {
  if (scopes.length === 0 && details.length === 0) return html`<p>${strings.scopes.none}</p>`
  const item = (scope: string) => {
    const words = descriptionOf(settings, scope) ?? wordsOf(scope) ?? strings.scopes.undescribed
    return html`<li>${words} <code>${scope}</code></li>`
  }
  const more = details.map(({ words, type }) => html`<li>${words} <code>${type}</code></li>`)
  return html`<ul class="can">${scopes.map(item)}${more}</ul>`
}
