/** The rules of asking a server in the same process. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { authorizationServer } from "../../src/embedded/index.ts"
import { ephemeralKeys, memoryStore, unavailable } from "../../src/provider/index.ts"
import {
  inProcessVerifier,
  VerifierUnavailable,
  type TokenSource,
  type VerifiedAccess,
} from "../../src/resource/index.ts"
import { startSession } from "../support/Session.ts"
import { RESOURCE } from "../support/WireClient.ts"

test("a token is worth what the server says, and nothing once it is revoked", async () => {
  const { native, wire, app } = await startSession()
  const verifier = inProcessVerifier(native)
  const { access, refresh } = await wire.login(app, { resource: RESOURCE })
  expect(await verifier.verify(access)).toMatchObject({ clientId: app.clientId, resource: [RESOURCE] })
  expect(await verifier.verify(refresh)).toBeUndefined()
  await wire.revoke(app, access)
  expect(await verifier.verify(access)).toBeUndefined()
})

test("it takes the server that programs without Effect have", async () => {
  const config = { issuer: "http://localhost:4000" }
  const server = await authorizationServer({ store: memoryStore(), keys: ephemeralKeys(), config })
  expect(await inProcessVerifier(server).verify("unknown")).toBeUndefined()
  expect(await inProcessVerifier(server.effects).verify("unknown")).toBeUndefined()
})

test("a server that cannot answer says when to come again, and any other failure is an outage too", async () => {
  const failing = (failure: Error) => inProcessVerifier({ verify: () => Promise.reject(failure) }).verify("t")
  const full = unavailable("the disk is full: make room", 5)
  for (const attempt of [failing(full), inProcessVerifier({ verify: () => Effect.fail(full) }).verify("t")]) {
    await expect(attempt).rejects.toMatchObject({
      code: "verifier_failed",
      message: "the disk is full: make room",
      retryAfterSeconds: 5,
    })
  }
  await expect(failing(new RangeError("a defect"))).rejects.toBeInstanceOf(VerifierUnavailable)
})

test.each([
  ["an error", new RangeError("a defect"), "a defect"],
  ["nothing at all", undefined, "the authorization server failed: see the cause"],
  ["no error", { _tag: "Unavailable", retryAfterSeconds: 9 }, "the authorization server failed: see the cause"],
  ["an outage without a time", Object.assign(new Error("o"), { _tag: "Unavailable" }), "o"],
  ["an outage with a text", Object.assign(new Error("o"), { _tag: "Unavailable", retryAfterSeconds: "9" }), "o"],
  ["a time of something else", Object.assign(new Error("o"), { _tag: "Timeout", retryAfterSeconds: 9 }), "o"],
  ["a time without a name", Object.assign(new Error("o"), { retryAfterSeconds: 9 }), "o"],
])("where a server throws %s one comes again after a second", async (_, cause, message) => {
  // eslint-disable-next-line prefer-promise-reject-errors -- a host's server throws what it likes
  const asked = inProcessVerifier({ verify: () => Promise.reject(cause) }).verify("t")
  await expect(asked).rejects.toMatchObject({ code: "verifier_failed", message, retryAfterSeconds: 1, cause })
})

//= RFC9449-7.2-no-bearer-downgrade
test("a token that is bound to a key is worth nothing, and one that nobody knows stays unknown", async () => {
  const access = { token: "t", clientId: "an-app", scopes: [], resource: [] }
  const answering = (answer: VerifiedAccess | null | undefined) =>
    inProcessVerifier({ verify: async () => answer }).verify("t")
  expect(await answering(access)).toEqual(access)
  expect(await answering({ ...access, jkt: "a-thumbprint" })).toBeUndefined()
  expect(await answering(null)).toBeNull()
})

test("what is no server, such as one that nobody awaited, is refused at once", () => {
  const config = { issuer: "http://localhost:4000" }
  const unawaited = authorizationServer({ store: memoryStore(), keys: ephemeralKeys(), config }) as unknown
  for (const server of [unawaited, undefined, {}]) {
    expect(() => inProcessVerifier(server as TokenSource)).toThrow(
      expect.objectContaining({ _tag: "ResourceFault", code: "option_invalid" }),
    )
    expect(() => inProcessVerifier(server as TokenSource)).toThrow(/what `authorizationServer` resolved with/)
  }
})

test("what somebody was told of a token cannot be changed for whoever asks next", async () => {
  const { native, wire, app } = await startSession()
  const verifier = inProcessVerifier({ verify: (token) => Effect.runPromise(native.verify(token)) })
  const { access } = await wire.login(app, { resource: RESOURCE })
  const told = await verifier.verify(access)
  expect(() => (told!.scopes as Array<string>).push("admin")).toThrow(TypeError)
  expect(() => (told!.resource as Array<string>).splice(0)).toThrow(TypeError)
  expect(await verifier.verify(access)).toMatchObject({ scopes: ["read"], resource: [RESOURCE] })
})
