/**
 * Pages for people: plain, escaped, readable without style, script or network.
 *
 * They cannot be framed, are not kept, and tell no other site where the visitor came from.
 */
import { hash } from "node:crypto"
import { html, raw } from "hono/html"
import { Effect } from "effect"
import type { Settings } from "../../provider/index.ts"
import { noStore } from "../Reply.ts"
import type { WireReply } from "../Wire.ts"

const style = [
  "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:38rem;margin:4rem auto;padding:0 1rem}",
  "code{overflow-wrap:anywhere}",
  "@media(prefers-color-scheme:dark){body{background:#111;color:#eee}a{color:#8bf}}",
].join("")

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${hash("sha256", style, "base64")}'`,
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ")

//= OAUTH21-7.11-clickjacking
const headers = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  ...noStore,
}

/** Made by `html`, which escapes what is put into it. */
export type Content = ReturnType<typeof html>

export interface PageParts {
  readonly status: number
  readonly title: string
  readonly content: Content
  readonly headers?: WireReply["headers"]
}

export const page = (
  settings: Settings,
  { status, title, content, headers: own }: PageParts,
): Effect.Effect<WireReply> =>
  Effect.promise(async () => ({
    status,
    headers: { ...headers, ...own },
    body: String(
      await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${settings.displayName}</title>
<style>${raw(style)}</style>
</head>
<body><main><h1>${title}</h1>${content}</main></body>
</html>`,
    ),
  }))
