/** The rules of tokens that are bound to a key: nobody is told that a bearer may use one. */
import { hash } from "node:crypto"
import { Effect } from "effect"
import { expect, test } from "vitest"
import { introspectAt } from "../../src/audit/index.ts"
import type { EpochMillis } from "../../src/core/index.ts"
import { memoryStore } from "../../src/provider/index.ts"
import { inProcessVerifier } from "../../src/resource/index.ts"
import { serverOver } from "../support/TestServer.ts"

const run = Effect.runPromise
const VERIFIER = "v".repeat(43)
const REDIRECT_URI = "http://127.0.0.1/callback"
const JKT = "k".repeat(43)

/** An app with a code, and who may ask about its tokens. */
const start = async () => {
  const store = memoryStore()
  const { native, clock } = await serverOver({ store })
  const metadata = { redirect_uris: [REDIRECT_URI] }
  const { client_id: clientId, client_secret: clientSecret } = await run(native.addClient({ metadata }))
  const credentials = { clientId, clientSecret: clientSecret! }
  const codeChallenge = hash("sha256", VERIFIER, "base64url")
  const asked = { redirectUri: REDIRECT_URI, redirectUriProvidedExplicitly: true, codeChallenge }
  const approved = await run(native.authorize(clientId, asked))
  const code = approved._tag === "Approved" ? approved.code : ""
  const redeem = (proof: { readonly jkt?: string }) =>
    run(native.redeemCode({ credentials, code, codeVerifier: VERIFIER, ...proof }))
  return { native, store, clock, credentials, redeem }
}

//= RFC9449-7.2-no-bearer-downgrade
test("a token that is bound to a key says so wherever it is spoken of, and is worth nothing to a bearer", async () => {
  const { native, store, clock, credentials, redeem } = await start()
  const { access_token: token, token_type } = await redeem({ jkt: JKT })
  expect(token_type).toBe("DPoP")
  const answer = await run(native.introspect(credentials, token))
  expect(answer).toMatchObject({ active: true, token_type: "DPoP", cnf: { jkt: JKT } })
  const moment = { size: (await run(store.head)).size, at: clock.now() as EpochMillis }
  expect((await run(introspectAt(store, token, moment))).answer).toEqual(answer)
  expect(await run(native.verify(token))).toMatchObject({ jkt: JKT })
  const verifier = inProcessVerifier({ verify: (asked) => run(native.verify(asked)) })
  expect(await verifier.verify(token)).toBeUndefined()
})

test("a token that is bound to none is a bearer's", async () => {
  const { native, credentials, redeem } = await start()
  const { access_token: token, token_type } = await redeem({})
  expect(token_type).toBe("Bearer")
  const answer = await run(native.introspect(credentials, token))
  expect(answer).toMatchObject({ active: true, token_type: "Bearer" })
  expect(answer).not.toHaveProperty("cnf")
  expect(await run(native.verify(token))).not.toHaveProperty("jkt")
  const verifier = inProcessVerifier({ verify: (asked) => run(native.verify(asked)) })
  expect(await verifier.verify(token)).toMatchObject({ clientId: credentials.clientId })
})
