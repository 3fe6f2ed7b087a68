/** Names that clients give themselves to be taken for something else, to break out, or to push the rest off the screen. */
import { expect } from "vitest"
import { authorizeUrl, startFrontDoor, VERIFIER } from "../support/FrontDoor.ts"
import { wireClient } from "../support/WireClient.ts"
import { startLoopbackClient } from "./Sites.ts"
import { test, expectToFit, find, phone, press, signIn, visit, walk, wide } from "./Visit.ts"
import { someOf } from "../support/Breadth.ts"

const start = async () => {
  const door = await startFrontDoor()
  const wire = wireClient(door.issuer)
  return { ...door, wire }
}

const accents = "\u0301\u0489\u0334\u035c".repeat(12)

/** A name, and what is shown of it; `undefined` is the client's id. */
const names: ReadonlyArray<readonly [what: string, name: string, shown: string | undefined]> = [
  ["one word of 256 letters", "W".repeat(256), `${"W".repeat(63)}…`],
  ["64 letters, which is as long as a name gets", "W".repeat(64), "W".repeat(64)],
  ["families, each of seven characters", "👨‍👩‍👧‍👦".repeat(20), "👨‍👩‍👧‍👦".repeat(20)],
  ["128 emoji", "🦊".repeat(128), `${"🦊".repeat(63)}…`],
  ["letters with piles of accents", `N${accents}o${accents}tes`, "N\u0301\u0489\u0334o\u0301\u0489\u0334tes"],
  [
    "a picture and a handler",
    `<img src=x onerror="document.title='taken'">`,
    `<img src=x onerror="document.title='taken'">`,
  ],
  [
    "markup that ends its frame",
    `"></bdi></p></main><script>document.title='taken'</script>`,
    `"></bdi></p></main><script>document.title='taken'</script>`,
  ],
  ["an entity", "&lt;b&gt; &amp; Söhne", "&lt;b&gt; &amp; Söhne"],
  ["another direction of writing", "هذا تطبيق عبري (Notes) עברית", "هذا تطبيق عبري (Notes) עברית"],
  ["a wide gap", `Notes${"\u00a0".repeat(120)}checked`, "Notes checked"],
  ["nothing that can be seen", "\u3164\u2800 \u115f", undefined],
  ["spaces", "    ", undefined],
]

const tried = someOf(names)

//= A38
//= RFC7591-5-self-asserted
test("whatever an app calls itself, the page stays what it is", async () => {
  const { issuer, wire } = await start()
  const client = await startLoopbackClient()
  const redirect_uri = `${client.origin}/callback`
  const { page, requested, violations } = await visit()
  await page.goto(`${issuer}/account`)
  await signIn(page)
  for (const [what, client_name, shown] of tried) {
    const app = await wire.newApp({ client_name })
    await walk(page, issuer + authorizeUrl(app.clientId, { redirect_uri }))
    const name = page.locator(".name bdi")
    expect(await name.textContent(), what).toBe(shown ?? app.clientId)
    expect(await name.locator("*").count(), what).toBe(0)
    expect(await page.title(), what).toBe("Allow access? · grantlog")
    for (const screen of [wide, phone]) {
      await page.setViewportSize(screen)
      await expectToFit(page)
      const { height } = (await page.locator(".name").boundingBox())!
      expect(height, `height of the plate with ${what}`).toBeLessThan(screen.height / 2)
    }
    await press(page, "Allow")
    await page.getByText("You can close this window").waitFor()
    const code = client.visited.findLast(({ pathname }) => pathname === "/callback")!.searchParams.get("code")!
    await wire.redeem(app, { code, verifier: VERIFIER }, { redirect_uri })
  }
  await page.goto(`${issuer}/account`)
  await find(page, "Disconnect all apps")
  expect(await page.getByRole("button", { name: /^Disconnect (?!all apps)/ }).count()).toBe(tried.length)
  expect(await page.title()).toBe("Your account · grantlog")
  for (const screen of [wide, phone]) {
    await page.setViewportSize(screen)
    await expectToFit(page)
  }
  expect(violations).toEqual([])
  expect(requested.filter((one) => ![issuer, client.origin].includes(new URL(one).origin))).toEqual([])
})

test("a name that turns the text around it is left out of the registration", async () => {
  const { wire } = await start()
  const { status, body } = await wire.register({ redirect_uris: ["http://127.0.0.1/"], client_name: "Notes\u202eknab" })
  expect([status, body["client_name"]]).toEqual([201, undefined])
})

test("addresses and ids of any length stay on a phone's screen", async () => {
  const { issuer, wire } = await start()
  const long = "a".repeat(60)
  const redirect_uri = `https://${[long, long, long, "example"].join(".")}/callback`
  const app = await wire.newApp({ redirect_uris: [redirect_uri] })
  const { page } = await visit({ viewport: phone })
  const resource = `https://notes.example/${"path".repeat(100)}`
  await page.goto(issuer + authorizeUrl(app.clientId, { redirect_uri, resource }))
  await signIn(page)
  await page.getByText(new URL(redirect_uri).host).waitFor()
  await expectToFit(page)
})
