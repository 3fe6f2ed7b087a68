/** A timeline: what one request did is one group, in the order of the log, and what proves a theft is marked. */
import { expect, it } from "vitest"
import { requestsOf } from "../../../src/audit/console/Timeline.ts"
import { eventLineOf } from "../../../src/audit/explain/EventLine.ts"
import { VERIFIER } from "../../support/TenMethods.ts"
import { logins, run } from "../Logins.ts"

it("neighbours of one request are one group; what stands apart is another", async () => {
  const world = await logins()
  await world.login()
  const entries = await run(world.store.readAll(0))
  const requests = requestsOf(entries, eventLineOf)
  expect(requests.flatMap(({ events }) => events.map(({ position }) => position))).toEqual(
    entries.map(({ position }) => position),
  )
  expect(requests.map(({ correlationId }) => correlationId)).toEqual([
    ...new Set(entries.map(({ correlationId }) => correlationId)),
  ])
  const redemption = requests.at(-1)!
  const [first] = redemption.events
  expect(redemption).toMatchObject({ actor: "app", at: first!.at, actorName: first!.actorName })
  expect(redemption.events.map(({ type }) => type)).toEqual([
    "AuthorizationCodeRedeemed",
    "AccessTokenIssued",
    "RefreshTokenIssued",
  ])
  const [code, redeemed, token] = [entries.at(-4)!, entries.at(-3)!, entries.at(-2)!]
  expect(requestsOf([redeemed, code, token], eventLineOf).map(({ events }) => events.length)).toEqual([1, 1, 1])
  expect(requestsOf([], eventLineOf)).toEqual([])
})

it("names the grant of an event that is about one, and marks a replay and a reuse as thefts", async () => {
  const world = await logins()
  const credentials = { clientId: "app" }
  const one = await world.login()
  await world.refused(world.native.redeemCode({ credentials, code: one.code, codeVerifier: VERIFIER }))
  const two = await world.login()
  await world.refresh(two.refresh_token)
  world.clock.pass(31)
  await world.refused(world.native.refresh({ credentials, refreshToken: two.refresh_token }))
  const events = requestsOf(await run(world.store.readAll(0)), eventLineOf).flatMap((request) => request.events)
  expect(events.filter(({ isTheft }) => isTheft).map(({ type, grantId }) => [type, grantId])).toEqual([
    ["AuthorizationCodeReplayed", one.grantId],
    ["RefreshTokenReused", two.grantId],
  ])
  expect(events.filter(({ grantId }) => grantId === null).map(({ type }) => type)).toEqual([
    "IssuerInitialized",
    "ClientRegistered",
  ])
})
