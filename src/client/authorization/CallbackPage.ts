/**
 * The page that the user's browser ends on: what happened, and that the window may be closed.
 *
 * It needs no network and runs no script, keeps the address it was called by to itself, and says nothing that a stranger
 * could have put into it unescaped.
 */
import { hash } from "node:crypto"

const style =
  "body{font:1.125rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}" +
  "h1{font-size:1.5rem;line-height:1.25}@media(prefers-color-scheme:dark){body{color:#eee;background:#1a1a1a}}"

export const pageHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${hash("sha256", style, "base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  connection: "close",
}

const page = async (title: string, sentence: string, role: "status" | "alert"): Promise<string> => {
  const { html, raw } = await import("hono/html")
  return String(
    await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p role="${role}">${sentence}</p>
</main>
</body>
</html>`,
  )
}

/** How a login ended, for the person who waits for it. */
export type Outcome = { readonly isLoggedIn: true } | { readonly isLoggedIn: false; readonly why: string }

export const outcomePage = (clientName: string, outcome: Outcome): Promise<string> =>
  outcome.isLoggedIn
    ? page("Logged in", `${clientName} has access now. You can close this window.`, "status")
    : page("Not logged in", `${clientName} did not get access: ${outcome.why}. You can close this window.`, "alert")
