/** What a client may do, in the operator's words; what has no description is shown as it is called on the wire. */
import { html } from "hono/html"
import type { Settings } from "../../provider/index.ts"
import type { Content } from "./Page.ts"
import { strings } from "./Strings.ts"

/** A scope is any text: `constructor` describes nothing. */
const descriptionOf = ({ scopeDescriptions }: Settings, scope: string): string | undefined =>
  Object.hasOwn(scopeDescriptions, scope) ? scopeDescriptions[scope] : undefined

export const permissions = (settings: Settings, scopes: ReadonlyArray<string>): Content => {
  if (scopes.length === 0) return html`<p>${strings.scopes.none}</p>`
  const item = (scope: string) => {
    const description = descriptionOf(settings, scope)
    return description === undefined
      ? html`<li>${strings.scopes.undescribed} <code>${scope}</code></li>`
      : html`<li>${description} <code>${scope}</code></li>`
  }
  return html`<ul class="can">${scopes.map(item)}</ul>`
}
