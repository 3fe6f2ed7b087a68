/**
 * Auto-approval fails closed: where it is not certain that a request came from this machine with nobody in between,
 * nothing is approved, and people are asked as if it were off.
 */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { createHandler } from "../../src/http/index.ts"
import { startSession, type Session } from "../support/Session.ts"
import { ISSUER } from "../support/TestServer.ts"
import { challengeOf, formOf } from "../support/WireClient.ts"

const answerTo = async (
  { native, app }: Session,
  sourceOf: (() => string) | undefined,
  headers: Readonly<Record<string, string>> = {},
) => {
  const query = formOf({
    response_type: "code",
    client_id: app.clientId,
    redirect_uri: app.redirectUri,
    code_challenge: challengeOf("v"),
    code_challenge_method: "S256",
  })
  const handle = createHandler(native, sourceOf === undefined ? {} : { sourceOf })
  const response = await handle(new Request(`${ISSUER}/authorize?${query}`, { headers }))
  return new URL(response.headers.get("location") ?? "about:blank")
}

const grantCount = async ({ native }: Session) => (await Effect.runPromise(native.grants({}))).length

test("a request from this machine is approved", async () => {
  const session = await startSession()
  for (const source of ["127.0.0.1", "127.9.9.9", "127.10.200.30", "::1", "::ffff:127.0.0.1"]) {
    expect((await answerTo(session, () => source)).searchParams.get("code")).toMatch(/^glc_/)
  }
})

test("a request whose source nobody knows is approved for nobody: the fetch handler without sourceOf", async () => {
  const session = await startSession()
  expect((await answerTo(session, undefined)).pathname).toBe("/consent")
  for (const source of ["", "unknown", "localhost", "unix:", "::", "127.0.0.1, 192.0.2.1", "127.0.0.1.example"]) {
    expect((await answerTo(session, () => source)).pathname).toBe("/consent")
  }
  expect(await grantCount(session)).toBe(0)
})

test("a request from an address that only ends like one of this machine is approved for nobody", async () => {
  const session = await startSession()
  for (const source of ["2001:db8::1", "fe80::1", "::ffff:192.0.2.1", "128.0.0.1", "1127.0.0.1", "::1:1"]) {
    expect((await answerTo(session, () => source)).pathname, source).toBe("/consent")
  }
  expect(await grantCount(session)).toBe(0)
})

test("a request that asks for this machine by another name is approved for nobody, however like its own that looks", async () => {
  const session = await startSession()
  const isApproved = async (host: string) =>
    (await answerTo(session, () => "127.0.0.1", { host })).searchParams.has("code")
  for (const host of ["localhost", "LOCALHOST:1", "127.0.0.1:65535", "[::1]", "[::1]:4000"]) {
    expect(await isApproved(host), host).toBe(true)
  }
  const others = ["localhost.evil.example", "evil-localhost", "127.0.0.1.evil.example", "127.0.0.10", "1127.0.0.1"]
  const broken = ["localhost:", "localhost:123456", "localhost:4000.evil.example", "127x0x0x1", "::1", ""]
  for (const host of [...others, ...broken]) expect(await isApproved(host), host).toBe(false)
})

test.each([
  ["forwarded", "for=127.0.0.1"],
  ["x-forwarded-for", "127.0.0.1"],
  ["x-forwarded-proto", "https"],
  ["x-forwarded-host", "localhost:4000"],
  ["x-forwarded-anything", ""],
  ["x-forwarded", "for=127.0.0.1"],
  ["forwarded-for", "127.0.0.1"],
  ["x-real-ip", "127.0.0.1"],
  ["via", "1.1 proxy"],
  ["cf-connecting-ip", "127.0.0.1"],
  ["cdn-loop", "cdn"],
  ["true-client-ip", "127.0.0.1"],
  ["x-client-ip", "127.0.0.1"],
  ["x-cluster-client-ip", "127.0.0.1"],
  ["fly-client-ip", "127.0.0.1"],
  ["x-envoy-external-address", "127.0.0.1"],
  ["x-original-host", "grantlog.example"],
  ["cf-ray", "8f0"],
  ["cf-visitor", '{"scheme":"https"}'],
  ["tailscale-user-login", "somebody"],
  ["ngrok-trace-id", "8f0"],
  ["x-amzn-trace-id", "Root=1"],
  ["x-arr-clientip", "127.0.0.1"],
  ["x-vercel-id", "8f0"],
  ["x-remote-addr", "127.0.0.1"],
  ["x-remote-ip", "127.0.0.1"],
])("a request that somebody says to have passed on is approved for nobody: %s", async (name, value) => {
  const session = await startSession()
  expect((await answerTo(session, () => "127.0.0.1", { [name]: value })).pathname).toBe("/consent")
  expect((await session.wire.get(`/authorize?client_id=${session.app.clientId}`, { [name]: value })).status).toBe(400)
  expect(await grantCount(session)).toBe(0)
})

test("what the framework hands to its handlers says where a request came from", async () => {
  const session = await startSession()
  const handle = createHandler(session.native, { sourceOf: (_, { remote }: { readonly remote: string }) => remote })
  const query = `response_type=code&client_id=${session.app.clientId}&code_challenge=${challengeOf("v")}&code_challenge_method=S256`
  const pathFrom = async (remote: string) =>
    new URL((await handle(new Request(`${ISSUER}/authorize?${query}`), { remote })).headers.get("location")!).pathname
  expect([await pathFrom("127.0.0.1"), await pathFrom("192.0.2.1")]).toEqual(["/callback", "/consent"])
})
