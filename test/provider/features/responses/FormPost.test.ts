/** `response_mode=form_post`: the answer is in a form that the browser posts, and in no address. */
import { describe, expect, it } from "vitest"
import { formPost } from "../../../../src/provider/features/responses/FormPost.ts"
import { standardFeatures } from "../../../../src/provider/index.ts"
import { authorizeUrl, newBrowser, startFrontDoor } from "../../../support/FrontDoor.ts"
import { startSession } from "../../../support/Session.ts"
import { ISSUER, overMemory } from "../../../support/TestServer.ts"
import { ways } from "../../../support/ThroughPages.ts"
import { wireClient, type Answer } from "../../../support/WireClient.ts"

const features = [...standardFeatures, formPost]
const posted = { response_mode: "form_post" }

/** What stands between the quotes of an attribute, as a browser reads it. */
const read = (text: string): string =>
  text.replaceAll(/&#(\d+);|&(quot|lt|gt|amp);/g, (_, code: string | undefined, name: string) =>
    code === undefined ? { quot: '"', lt: "<", gt: ">", amp: "&" }[name]! : String.fromCodePoint(Number(code)),
  )

const formIn = ({ text }: Pick<Answer, "text">) => {
  const form = /<form method="post" action="([^"]*)">([\s\S]*?)<\/form>/.exec(text)!
  const fields = [...form[2]!.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)]
  return {
    action: read(form[1]!),
    fields: Object.fromEntries(fields.map(([, name, value]) => [read(name!), read(value!)])),
  }
}

it("is in the metadata as long as it is in the list", async () => {
  const { wire } = await startSession(overMemory, { features })
  const { body } = await wire.get("/.well-known/oauth-authorization-server")
  expect(body["response_modes_supported"]).toEqual(["query", "form_post"])
})

describe.each(ways)("$name", (way) => {
  //= FORMPOST-2-form
  //= FORMPOST-2-not-kept
  it("an approved request is answered by a form with code, state and issuer, which is not kept", async () => {
    const { wire, app } = await startSession(way, { features })
    const odd = `a"b<c>&'d\u{1F511}`
    const answer = await wire.authorize(app, { ...posted, state: odd })
    expect([answer.status, answer.headers.get("location")]).toEqual([200, null])
    expect(answer.headers.get("cache-control")).toBe("no-store")
    const { action, fields } = formIn(answer)
    expect(action).toBe(app.redirectUri)
    expect(fields).toEqual({ code: expect.stringMatching(/^glc_/), state: odd, iss: ISSUER })
    expect((await wire.redeem(app, { code: fields["code"]!, verifier: "v".repeat(43) })).status).toBe(200)
  })

  it("so is an error, where it may go to the client", async () => {
    const { wire, app } = await startSession(way, { features })
    const { fields } = formIn(await wire.authorize(app, { ...posted, scope: "admin", state: "s" }))
    expect(fields).toMatchObject({ error: "invalid_scope", state: "s", iss: ISSUER })
  })

  it("the page runs its own script and nothing else, and loads nothing", async () => {
    const { wire, app } = await startSession(way, { features })
    const { headers, text } = await wire.authorize(app, posted)
    const policy = headers.get("content-security-policy")!
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; base-uri 'none'/)
    expect(policy).toContain("frame-ancestors 'none'")
    expect(text.match(/<script/g)).toHaveLength(1)
  })
})

it("nobody is sent to a site that nobody vouches for: the form is there, and does not post itself", async () => {
  const door = await startFrontDoor({ features })
  const app = await wireClient(door.issuer).newApp({ redirect_uris: ["https://site.example/callback"] })
  const url = authorizeUrl(app.clientId, { ...posted, redirect_uri: app.redirectUri, scope: "admin" })
  const page = await newBrowser(door.issuer).get(url)
  expect([page.status, page.location, page.text.includes("<script")]).toEqual([400, undefined, false])
  expect(page.headers.get("content-security-policy")).not.toContain("script-src")
  expect(formIn(page)).toMatchObject({ action: app.redirectUri, fields: { error: "invalid_scope" } })
  expect(page.text).toContain("the site site.example")
})

it("is none where it is not in the list", async () => {
  const { wire, app } = await startSession()
  const { headers } = await wire.authorize(app, posted)
  expect(new URL(headers.get("location")!).searchParams.get("error")).toBe("invalid_request")
})
