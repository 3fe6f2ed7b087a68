/** Rich authorization requests (RFC 9396): what may be asked for, what people read, and what tokens say and never exceed. */
import { Effect } from "effect"
import { decodeJwt } from "jose"
import { describe, expect, it } from "vitest"
import {
  authorizationDetails,
  type DetailsTypeOptions,
} from "../../../../src/provider/features/details/AuthorizationDetails.ts"
import { pushedRequests } from "../../../../src/provider/features/requests/Pushed.ts"
import { ConfigFault, jwtAccessTokens, standardFeatures } from "../../../../src/provider/index.ts"
import { newBrowser, startFrontDoor } from "../../../support/FrontDoor.ts"
import { openUrl, push, pushed } from "../../../support/Pushing.ts"
import { startSession, type Session } from "../../../support/Session.ts"
import { overMemory, overSqlite } from "../../../support/TestServer.ts"
import { ways } from "../../../support/ThroughPages.ts"
import { RESOURCE, wireClient, type Answer } from "../../../support/WireClient.ts"

const types: Readonly<Record<string, DetailsTypeOptions>> = {
  payment: {
    members: {
      amount: {
        kind: "object",
        members: { value: { kind: "text" }, currency: { kind: "text", values: ["EUR", "CHF"] } },
      },
      creditor: { kind: "text" },
      instant: { kind: "boolean", isOptional: true },
      count: { kind: "number", isOptional: true },
    },
    words: "pay {amount.value} {amount.currency} to {creditor}",
  },
  files: {
    members: {
      actions: { kind: "texts", values: ["read", "write", "delete"] },
      folder: { kind: "text" },
    },
    words: "{actions} files in {folder}",
  },
}
const features = [...standardFeatures, ...authorizationDetails(types), ...pushedRequests()]

const payment = { type: "payment", amount: { value: "12.50", currency: "EUR" }, creditor: "Merchant A" }
const files = { type: "files", actions: ["read", "write"], folder: "/notes" }
const details = (...list: ReadonlyArray<unknown>) => ({ authorization_details: JSON.stringify(list) })

const start = (way = overMemory): Promise<Session> => startSession(way, { features })
const errorIn = ({ headers }: Answer) => new URL(headers.get("location") ?? "about:blank").searchParams.get("error")

describe.each([...ways, overSqlite])("what was approved, $name", (way) => {
  //= RFC9396-7-return-granted
  //= RFC9396-9.2-introspection
  it("is in the token response and in introspection, and is kept by a refresh", async () => {
    const { wire, app, watcher, native } = await start(way)
    const tokens = await wire.login(app, { ...details(payment, files), resource: RESOURCE })
    expect(tokens.body["authorization_details"]).toEqual([payment, files])
    const refreshed = await wire.refreshed(app, tokens.refresh)
    expect(refreshed.body["authorization_details"]).toEqual([payment, files])
    for (const { access } of [tokens, refreshed]) {
      expect((await wire.introspect(watcher, access)).body["authorization_details"]).toEqual([payment, files])
    }
    expect(await Effect.runPromise(native.grants({ clientId: app.clientId }))).toHaveLength(1)
  })

  //= RFC9396-6-narrowing
  it("may be narrowed for a token, never grows again from there, and is whole at the next refresh", async () => {
    const { wire, app, watcher } = await start(way)
    const approval = await wire.approved(app, { ...details(payment, files), resource: RESOURCE })
    const less = { ...files, actions: ["read"] }
    const first = await wire.redeem(app, approval, details(less))
    expect(first.body["authorization_details"]).toEqual([less])
    expect((await wire.introspect(watcher, first.body.access_token!)).body["authorization_details"]).toEqual([less])
    for (const more of [
      { ...files, actions: ["read", "delete"] },
      { ...files, folder: "/" },
      { ...payment, amount: { value: "99.00", currency: "EUR" } },
      { ...payment, instant: true },
      { type: "unknown" },
    ]) {
      const refused = await wire.refresh(app, first.body.refresh_token!, details(more))
      expect([refused.status, refused.body.error]).toEqual([400, "invalid_authorization_details"])
    }
    const second = await wire.refreshed(app, first.body.refresh_token!, details(payment))
    expect(second.body["authorization_details"]).toEqual([payment])
    expect((await wire.refreshed(app, second.refresh)).body["authorization_details"]).toEqual([payment, files])
  })

  it("is repeated byte for byte after a lost reply, and another part of it is another token", async () => {
    const { wire, app } = await start(way)
    const { refresh } = await wire.login(app, details(payment, files))
    const [one, same, other] = [
      await wire.refreshed(app, refresh, details(files)),
      await wire.refreshed(app, refresh, details(files)),
      await wire.refreshed(app, refresh, details(payment)),
    ]
    expect([same.access, same.refresh]).toEqual([one.access, one.refresh])
    expect(other.access).not.toBe(one.access)
    expect(other.refresh).toBe(one.refresh)
    expect(other.body["authorization_details"]).toEqual([payment])
  })
})

//= RFC9396-9.1-jwt
it("a token that is a JWT says it itself", async () => {
  const jwt = jwtAccessTokens({ resources: { [RESOURCE]: "ES256" } })
  const { wire, app } = await startSession(overMemory, { features: [...features, jwt] })
  const { access } = await wire.login(app, { ...details(payment), resource: RESOURCE })
  expect(decodeJwt(access)["authorization_details"]).toEqual([payment])
  const plain = await wire.login(app, { resource: RESOURCE })
  expect(decodeJwt(plain.access)).not.toHaveProperty("authorization_details")
})

const wrong: ReadonlyArray<readonly [string, string]> = [
  ["no JSON", "{"],
  ["no list", JSON.stringify(payment)],
  ["an empty list", "[]"],
  ["what is no object", JSON.stringify(["payment"])],
  ["no type", JSON.stringify([{ amount: 1 }])],
  ["an unknown type", JSON.stringify([{ type: "constructor" }])],
  ["a member that is missing", JSON.stringify([{ type: "payment", creditor: "x" }])],
  ["a member that is not known", JSON.stringify([{ ...payment, more: 1 }])],
  ["an inherited name", JSON.stringify([{ ...payment, toString: "x" }])],
  ["a member inside that is not known", JSON.stringify([{ ...payment, amount: { ...payment.amount, more: 1 } }])],
  ["a value of another kind", JSON.stringify([{ ...payment, creditor: 1 }])],
  ["a value that is not among them", JSON.stringify([{ ...payment, amount: { value: "1", currency: "USD" } }])],
  ["an empty list in it", JSON.stringify([{ ...files, actions: [] }])],
  ["text that turns the line around", JSON.stringify([{ ...payment, creditor: "A\u202eB" }])],
  ["a line end in a text", JSON.stringify([{ ...payment, creditor: "A\nB" }])],
  ["a long text", JSON.stringify([{ ...payment, creditor: "x".repeat(257) }])],
  ["too many", JSON.stringify(Array.from({ length: 17 }, (_, index) => ({ ...payment, creditor: `${index}` })))],
  ["one right and one wrong", JSON.stringify([payment, { type: "other" }])],
]

describe("what cannot be asked for", () => {
  //= RFC9396-5-unknown-type
  it.each(wrong)("%s is refused, at the authorization endpoint and where it is pushed", async (_, asked) => {
    const { wire, app } = await start()
    expect(errorIn(await wire.authorize(app, { authorization_details: asked }))).toBe("invalid_authorization_details")
    const atPar = await push(wire, app, { authorization_details: asked })
    expect([atPar.status, atPar.body.error]).toEqual([400, "invalid_authorization_details"])
  })

  it("at the token endpoint, details that are none and those of a grant without any are refused", async () => {
    const { wire, app } = await start()
    const approval = await wire.approved(app)
    for (const asked of ["{", "[]", JSON.stringify([payment])]) {
      const refused = await wire.redeem(app, approval, { authorization_details: asked })
      expect([refused.status, refused.body.error]).toEqual([400, "invalid_authorization_details"])
    }
    const { status, body } = await wire.redeem(app, approval)
    expect([status, "authorization_details" in body]).toEqual([200, false])
  })

  //= RFC9396-10-metadata
  it("is any type that is not in the metadata, or that the client did not register if it registered some", async () => {
    const { wire } = await start()
    const { body } = await wire.get("/.well-known/oauth-authorization-server")
    expect(body["authorization_details_types_supported"]).toEqual(["payment", "files"])
    const app = await wire.newApp({ authorization_details_types: ["files"] })
    expect(errorIn(await wire.authorize(app, details(payment)))).toBe("invalid_authorization_details")
    expect((await wire.login(app, details(files))).body["authorization_details"]).toEqual([files])
  })

  it("is nothing to a server that has no types: it does not know the parameter", async () => {
    const { wire, app } = await startSession()
    const tokens = await wire.login(app, details(payment))
    expect(tokens.body).not.toHaveProperty("authorization_details")
    expect((await wire.get("/.well-known/oauth-authorization-server")).body).not.toHaveProperty(
      "authorization_details_types_supported",
    )
  })
})

describe("the person who is asked", () => {
  //= RFC9396-5-unknown-type
  it("reads what would be allowed, in words, escaped, and it is what was pushed", async () => {
    const door = await startFrontDoor({ features })
    const wire = wireClient(door.issuer)
    const app = await wire.newApp()
    const odd = { ...payment, creditor: "<b>&\"A'" }
    const url = openUrl(app.clientId, await pushed(wire, app, details(odd, files)))
    const page = await newBrowser(door.issuer).walk(url)
    expect(page.text).toContain("pay 12.50 EUR to &lt;b&gt;&amp;&quot;A&#39; <code>payment</code>")
    expect(page.text).toContain("read, write files in /notes <code>files</code>")
  })

  it("reads later what was allowed, where it can be ended", async () => {
    const door = await startFrontDoor({ features })
    const app = await wireClient(door.issuer).newApp()
    const browser = newBrowser(door.issuer)
    const page = await browser.follow(
      await browser.signIn(await browser.follow(await browser.get(authorizePath(app.clientId)))),
    )
    await browser.submit(page, "/consent", { decision: "allow" })
    const account = await browser.get("/account")
    expect(account.text).toContain("pay 12.50 EUR to Merchant A <code>payment</code>")
  })

  //= RFC9396-5-unknown-type
  it("is asked nothing that nobody can put into words any more", async () => {
    const door = await startFrontDoor({ features })
    const app = await wireClient(door.issuer).newApp()
    const browser = newBrowser(door.issuer)
    const login = await browser.follow(await browser.get(authorizePath(app.clientId)))
    door.native.features.authorizationDetailsTypes.forEach((_, name, known) =>
      (known as Map<string, unknown>).delete(name),
    )
    const page = await browser.follow(await browser.signIn(login))
    expect([page.status, page.text.includes("Allow access?")]).toEqual([400, false])
  })
})

const authorizePath = (clientId: string) =>
  `/authorize?${new URLSearchParams({
    client_id: clientId,
    response_type: "code",
    code_challenge: "c".repeat(43),
    code_challenge_method: "S256",
    ...details(payment),
  })}`

it.each([
  ["has no words", { members: {}, words: "" }],
  ["has words with an unknown member", { members: {}, words: "pay {amount}" }],
  ["has words with an object", { members: { amount: { kind: "object" } }, words: "pay {amount}" }],
  ["has an unknown kind", { members: { amount: { kind: "money" } }, words: "pay" }],
  ["has an unknown kind inside", { members: { a: { kind: "object", members: { b: { kind: "x" } } } }, words: "pay" }],
])("a type that %s is refused when the server is made", (_, options) => {
  expect(() => authorizationDetails({ payment: options as DetailsTypeOptions })).toThrow(ConfigFault)
})
