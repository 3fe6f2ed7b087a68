/** A promise about every input there is: an answer comes, and it is never a 500. */
import { request } from "node:http"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { startSession } from "../support/Session.ts"
import { overAdapter, overMemory, overSqlite } from "../support/TestServer.ts"
import { basic } from "../support/WireClient.ts"

const RUNS = 300
/** Only what hangs takes so long, also on a machine that is busy with other things. */
const PATIENCE_MILLIS = 60_000

interface Sent {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** The status of the answer; rejects when none comes. */
const statusOf = (url: string, { method, path, headers, body }: Sent): Promise<number> =>
  new Promise((resolve, reject) => {
    const message = request(`${url}/`, { method, path, headers, timeout: PATIENCE_MILLIS }, (response) => {
      response.resume()
      response.on("end", () => resolve(response.statusCode ?? 0))
    })
    message.on("timeout", () => message.destroy(new Error("no answer")))
    message.on("error", reject)
    message.end(body)
  })

const names = (
  "grant_type code code_verifier redirect_uri client_id client_secret refresh_token scope resource token " +
  "token_type_hint state response_type response_mode code_challenge code_challenge_method request prompt client_assertion"
).split(" ")

const paths =
  "/ /token /authorize /register /revoke /introspect /healthz /.well-known/openid-configuration /nothing * //".split(
    " ",
  )

const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }))

const utf8 = (body: string): Uint8Array => Buffer.from(body)

/** Forms that know the words of the protocol, and values that were once good, besides those that know nothing. */
const anyForm = (known: ReadonlyArray<string>, clientId: string): fc.Arbitrary<string> => {
  const good = fc.constantFrom(...known, "code", "S256", "authorization_code", "refresh_token", "client_credentials")
  const name = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...names) }, text)
  const value = fc.oneof({ weight: 3, arbitrary: good }, text)
  return fc
    .tuple(fc.array(fc.tuple(name, value), { maxLength: 12 }), fc.boolean())
    .map(([pairs, isClientNamed]) => (isClientNamed ? [["client_id", clientId], ...pairs] : pairs))
    .map((pairs) => new URLSearchParams(pairs.map((pair) => pair.map((one) => one.toWellFormed()))).toString())
}

const anyMember = fc.oneof(fc.jsonValue(), fc.array(text), text)
const anyJson: fc.Arbitrary<string> = fc.oneof(
  fc.json(),
  fc.constantFrom("null", "[]", "0", '""', "{}"),
  fc
    .record(
      Object.fromEntries(
        ["redirect_uris", "grant_types", "response_types", "scope", "client_name", "jwks", "__proto__"].map(
          (member) => [member, anyMember],
        ),
      ),
      { requiredKeys: [] },
    )
    .map((metadata) => JSON.stringify(metadata)),
)

const urlText = fc.stringMatching(/^[\x21-\x7e]{0,60}$/)
const anyAuthorization = fc.oneof(
  urlText,
  text.map((id) => basic(encodeURIComponent(id.toWellFormed()), "x")["authorization"]!),
  fc
    .tuple(text, fc.oneof(text, fc.constantFrom("%", "%ff", "%zz")))
    .map(([id, secret]) => basic(id, secret)["authorization"]!),
  fc.base64String().map((encoded) => `Basic ${encoded}`),
)
const formType = { "content-type": "application/x-www-form-urlencoded" }

const anyRequest = (known: ReadonlyArray<string>, clientId: string): fc.Arbitrary<Sent> => {
  const form = anyForm(known, clientId)
  const formHeaders = fc.oneof(
    fc.constant(formType),
    anyAuthorization.map((authorization) => ({ ...formType, authorization })),
  )
  const posted = fc
    .tuple(fc.constantFrom("/token", "/revoke", "/introspect"), formHeaders, form)
    .map(([path, headers, body]) => ({ method: "POST", path, headers, body: utf8(body) }))
  const registered = anyJson.map((body) => ({ method: "POST", path: "/register", headers: {}, body: utf8(body) }))
  const authorized = form.map((query) => ({ method: "GET", path: `/authorize?${query}`, headers: {}, body: utf8("") }))
  const end = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...paths) },
    urlText.map((path) => `/${path}`),
  )
  const headers = {
    "content-type": fc.oneof(fc.constantFrom(formType["content-type"], "application/json"), urlText),
    authorization: anyAuthorization,
    origin: urlText,
    "accept-language": urlText,
  }
  const wild = fc.record({
    method: fc.constantFrom("GET", "POST", "HEAD", "PUT", "OPTIONS", "DELETE", "PATCH", "PROPFIND"),
    path: fc.tuple(end, fc.oneof(form, urlText)).map(([path, query]) => (query === "" ? path : `${path}?${query}`)),
    headers: fc.record(headers, { requiredKeys: [] }),
    body: fc.oneof(form.map(utf8), anyJson.map(utf8), fc.uint8Array({ maxLength: 200 })),
  })
  return fc.oneof(posted, registered, authorized, wild)
}

describe.each([overMemory, overSqlite, overAdapter])("$name", (factory) => {
  test.each([true, false])(
    "any request is answered and never by a 500; approving by itself: %s",
    async (isAutoApproving) => {
      const { wire, app, url } = await startSession(factory, { isAutoApproving })
      const known = [app.clientId, app.redirectUri, "a".repeat(43), "read write"]
      if (isAutoApproving) {
        const { access, refresh } = await wire.login(app)
        const { code, verifier } = await wire.approved(app)
        known.push(access, refresh, code, verifier)
      }
      await fc.assert(
        fc.asyncProperty(anyRequest(known, app.clientId), async (sent) => {
          const status = await statusOf(url, sent)
          const isHonest = status < 500 || (status === 501 && !isAutoApproving && /^\/authorize([?]|$)/.test(sent.path))
          expect(isHonest, `${status} for ${sent.method} ${sent.path}`).toBe(true)
        }),
        { numRuns: RUNS },
      )
      expect((await wire.get("/healthz")).status).toBe(200)
    },
  )
})
