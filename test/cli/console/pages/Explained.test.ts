/** An answer on the console: how a thing stands, what it is of, what led to that, what lives of it, what to type. */
import { raw } from "hono/html"
import { describe, expect, it } from "vitest"
import type { GrantLineage, LineageStatus } from "../../../../src/audit/console/GrantLineage.ts"
import { alive, commands, events, standingCard } from "../../../../src/cli/console/pages/Explained.ts"
import { causeOf, DIGEST, known, knownClient, living, relativeOf, theft } from "../../audit/Sample.ts"
import { addresses, markup } from "./Markup.ts"

const view = { addresses, at: undefined }
const past = { addresses, at: "7" }

/** A tree of one member. */
const treeOf = (digest: string, status: LineageStatus): GrantLineage => ({
  grantId: "any",
  status,
  standing: living,
  generations: [
    {
      generation: 0,
      members: [{ kind: "refresh token", digest, position: 0, status, standing: living }],
      unnamedCount: 0,
    },
  ],
  unnamed: { generationCount: 0, after: 2 },
})

describe("the card of how it stands", () => {
  it("tells the theft first, whatever it died of, then the rule and what else is so, and where its owners are", async () => {
    expect(await markup(standingCard(known(), treeOf(DIGEST, "stolen"), past)))
      .toBe(`<section class="card standing stolen" aria-label="stolen">
<p><span class="fate stolen">stolen</span> <span class="quiet">dead since 2030-01-01 00:05:00 UTC</span></p>
<p class="alarm"><strong>Theft:</strong> two parties presented it, since 2030-01-01 00:06:00 UTC <span class="small">(reused)</span></p>
<p class="said">it ended by rotated.</p>
<p class="small quiet">rule rotated · RULE-1, RULE-2</p>
<p class="small quiet">Also: it ended by expired, since 2030-01-01 00:05:00 UTC (expired)</p>
<dl class="facts">
<dt>SHA-256</dt><dd><code>0123456789abcdefghijklmnopqrstuvwxyzABCDEFG</code></dd>
<dt>Grant</dt><dd><a href="/auth/console?about=0000000000000000000001&amp;at=7"><code>0000000000000000000001</code></a></dd>
<dt>Client</dt><dd><a href="/auth/console?about=desk&amp;at=7"><code>desk (&quot;Desk &lt;app&gt;&quot;)</code></a></dd>
<dt>Subject</dt><dd><a href="/auth/console?about=sub_1&amp;at=7"><code>sub_1</code></a></dd>
</dl>
</section>`)
  })

  it("tells a theft once where it is what it died of, and leads to what is now", async () => {
    const standing = { ...known().standing, cause: theft, others: [causeOf("rotated")] }
    expect(await markup(standingCard(known({ standing }), treeOf("another", "stolen"), view)))
      .toBe(`<section class="card standing dead" aria-label="dead">
<p><span class="fate dead">dead</span> <span class="quiet">since 2030-01-01 00:06:00 UTC</span></p>
<p class="alarm"><strong>Theft:</strong> two parties presented it, since 2030-01-01 00:06:00 UTC <span class="small">(reused)</span></p>
<p class="small quiet">rule reused · RULE-1, RULE-2</p>
<p class="small quiet">Also: it ended by rotated, since 2030-01-01 00:05:00 UTC (rotated)</p>
<dl class="facts">
<dt>SHA-256</dt><dd><code>0123456789abcdefghijklmnopqrstuvwxyzABCDEFG</code></dd>
<dt>Grant</dt><dd><a href="/auth/console?about=0000000000000000000001"><code>0000000000000000000001</code></a></dd>
<dt>Client</dt><dd><a href="/auth/console?about=desk"><code>desk (&quot;Desk &lt;app&gt;&quot;)</code></a></dd>
<dt>Subject</dt><dd><a href="/auth/console?about=sub_1"><code>sub_1</code></a></dd>
</dl>
</section>`)
  })

  it("of a grant has the status of its tree, and leads to no grant", async () => {
    const grant = known({ kind: "grant", id: "a grant", standing: living, subjectId: null })
    expect(await markup(standingCard(grant, treeOf(DIGEST, "spent"), view)))
      .toBe(`<section class="card standing spent" aria-label="spent">
<p><span class="fate spent">spent</span> <span class="quiet">live until 2030-01-01 01:30:00 UTC</span></p>
<dl class="facts">
<dt>Id</dt><dd><code>a grant</code></dd>
<dt>Client</dt><dd><a href="/auth/console?about=desk"><code>desk (&quot;Desk &lt;app&gt;&quot;)</code></a></dd>
</dl>
</section>`)
  })

  it("of a grant without a tree says how it stands all the same", async () => {
    const text = await markup(standingCard(known({ kind: "grant" }), undefined, view))
    expect(text).toContain(`<section class="card standing dead" aria-label="dead">`)
  })

  it("of a client has its name and leads nowhere; what never expires has no end", async () => {
    const standing = { ...living, until: null }
    expect(await markup(standingCard(knownClient({ standing, subjectId: null }), undefined, view)))
      .toBe(`<section class="card standing live" aria-label="live">
<p><span class="fate live">live</span> <span class="quiet"></span></p>
<dl class="facts">
<dt>Id</dt><dd><code>desk (&quot;Desk &lt;app&gt;&quot;)</code></dd>
</dl>
</section>`)
  })

  it("of a subject that is suspended says so", async () => {
    const standing = { ...living, status: "suspended", cause: causeOf("disabled") } as const
    const subject = knownClient({ kind: "subject", id: "sub_1", subjectId: "sub_1", clientId: null, standing })
    expect(await markup(standingCard(subject, undefined, view)))
      .toBe(`<section class="card standing suspended" aria-label="suspended">
<p><span class="fate suspended">suspended</span> <span class="quiet">since 2030-01-01 00:05:00 UTC</span></p>
<p class="said">it ended by disabled.</p>
<p class="small quiet">rule disabled · RULE-1, RULE-2</p>
<dl class="facts">
<dt>Id</dt><dd><code>sub_1</code></dd>
</dl>
</section>`)
  })
})

describe("events", () => {
  const parts = { id: "led", heading: "What led to that" }

  it("are told one by one with time and actor, under a note if there is one", async () => {
    expect(await markup(events(parts, known().ancestry, "A note.")))
      .toBe(`<section class="card fold" aria-labelledby="led">
<details>
<summary><h2 id="led">What led to that</h2></summary>
<div class="folded"><p class="small quiet">A note.</p><ol class="told"><li>
<p>event 2 happened</p>
<p class="small quiet">#2 · <time datetime="2030-01-01T00:02:00.000Z">2030-01-01 00:02:00 UTC</time> · by desk (&quot;Desk &lt;app&gt;&quot;)</p>
</li><li>
<p>event 3 happened</p>
<p class="small quiet">#3 · <time datetime="2030-01-01T00:03:00.000Z">2030-01-01 00:03:00 UTC</time> · by nobody named</p>
</li></ol></div>
</details>
</section>`)
    expect(await markup(events(parts, known().chain))).toBe(`<section class="card fold" aria-labelledby="led">
<details>
<summary><h2 id="led">What led to that</h2></summary>
<div class="folded"><ol class="told"><li>
<p>event 6 happened</p>
<p class="small quiet">#6 · <time datetime="2030-01-01T00:06:00.000Z">2030-01-01 00:06:00 UTC</time> · by desk (&quot;Desk &lt;app&gt;&quot;)</p>
</li></ol></div>
</details>
</section>`)
  })

  it("that are none are not there", () => {
    expect(events(parts, [], "A note.")).toBe("")
  })
})

describe("what is alive", () => {
  it("of a token is what came of it and what else its grant has", async () => {
    expect(await markup(alive(known(), past))).toBe(`<section class="card fold" aria-labelledby="alive">
<details>
<summary><h2 id="alive">Still alive: 2</h2></summary>
<div class="folded"><h3>Alive because of it: 1</h3>
<ul class="told"><li><a href="/auth/console?about=7dddddddddddddddddddddddddddddddddddddddddd&amp;at=7">access token <code>7ddddddddddd…</code></a> <span class="fate live">live</span> <span class="small quiet">#7 · until 2030-01-01 01:00:00 UTC</span></li></ul>
<h3>Alive beside it: 1</h3>
<ul class="told"><li><a href="/auth/console?about=8dddddddddddddddddddddddddddddddddddddddddd&amp;at=7">refresh token <code>8ddddddddddd…</code></a> <span class="fate live">live</span> <span class="small quiet">#8 · until 2030-01-01 01:00:00 UTC</span></li></ul></div>
</details>
</section>`)
  })

  it("of a grant is what came of it alone, and of what has nothing nothing", async () => {
    const grant = known({
      kind: "grant",
      descendants: [relativeOf("code", 1), relativeOf("access token", 2)],
      siblings: [],
    })
    expect(await markup(alive(grant, view))).toBe(`<section class="card fold" aria-labelledby="alive">
<details>
<summary><h2 id="alive">Still alive: 2</h2></summary>
<div class="folded"><h3>Alive because of it: 2</h3>
<ul class="told"><li><a href="/auth/console?about=1dddddddddddddddddddddddddddddddddddddddddd">code <code>1ddddddddddd…</code></a> <span class="fate live">live</span> <span class="small quiet">#1 · until 2030-01-01 01:00:00 UTC</span></li><li><a href="/auth/console?about=2dddddddddddddddddddddddddddddddddddddddddd">access token <code>2ddddddddddd…</code></a> <span class="fate live">live</span> <span class="small quiet">#2 · until 2030-01-01 01:00:00 UTC</span></li></ul>
</div>
</details>
</section>`)
    expect(await markup(alive(known({ descendants: [], siblings: [] }), view)))
      .toBe(`<section class="card fold" aria-labelledby="alive">
<details>
<summary><h2 id="alive">Still alive: 0</h2></summary>
<div class="folded"><p class="quiet">Nothing of this grant.</p></div>
</details>
</section>`)
  })

  it("of a client is its grants with their subjects, of a subject with their clients", async () => {
    expect(await markup(alive(knownClient(), past))).toBe(`<section class="card fold" aria-labelledby="alive">
<details open>
<summary><h2 id="alive">Grants with something alive: 2</h2></summary>
<div class="folded">
<ul class="told"><li><a href="/auth/console?about=grant-0&amp;at=7"><code>grant-0</code></a> <span class="small quiet"><time datetime="2030-01-01T00:00:00.000Z">2030-01-01 00:00:00 UTC</time> · sub_1 · 1 alive</span></li><li><a href="/auth/console?about=grant-1&amp;at=7"><code>grant-1</code></a> <span class="small quiet"><time datetime="2030-01-01T00:01:00.000Z">2030-01-01 00:01:00 UTC</time> · - · 2 alive</span></li></ul></div>
</details>
</section>`)
    expect(await markup(alive(knownClient({ kind: "subject", hasMoreGrants: true }), view)))
      .toBe(`<section class="card fold" aria-labelledby="alive">
<details open>
<summary><h2 id="alive">Grants with something alive: 2 or more</h2></summary>
<div class="folded">
<ul class="told"><li><a href="/auth/console?about=grant-0"><code>grant-0</code></a> <span class="small quiet"><time datetime="2030-01-01T00:00:00.000Z">2030-01-01 00:00:00 UTC</time> · desk (&quot;Desk &lt;app&gt;&quot;) · 1 alive</span></li><li><a href="/auth/console?about=grant-1"><code>grant-1</code></a> <span class="small quiet"><time datetime="2030-01-01T00:01:00.000Z">2030-01-01 00:01:00 UTC</time> · desk (&quot;Desk &lt;app&gt;&quot;) · 2 alive</span></li></ul></div>
</details>
</section>`)
    expect(await markup(alive(knownClient({ grants: [] }), view)))
      .toBe(`<section class="card fold" aria-labelledby="alive">
<details open>
<summary><h2 id="alive">Grants with something alive: 0</h2></summary>
<div class="folded"><p class="quiet">None.</p>
<ul class="told"></ul></div>
</details>
</section>`)
  })
})

describe("commands", () => {
  const parts = { id: "next", heading: "What to do next" }
  const list = [
    { command: "grantlog one", purpose: "the first" },
    { command: "grantlog \u001b two", purpose: "the second" },
  ]

  it("can be copied, each with what it is for, and what may be taken along behind them", async () => {
    expect(await markup(commands(parts, list))).toBe(`<section class="card fold" aria-labelledby="next">
<details>
<summary><h2 id="next">What to do next</h2></summary>
<div class="folded"><ul class="commands"><li><code>grantlog one</code><span class="small quiet">the first</span></li><li><code>grantlog ? two</code><span class="small quiet">the second</span></li></ul>
</div>
</details>
</section>`)
    expect(await markup(commands(parts, [], raw("besides")))).toBe(`<section class="card fold" aria-labelledby="next">
<details>
<summary><h2 id="next">What to do next</h2></summary>
<div class="folded"><ul class="commands"></ul>
besides</div>
</details>
</section>`)
  })

  it("that are none are not there", () => {
    expect(commands(parts, [])).toBe("")
  })
})
