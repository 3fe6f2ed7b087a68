/** The rules of reading that hold whatever is read. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { serverOver } from "../support/TestServer.ts"
import { RESOURCE } from "../support/WireClient.ts"

test("what is asked again later is answered as of then, verifying and introspection alike", async () => {
  const { native, clock } = await serverOver()
  const run = Effect.runPromise
  const added = await run(native.addClient({ metadata: { redirect_uris: [], grant_types: ["client_credentials"] } }))
  const credentials = { clientId: added.client_id, clientSecret: added.client_secret! }
  const { access_token: token, expires_in: lifetime } = await run(
    native.issueToken({ credentials, resource: [RESOURCE] }),
  )
  const verifying = Effect.map(native.verify(token), (record) => record !== undefined)
  const introspecting = Effect.map(native.introspect(credentials, token), ({ active }) => active)
  const answers = () => run(Effect.all([verifying, introspecting]))
  expect(await answers()).toEqual([true, true])
  clock.pass(lifetime)
  expect(await answers()).toEqual([false, false])
})
