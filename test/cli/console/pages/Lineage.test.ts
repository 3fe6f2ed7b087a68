/** The tree of a grant on the console: each member with its status and why it has that, the one asked about marked. */
import { describe, expect, it } from "vitest"
import type { GrantLineage, LineageMember } from "../../../../src/audit/console/GrantLineage.ts"
import { lineage } from "../../../../src/cli/console/pages/Lineage.ts"
import { causeOf, GRANT, living, minute, theft } from "../../audit/Sample.ts"
import { addresses, markup } from "./Markup.ts"

const memberOf = (position: number, given: Partial<LineageMember> = {}): LineageMember => ({
  kind: "refresh token",
  digest: `${position}`.padEnd(43, "d"),
  position,
  status: "live",
  standing: living,
  ...given,
})

const code = memberOf(1, {
  kind: "code",
  status: "spent",
  standing: { ...living, status: "dead", cause: causeOf("redeemed", { since: minute(2) }) },
})

const treeOf = (given: Partial<GrantLineage> = {}): GrantLineage => ({
  grantId: GRANT,
  status: "live",
  standing: living,
  generations: [
    { generation: 0, members: [code], unnamedCount: 0 },
    { generation: 1, members: [memberOf(2), memberOf(3, { kind: "access token" })], unnamedCount: 2 },
  ],
  unnamed: { generationCount: 0, after: 2 },
  ...given,
})

const view = { addresses, at: undefined, asked: GRANT }

/** The lines below the members, which say why. */
const reasonsOf = async (members: ReadonlyArray<LineageMember>, given: Partial<GrantLineage> = {}) => {
  const generations = [{ generation: 1, members, unnamedCount: 0 }]
  const text = await markup(lineage(treeOf({ generations, ...given }), { ...view, asked: "nothing" }))
  return [...text.matchAll(/<span>#(\d+ · [^<]*)<\/span>/g)].map(([, reason]) => reason)
}

describe("the lineage", () => {
  it("begins with the grant and has what was issued together side by side, the code first", async () => {
    expect(await markup(lineage(treeOf(), view))).toBe(`<section class="card fold" aria-labelledby="lineage">
<details open>
<summary><h2 id="lineage">Lineage</h2></summary>
<div class="folded"><ol class="tree">
<li class="root"><div class="member live" aria-current="true">
<div class="line"><a href="/auth/console?about=0000000000000000000001">grant <code>0000000000000000000001</code></a><span class="fate live">live</span></div>
<div class="line small quiet"><span><time datetime="2030-01-01T01:30:00.000Z">until 2030-01-01 01:30:00 UTC</time></span><span class="here">this one</span></div>
</div></li>
<li>
<h3>Code</h3>
<ul class="members"><li class="member spent">
<div class="line"><a href="/auth/console?about=1dddddddddddddddddddddddddddddddddddddddddd">code <code>1ddddddddddd…</code></a><span class="fate spent">spent</span></div>
<div class="line small quiet"><span>#1 · since 2030-01-01 00:02:00 UTC</span></div>
</li></ul>
</li><li>
<h3>Generation 1</h3>
<ul class="members"><li class="member live">
<div class="line"><a href="/auth/console?about=2dddddddddddddddddddddddddddddddddddddddddd">refresh token <code>2ddddddddddd…</code></a><span class="fate live">live</span></div>
<div class="line small quiet"><span>#2 · until 2030-01-01 01:30:00 UTC</span></div>
</li><li class="member live">
<div class="line"><a href="/auth/console?about=3dddddddddddddddddddddddddddddddddddddddddd">access token <code>3ddddddddddd…</code></a><span class="fate live">live</span></div>
<div class="line small quiet"><span>#3 · until 2030-01-01 01:30:00 UTC</span></div>
</li></ul>
<p class="small quiet">and 2 more</p>
</li>
</ol>
<p class="small quiet">Stolen: presented by two. Spent: replaced.</p></div>
</details>
</section>`)
  })

  it("marks what was asked about, and stays at its moment", async () => {
    const generations = [{ generation: 0, members: [memberOf(7)], unnamedCount: 0 }]
    const standing = { ...living, status: "dead", until: null, cause: causeOf("revoked") } as const
    const whole = treeOf({ generations, status: "dead", standing })
    expect(await markup(lineage(whole, { addresses, at: "9", asked: memberOf(7).digest })))
      .toBe(`<section class="card fold" aria-labelledby="lineage">
<details open>
<summary><h2 id="lineage">Lineage</h2></summary>
<div class="folded"><ol class="tree">
<li class="root"><div class="member dead">
<div class="line"><a href="/auth/console?about=0000000000000000000001&amp;at=9">grant <code>0000000000000000000001</code></a><span class="fate dead">dead</span></div>
<div class="line small quiet"><span><time datetime="2030-01-01T00:05:00.000Z">since 2030-01-01 00:05:00 UTC</time></span></div>
</div></li>
<li>
<h3>Generation 0</h3>
<ul class="members"><li class="member live" aria-current="true">
<div class="line"><a href="/auth/console?about=7dddddddddddddddddddddddddddddddddddddddddd&amp;at=9">refresh token <code>7ddddddddddd…</code></a><span class="fate live">live</span></div>
<div class="line small quiet"><span>#7 · until 2030-01-01 01:30:00 UTC</span><span class="here">this one</span></div>
</li></ul>
</li>
</ol>
<p class="small quiet">Stolen: presented by two. Spent: replaced.</p></div>
</details>
</section>`)
  })

  it("of a grant that never expires has no time, and calls nothing a code that is none", async () => {
    const generations = [{ generation: 0, members: [], unnamedCount: 1 }]
    const whole = treeOf({ generations, standing: { ...living, until: null } })
    expect(await markup(lineage(whole, view))).toBe(`<section class="card fold" aria-labelledby="lineage">
<details open>
<summary><h2 id="lineage">Lineage</h2></summary>
<div class="folded"><ol class="tree">
<li class="root"><div class="member live" aria-current="true">
<div class="line"><a href="/auth/console?about=0000000000000000000001">grant <code>0000000000000000000001</code></a><span class="fate live">live</span></div>
<div class="line small quiet"><span></span><span class="here">this one</span></div>
</div></li>
<li>
<h3>Generation 0</h3>
<ul class="members"></ul>
<p class="small quiet">and 1 more</p>
</li>
</ol>
<p class="small quiet">Stolen: presented by two. Spent: replaced.</p></div>
</details>
</section>`)
  })

  it("says where generations are left out, and how many", async () => {
    const generations = [0, 1, 8].map((generation) => ({ generation, members: [], unnamedCount: 0 }))
    const told = async (generationCount: number) => {
      const text = await markup(lineage(treeOf({ generations, unnamed: { generationCount, after: 2 } }), view))
      return [...text.matchAll(/<li class="gap">(.*)<\/li>|<h3>(.*)<\/h3>/g)].map(([, gap, heading]) => gap ?? heading)
    }
    const gap = `<p class="small quiet">6 generations not shown</p>`
    expect(await told(6)).toEqual(["Generation 0", "Generation 1", gap, "Generation 8"])
    expect(await told(0)).toEqual(["Generation 0", "Generation 1", "Generation 8"])
  })
})

describe("a member of the lineage", () => {
  const dead = { ...living, status: "dead", until: null } as const

  it("that lives says until when, if it ends", async () => {
    expect(await reasonsOf([memberOf(1), memberOf(2, { standing: { ...living, until: null } })])).toEqual([
      "1 · until 2030-01-01 01:30:00 UTC",
      "2 · ",
    ])
  })

  it("that is suspended says by what, and one that is stolen when it was presented again", async () => {
    const suspended = { ...living, status: "suspended", cause: causeOf("disabled") } as const
    const stolen = { ...dead, cause: causeOf("rotated"), others: [causeOf("ended"), theft] }
    expect(
      await reasonsOf([
        memberOf(1, { status: "suspended", standing: suspended }),
        memberOf(2, { status: "stolen", standing: stolen }),
        memberOf(3, { status: "stolen", standing: { ...stolen, cause: theft, others: [causeOf("rotated")] } }),
        memberOf(4, { status: "stolen", standing: { ...stolen, others: [] } }),
      ]),
    ).toEqual([
      "1 · suspended with its client",
      "2 · presented again 2030-01-01 00:06:00 UTC",
      "3 · presented again 2030-01-01 00:06:00 UTC",
      "4 · since 2030-01-01 00:05:00 UTC",
    ])
  })

  it("that ended together with its grant says so, and any other since when", async () => {
    const ended = memberOf(1, { status: "dead", standing: { ...dead, cause: theft } })
    const spent = memberOf(2, { status: "spent", standing: { ...dead, cause: causeOf("rotated"), others: [theft] } })
    const standing = { ...dead, cause: theft }
    expect(await reasonsOf([ended, spent], { standing })).toEqual([
      "1 · ended with its grant",
      "2 · since 2030-01-01 00:05:00 UTC",
    ])
    expect(await reasonsOf([ended])).toEqual(["1 · since 2030-01-01 00:06:00 UTC"])
  })
})
