/** A page of the server, for people: its name above, one heading, and what it is about. */
import type * as Effect from "effect/Effect"
import { html } from "hono/html"
import type { WireReply } from "../../provider/features/Wire.ts"
import type { Settings } from "../../provider/index.ts"
import { sentDocument, styleOf, type Content } from "./Document.ts"
import { strings } from "./Strings.ts"
import { style as css } from "./Style.ts"

const style = styleOf(css)

/** Where the host's picture may come from; nowhere when there is none. */
const pictureSource = (logo: string): string => (logo.startsWith("data:") ? "data:" : new URL(logo).origin)

export interface PageParts {
  readonly status: number
  /** The page's one first-order heading, and what the window is called. */
  readonly title: string
  /** What the window is called where that says more than the heading. */
  readonly windowTitle?: string
  readonly content: Content
  /** For lists rather than one question. */
  readonly isWide?: boolean
  /** Directives of its policy besides those that every page has. */
  readonly policy?: ReadonlyArray<string>
  readonly headers?: WireReply["headers"]
}

export const page = (settings: Settings, parts: PageParts): Effect.Effect<WireReply> => {
  const { displayName, logo } = settings
  const { status, title, windowTitle = title, content, isWide = false, policy = [], headers } = parts
  const document = {
    language: strings.language,
    title: `${windowTitle} · ${displayName}`,
    style,
    // No `form-action`: browsers hold the redirect to the client against it, too.
    policy: [...policy, ...(logo === undefined ? [] : [`img-src ${pictureSource(logo)}`])],
    ...(isWide ? { bodyClass: "wide" } : {}),
    body: html`<header>${logo === undefined ? "" : html`<img src="${logo}" alt="">`}<span>${displayName}</span></header>
<main>
<h1>${title}</h1>
${content}
</main>`,
  }
  return sentDocument(status, document, headers)
}
