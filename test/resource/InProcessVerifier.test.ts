/** The rules of asking a server in the same process. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { authorizationServer, ephemeralKeys, memoryStore, unavailable } from "../../src/provider/index.ts"
import { inProcessVerifier, ResourceFault, VerifierUnavailable, type TokenSource } from "../../src/resource/index.ts"
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

test("what is no server, such as one that nobody awaited, is refused at once", () => {
  const config = { issuer: "http://localhost:4000" }
  const unawaited = authorizationServer({ store: memoryStore(), keys: ephemeralKeys(), config }) as unknown
  for (const server of [unawaited, undefined, {}]) {
    expect(() => inProcessVerifier(server as TokenSource)).toThrow(ResourceFault)
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
