/**
 * Pages for people: plain, escaped, readable without style, script or network.
 *
 * They cannot be framed, are not kept, and tell no other site where the visitor came from. A window that somebody else
 * opened is out of its opener's hands once a page of ours is in it: nobody brings it to the front under a click.
 */
import { hash } from "node:crypto"
import { html, raw } from "hono/html"
import * as Effect from "effect/Effect"
import type { Settings } from "../../provider/index.ts"
import { noStore } from "../Reply.ts"
import type { WireReply } from "../../provider/features/Wire.ts"
import { strings } from "./Strings.ts"
import { style } from "./Style.ts"

/** Where the host's picture may come from; nowhere when there is none. */
const pictureSource = (logo: string): string => (logo.startsWith("data:") ? "data:" : new URL(logo).origin)

const styleSource = `style-src 'sha256-${hash("sha256", style, "base64")}'`

/** No `form-action`: browsers hold the redirect to the client against it, too. */
const policyOf = ({ logo }: Settings): string =>
  [
    "default-src 'none'",
    styleSource,
    ...(logo === undefined ? [] : [`img-src ${pictureSource(logo)}`]),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ")

//= OAUTH21-7.11-clickjacking
const headers = {
  "content-type": "text/html; charset=utf-8",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  ...noStore,
}

/** Made by `html`, which escapes what is put into it. */
export type Content = ReturnType<typeof html>

export interface PageParts {
  readonly status: number
  /** The page's one first-order heading, and what the window is called. */
  readonly title: string
  /** What the window is called where that says more than the heading. */
  readonly windowTitle?: string
  readonly content: Content
  /** For lists rather than one question. */
  readonly isWide?: boolean
  readonly headers?: WireReply["headers"]
}

export const page = (settings: Settings, parts: PageParts): Effect.Effect<WireReply> => {
  const { displayName, logo } = settings
  const { status, title, windowTitle = title, content, isWide = false, headers: own } = parts
  return Effect.promise(async () => ({
    status,
    headers: { ...headers, "content-security-policy": policyOf(settings), ...own },
    body: String(
      await html`<!doctype html>
<html lang="${strings.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${windowTitle} · ${displayName}</title>
<style>${raw(style)}</style>
</head>
<body${isWide ? raw(' class="wide"') : ""}>
<header>${logo === undefined ? "" : html`<img src="${logo}" alt="">`}<span>${displayName}</span></header>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>`,
    ),
  }))
}
