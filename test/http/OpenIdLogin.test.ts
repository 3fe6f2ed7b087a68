/** Login by an OpenID provider: a real one, on this machine, that approves whoever asks. */
import { Effect } from "effect"
import { onTestFinished, expect, test } from "vitest"
import { openIdLogin } from "../../src/http/index.ts"
import { follow } from "../peers/Follow.ts"
import { startOidcProvider } from "../peers/Peer.ts"
import { VERIFIER, authorizeUrl, newBrowser, startFrontDoor } from "../support/FrontDoor.ts"
import { wireClient } from "../support/WireClient.ts"

/** Registers us over there, as its operator would. */
const registration = async (upstream: string, redirectUri: string) => {
  const body = { redirect_uris: [redirectUri], token_endpoint_auth_method: "client_secret_basic" }
  const headers = { "content-type": "application/json" }
  const answer = await fetch(`${upstream}/reg`, { method: "POST", headers, body: JSON.stringify(body) })
  return (await answer.json()) as { readonly client_id: string; readonly client_secret: string }
}

const start = async () => {
  const upstream = await startOidcProvider()
  onTestFinished(upstream.stop)
  const door = await startFrontDoor({}, async (issuer) => {
    const { client_id, client_secret } = await registration(upstream.issuer, `${issuer}/login/callback`)
    return {
      login: openIdLogin({
        issuer: upstream.issuer,
        clientId: client_id,
        clientSecret: client_secret,
        scope: "openid",
      }),
    }
  })
  const wire = wireClient(door.issuer)
  const callback = `${door.issuer}/login/callback`
  const app = await wire.newApp({ client_name: "Notes" })
  return { ...door, upstream, wire, app, callback, browser: newBrowser(door.issuer) }
}

test("somebody signs in over there, is asked here, and the client gets tokens", async () => {
  const { app, browser, callback, native, upstream, wire } = await start()
  const away = await browser.follow(await browser.get(authorizeUrl(app.clientId)))
  expect(new URL(away.location!).origin).toBe(upstream.issuer)
  const { location } = await follow(away.location!, callback)
  const consent = await browser.follow(await browser.get(location.href))
  expect(consent.text).toContain(`alice@${new URL(upstream.issuer).host}`)
  const answer = await browser.submit(consent, "/consent", { decision: "allow" })
  const code = new URL(answer.location!).searchParams.get("code")!
  expect((await wire.redeem(app, { code, verifier: VERIFIER })).status).toBe(200)
  const [grant] = await Effect.runPromise(native.grants({ clientId: app.clientId }))
  expect(grant).toMatchObject({ basis: { _tag: "User" } })
})

test("an answer from over there is good in the browser that asked, and nowhere else", async () => {
  const { app, browser, callback, issuer } = await start()
  const away = await browser.follow(await browser.get(authorizeUrl(app.clientId)))
  const { location } = await follow(away.location!, callback)
  const another = newBrowser(issuer)
  expect((await another.get(location.href)).status).toBe(400)
  expect(another.jar.size).toBe(0)
  const tampered = new URL(location)
  tampered.searchParams.set("code", "another-code")
  expect((await browser.get(tampered.href)).status).toBe(403)
})

test("a provider that cannot be reached is a page with 503, and is asked again the next time", async () => {
  const { app, browser, upstream } = await start()
  await upstream.stop()
  const answer = await browser.follow(await browser.get(authorizeUrl(app.clientId)))
  expect([answer.status, answer.location]).toEqual([503, undefined])
  expect(answer.headers.get("content-type")).toContain("text/html")
})
