/**
 * A report as one page of HTML in a file: no script, no network, readable in light and dark, by eye and by ear.
 *
 * What is reported comes from elsewhere: `html` escapes it, and the page's own policy forbids the rest.
 */
import { html } from "hono/html"
import { documentFile, styleOf, type Content, type Style } from "../http/pages/Document.ts"

const css = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1a1a1a;--dim:#555;--line:#ccc;--good:#0a5d1e;--bad:#a30d11;--limited:#0b4f79;--doubtful:#6b4a00;--soft:#f4f4f4}
@media(prefers-color-scheme:dark){:root{--bg:#121212;--fg:#eee;--dim:#b5b5b5;--line:#444;--good:#7fdc96;--bad:#ff9c99;--limited:#8cc8f2;--doubtful:#f0c674;--soft:#1e1e1e}}
body{background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
code{overflow-wrap:anywhere}
.dim{color:var(--dim)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .8rem}
dt{color:var(--dim)}dd{margin:0}
`.trim()

/** The style of every report, and what one kind of them adds. */
export const reportStyle = (added: string): Style => styleOf(`${css}\n${added.trim()}`)

export const reportPage = (title: string, style: Style, content: Content): Promise<string> =>
  documentFile({
    language: "en",
    title,
    style,
    body: html`<main>
<h1>${title}</h1>
${content}
</main>`,
  })
