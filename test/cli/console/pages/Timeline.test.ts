/** The timeline on the console: what one request did is one group, a theft stands out, and what is covered can be proven. */
import { describe, expect, it } from "vitest"
import type { TimelineEvent } from "../../../../src/audit/console/Timeline.ts"
import { timeline, type TimelineView } from "../../../../src/cli/console/pages/Timeline.ts"
import { GRANT, lineOf, minute } from "../../audit/Sample.ts"
import { addresses, markup } from "./Markup.ts"

const eventOf = (position: number, given: Partial<TimelineEvent> = {}): TimelineEvent => ({
  ...lineOf(position),
  grantId: GRANT,
  isTheft: false,
  ...given,
})

const view: TimelineView = {
  id: "timeline",
  heading: "Timeline",
  addresses,
  note: "A note.",
  asked: undefined,
  provenSize: 0,
  links: [],
  earlierCount: 0,
  laterCount: 0,
}

const requestOf = (...events: ReadonlyArray<TimelineEvent>) => ({
  correlationId: "request",
  actor: "desk",
  actorName: "Desk <app>",
  at: minute(1),
  events,
})

describe("the timeline", () => {
  it("has a group for each request, whose events lead to their grants as they were, and to their proofs", async () => {
    const proven = { ...view, isOpen: true, provenSize: 4 }
    expect(
      await markup(
        timeline(
          [
            requestOf(eventOf(3, { isRequestOriginSealed: true }), eventOf(4, { grantId: null })),
            { ...requestOf(eventOf(5)), actor: null, actorName: null },
          ],
          proven,
        ),
      ),
    ).toBe(`<section class="card fold" aria-labelledby="timeline">
<details open>
<summary><h2 id="timeline">Timeline</h2></summary>
<div class="folded"><p class="small quiet">A note.</p>
<ol class="requests"><li class="request">
<p class="head small"><span class="fate "><time datetime="2030-01-01T00:01:00.000Z">2030-01-01 00:01:00 UTC</time></span>
<span class="quiet">by desk (&quot;Desk &lt;app&gt;&quot;)</span></p>
<ol class="happenings"><li>
<span><a class="mono" href="/auth/console?about=0000000000000000000001" aria-label="#3, its grant">#3</a>
<span class="">event 3 happened</span> <span class="quiet small">(origin sealed)</span></span>
<span class="links small"><a href="/auth/console/proof?position=3" aria-label="Download the proof of entry 3" download>Proof</a></span>
</li><li>
<span><span class="quiet mono">#4</span>
<span class="">event 4 happened</span></span>
</li></ol>
<p class="small quiet">request <code>request</code></p>
</li><li class="request">
<p class="head small"><span class="fate "><time datetime="2030-01-01T00:01:00.000Z">2030-01-01 00:01:00 UTC</time></span>
<span class="quiet">by nobody named</span></p>
<ol class="happenings"><li>
<span><a class="mono" href="/auth/console?about=0000000000000000000001" aria-label="#5, its grant">#5</a>
<span class="">event 5 happened</span></span>
</li></ol>
<p class="small quiet">request <code>request</code></p>
</li></ol>
</div>
</details>
</section>`)
  })

  it("of one thing leads from each event to that thing, as it was then", async () => {
    expect(await markup(timeline([requestOf(eventOf(3, { grantId: null }))], { ...view, asked: "desk" })))
      .toBe(`<section class="card fold" aria-labelledby="timeline">
<details>
<summary><h2 id="timeline">Timeline</h2></summary>
<div class="folded"><p class="small quiet">A note.</p>
<ol class="requests"><li class="request">
<p class="head small"><span class="fate "><time datetime="2030-01-01T00:01:00.000Z">2030-01-01 00:01:00 UTC</time></span>
<span class="quiet">by desk (&quot;Desk &lt;app&gt;&quot;)</span></p>
<ol class="happenings"><li>
<span><a class="mono" href="/auth/console?about=desk&amp;at=3" aria-label="#3, as of then">#3</a>
<span class="">event 3 happened</span></span>
</li></ol>
<p class="small quiet">request <code>request</code></p>
</li></ol>
</div>
</details>
</section>`)
  })

  it("has what is left out below it, and the way there", async () => {
    const links = [
      ["/auth/console?about=desk&before=3", "Earlier events"],
      ["/auth/console?about=desk", "Newest events"],
    ] as const
    expect(await markup(timeline([], { ...view, earlierCount: 1, laterCount: 1200, links })))
      .toBe(`<section class="card fold" aria-labelledby="timeline">
<details>
<summary><h2 id="timeline">Timeline</h2></summary>
<div class="folded"><p class="small quiet">A note.</p>
<ol class="requests"></ol>
<p class="small quiet">1 older event left out.</p>
<p class="small quiet">1,200 events came later.</p>
<p class="row"><a class="button" href="/auth/console?about=desk&amp;before=3">Earlier events</a><a class="button" href="/auth/console?about=desk">Newest events</a></p></div>
</details>
</section>`)
  })

  it("tells a theft by a word, a shape and a colour, in the request that did it", async () => {
    const stolen = requestOf(eventOf(3), eventOf(4, { isTheft: true, sentence: "it was presented \u001b again" }))
    const text = String(await timeline([stolen, requestOf(eventOf(5))], view))
    expect(
      text.match(/<li class="[^"]*">|<span class="fate[^"]*">(?:<svg[^>]*><[^>]*>)?|<span class="(?:theft)?">[^<]*/g),
    ).toEqual([
      `<li class="request stolen">`,
      `<span class="fate stolen"><svg viewBox="0 0 16 16" aria-hidden="true"><path d="M8 1l7.5 14H.5z" fill="currentColor"/>`,
      `<span class="">event 3 happened`,
      `<span class="theft">it was presented ? again`,
      `<li class="request">`,
      `<span class="fate ">`,
      `<span class="">event 5 happened`,
    ])
  })
})
