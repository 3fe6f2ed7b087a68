/**
 * Two issuers and one client, simulated: whatever the attacker's server and resource answer, in any order, what one
 * issuer gave or was given never reaches the other.
 */
import fc from "fast-check"
import { expect, test } from "vitest"
import { OAuth } from "../../src/client/index.ts"
import { addEvil, EVIL, metadataOf, secretsSentTo } from "./support/Attacker.ts"
import { ISSUER, json, makeStack, MCP_URL, memoryStorage } from "./support/World.ts"

//= OAUTH21-7.15-client-issuer-binding
test("A04, A05, A07, A32: whatever the attacker's server and resource answer, in any order, no secret crosses over", async () => {
  const value = fc.constantFrom(ISSUER, EVIL, `${EVIL}/`, `${ISSUER}/authorize`, `${EVIL}/token`, undefined)
  const step = fc.record({
    lists: fc.constantFrom(ISSUER, EVIL),
    says: fc.record({
      issuer: value,
      authorization_endpoint: value,
      token_endpoint: value,
      registration_endpoint: value,
      authorization_response_iss_parameter_supported: fc.boolean(),
    }),
    isHonestlyAnswered: fc.boolean(),
    seconds: fc.constantFrom(0, 3600),
  })
  let loginCount = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
      const { world, options, clock } = await makeStack()
      const tokenStorage = memoryStorage()
      for (const { lists, says, isHonestlyAnswered, seconds } of steps) {
        addEvil(world, isHonestlyAnswered ? metadataOf(EVIL) : { ...metadataOf(EVIL), ...says })
        const honest = world.servers.get("http://localhost:9999")!
        if (lists === EVIL) {
          world.servers.set("http://localhost:9999", (request) =>
            request.url.includes("/.well-known/")
              ? json({ resource: MCP_URL, authorization_servers: [EVIL] })
              : honest(request),
          )
        }
        clock.pass(seconds)
        const answer = await OAuth({ ...options, tokenStorage })
          .fetch(MCP_URL)
          .catch(() => undefined)
        if (answer?.status === 200) loginCount++
        world.servers.set("http://localhost:9999", honest)
      }
      const ours = secretsSentTo(world, ISSUER)
      for (const { text } of world.to(EVIL)) for (const secret of ours) expect(text).not.toContain(secret)
      const theirs = secretsSentTo(world, EVIL)
      for (const { text } of world.to(ISSUER)) for (const secret of theirs) expect(text).not.toContain(secret)
    }),
    { seed: 8, numRuns: 60 },
  )
  expect(loginCount).toBeGreaterThan(20)
})
