/** The console's pages, whole: where it begins, an answer, and what cannot be answered. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import type { GrantLineage } from "../../../src/audit/console/GrantLineage.ts"
import type { LogState } from "../../../src/audit/console/LogState.ts"
import type { Audit, AuditIndex } from "../../../src/audit/index.ts"
import type { ConsoleAnswer } from "../../../src/cli/console/ConsoleQuery.ts"
import { answerPage, faultPage, homePage } from "../../../src/cli/console/Pages.ts"
import type { Recorded } from "../../../src/log/index.ts"
import { CorrelationId, memoryStore } from "../../../src/provider/index.ts"
import { logins, run } from "../../audit/Logins.ts"
import { GRANT, known, knownClient, lineOf, living, minute, notOurs } from "../audit/Sample.ts"
import { addresses, bodyOf } from "./pages/Markup.ts"

const frame = { issuer: "https://id.example/auth", addresses, canSignOut: true }

const stateOf = (size: number, provenSize: number, verification: LogState["verification"] = "consistent") =>
  ({ size, root: "A root", head: { size: provenSize }, verification, uncoveredCount: 0 }) as LogState

/** An event of the grant, as far as a page looks at it. */
const eventOf = (position: number) =>
  ({ position, event: { _tag: "RefreshTokenRotated", grantId: GRANT } }) as unknown as Recorded

const tree: GrantLineage = {
  grantId: GRANT,
  status: "live",
  standing: living,
  generations: [],
  unnamed: { generationCount: 0, after: 2 },
}

const answerOf = (given: Partial<ConsoleAnswer> = {}): ConsoleAnswer => ({
  explanation: known({ ancestry: [lineOf(2)] }),
  moment: { size: 9, at: minute(9) },
  lineage: tree,
  events: [2, 3].map(eventOf),
  lineOf: ({ position }) => lineOf(position),
  earlierCount: 0,
  newerCount: 0,
  laterCount: 0,
  earlier: 3,
  later: undefined,
  ...given,
})

const query = { about: "desk", names: undefined, at: undefined, page: {} }

const answered = async (given: Partial<ConsoleAnswer> = {}, state = stateOf(9, 9), asked: object = {}) => {
  const { status, body } = await run(answerPage(frame, state, 9, { ...query, ...asked }, answerOf(given)))
  return { status, body, main: await bodyOf(body, "main") }
}

/** Headings, by the names that parts of the page go by, in their order; those that are open have a `+`. */
const partsOf = (main: string) =>
  [...main.matchAll(/<details( open)?>\n<summary><h2 id="(\w+)">([^<]*)<\/h2>/g)].map(
    ([, open, id, heading]) => `${open === undefined ? "" : "+"}${id}: ${heading}`,
  )

/** Where buttons lead, below a heading of the page. */
const buttonsOf = (main: string) =>
  [...main.matchAll(/<a class="button" href="([^"]*)"[^>]*>([^<]*)<\/a>/g)].map(([, to, text]) => `${text}: ${to}`)

describe("an answer", () => {
  it("about a token tells how it stands, what to do, its tree, its events and its past, the newest request first", async () => {
    const { status, body, main } = await answered()
    expect(status).toBe(200)
    expect(body).toContain("<title>Refresh token 0123456789ab… · grantlog console</title>")
    expect(main).toContain("<h1>Refresh token 0123456789ab…</h1>")
    expect(main).toContain(`<input id="about" name="about" value="desk"`)
    expect(main).not.toContain(" autofocus")
    expect(partsOf(main)).toEqual([
      "next: What to do next",
      "proof: How to prove it",
      "+lineage: Lineage",
      "alive: Still alive: 2",
      "timeline: Timeline",
      "led: What led to that",
      "ancestry: Where it came from",
      "presentations: Who presented it",
    ])
    expect([...main.matchAll(/ aria-label="#(\d+), as of then"/g)].map(([, position]) => position)).toEqual(["3", "2"])
    expect(main).toContain(`<p class="small quiet">One request is one group, the newest first.</p>`)
    expect(main).toContain(`<p class="small quiet">Verifications are not recorded.</p>`)
    expect(main).not.toContain(`<p class="small quiet"></p>`)
    expect(buttonsOf(main)).toEqual([
      "Last event (#3): /auth/console?about=desk&amp;at=3",
      "Export from where it began (#2): /auth/console/export?from=2",
    ])
    expect(main).not.toContain("Stryker")
  })

  it.each([
    ["grant", GRANT, `Grant ${GRANT}`],
    ["client", "desk", "Client desk (&quot;Desk &lt;app&gt;&quot;)"],
    ["subject", "desk", "Subject desk"],
    ["code", "0123456789abcdef", "Code 0123456789ab…"],
  ] as const)("is called after what it is about: a %s", async (kind, id, title) => {
    const { main } = await answered({ explanation: known({ kind, id }) })
    expect(main).toContain(`<h1>${title}</h1>`)
  })

  it("about a client has no tree, no presentations, and its timeline open", async () => {
    const { main } = await answered({ explanation: knownClient({ presentations: [lineOf(4)] }), lineage: undefined })
    expect(partsOf(main)).toEqual([
      "next: What to do next",
      "proof: How to prove it",
      "+alive: Grants with something alive: 2",
      "+timeline: Timeline",
      "ancestry: Where it came from",
    ])
    expect(main.slice(main.indexOf(`<div class="answer">`))).toBe(`<div class="answer">
<div class="stack">
<section class="card standing live" aria-label="live">
<p><span class="fate live">live</span> <span class="quiet">until 2030-01-01 01:30:00 UTC</span></p>
<dl class="facts">
<dt>Id</dt><dd><code>desk (&quot;Desk &lt;app&gt;&quot;)</code></dd>
</dl>
</section>
<section class="card fold" aria-labelledby="next">
<details>
<summary><h2 id="next">What to do next</h2></summary>
<div class="folded"><ul class="commands"><li><code>grantlog history --grant 0000000000000000000001</code><span class="small quiet">everything that happened</span></li></ul>
</div>
</details>
</section>
<section class="card fold" aria-labelledby="proof">
<details>
<summary><h2 id="proof">How to prove it</h2></summary>
<div class="folded"><ul class="commands"><li><code>grantlog prove 6</code><span class="small quiet">a proof</span></li></ul>
<p><a class="button" href="/auth/console/export?from=2" download>Export from where it began (#2)</a></p></div>
</details>
</section>
</div>
<div class="stack">
<section class="card fold" aria-labelledby="alive">
<details open>
<summary><h2 id="alive">Grants with something alive: 2</h2></summary>
<div class="folded">
<ul class="told"><li><a href="/auth/console?about=grant-0"><code>grant-0</code></a> <span class="small quiet"><time datetime="2030-01-01T00:00:00.000Z">2030-01-01 00:00:00 UTC</time> · sub_1 · 1 alive</span></li><li><a href="/auth/console?about=grant-1"><code>grant-1</code></a> <span class="small quiet"><time datetime="2030-01-01T00:01:00.000Z">2030-01-01 00:01:00 UTC</time> · - · 2 alive</span></li></ul></div>
</details>
</section>
</div>
<div class="stack">
<section class="card fold" aria-labelledby="timeline">
<details open>
<summary><h2 id="timeline">Timeline</h2></summary>
<div class="folded"><p class="small quiet">One request is one group, the newest first.</p>
<ol class="requests"><li class="request">
<p class="head small"><span class="fate "><time datetime="2030-01-01T00:03:00.000Z">2030-01-01 00:03:00 UTC</time></span>
<span class="quiet">by desk (&quot;Desk &lt;app&gt;&quot;)</span></p>
<ol class="happenings"><li>
<span><a class="mono" href="/auth/console?about=desk&amp;at=3" aria-label="#3, as of then">#3</a>
<span class="">event 3 happened</span></span>
<span class="links small"><a href="/auth/console/proof?position=3" aria-label="Download the proof of entry 3" download>Proof</a></span>
</li></ol>
<p class="small quiet">request <code>request-3</code></p>
</li><li class="request">
<p class="head small"><span class="fate "><time datetime="2030-01-01T00:02:00.000Z">2030-01-01 00:02:00 UTC</time></span>
<span class="quiet">by desk (&quot;Desk &lt;app&gt;&quot;)</span></p>
<ol class="happenings"><li>
<span><a class="mono" href="/auth/console?about=desk&amp;at=2" aria-label="#2, as of then">#2</a>
<span class="">event 2 happened</span></span>
<span class="links small"><a href="/auth/console/proof?position=2" aria-label="Download the proof of entry 2" download>Proof</a></span>
</li></ol>
<p class="small quiet">request <code>request-2</code></p>
</li></ol>
</div>
</details>
</section>
</div>
</div>
<div class="beside">
<section class="card fold" aria-labelledby="ancestry">
<details>
<summary><h2 id="ancestry">Where it came from</h2></summary>
<div class="folded"><ol class="told"><li>
<p>event 2 happened</p>
<p class="small quiet">#2 · <time datetime="2030-01-01T00:02:00.000Z">2030-01-01 00:02:00 UTC</time> · by desk (&quot;Desk &lt;app&gt;&quot;)</p>
</li><li>
<p>event 3 happened</p>
<p class="small quiet">#3 · <time datetime="2030-01-01T00:03:00.000Z">2030-01-01 00:03:00 UTC</time> · by nobody named</p>
</li></ol></div>
</details>
</section>
</div>`)
  })

  it("has no timeline where nothing is shown of it", async () => {
    const { main } = await answered({ events: [] })
    expect(main).toContain(`<div class="stack">\n</div>\n</div>\n<div class="beside">`)
  })

  it.each([
    [{ earlierCount: 1 }, ["Earlier events: /auth/console?about=desk&amp;at=9&amp;before=2"]],
    [
      { newerCount: 1 },
      [
        "Later events: /auth/console?about=desk&amp;at=9&amp;after=4",
        "Newest events: /auth/console?about=desk&amp;at=9",
      ],
    ],
    [{}, []],
  ])("leads to the events that are not shown: %j", async (counts, links) => {
    const { main } = await answered({ ...counts, events: [2, 3, 4].map(eventOf) }, undefined, { at: "9" })
    expect(buttonsOf(main).filter((button) => button.includes("events:"))).toEqual(links)
  })

  it("says how many events are not shown, before and behind the moment", async () => {
    const { main } = await answered({ earlierCount: 4, laterCount: 5 })
    expect(main).toContain(`<p class="small quiet">4 older events left out.</p>`)
    expect(main).toContain(`<p class="small quiet">5 events came later.</p>`)
  })

  it("offers only what a checkpoint covers", async () => {
    const offered = async (state: LogState, given: Partial<ConsoleAnswer> = {}) => {
      const { main } = await answered(given, state)
      return [main.includes("Export from where it began"), main.includes("Download the proof of entry 3")]
    }
    expect(await offered(stateOf(9, 2))).toEqual([false, false])
    expect(await offered(stateOf(9, 3))).toEqual([true, false])
    expect(await offered(stateOf(9, 4))).toEqual([true, true])
    expect(await offered(stateOf(9, 9, "inconsistent"))).toEqual([false, false])
    expect(await offered(stateOf(9, 9), { explanation: known({ ancestry: [] }) })).toEqual([false, true])
    const { main } = await answered({ explanation: known({ ancestry: [], proof: [] }) })
    expect(partsOf(main)).not.toContain("proof: How to prove it")
  })

  it("says how many generations are left out of where it came from", async () => {
    const told = async (generations: number) =>
      (await answered({ explanation: known({ untold: { generations, presentations: 0 } }) })).main
    expect(await told(1)).toContain(`<p class="small quiet">1 generation between left out.</p>`)
    expect(await told(2)).toContain(`<p class="small quiet">2 generations between left out.</p>`)
  })

  it("about what is not ours says so in a sentence, and what to ask next", async () => {
    const explanation = { ...notOurs, sentence: "nothing \u001b of that name", next: known().next }
    const { status, body, main } = await answered({ explanation, earlier: undefined })
    expect(status).toBe(404)
    expect(body).toContain("<title>Not ours · grantlog console</title>")
    expect(main.slice(main.indexOf("<h1>"), main.indexOf("<section"))).toBe("<h1>Not ours</h1>\n")
    expect(main.slice(main.indexOf(`<p class="card said">`)))
      .toBe(`<p class="card said">nothing ? of that name.</p><section class="card fold" aria-labelledby="next">
<details open>
<summary><h2 id="next">What to do next</h2></summary>
<div class="folded"><ul class="commands"><li><code>grantlog history --grant 0000000000000000000001</code><span class="small quiet">everything that happened</span></li></ul>
</div>
</details>
</section>`)
  })
})

describe("the page where the console begins", () => {
  const audited = (log: Audit["log"], thefts: Readonly<Record<string, ReadonlyArray<number>>> = {}): Audit => {
    const positions: AuditIndex["positions"] = ({ type, limit, isNewestFirst, to }) => {
      const found = (thefts[String(type)] ?? []).filter((position) => position < (to ?? 0))
      return Effect.succeed((isNewestFirst === true ? found.toReversed() : found).slice(0, limit))
    }
    return { log, index: { positions } as AuditIndex }
  }

  const home = async (audit: Audit, size: number, indexedCount = size, state = stateOf(size, size)) => {
    const { status, body } = await run(homePage(frame, audit, { ...state, size }, indexedCount))
    return { status, body, main: await bodyOf(body, "main") }
  }

  /** The positions that a part of the page has, in its order. */
  const positionsIn = (main: string, id: string) => {
    const part = main.slice(main.indexOf(`aria-labelledby="${id}"`)).split("</section>")[0]!
    return [...part.matchAll(/>#(\d+)</g)].map(([, position]) => Number(position))
  }

  it("of an empty log says so", async () => {
    const { status, body, main } = await home(audited(memoryStore()), 0)
    expect(status).toBe(200)
    expect(body).toContain("<title>What happened? · grantlog console</title>")
    expect(main.slice(0, main.indexOf("<search"))).toBe("<h1>What happened?</h1>\n")
    expect(main).toContain(` value="" `)
    expect(main).toContain(" autofocus>")
    expect(main.slice(main.indexOf(`<div class="first">`))).toBe(`<div class="first">
<section class="card"><h2>Thefts</h2><p class="quiet">No replay and no reuse among the last 0 entries.</p></section>
<p class="card quiet">Nothing was recorded yet.</p>
</div>`)
  })

  it("has the latest requests, the newest first, and says how far it has looked for thefts", async () => {
    const { store, login } = await logins()
    for (let count = 0; count < 12; count++) await login()
    const { size } = await run(store.head)
    expect(size).toBeGreaterThan(41)
    const { main } = await home(audited(store), size, 1)
    expect(partsOf(main)).toEqual(["+recent: Latest requests"])
    const shown = positionsIn(main, "recent")
    expect(shown.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => size - 40 + index))
    expect(shown[0]!).toBeGreaterThan(shown.at(-1)!)
    expect(main).toContain(`<p class="quiet">No replay and no reuse among the last 1 entry.</p>`)
    expect(main).toContain(`aria-label="Download the proof of entry ${size - 1}"`)
    expect(buttonsOf(main)).toEqual([])
    expect((await home(audited(store), size, size + 1)).main).toContain(`among the last ${size} entries.`)
    const unproven = await home(audited(store), size, size, stateOf(size, 0, "none"))
    expect(unproven.main).not.toContain("Download the proof")
  })

  it("has the five newest thefts of either kind, if there were any", async () => {
    const { store, login } = await logins()
    for (let count = 0; count < 4; count++) await login()
    const { size } = await run(store.head)
    const thefts = { AuthorizationCodeReplayed: [0, 1, 2, 3, 4, 9], RefreshTokenReused: [5, 6, 7, size + 1] }
    const { main } = await home(audited(store, thefts), size)
    expect(partsOf(main)).toEqual(["+thefts: Thefts", "+recent: Latest requests"])
    expect(positionsIn(main, "thefts")).toEqual([9, 7, 6, 5, 4])
    expect(main).not.toContain("No replay")
  })
})

describe("a page that says what went wrong", () => {
  it("leads back by the issuer's own name, with the id of the request for the operator", async () => {
    const fault = faultPage(frame, 400, "A <title>", "what \u001b went wrong")
    const { status, body } = await run(Effect.provideService(fault, CorrelationId, "request-1"))
    expect(status).toBe(400)
    expect(body).toContain("<title>A &lt;title&gt; · grantlog console</title>")
    const told = `<div class="card narrow">
<h1>A &lt;title&gt;</h1>
<p role="alert">what ? went wrong</p>
<p><a href="https://id.example/auth/console">Back to the console</a></p>
`
    expect(await bodyOf(body, "main")).toBe(`${told}<p class="small quiet">request <code>request-1</code></p>\n</div>`)
    expect(await bodyOf((await run(fault)).body, "main")).toBe(`${told}</div>`)
  })
})
