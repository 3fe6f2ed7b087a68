/** An explanation as a page: what is said of each kind of thing, whole. */
import { describe, expect, it } from "vitest"
import type { Explanation } from "../../../src/audit/index.ts"
import { explainHtml } from "../../../src/cli/audit/ExplainHtml.ts"
import { showTime } from "../../../src/cli/audit/Times.ts"
import { jwt, known, knownClient, lineOf, living, notOurs } from "./Sample.ts"

const show = showTime(false)

describe("a page", () => {
  const mainOf = async (one: Explanation) =>
    /<main>\n([^]*)\n<\/main>/.exec(await explainHtml(one, show))![1]!.replaceAll(/\n\n+/g, "\n")

  it("tells of a token all that is known, in the order in which it is asked", async () => {
    expect(await mainOf(known({ jwt }))).toBe(`<h1>grantlog: this refresh token</h1>
<p class="dim">As of 2030-01-01T00:09:00.000Z, 9 entries.</p>
<p>a JWT: it was signed by the key k?1 of this server; it says otherwise than the log of aud.</p>
<dl>
<dt>refresh token</dt><dd><code>0123456789abcdefghijklmnopqrstuvwxyzABCDEFG</code></dd>
<dt>grant</dt><dd>0000000000000000000001</dd>
<dt>client</dt><dd>desk (&quot;Desk &lt;app&gt;&quot;)</dd>
<dt>subject</dt><dd>sub_1</dd>
</dl>
<div class="standing dead">
<span class="word"><span aria-hidden="true">✕</span> dead</span>
<p>since 2030-01-01T00:05:00.000Z: it ended by rotated</p>
<p class="dim">rule rotated · RULE-1, RULE-2</p>
<p class="theft">Theft: two parties presented it, since 2030-01-01T00:06:00.000Z (reused)</p><p class="dim">also: it ended by expired, since 2030-01-01T00:05:00.000Z (expired)</p>
</div>
<h2>What led to that</h2><ol><li>
event 6 happened<br>
<span class="dim">#6 · <time datetime="2030-01-01T00:06:00.000Z">2030-01-01T00:06:00.000Z</time> · by desk (&quot;Desk &lt;app&gt;&quot;) · request request-6</span>
</li></ol>
<h2>Where it came from</h2><ol><li>
event 2 happened<br>
<span class="dim">#2 · <time datetime="2030-01-01T00:02:00.000Z">2030-01-01T00:02:00.000Z</time> · by desk (&quot;Desk &lt;app&gt;&quot;) · request request-2</span>
</li><li>
event 3 happened<br>
<span class="dim">#3 · <time datetime="2030-01-01T00:03:00.000Z">2030-01-01T00:03:00.000Z</time> · by nobody named · request request-3</span>
</li></ol>
<h2>Who presented it, and what happened to it</h2><ol><li>
event 5 happened<br>
<span class="dim">#5 · <time datetime="2030-01-01T00:05:00.000Z">2030-01-01T00:05:00.000Z</time> · by desk (&quot;Desk &lt;app&gt;&quot;) · request request-5</span>
</li><li>
event 6 happened<br>
<span class="dim">#6 · <time datetime="2030-01-01T00:06:00.000Z">2030-01-01T00:06:00.000Z</time> · by desk (&quot;Desk &lt;app&gt;&quot;) · request request-6</span>
</li></ol>
<h2>Alive because of it: 1</h2>
<ul><li><span class="alive"><span aria-hidden="true">●</span> access token</span>, generation 2, until 2030-01-01T01:00:00.000Z, issued as #7<br><code class="dim">7dddddddddddddddddddddddddddddddddddddddddd</code></li></ul>
<h2>Alive beside it: 1</h2>
<ul><li><span class="alive"><span aria-hidden="true">●</span> refresh token</span>, generation 2, until 2030-01-01T01:00:00.000Z, issued as #8<br><code class="dim">8dddddddddddddddddddddddddddddddddddddddddd</code></li></ul>
<h2>What to do next</h2><ul><li><code>grantlog history --grant 0000000000000000000001</code><br><span class="dim">everything that happened</span></li></ul>
<h2>How to prove it</h2><ul><li><code>grantlog prove 6</code><br><span class="dim">a proof</span></li></ul>`)
  })

  it("tells of a client its name and its grants, and of what lives until when", async () => {
    expect(await mainOf(knownClient())).toBe(`<h1>grantlog: this client</h1>
<p class="dim">As of 2030-01-01T00:09:00.000Z, 9 entries.</p>
<dl>
<dt>client</dt><dd><code>desk (&quot;Desk &lt;app&gt;&quot;)</code></dd>
</dl>
<div class="standing alive">
<span class="word"><span aria-hidden="true">●</span> alive</span>
<p>until 2030-01-01T01:30:00.000Z</p>
</div>
<h2>Where it came from</h2><ol><li>
event 2 happened<br>
<span class="dim">#2 · <time datetime="2030-01-01T00:02:00.000Z">2030-01-01T00:02:00.000Z</time> · by desk (&quot;Desk &lt;app&gt;&quot;) · request request-2</span>
</li><li>
event 3 happened<br>
<span class="dim">#3 · <time datetime="2030-01-01T00:03:00.000Z">2030-01-01T00:03:00.000Z</time> · by nobody named · request request-3</span>
</li></ol>
<h2>Grants with something alive: 2</h2>
<ul><li><code>grant-0</code>, client desk (&quot;Desk &lt;app&gt;&quot;), opened 2030-01-01T00:00:00.000Z, alive: 1</li><li><code>grant-1</code>, client desk (&quot;Desk &lt;app&gt;&quot;), opened 2030-01-01T00:01:00.000Z, alive: 2</li></ul>
<h2>What to do next</h2><ul><li><code>grantlog history --grant 0000000000000000000001</code><br><span class="dim">everything that happened</span></li></ul>
<h2>How to prove it</h2><ul><li><code>grantlog prove 6</code><br><span class="dim">a proof</span></li></ul>`)
  })

  it("says what is left out, and that there may be more", async () => {
    const told = known({
      kind: "subject",
      id: "sub_1",
      standing: { ...living, until: null, status: "suspended" },
      chain: [lineOf(6, { isRequestOriginSealed: true })],
      untold: { generations: 3, presentations: 4 },
      siblings: [],
      grants: knownClient().grants,
      hasMoreGrants: true,
      next: [],
      proof: [],
    })
    expect(await mainOf(told)).toBe(`<h1>grantlog: this subject</h1>
<p class="dim">As of 2030-01-01T00:09:00.000Z, 9 entries.</p>
<dl>
<dt>subject</dt><dd><code>sub_1</code></dd>
<dt>grant</dt><dd>0000000000000000000001</dd>
<dt>client</dt><dd>desk (&quot;Desk &lt;app&gt;&quot;)</dd>
</dl>
<div class="standing suspended">
<span class="word"><span aria-hidden="true">◐</span> suspended</span>
<p></p>
</div>
<h2>What led to that</h2><ol><li>
event 6 happened<br>
<span class="dim">#6 · <time datetime="2030-01-01T00:06:00.000Z">2030-01-01T00:06:00.000Z</time> · by desk (&quot;Desk &lt;app&gt;&quot;) · request request-6 · origin sealed</span>
</li></ol>
<h2>Where it came from</h2><p class="dim">3 generations between are left out: grantlog history has them.</p><ol><li>
event 2 happened<br>
<span class="dim">#2 · <time datetime="2030-01-01T00:02:00.000Z">2030-01-01T00:02:00.000Z</time> · by desk (&quot;Desk &lt;app&gt;&quot;) · request request-2</span>
</li><li>
event 3 happened<br>
<span class="dim">#3 · <time datetime="2030-01-01T00:03:00.000Z">2030-01-01T00:03:00.000Z</time> · by nobody named · request request-3</span>
</li></ol>
<h2>Who presented it, and what happened to it</h2><p class="dim">4 older events are left out: grantlog history has them.</p><ol><li>
event 5 happened<br>
<span class="dim">#5 · <time datetime="2030-01-01T00:05:00.000Z">2030-01-01T00:05:00.000Z</time> · by desk (&quot;Desk &lt;app&gt;&quot;) · request request-5</span>
</li><li>
event 6 happened<br>
<span class="dim">#6 · <time datetime="2030-01-01T00:06:00.000Z">2030-01-01T00:06:00.000Z</time> · by desk (&quot;Desk &lt;app&gt;&quot;) · request request-6</span>
</li></ol>
<h2>Grants with something alive: 2 or more</h2>
<ul><li><code>grant-0</code>, client desk (&quot;Desk &lt;app&gt;&quot;), opened 2030-01-01T00:00:00.000Z, alive: 1</li><li><code>grant-1</code>, client desk (&quot;Desk &lt;app&gt;&quot;), opened 2030-01-01T00:01:00.000Z, alive: 2</li></ul>
`)
  })

  it("leaves out of a grant what a grant has not", async () => {
    const grant = known({ kind: "grant", clientId: null, chain: [], ancestry: [], presentations: [], descendants: [] })
    expect(await mainOf({ ...grant, next: [], proof: [] })).toBe(`<h1>grantlog: this grant</h1>
<p class="dim">As of 2030-01-01T00:09:00.000Z, 9 entries.</p>
<dl>
<dt>grant</dt><dd><code>0123456789abcdefghijklmnopqrstuvwxyzABCDEFG</code></dd>
<dt>subject</dt><dd>sub_1</dd>
</dl>
<div class="standing dead">
<span class="word"><span aria-hidden="true">✕</span> dead</span>
<p>since 2030-01-01T00:05:00.000Z: it ended by rotated</p>
<p class="dim">rule rotated · RULE-1, RULE-2</p>
<p class="theft">Theft: two parties presented it, since 2030-01-01T00:06:00.000Z (reused)</p><p class="dim">also: it ended by expired, since 2030-01-01T00:05:00.000Z (expired)</p>
</div>
<h2>Alive because of it: 0</h2>
<ul></ul>
<h2>Alive beside it: 1</h2>
<ul><li><span class="alive"><span aria-hidden="true">●</span> refresh token</span>, generation 2, until 2030-01-01T01:00:00.000Z, issued as #8<br><code class="dim">8dddddddddddddddddddddddddddddddddddddddddd</code></li></ul>
`)
  })

  it("of what is not ours says so in a sentence, what a JWT says of itself, and what to ask next", async () => {
    expect(await mainOf({ ...notOurs, jwt, next: known().next, sentence: "nothing is known of <it>" }))
      .toBe(`<h1>grantlog: not ours</h1>
<p class="dim">As of 1970-01-01T00:00:00.000Z, 0 entries.</p>
<p>a JWT: it was signed by the key k?1 of this server; it says otherwise than the log of aud.</p>
<p>nothing is known of &lt;it&gt;.</p>
<h2>What to do next</h2><ul><li><code>grantlog history --grant 0000000000000000000001</code><br><span class="dim">everything that happened</span></li></ul>
`)
  })

  it("has the style of every report, and its own", async () => {
    const [, style] = /<style>([^]*)<\/style>/.exec(await explainHtml(notOurs, show))!
    expect(style).toContain(".dim{color:var(--dim)}")
    expect(style).toContain(".alive{color:var(--good)}.dead{color:var(--bad)}.suspended{color:var(--doubtful)}")
  })
})
