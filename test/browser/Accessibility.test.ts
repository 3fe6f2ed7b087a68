/** Every page is for everybody: axe finds nothing, light or dark, small or wide, whatever state the page is in. */
import { expect } from "vitest"
import { PASSWORD, VERIFIER, authorizeUrl, startFrontDoor } from "../support/FrontDoor.ts"
import { dealings, deviceSetting, television } from "../support/Television.ts"
import { wireClient } from "../support/WireClient.ts"
import { audit } from "./Audit.ts"
import { startLoopbackClient } from "./Sites.ts"
import { test, press, signIn, visit } from "./Visit.ts"

test("axe finds nothing on any page, light or dark, small or wide", async () => {
  const { issuer } = await startFrontDoor({ config: { scopeDescriptions: { read: "read your notes" } } })
  const wire = wireClient(issuer)
  const client = await startLoopbackClient()
  const redirect_uri = `${client.origin}/callback`
  const asked = { redirect_uri, scope: "read write", resource: "https://notes.example/mcp" }
  const { page, violations } = await visit()

  await page.goto(issuer)
  await audit(page, "home")
  await page.goto(`${issuer}/account`)
  await audit(page, "login")
  await signIn(page, "alice", "a wrong password")
  await page.getByRole("alert").waitFor()
  await audit(page, "login after a wrong password")
  await signIn(page)
  await page.getByText("No app is connected").waitFor()
  await audit(page, "account without apps")

  for (const client_name of ["Notes", "Notes"]) {
    const app = await wire.newApp({ client_name })
    await page.goto(issuer + authorizeUrl(app.clientId, asked))
    await audit(page, "login of somebody who is signed in")
    await signIn(page)
    await page.getByText("An app that calls itself").waitFor()
    await audit(page, "consent")
    await press(page, "Allow")
    await page.getByText("You can close this window").waitFor()
    const code = client.visited.findLast(({ pathname }) => pathname === "/callback")!.searchParams.get("code")!
    expect((await wire.redeem(app, { code, verifier: VERIFIER }, { redirect_uri })).status).toBe(200)
  }
  const elsewhere = await visit()
  await elsewhere.page.goto(`${issuer}/account`)
  await signIn(elsewhere.page)
  await page.goto(`${issuer}/account`)
  await page.getByText("Change the password").click()
  await audit(page, "account")

  const change = async (present: string) => {
    await page.getByLabel("Present password").fill(present)
    await page.getByLabel("New password, at least 8 characters").fill("a new and longer password")
    await page.getByLabel("New password again").fill("a new and longer password")
    await press(page, "Change password")
  }
  await change("a wrong password")
  await page.getByRole("alert").waitFor()
  await audit(page, "account after a wrong password")
  await change(PASSWORD)
  await page.getByRole("status").waitFor()
  await audit(page, "account after a change of the password")

  const app = await wire.newApp()
  await elsewhere.page.context().clearCookies()
  await page.context().clearCookies()
  await page.goto(issuer + authorizeUrl(app.clientId, { response_type: "token" }))
  await audit(page, "error with a way back")
  await page.goto(issuer + authorizeUrl("nobody"))
  await audit(page, "error without one")
  expect(violations).toEqual([])
})

test("nor on those that ask before an app is disconnected, say what was done, connect a device, or lead somebody on", async () => {
  const { issuer } = await startFrontDoor(deviceSetting())
  const client = await startLoopbackClient()
  const redirect_uri = `${client.origin}/callback`
  const { page, violations } = await visit()
  for (const client_name of ["Notes", "Bank"]) {
    const app = await wireClient(issuer).newApp({ client_name })
    await page.goto(issuer + authorizeUrl(app.clientId, { redirect_uri }))
    await signIn(page)
    await press(page, "Allow")
    await page.getByText("You can close this window").waitFor()
  }
  await page.goto(`${issuer}/account`)
  await press(page, "Disconnect all apps")
  await page.getByRole("heading", { name: "Disconnect all apps?" }).waitFor()
  await audit(page, "question whether to disconnect all")
  await page.getByRole("link", { name: "Keep them" }).click()
  await press(page, "Disconnect Notes")
  await page.getByRole("heading", { name: "Disconnect this app?" }).waitFor()
  await audit(page, "question whether to disconnect one")
  await press(page, "Disconnect")
  await page.getByText("Notes was disconnected.").waitFor()
  await audit(page, "account after disconnecting")
  await page.goto(issuer)
  await audit(page, "home of somebody who is signed in")
  await page.goto(`${issuer}/nowhere`)
  await audit(page, "no such page")

  const wire = wireClient(issuer)
  const app = await wire.newApp(television)
  const { ask, poll } = dealings(wire, app, issuer)
  await page.goto(`${issuer}/device`)
  const enter = async (code: string) => {
    await page.getByLabel("Code").fill(code)
    await press(page, "Continue")
  }
  await enter("none")
  await page.getByRole("alert").waitFor()
  await audit(page, "where a device's code is entered, after one that is none")
  await enter("bcdf ghjk")
  await signIn(page)
  await page.getByText("No device waits under that code").waitFor()
  const allowed = await ask({ scope: "read write" })
  await enter(allowed.userCode.toLowerCase().replace("-", " "))
  await signIn(page)
  await page.getByRole("heading", { name: "Allow this device?" }).waitFor()
  await page.getByText(allowed.userCode).waitFor()
  await audit(page, "question for a device")
  await press(page, "Allow")
  await page.getByRole("heading", { name: "Device connected" }).waitFor()
  await audit(page, "device connected")
  expect((await poll(allowed)).status).toBe(200)
  const denied = await ask()
  await page.goto(`${issuer}${denied.page}`)
  await signIn(page)
  await press(page, "Deny")
  await page.getByRole("heading", { name: "Device not connected" }).waitFor()
  expect((await poll(denied)).body.error).toBe("access_denied")
  expect(violations).toEqual([])
})
