/**
 * The HTML document that every page of ours is: those of the server, those of the console, and reports in a file.
 *
 * A page loads nothing but what its policy names. One that is sent cannot be framed, is not kept, and tells no other
 * site where the visitor came from; and a window that somebody else opened is out of its opener's hands once a page of
 * ours is in it, so that nobody brings it to the front under a click. One in a file carries its policy itself.
 */
import { hash } from "node:crypto"
import * as Effect from "effect/Effect"
import { html, raw } from "hono/html"
import type { WireReply } from "../../provider/features/Wire.ts"
import { noStore } from "../Reply.ts"

/** A piece of a page, made by `html`, which escapes what is put into it. */
export type Content = ReturnType<typeof html>

/** A stylesheet, and the hash by which a policy allows it and no other. */
export interface Style {
  readonly css: string
  readonly source: string
}

export const styleOf = (css: string): Style => ({ css, source: `'sha256-${hash("sha256", css, "base64")}'` })

export interface DocumentParts {
  /** The language of the page (BCP 47). */
  readonly language: string
  /** What the window is called. */
  readonly title: string
  readonly style: Style
  /** Directives of the policy, for what the page needs besides its style. */
  readonly policy?: ReadonlyArray<string>
  /** What the head ends with. */
  readonly head?: Content
  readonly bodyClass?: string
  readonly body: Content
}

const policyOf = ({ style, policy = [] }: DocumentParts): ReadonlyArray<string> => [
  "default-src 'none'",
  `style-src ${style.source}`,
  ...policy,
  "base-uri 'none'",
]

const render = async (parts: DocumentParts, ownPolicy?: string): Promise<string> => {
  const { language, title, style, head, bodyClass, body } = parts
  const meta = html`
<meta http-equiv="Content-Security-Policy" content="${raw(ownPolicy ?? "")}">`
  return String(
    await html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">${ownPolicy === undefined ? "" : meta}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(style.css)}</style>${
      head === undefined
        ? ""
        : html`
${head}`
    }
</head>
<body${bodyClass === undefined ? "" : html` class="${bodyClass}"`}>
${body}
</body>
</html>`,
  )
}

/** For everything that is sent to a browser and is not for other sites. */
export const safeHeaders = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  ...noStore,
} as const

/** A page that is sent. */
export const sentDocument = (
  status: number,
  parts: DocumentParts,
  headers: WireReply["headers"] = {},
): Effect.Effect<WireReply> =>
  Effect.promise(async () => ({
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      ...safeHeaders,
      //= OAUTH21-7.11-clickjacking
      "content-security-policy": [...policyOf(parts), "frame-ancestors 'none'"].join("; "),
      ...headers,
    },
    body: await render(parts),
  }))

/** A page that is kept in a file, with its policy in it. */
export const documentFile = (parts: DocumentParts): Promise<string> => render(parts, policyOf(parts).join("; "))
