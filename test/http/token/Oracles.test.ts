/** What the token and introspection endpoints tell somebody who guesses or stole: the same, whatever is true of it. */
import { expect, test } from "vitest"
import { startSession } from "../../support/Session.ts"
import { newVerifier } from "../../support/WireClient.ts"

const changed = (text: string) => `${text.slice(0, -8)}${text.at(-8) === "A" ? "B" : "A"}${text.slice(-7)}`

//= OAUTH21-7.7-entropy
test("A47: whoever guesses or steals is told the same, whether it was ever issued, to whom, or is spent", async () => {
  const { wire, app, watcher } = await startSession()
  const other = await wire.newApp()
  const waiting = await wire.approved(app)
  const spent = await wire.approved(app)
  const { body } = await wire.redeem(app, spent)
  const [access = "", refresh = ""] = [body.access_token, body.refresh_token]

  const told = new Set<string>()
  for (const code of [waiting.code, spent.code, changed(waiting.code), `glc_${"0".repeat(71)}`, "a code", refresh]) {
    const { status, body: answer } = await wire.redeem(other, { code, verifier: newVerifier() })
    told.add(`${status} ${answer.error}`)
  }
  for (const token of [refresh, changed(refresh), `glr_${"0".repeat(71)}`, "a token", waiting.code]) {
    const { status, body: answer } = await wire.refresh(other, token)
    told.add(`${status} ${answer.error}`)
  }
  expect([...told]).toEqual(["400 invalid_grant"])

  // A resource server that is not meant, a guess and a dead token are one answer, to the byte.
  const texts = new Set<string>()
  for (const token of [changed(access), `gla_${"0".repeat(71)}`, "a token", refresh]) {
    texts.add((await wire.introspect(watcher, token)).text)
  }
  expect([...texts]).toEqual([JSON.stringify({ active: false })])

  // Nothing of it harmed the owner, and so told nobody that it was right.
  expect((await wire.redeem(app, waiting)).status).toBe(200)
  expect((await wire.refresh(app, refresh)).status).toBe(200)
})
