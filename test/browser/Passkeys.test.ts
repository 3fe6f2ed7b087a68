/**
 * Passkeys in a real browser, with an authenticator of its own: the script asks it, the policy lets the script, and nobody
 * else's page or program comes between.
 */
import type { Page } from "playwright-core"
import { expect } from "vitest"
import { passkeys, standardFeatures, type PasskeyPolicy } from "../../src/provider/index.ts"
import { startFrontDoor } from "../support/FrontDoor.ts"
import { audit } from "./Audit.ts"
import { test, press, signIn, visit } from "./Visit.ts"

const start = (policy: PasskeyPolicy) => startFrontDoor({ features: [...standardFeatures, ...passkeys({ policy })] })

/** Gives the browser of a page an authenticator that knows its owner and is always touched. */
const addAuthenticator = async (page: Page): Promise<void> => {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send("WebAuthn.enable")
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}

const heading = (page: Page, name: string) => page.getByRole("heading", { name, exact: true }).first().waitFor()
const signOut = async (page: Page, issuer: string): Promise<void> => {
  await page.goto(`${issuer}/account`)
  await press(page, "Sign out")
  await page.getByLabel("Password").waitFor()
}

test("somebody adds a passkey, signs in with it alone and after the password, and removes it; axe finds nothing", async () => {
  const { issuer } = await start("second-factor")
  const { page, violations } = await visit()
  await addAuthenticator(page)
  await page.goto(`${issuer}/account/passkeys`)
  await page.getByRole("button", { name: "Sign in with a passkey" }).waitFor()
  await audit(page, "login with passkeys")
  await signIn(page)
  await heading(page, "Passkeys")
  await page.getByLabel("What you call it").fill("Alice's phone")
  await page.getByRole("button", { name: "Add a passkey" }).click()
  await page.getByText("The passkey was added.").waitFor()
  await audit(page, "account with a passkey")

  await signOut(page, issuer)
  await page.getByRole("button", { name: "Sign in with a passkey" }).click()
  await heading(page, "Your account")

  await signOut(page, issuer)
  await signIn(page)
  await heading(page, "Use your passkey")
  // Somebody closes the window of the browser that asks.
  await page.evaluate(() => {
    const { credentials } = navigator
    const get = credentials.get.bind(credentials)
    credentials.get = async () => {
      credentials.get = get
      throw new DOMException("", "NotAllowedError")
    }
  })
  await page.getByRole("button", { name: "Use a passkey" }).click()
  await page.getByText("No passkey was used. Try again.").waitFor()
  await audit(page, "passkey that was not used")
  await page.getByRole("button", { name: "Use a passkey" }).click()
  await heading(page, "Your account")

  await page.getByRole("link", { name: "Add or remove passkeys" }).click()
  await page.getByRole("button", { name: "Sign in with a passkey" }).click()
  await heading(page, "Passkeys")
  await audit(page, "passkeys")
  await press(page, "Remove Alice's phone")
  await heading(page, "Remove this passkey?")
  await audit(page, "question whether to remove a passkey")
  await press(page, "Remove")
  await page.getByText("The passkey was removed.").waitFor()
  await page.getByText("You have none.").waitFor()
  expect(violations).toEqual([])
})

test("where everybody needs one it is added on the way; without scripts that is said, and a password still signs in elsewhere", async () => {
  const { issuer } = await start("required")
  const { page, violations } = await visit()
  await addAuthenticator(page)
  await page.goto(`${issuer}/account`)
  await signIn(page)
  await heading(page, "Add a passkey")
  await audit(page, "passkey that is needed")
  await page.getByRole("button", { name: "Add a passkey" }).click()
  await heading(page, "Your account")
  expect(violations).toEqual([])

  const scriptless = await visit({ javaScriptEnabled: false })
  await scriptless.page.goto(`${issuer}/account`)
  expect(await scriptless.page.getByRole("button", { name: "Sign in with a passkey" }).isVisible()).toBe(false)
  await signIn(scriptless.page, "bob")
  await scriptless.page.getByText("This browser cannot use passkeys on this page").waitFor()
  const optional = await start("on")
  await scriptless.page.goto(`${optional.issuer}/account`)
  await signIn(scriptless.page, "bob")
  await heading(scriptless.page, "Your account")
})
