/** A press that comes before its page can have been read is no answer: the second half of a double click gives nothing. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { PASSWORD, authorizeUrl, newBrowser, startFrontDoor } from "../support/FrontDoor.ts"
import { wireClient } from "../support/WireClient.ts"

const start = async () => {
  const door = await startFrontDoor()
  const app = await wireClient(door.issuer).newApp({ client_name: "Notes" })
  const browser = newBrowser(door.issuer)
  await browser.signIn(await browser.get("/login"))
  const grants = async () => (await Effect.runPromise(door.native.grants({}))).map(({ _tag }) => _tag)
  const press = (page: Parameters<typeof browser.hidden>[0], path: string, fields: Record<string, string>) =>
    browser.send("POST", path, { form: browser.hidden(page)["form"]!, ...fields })
  const consent = async () => browser.walk(authorizeUrl(app.clientId))
  return { ...door, app, browser, grants, press, consent }
}

//= OAUTH21-7.11-clickjacking
describe("within the first second of a page", () => {
  test.each(["allow", "deny"])(
    "%s is no answer: the page is shown again, and can be answered then",
    async (decision) => {
      const { consent, press, grants, clock } = await start()
      const page = await consent()
      clock.pass(0.999)
      const early = await press(page, "/consent", { decision })
      expect([early.status, early.location]).toEqual([400, undefined])
      expect(early.text).toContain("before this page can have been read")
      expect(await grants()).toEqual([])
      const again = await press(early, "/consent", { decision })
      expect([again.status, again.location]).toEqual([400, undefined])
      clock.pass(1)
      expect((await press(early, "/consent", { decision })).status).toBe(303)
      expect(await grants()).toEqual([decision === "allow" ? "Open" : "Denied"])
    },
  )

  test("nothing is approved by a clock that was set back meanwhile", async () => {
    const { consent, press, grants, clock } = await start()
    const page = await consent()
    clock.step(-3)
    expect((await press(page, "/consent", { decision: "allow" })).status).toBe(400)
    expect(await grants()).toEqual([])
  })

  test("no app is disconnected, and nobody is signed out", async () => {
    const { browser, consent, press, grants, clock } = await start()
    const page = await consent()
    clock.pass(1)
    expect((await press(page, "/consent", { decision: "allow" })).status).toBe(303)
    for (const action of ["disconnect-all", "revoke-all", "end-sessions", "sign-out"]) {
      const account = await browser.get("/account")
      const early = await press(account, "/account", { action })
      expect([action, early.status]).toEqual([action, 400])
      expect(early.text).toContain("before this page can have been read")
      expect(early.text).toContain("Notes")
    }
    expect(await grants()).toEqual(["Open"])
  })

  test("another password is set, for whoever types one has seen what for", async () => {
    const { browser, press } = await start()
    const chosen = "a new and longer password"
    const fields = { password: PASSWORD, "new-password": chosen, "repeat-password": chosen }
    const changed = await press(await browser.get("/account"), "/account", { action: "password", ...fields })
    expect(changed.status).toBe(200)
    expect(changed.text).toContain("The password was changed.")
  })

  test("who uses another account is led to the login, for nothing is given away by it", async () => {
    const { consent, press } = await start()
    expect((await press(await consent(), "/consent", { decision: "switch" })).text).toContain('type="password"')
  })
})

test("every page takes itself out of the hands of whoever opened its window", async () => {
  const { consent, app, issuer } = await start()
  const pages = ["/", "/login", "/account", authorizeUrl("nobody"), authorizeUrl(app.clientId, { prompt: "dance" })]
  const stranger = newBrowser(issuer)
  const sights = [await consent(), ...(await Promise.all(pages.map(stranger.get)))]
  for (const { headers, status } of sights) {
    expect([status, headers.get("cross-origin-opener-policy")]).toEqual([status, "same-origin"])
  }
})
