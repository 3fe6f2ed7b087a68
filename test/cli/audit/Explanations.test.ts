/** An explanation as text and as a page: whatever a name or id holds, it stays text, and nothing is told twice. */
import { hash } from "node:crypto"
import { describe, expect, it } from "vitest"
import type { Explained } from "../../../src/audit/index.ts"
import { explainHtml } from "../../../src/cli/audit/ExplainHtml.ts"
import { explainText } from "../../../src/cli/audit/ExplainText.ts"
import { showTime } from "../../../src/cli/audit/Times.ts"
import { explained, logins, run } from "../../audit/Logins.ts"
import { notOurs } from "./Sample.ts"

const show = showTime(false)
const HOSTILE = `"><img/src=x>\u001b[2Jé`

/** Everything of an explanation that came from outside says something hostile. */
const hostile = async (): Promise<Explained> => {
  const world = await logins()
  const { grantId } = await world.login()
  await run(world.native.revokeGrant(grantId, "operator"))
  const found = await explained(world, { id: grantId })
  if (!found.isOurs) return expect.fail(found.sentence)
  const requestOrigin = { _tag: "RequestOrigin", address: HOSTILE, userAgent: HOSTILE } as const
  const name = `called ${HOSTILE}`
  const said = { actor: HOSTILE, actorName: name, sentence: HOSTILE, correlationId: HOSTILE, requestOrigin }
  const told = found.chain.map((one) => ({ ...one, ...said }))
  const grants = [{ grantId, clientId: HOSTILE, clientName: name, subjectId: null, openedAt: 0, aliveCount: 1 }]
  return {
    ...found,
    kind: "client",
    id: HOSTILE,
    grantId: HOSTILE,
    clientName: name,
    subjectId: HOSTILE,
    chain: told,
    ancestry: told,
    presentations: told,
    grants,
    next: [{ command: `grantlog explain ${HOSTILE}`, purpose: "look" }],
  }
}

describe("a page", () => {
  it("escapes everything, and forbids by its own policy what it does not have", async () => {
    const page = await explainHtml(await hostile(), show)
    expect(page).not.toContain("<img")
    expect(page.split("&lt;img/src=x&gt;").length).toBeGreaterThan(14)
    const style = /<style>([^<]*)<\/style>/.exec(page)![1]!
    expect(page).toContain(`style-src 'sha256-${hash("sha256", style, "base64")}'`)
    expect(page).toContain(`content="default-src 'none';`)
    expect(style).toContain("prefers-color-scheme:dark")
    expect(page).not.toMatch(/<script|<link|href=|\ssrc=/)
  })

  it("tells how things stand by more than colour, and says so when it is not ours", async () => {
    const page = await explainHtml(await hostile(), show)
    expect(page).toContain(`<span aria-hidden="true">✕</span> dead`)
    expect(await explainHtml(notOurs, show)).toContain("<h1>grantlog: not ours</h1>")
  })
})

describe("the text", () => {
  it("moves no cursor and starts no line that is not its own", async () => {
    const text = explainText(await hostile(), show)
    expect(text).not.toContain("\u001b")
    expect(text.split("\n").every((line) => !line.startsWith('"'))).toBe(true)
  })

  it("leaves out what there is nothing to say of", async () => {
    expect(explainText(notOurs, show)).toBe("NOT OURS\nas of 1970-01-01T00:00:00.000Z, 0 entries")
    const world = await logins()
    const text = explainText(await explained(world, { id: "app" }), show)
    expect(text).toMatch(/^client app\n/)
    expect(text).not.toContain("what led to that")
  })
})
