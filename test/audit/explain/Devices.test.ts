/** What is told of what a device asked for: when it asked, who answered, and what came of it. */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import { expect, test } from "vitest"
import { answering, startTelevision } from "../../support/Television.ts"
import { explained } from "../Logins.ts"

test("a token of a device is told to come of an approval on a device, with when it asked", async () => {
  const { ask, poll, browser, app, ...world } = await startTelevision()
  const asked = await ask({ scope: "read" })
  const askedAt = new Date(world.clock.now()).toISOString()
  world.clock.pass(30)
  await answering(browser, asked)
  const { body } = await poll(asked)
  for (const pasted of [body.refresh_token!, asked.deviceCode]) {
    const found = await explained(world, { pasted })
    if (!found.isOurs) return expect.fail(found.sentence)
    const told = [...found.ancestry, ...found.chain].map(({ sentence }) => sentence)
    expect(told).toContainEqual(
      expect.stringMatching(
        new RegExp(`^subject sub_\\w+ approved client ${app.clientId}.*, on a device that asked at ${askedAt}, for`),
      ),
    )
    expect(told.join("\n")).not.toContain(asked.userCode)
  }
})

test("a request of a device that was denied is told to have been, by whom", async () => {
  const { ask, browser, ...world } = await startTelevision()
  const asked = await ask()
  await answering(browser, asked, "deny")
  const [grant] = await Effect.runPromise(world.native.grants({}))
  if (grant?._tag !== "Denied") return expect.fail("it was not denied")
  const found = await explained(world, { id: grant.grantId })
  if (!found.isOurs) return expect.fail(found.sentence)
  expect([...found.ancestry, ...found.chain].map(({ sentence }) => sentence)).toContainEqual(
    expect.stringMatching(/^subject sub_\w+ denied client .*, which asked on a device$/),
  )
})

test("a device code that was denied is told to have been, and when, by itself and by its digest", async () => {
  const { ask, browser, ...world } = await startTelevision()
  const asked = await ask()
  world.clock.pass(30)
  await answering(browser, asked, "deny")
  const deniedAt = world.clock.now()
  const digest = createHash("sha256").update(asked.deviceCode).digest("base64url")
  for (const question of [{ pasted: asked.deviceCode }, { id: digest }]) {
    const found = await explained(world, question)
    if (!found.isOurs) return expect.fail(found.sentence)
    expect([found.kind, found.standing.status]).toEqual(["code", "dead"])
    expect(found.standing.cause).toMatchObject({ rule: "denied", since: deniedAt })
    expect(found.chain.map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(/^subject sub_\w+ denied client .*, which asked on a device$/),
    ])
    expect(found.proof.map(({ command }) => command)).toContain(`grantlog prove ${digest}`)
  }
})

test("a device code that nobody made is told to be none, even where it names a grant that was denied", async () => {
  const { ask, browser, ...world } = await startTelevision()
  const asked = await ask()
  await answering(browser, asked, "deny")
  const madeUp = asked.deviceCode.slice(0, -1) + (asked.deviceCode.endsWith("0") ? "1" : "0")
  const found = await explained(world, { pasted: madeUp })
  expect([found.isOurs, "sentence" in found && found.sentence]).toEqual([
    false,
    expect.stringContaining("never issued here, though it names the grant"),
  ])
})
