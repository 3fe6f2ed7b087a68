/** Clients that nobody here wrote log in as devices: openid-client by itself, oauth4webapi step by step. */
import * as oauth from "oauth4webapi"
import * as openid from "openid-client"
import { expect, test } from "vitest"
import { answering, startTelevision } from "../../support/Television.ts"
import { RESOURCE } from "../../support/WireClient.ts"

const insecure = { [oauth.allowInsecureRequests]: true }

/** What a browser needs of an answer to a device. */
const pageOf = ({ verification_uri_complete }: { readonly verification_uri_complete?: string }) => {
  const { pathname, search } = new URL(verification_uri_complete!)
  return { page: pathname + search }
}

const startOpenid = async () => {
  const started = await startTelevision({}, { interval: 1 })
  const config = await openid.discovery(new URL(started.issuer), started.app.clientId, {}, openid.None(), {
    algorithm: "oauth2",
    execute: [openid.allowInsecureRequests],
  })
  const asked = await openid.initiateDeviceAuthorization(config, { scope: "read", resource: RESOURCE })
  return { ...started, config, asked }
}

test("openid-client shows a code, polls until somebody has allowed it, refreshes and revokes", async () => {
  const { config, asked, browser } = await startOpenid()
  expect(asked).toMatchObject({ expires_in: 600, interval: 1 })
  expect((await answering(browser, pageOf(asked))).text).toContain("Device connected")
  const tokens = await openid.pollDeviceAuthorizationGrant(config, asked)
  expect(tokens).toMatchObject({ token_type: "bearer", scope: "read", expires_in: 3600 })
  const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token!)
  await openid.tokenRevocation(config, refreshed.refresh_token!)
  await expect(openid.refreshTokenGrant(config, refreshed.refresh_token!)).rejects.toMatchObject({
    error: "invalid_grant",
  })
})

test("openid-client is told that somebody said no", async () => {
  const { config, asked, browser } = await startOpenid()
  await answering(browser, pageOf(asked), "deny")
  await expect(openid.pollDeviceAuthorizationGrant(config, asked)).rejects.toMatchObject({ error: "access_denied" })
})

test("RFC8628-3.5-polling, RFC8628-3.4-single-use: oauth4webapi takes every answer as the standard has it", async () => {
  const { app, issuer, browser, clock } = await startTelevision()
  const at = new URL(issuer)
  const found = await oauth.discoveryRequest(at, { algorithm: "oauth2", ...insecure })
  const as = await oauth.processDiscoveryResponse(at, found)
  const client = { client_id: app.clientId }
  const ask = async () =>
    oauth.processDeviceAuthorizationResponse(
      as,
      client,
      await oauth.deviceAuthorizationRequest(as, client, oauth.None(), { scope: "read", resource: RESOURCE }, insecure),
    )
  const asked = await ask()
  const poll = async (code: string) =>
    oauth.processDeviceCodeResponse(
      as,
      client,
      await oauth.deviceCodeGrantRequest(as, client, oauth.None(), code, insecure),
    )
  const refused = (error: string) => ({ name: "ResponseBodyError", status: 400, error })
  await expect(poll(asked.device_code)).rejects.toMatchObject(refused("authorization_pending"))
  await expect(poll(asked.device_code)).rejects.toMatchObject(refused("slow_down"))
  await answering(browser, pageOf(asked))
  expect(await poll(asked.device_code)).toMatchObject({ token_type: "bearer", scope: "read" })
  await expect(poll(asked.device_code)).rejects.toMatchObject(refused("invalid_grant"))

  const late = await ask()
  clock.pass(600)
  await expect(poll(late.device_code)).rejects.toMatchObject(refused("expired_token"))
})
