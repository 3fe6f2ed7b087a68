/** The frame of the console's pages, the page that asks for the password, the field to look for things, and the moment. */
import { Effect } from "effect"
import { raw } from "hono/html"
import { describe, expect, it } from "vitest"
import type { LogState } from "../../../../src/audit/console/LogState.ts"
import { asOf, type AsOfView } from "../../../../src/cli/console/pages/AsOf.ts"
import { loginPage, type LoginFault } from "../../../../src/cli/console/pages/LoginPage.ts"
import { page, type PageParts } from "../../../../src/cli/console/pages/Page.ts"
import { search } from "../../../../src/cli/console/pages/Search.ts"
import { statusIcon, statusLabel } from "../../../../src/cli/console/pages/Statuses.ts"
import { minute } from "../../audit/Sample.ts"
import { addresses, bodyOf, markup } from "./Markup.ts"

const frame = { issuer: "https://id.example/auth", addresses, canSignOut: true }

const pageOf = async (parts: Partial<PageParts>, given = frame) =>
  Effect.runPromise(page(given, { status: 200, title: "A title", content: raw("content"), ...parts }))

const state: LogState = {
  size: 1200,
  root: "A root",
  head: undefined,
  verification: "none",
  uncoveredCount: 1200,
}
const head = { size: 1199 } as NonNullable<LogState["head"]>

const headerOf = async (given: Partial<LogState>, canSignOut = true) =>
  bodyOf((await pageOf({ state: { ...state, ...given } }, { ...frame, canSignOut })).body, "header")

describe("a page", () => {
  it("for somebody who is not signed in tells nothing of the log", async () => {
    const { status, headers, body } = await pageOf({ status: 403, headers: { "retry-after": "5" } })
    expect([status, headers["retry-after"]]).toEqual([403, "5"])
    expect(headers["content-security-policy"]).toMatch(
      /; script-src https:\/\/id\.example\/auth\/console\/hash\.js; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    )
    expect(body).toContain(`<html lang="en">`)
    expect(body).toContain("<title>A title · grantlog console</title>")
    expect(body).toContain(`<script src="/auth/console/hash.js" defer></script>`)
    expect(body).toContain("details::details-content { content-visibility: visible }")
    expect(body).toContain(`<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path`)
    expect(await bodyOf(body)).toBe(`<a class="skip" href="#content">Skip to the content</a>
<header>
<div class="inner bar">
<a class="brand" href="/auth/console">grantlog console</a>
<span class="issuer small" title="https://id.example/auth">https://id.example/auth</span>
</div>
</header>
<main class="inner" id="content">
content
</main>`)
  })

  it("says how the log stands, and lets somebody sign out who has a session", async () => {
    expect(await headerOf({})).toBe(`<div class="inner bar">
<a class="brand" href="/auth/console">grantlog console</a>
<span class="issuer small" title="https://id.example/auth">https://id.example/auth</span>
<form method="post" action="/auth/console/logout"><button>Sign out</button></form>
</div>
<div class="inner state small"><details open>
<summary>1,200 entries <span class="fate chip suspended" title="no checkpoint says what the log was">unchecked</span></summary>
<dl class="folded" aria-label="The log">
<div><dt>Entries</dt><dd>1,200</dd></div>
<div><dt>Root</dt><dd><code>A root</code></dd></div>
<div><dt>Last checkpoint</dt><dd>none kept
<span class="fate chip suspended" title="no checkpoint says what the log was">unchecked</span>
<span class="quiet">no checkpoint says what the log was</span></dd></div>
</dl></details></div>`)
    const covered = { head, verification: "consistent", uncoveredCount: 1 } as const
    expect(await headerOf(covered, false)).toBe(`<div class="inner bar">
<a class="brand" href="/auth/console">grantlog console</a>
<span class="issuer small" title="https://id.example/auth">https://id.example/auth</span>
</div>
<div class="inner state small"><details>
<summary>1,200 entries <span class="fate chip live" title="the log&#39;s tree grew out of it">consistent</span></summary>
<dl class="folded" aria-label="The log">
<div><dt>Entries</dt><dd>1,200</dd></div>
<div><dt>Root</dt><dd><code>A root</code></dd></div>
<div><dt>Last checkpoint</dt><dd>of 1,199 entries
<span class="fate chip live" title="the log&#39;s tree grew out of it">consistent</span>
<span class="quiet">the log&#39;s tree grew out of it, 1 entry behind it</span></dd></div>
</dl></details><a href="/auth/console/export?from=0" download>Export</a></div>`)
  })

  it.each([
    ["unreadable", "stolen", "unreadable", "what was kept as the checkpoint is not signed by this log's key"],
    ["inconsistent", "stolen", "INCONSISTENT", "the log was cut, restored or rewritten: run grantlog verify"],
    ["consistent", "live", "consistent", "the log's tree grew out of it"],
    ["none", "suspended", "unchecked", "no checkpoint says what the log was"],
  ] as const)(
    "explains a log that is %s, without a press if it is not well",
    async (verification, status, word, meaning) => {
      const text = (await headerOf({ head, verification, uncoveredCount: 0 })).replaceAll("&#39;", "'")
      expect(text).toContain(`<details${status === "live" ? "" : " open"}>`)
      expect(text.split(`<span class="fate chip ${status}" title="${meaning}">${word}</span>`)).toHaveLength(3)
      expect(text).toContain(`<span class="quiet">${meaning}</span></dd>`)
    },
  )

  it("says so where the index has not come as far as the log", async () => {
    const told = async (parts: Partial<PageParts>) => bodyOf((await pageOf(parts)).body, "main")
    expect(await told({ state, indexedCount: 1199 })).toBe(
      `<p class="card quiet" role="status">The index of the log has taken in 1,199 of 1,200 entries so far: grants of a client or subject, and thefts, that came later may be missing here. Load the page again in a little while.</p>
content`,
    )
    expect(await told({ state: { ...state, size: 1 }, indexedCount: 0 })).toContain("has taken in 0 of 1 entry so far:")
    for (const parts of [{ state, indexedCount: 1200 }, { state }, { indexedCount: 0 }]) {
      expect(await told(parts)).toBe("content")
    }
  })
})

it("one is one, and two are several", async () => {
  const text = await headerOf({ size: 1, head: { ...head, size: 1 }, verification: "consistent", uncoveredCount: 2 })
  expect(text).toContain("<summary>1 entry ")
  expect(text).toContain("<dd>of 1 entry\n")
  expect(text).toContain(", 2 entries behind it</span>")
  const moment = { addresses, about: "desk", at: "0", earlier: undefined, later: undefined }
  expect(await markup(asOf({ ...moment, moment: { size: 1, at: minute(0) } }))).toContain(
    "when the log had 1 entry.</p>",
  )
})

describe("the page that asks for the password", () => {
  const asked = async (fault?: LoginFault) => {
    const { status, headers, body } = await Effect.runPromise(loginPage(frame, `/console?about="<a>"`, fault))
    expect(body).toContain("<title>Console · grantlog console</title>")
    return { status, wait: headers["retry-after"], main: await bodyOf(body, "main") }
  }

  it("has one field, and keeps where somebody was going", async () => {
    const { status, wait, main } = await asked()
    expect([status, wait]).toEqual([403, undefined])
    expect(main).toBe(`<div class="card narrow">
<h1>Console</h1>
<p class="quiet">Read-only: what the log knows of a token, a code, a grant, a client or a subject.</p>
<form method="post" action="/auth/console/login">
<input type="hidden" name="to" value="/console?about=&quot;&lt;a&gt;&quot;">
<div class="field">
<label for="password">Console password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
</div>
<button class="solid">Sign in</button>
</form>
</div>`)
  })

  it("says what was wrong with a password, beside the field", async () => {
    const { status, wait, main } = await asked({ status: 403, sentence: "That is wrong." })
    expect([status, wait]).toEqual([403, undefined])
    expect(main).toContain(`<p role="alert" id="fault">That is wrong.</p>`)
    expect(main).toContain(` required autofocus aria-describedby="fault" aria-invalid="true">`)
  })

  it("says how long to wait, and finds no fault with the password then", async () => {
    const { status, wait, main } = await asked({ status: 429, sentence: "Wait.", retryAfterSeconds: 20 })
    expect([status, wait]).toEqual([429, "20"])
    expect(main).toContain(` required autofocus aria-describedby="fault">`)
  })
})

describe("the field to look for things", () => {
  it("takes no token where there is no script, and has what was asked for", async () => {
    expect(await markup(search(addresses, `"<a>"`, true)))
      .toBe(`<search class="card"><form class="search" method="get" action="/auth/console">
<label for="about">Token, SHA-256, id or account name</label>
<div class="row">
<input id="about" name="about" value="&quot;&lt;a&gt;&quot;" pattern="(?!.*gl[arcs]_)(?!.*eyJ[\\w\\-]{8}).*" title="This looks like a token, which must not be sent. Give its SHA-256." maxlength="16384" autocomplete="off" autocapitalize="none" autocorrect="off" spellcheck="false" required aria-describedby="about-note" autofocus>
<button class="solid">Explain</button>
</div>
<div id="about-note" class="note quiet small">
<p id="scripted" hidden>A token is hashed in your browser, and never sent.</p>
<p id="unscripted">Without JavaScript only a SHA-256, an id or a name can be looked up, for a token must not be sent. Hash it where it is: <code>printf %s &quot;$TOKEN&quot; | openssl dgst -sha256</code></p>
</div>
</form></search>`)
    expect(String(await search(addresses, "a", false))).toContain(`aria-describedby="about-note">`)
  })

  it.each([
    ["an id or a name", true],
    ["x glr_abc", false],
    ["gls_abc", false],
    ["bearer eyJhbGciOi-J", false],
  ])("%j is taken: %s", async (text, isTaken) => {
    const [, pattern] = /pattern="([^"]*)"/.exec(String(await search(addresses, "", false)))!
    expect(new RegExp(`^(?:${pattern})$`, "v").test(text)).toBe(isTaken)
  })
})

describe("the moment of a page", () => {
  const now: AsOfView = {
    addresses,
    about: "desk",
    at: undefined,
    moment: { size: 9, at: minute(9) },
    earlier: 3,
    later: undefined,
  }

  it("is now unless it was asked for another one, and leads to the last event", async () => {
    expect(await markup(asOf(now))).toBe(`<section class="moment" aria-label="As of">
<p class="quiet">As of now, 2030-01-01 00:09:00 UTC.</p>
<details class="other">
<summary>Another moment</summary>
<div class="folded">
<form method="get" action="/auth/console">
<input type="hidden" name="about" value="desk">
<label for="at">As of</label>
<input id="at" name="at" value="" placeholder="12, 90m, 2026-11-20 09:00" aria-describedby="at-hint" autocomplete="off" spellcheck="false">
<button>Go</button>
</form>
<p class="links"><a class="button" href="/auth/console?about=desk&amp;at=3">Last event (#3)</a></p>
<p id="at-hint" class="hint">a position, a time in UTC, or 90m, 24h, 7d ago</p>
</div>
</details>
</section>`)
  })

  it("that is past leads to the events beside it, and back to now", async () => {
    expect(await markup(asOf({ ...now, at: `9" `, later: 12 }))).toBe(`<section class="moment" aria-label="As of">
<p class="past">As of 2030-01-01 00:09:00 UTC, when the log had 9 entries.</p>
<details class="other" open>
<summary>Another moment</summary>
<div class="folded">
<form method="get" action="/auth/console">
<input type="hidden" name="about" value="desk">
<label for="at">As of</label>
<input id="at" name="at" value="9&quot; " placeholder="12, 90m, 2026-11-20 09:00" aria-describedby="at-hint" autocomplete="off" spellcheck="false">
<button>Go</button>
</form>
<p class="links"><a class="button" href="/auth/console?about=desk&amp;at=3">Event before (#3)</a><a class="button" href="/auth/console?about=desk&amp;at=12">Event after (#12)</a><a class="button" href="/auth/console?about=desk">Now</a></p>
<p id="at-hint" class="hint">a position, a time in UTC, or 90m, 24h, 7d ago</p>
</div>
</details>
</section>`)
    expect(await markup(asOf({ ...now, at: "9", earlier: undefined }))).toContain(
      `<p class="links"><a class="button" href="/auth/console?about=desk">Now</a></p>`,
    )
  })
})

it("each status has a word and a shape of its own", async () => {
  const statuses = ["live", "suspended", "spent", "dead", "stolen"] as const
  const shapes = await Promise.all(statuses.map((status) => String(statusIcon(status))))
  expect(new Set(shapes).size).toBe(statuses.length)
  for (const [index, status] of statuses.entries()) {
    expect(shapes[index]).toMatch(/^<svg viewBox="0 0 16 16" aria-hidden="true"><(circle|path) .*\/><\/svg>$/)
    expect(String(await statusLabel(status))).toBe(`<span class="fate ${status}">${shapes[index]}${status}</span>`)
  }
})
