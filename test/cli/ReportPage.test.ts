/** A report in a file is one page that loads nothing, whose style its own policy names, and in which nothing acts. */
import { html } from "hono/html"
import { expect, it } from "vitest"
import { reportPage, reportStyle } from "../../src/cli/ReportPage.ts"
import { styleOf } from "../../src/http/pages/Document.ts"

it("is a whole page under a title, with what is reported escaped", async () => {
  const style = styleOf("a{color:red}")
  expect(await reportPage("a <b>", style, html`<p>${"<script>"}</p>`)).toBe(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${style.source}; base-uri 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>a &lt;b&gt;</title>
<style>a{color:red}</style>
</head>
<body>
<main>
<h1>a &lt;b&gt;</h1>
<p>&lt;script&gt;</p>
</main>
</body>
</html>`)
})

it("has a style for light and dark, and behind it that of its kind, with no empty lines around them", () => {
  const { css, source } = reportStyle("\n\nb{color:blue}\n")
  expect(css).toMatch(
    /^:root\{color-scheme:light dark;.*\n@media\(prefers-color-scheme:dark\)\{:root\{[^]*\nb\{color:blue\}$/,
  )
  expect(css).not.toContain("\n\n")
  expect(css).not.toMatch(/url\(|@import/)
  expect(source).toBe(styleOf(css).source)
})
