/**
 * A mistake of the caller's is answered as one, before anybody is asked to log in: alike by a server that approves by
 * itself and by one that asks people, and never by "try again later".
 */
import { expect, test } from "vitest"
import { newBrowser, startFrontDoor } from "../support/FrontDoor.ts"
import { startSession } from "../support/Session.ts"
import { RESOURCE, wireClient, type Answer } from "../support/WireClient.ts"

const mistakes: ReadonlyArray<readonly [string, Readonly<Record<string, string | ReadonlyArray<string>>>]> = [
  ["invalid_target", { resource: "mcp" }],
  ["invalid_target", { resource: "/mcp" }],
  ["invalid_target", { resource: "//host.example/mcp" }],
  ["invalid_target", { resource: `${RESOURCE}#` }],
  ["invalid_target", { resource: `${RESOURCE}#fragment` }],
  ["invalid_target", { resource: "https://user:password@host.example/mcp" }],
  ["invalid_target", { resource: `https://host.example/${"a".repeat(2048)}` }],
  ["invalid_target", { resource: [RESOURCE, "mcp"] }],
  ["invalid_target", { resource: Array.from({ length: 17 }, (_, index) => `${RESOURCE}/${index}`) }],
  ["invalid_scope", { scope: 'r"ead' }],
  ["invalid_scope", { scope: "réad" }],
  ["invalid_scope", { scope: "a".repeat(129) }],
  ["invalid_scope", { scope: Array.from({ length: 65 }, (_, index) => `s${index}`).join(" ") }],
  ["invalid_scope", { scope: "admin root" }],
  ["invalid_request", { code_challenge: "short" }],
  ["unsupported_response_type", { response_type: "token" }],
]

const errorIn = (location: string | null | undefined) => {
  const { searchParams } = new URL(location ?? "about:blank")
  return Object.fromEntries(["error", "error_description"].map((name) => [name, searchParams.get(name)]))
}
const linkIn = ({ text }: Answer): string => /href="([^"]+)"/.exec(text)?.[1]?.replaceAll("&amp;", "&") ?? ""

//= RFC8707-2-absolute-no-fragment
test("what auto-approval refuses is refused alike where people are asked, signed in or not", async () => {
  const automatic = await startSession()
  const door = await startFrontDoor()
  const wire = wireClient(door.issuer)
  const app = await wire.newApp()
  const browser = newBrowser(door.issuer)
  await browser.signIn(await browser.get("/login"))
  const cookie = { cookie: [...browser.jar].map(([name, value]) => `${name}=${value}`).join("; ") }
  const signedIn = wireClient(door.issuer, cookie)

  for (const [error, form] of mistakes) {
    const said = errorIn((await automatic.wire.authorize(automatic.app, form)).headers.get("location"))
    expect(said["error"]).toBe(error)
    const toNobody = await wire.authorize(app, form)
    expect([toNobody.status, toNobody.headers.get("location")]).toEqual([400, null])
    expect(errorIn(linkIn(toNobody))).toEqual(said)
    expect(errorIn((await signedIn.authorize(app, form)).headers.get("location"))).toEqual(said)
  }
})
