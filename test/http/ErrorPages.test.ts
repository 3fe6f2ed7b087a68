/** Whatever goes wrong before somebody's eyes: the page has a link to go on by, and names the request. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { createHandler } from "../../src/http/index.ts"
import { messagePage } from "../../src/http/pages/MessagePage.ts"
import { settingsOf, unavailable } from "../../src/provider/index.ts"
import { authorizeUrl, newBrowser, startFrontDoor, type Sight } from "../support/FrontDoor.ts"
import { wireClient } from "../support/WireClient.ts"

const start = async () => {
  const door = await startFrontDoor({ config: { displayName: "Meadow", lifetimes: { request: 600 } } })
  const { issuer } = door
  const app = await wireClient(issuer).newApp({ client_name: "Notes", redirect_uris: ["https://notes.example/back"] })
  const browser = newBrowser(issuer)
  const asked = authorizeUrl(app.clientId, { redirect_uri: "https://notes.example/back" })
  // On the network the host of a request is the one that it goes to.
  const handle = createHandler(door.native)
  const visitor = newBrowser(issuer, (to, sent) => handle(new Request(to, sent)))
  return { ...door, app, browser, visitor, asked }
}

type Door = Awaited<ReturnType<typeof start>>

const consentOf = async ({ browser, asked }: Door) => {
  const at = await browser.follow(await browser.get(asked))
  const signedIn = await browser.signIn(at)
  return { address: signedIn.location!, page: await browser.get(signedIn.location!) }
}

const linkOn = ({ text }: Sight): readonly [href: string, words: string] | undefined => {
  const [, href, words] = /<main>.*?<a (?:class="button" )?href="([^"]*)">([^<]*)<\/a>/s.exec(text) ?? []
  return href === undefined ? undefined : [href, words!]
}

const HOME = (issuer: string) => [issuer, "To the first page of Meadow"]

/** What goes wrong, with the page's status. */
const faults: ReadonlyArray<readonly [what: string, status: number, go: (door: Door) => Promise<Sight>]> = [
  ["a link without a client", 400, ({ browser }) => browser.get("/authorize")],
  ["a client that is not known", 400, ({ browser }) => browser.get(authorizeUrl("nobody"))],
  [
    "a redirect URI of nobody's",
    400,
    ({ browser, app }) => browser.get(authorizeUrl(app.clientId, { redirect_uri: "https://evil.example/" })),
  ],
  ["a request that is no request", 400, ({ browser }) => browser.get("/consent?request=x")],
  ["a request of another browser's", 400, async (door) => newBrowser(door.issuer).get((await consentOf(door)).address)],
  [
    "a request that has expired",
    400,
    async (door) => {
      const { address } = await consentOf(door)
      door.clock.pass(601)
      return door.browser.get(address)
    },
  ],
  [
    "a request that was answered",
    400,
    async (door) => {
      const { address, page } = await consentOf(door)
      await door.browser.submit(page, "/consent", { decision: "deny" })
      return door.browser.get(address)
    },
  ],
  [
    "an answer that is none",
    400,
    async (door) => door.browser.submit((await consentOf(door)).page, "/consent", { decision: "dance" }),
  ],
  ["a consent that is nobody's", 403, ({ browser }) => browser.send("POST", "/consent", { form: "x" })],
  ["a login form that is none", 400, ({ browser }) => browser.send("POST", "/login", { form: "x" })],
]

describe("a page that says what went wrong", () => {
  test.each(faults)("leads on, and names the request: %s", async (_, status, go) => {
    const door = await start()
    const page = await go(door)
    expect([page.status, page.headers.get("content-type")]).toEqual([status, "text/html; charset=utf-8"])
    expect(page.text).toContain('<p role="alert">')
    expect(linkOn(page)).toEqual(HOME(door.issuer))
    expect(page.text.match(/<p class="quiet">/g)).toHaveLength(1)
    const id = page.headers.get("x-request-id")
    expect(page.text).toContain(`If you ask the operator about this, name this request: <code>${id}</code>`)
  })

  test("leads back to the application for what that got wrong, and tells where the link leads", async () => {
    const { browser, app } = await start()
    const page = await browser.get(
      authorizeUrl(app.clientId, { redirect_uri: "https://notes.example/back", response_type: "token" }),
    )
    const [href, words] = linkOn(page)!
    expect([page.status, words]).toEqual([400, "Back to the application"])
    expect(href).toMatch(/^https:\/\/notes\.example\/back\?error=unsupported_response_type&amp;/)
    expect(page.text).toContain('<p class="quiet">This link leads to the site notes.example.</p>')
    expect(page.text).toContain('<p class="quiet">What is wrong with it: response_type is not code</p>')
    expect(page.text).toContain(`<code>${page.headers.get("x-request-id")}</code>`)
  })

  test("names no request where there is none", async () => {
    const { body } = await Effect.runPromise(messagePage(settingsOf({ issuer: "https://id.example" }), 400, "No."))
    expect(body).toContain('<a href="https://id.example">To the first page of grantlog</a>')
    expect(body).not.toContain("If you ask the operator")
  })

  test("leads home when the store is away, and says when to come again", async () => {
    const { native, issuer } = await start()
    const away = { ...native, findClient: () => Effect.fail(unavailable("the disk is gone", 5)) }
    const response = await createHandler(away)(new Request(issuer + authorizeUrl("notes")))
    const text = await response.text()
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"])
    expect(text).toContain(`<a href="${issuer}">To the first page of Meadow</a>`)
    expect(text).toContain(`<code>${response.headers.get("x-request-id")}</code>`)
    expect(text).not.toMatch(/\bdisk\b/)
  })
})

describe("a page asked for by another name than the issuer's", () => {
  test.each(["/login", "/account?before=x&amp=1", "/consent?request=x"])(
    "leads to the same page at the issuer's: %s",
    async (path) => {
      const { visitor, issuer } = await start()
      const page = await visitor.send("GET", path, undefined, { host: "evil.example" })
      expect([page.status, linkOn(page)]).toEqual([421, [`${issuer}${path}`.replaceAll("&", "&amp;"), "Go on there"]])
      expect(page.text).toContain(`This page is served at ${issuer} only.`)
    },
  )

  test("leads to the same request at the issuer's, where nobody is asked to begin anew", async () => {
    const { visitor, issuer, asked } = await start()
    const page = await visitor.send("GET", asked, undefined, { host: "127.0.0.1" })
    expect([page.status, linkOn(page)]).toEqual([421, [(issuer + asked).replaceAll("&", "&amp;"), "Go on there"]])
  })

  test("leads home from a form that was sent there", async () => {
    const { visitor, issuer } = await start()
    const page = await visitor.send("POST", "/login", { form: "x" }, { host: "evil.example" })
    expect([page.status, linkOn(page)]).toEqual([421, HOME(issuer)])
  })
})

describe("the login page", () => {
  const sentBy = ({ text }: Sight) => /<p>(An app that calls itself .*?)<\/p>/.exec(text)?.[1]

  test("says which app sent somebody, before and after a wrong password, and whoever else signs in", async () => {
    const { browser, asked } = await start()
    const said =
      "An app that calls itself <strong><bdi>Notes</bdi></strong> sent you here. Sign in to see what it asks for; you decide then."
    const login = await browser.follow(await browser.get(asked))
    expect(sentBy(login)).toBe(said)
    const again = await browser.signIn(login, "alice", "wrong password")
    expect([again.status, sentBy(again)]).toEqual([403, said])
    const page = await browser.follow(await browser.signIn(again))
    expect(sentBy(await browser.submit(page, "/consent", { decision: "switch" }))).toBe(said)
  })

  test("shows what an app calls itself as text, and its id where that is nothing to see", async () => {
    const { browser, issuer } = await start()
    const shown = async (client_name: string) => {
      const { clientId } = await wireClient(issuer).newApp({ client_name })
      const said = sentBy(await browser.follow(await browser.get(authorizeUrl(clientId))))!
      return /<bdi>(.*)<\/bdi>/.exec(said)![1]!.replace(clientId, "the id")
    }
    expect(await shown(`<b>"Bank"</b>`)).toBe("&lt;b&gt;&quot;Bank&quot;&lt;/b&gt;")
    expect(await shown(" ")).toBe("the id")
    expect(await shown("n".repeat(80))).toBe(`${"n".repeat(63)}…`)
  })

  test("names none that is not registered any more", async () => {
    const { browser, asked, app, native } = await start()
    const { location } = await browser.get(asked)
    await Effect.runPromise(native.deleteClient(app.clientId))
    const login = await browser.get(location!)
    expect([login.status, sentBy(login)]).toEqual([200, undefined])
  })

  test("names none where no app sent anybody", async () => {
    const { browser } = await start()
    for (const path of ["/login", "/account"]) expect(sentBy(await browser.get(path))).toBeUndefined()
  })
})
