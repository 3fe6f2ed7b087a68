/**
 * Half a megabyte of whatever costs most, given to each place that takes text of others: none works on it for longer
 * than in proportion.
 *
 * What starts over at every character needs minutes for such a text; the bound is far above what a busy machine takes.
 */
import { Readable } from "node:stream"
import { Effect, Schema } from "effect"
import { expect, test } from "vitest"
import {
  bearerChallenge,
  includesResource,
  addressFault,
  redirectUriFault,
  redirectUriMatches,
  readIntrospection,
} from "../../src/protocol/index.ts"
import { plain } from "../../properties/kit/render/Plain.ts"
import { questionOf, pastedQuestion } from "../../src/audit/explain/Question.ts"
import { hasSecret } from "../../src/audit/explain/SecretText.ts"
import { verifyExport } from "../../src/audit/proof/VerifyExport.ts"
import { withoutFalseFlags } from "../../src/cli/Arguments.ts"
import { parseTarget } from "../../src/cli/check/Target.ts"
import { sentenceOf, CommandFault } from "../../src/cli/Failure.ts"
import { textOf } from "../../src/cli/Print.ts"
import { jsonText, oneLine } from "../../src/cli/Terminal.ts"
import { belongsTo } from "../../src/client/authorization/CallbackServer.ts"
import { outcomePage } from "../../src/client/authorization/CallbackPage.ts"
import { clientAuthentication } from "../../src/client/tokens/ClientAuthentication.ts"
import { secureUrl } from "../../src/client/SecureUrl.ts"
import { EncryptedKeyValue, memoryKeyValue, parseEncryptionKeys } from "../../src/client/index.ts"
import { jsonObject } from "../../src/client/ResponseBody.ts"
import { named, quoted } from "../../src/client/ForeignText.ts"
import { discoverResource } from "../../src/client/discovery/ResourceMetadata.ts"
import { scopesOf } from "../../src/client/authorization/ScopeSelection.ts"
import { phrase, errorIn, shown } from "../../src/client/ErrorResponse.ts"
import { validatedMetadata, readServerMetadata } from "../../src/client/discovery/ServerMetadata.ts"
import { meaningOf, readTokenResponse } from "../../src/client/tokens/TokenResponse.ts"
import { canonicalUrl } from "../../src/client/storage/TokenStorageAdapter.ts"
import { ClientMetadata, parseScopes, Resource } from "../../src/core/index.ts"
import { browserOf } from "../../src/http/Browser.ts"
import { readCredentials } from "../../src/http/ClientAuthentication.ts"
import { parseParameters, scopeList } from "../../src/provider/features/Form.ts"
import { appNameOf } from "../../src/http/pages/AppName.ts"
import { sourceGroup, sourceResolver } from "../../src/http/Source.ts"
import { openCheckpoint, parseProof, parseVerifierKey } from "../../src/log/index.ts"
import { kindOfAddress, kindOfHost } from "../../src/outbound/index.ts"
import { AccountName, featuresOf, standardFeatures } from "../../src/provider/index.ts"
import { presentedToken } from "../../src/resource/BearerToken.ts"
import { emptyContext } from "../support/EmptyContext.ts"

const SIZE = 500_000
const MANY_MILLIS = 5_000

const units = [
  ...[" ", "\n", " \n", "a", "=", "/", ".", ",", ":", "%20", '"', "\\", "a ", "a,", 'a="b', "a=b&", "-eyJaaaaaaaa"],
  ...["gla_", "; a=b", "127.0.0.1, ", "[", "\u009b", "\u0301", "😀"],
]
const texts = units.map((unit) => `${unit.repeat(Math.ceil(SIZE / unit.length)).slice(0, SIZE)}x`)

const request = (headers: Readonly<Record<string, string>>, query = "") => ({
  method: "POST",
  path: "/",
  query,
  headers,
  body: "",
  source: "127.0.0.1",
})
const credentialsOf = (from: ReturnType<typeof request>) => {
  const { clientAuthentications } = featuresOf(standardFeatures)
  return readCredentials(from, { get: () => undefined, list: () => undefined }, clientAuthentications, emptyContext)
}
const endpoints = { authorization_endpoint: "https://a/a", token_endpoint: "https://a/t" }

const places: Readonly<Record<string, (text: string) => unknown>> = {
  "a line of an error": oneLine,
  "an error of a command": (text) => sentenceOf(new CommandFault({ message: text })),
  "a cell of a table": textOf,
  "a reason in a report": plain,
  "JSON for programs": (text) => jsonText(text),
  "a pasted token": (text) => [pastedQuestion(text), hasSecret(text), questionOf(text)],
  arguments: (text) => withoutFalseFlags([text, `--${text}`]),
  "what a check is pointed at": (text) => Effect.runSyncExit(parseTarget(`https:${text}`, "default")),
  "an exported file": async (text) => verifyExport(Readable.from([Buffer.from(text)]), parseVerifierKey(await key())!),
  "a checkpoint": async (text) => openCheckpoint(text, parseVerifierKey(await key())!),
  "a proof": (text) => [parseProof(text), parseProof(`c2sp.org/tlog-proof@v1\nextra ${text}\nindex ${text}\n\n`)],
  "a verifier key": (text) => [parseVerifierKey(text), parseVerifierKey(`a+00000000+${text}`)],
  "a challenge": (text) => ["", "Bearer ", 'Bearer a="', "Bearer scope="].map((start) => bearerChallenge(start + text)),
  "scopes of a token": scopesOf,
  "metadata of a server": (text) =>
    validatedMetadata(
      readServerMetadata({ ...endpoints, scopes_supported: [text], [text]: text, issuer: "https://a" }),
      {
        foundAt: "https://a",
        endpointOrigins: [],
      },
    ),
  "an issuer": (text) => {
    try {
      return validatedMetadata(readServerMetadata({ ...endpoints, issuer: text }), {
        foundAt: "https://a",
        endpointOrigins: [],
      })
    } catch (error) {
      return error
    }
  },
  "an endpoint": (text) => [secureUrl(text), secureUrl(`https://a/${text}`)],
  "an error of a server": (text) =>
    [text, { error: text, message: text }].map((body) => {
      const said = shown(errorIn(body), [text.slice(0, 100)])
      return [meaningOf(400, errorIn(body)), phrase(said), quoted(text), named(`https://a/${text}`)]
    }),
  "where a challenge leads": (text) =>
    discoverResource(async () => new Response(null, { status: 404 }), "https://a/b", `"'${text}'"`),
  "an answer of a token endpoint": (text) =>
    Promise.all(
      [text, `error=${text}`, `{"error":${JSON.stringify(text)}}`].map((one) => readTokenResponse(new Response(one))),
    ),
  "an answer in JSON": (text) =>
    Promise.all([text, JSON.stringify({ text })].map((one) => jsonObject(new Response(one)))),
  "the answer to a login": (text) => belongsTo(text, new URLSearchParams({ state: text, code: text })),
  "the page after a login": (text) => outcomePage(text, { isLoggedIn: false, why: text }),
  "credentials of a client": (text) =>
    clientAuthentication(
      { client_id: text, client_secret: text.toWellFormed(), token_endpoint_auth_method: "client_secret_basic" },
      { issuer: "https://a", metadata: { issuer: "https://a", ...endpoints } },
      { now: () => 0 },
    )({ issuer: "https://a" }, { client_id: "a" }, new URLSearchParams(), new Headers()),
  "the address of a server": (text) => canonicalUrl(`https://a/${text}`),
  "keys of a store": (text) => parseEncryptionKeys(text, "the file").catch((error: unknown) => error),
  "a value of a store": async (text) => {
    const inner = memoryKeyValue()
    await inner.set("a", text)
    const keys = await parseEncryptionKeys("A".repeat(43), "here")
    return EncryptedKeyValue(inner, keys)
      .get("a")
      .catch((error: unknown) => error)
  },
  "a host": (text) => [kindOfHost(text), kindOfAddress(text), kindOfHost(`[${text}]`)],
  "a redirect URI": (text) =>
    ["", "https://a/", "app.a:", "http://127.0.0.1:"].map((start) => [
      redirectUriFault(start + text, []),
      redirectUriMatches("http://127.0.0.1:1/", start + text),
    ]),
  "a list of scopes": (text) => parseScopes(text),
  "a resource": (text) => [
    Schema.is(Resource)(text),
    includesResource([text, `https://a/${text}`], `https://a/${text}x`),
  ],
  "metadata of a client": (text) =>
    Schema.is(ClientMetadata)({
      redirect_uris: [text],
      token_endpoint_auth_method: "none",
      grant_types: [],
      response_types: [],
      ...Object.fromEntries(
        ["scope", "client_name", "client_uri", "logo_uri", "software_id"].map((name) => [name, text]),
      ),
    }),
  "the name of an account": Schema.is(AccountName),
  "the name of an app": (text) =>
    appNameOf({ clientId: "a", metadata: { client_name: text.slice(0, 256) } } as unknown as Parameters<
      typeof appNameOf
    >[0]),
  cookies: (text) => browserOf("http://localhost:1").read(request({ cookie: text }), "browser"),
  "an Authorization header": (text) =>
    ["", "Basic ", "Basic a", "Bearer "].map((start) => [
      credentialsOf(request({ authorization: start + text })),
      presentedToken([start + text]),
    ]),
  "a query": (text) => [credentialsOf(request({}, text)), parseParameters(text)],
  "a scope parameter": (text) => scopeList({ get: () => text, list: () => [text] }),
  "who forwarded a request": (text) => [sourceResolver(["127.0.0.0/8"])("127.0.0.1", text), sourceGroup(text)],
  "an address of a resource": addressFault,
  "an introspection answer": (text) => readIntrospection("a", text, 0),
}

const key = async () => {
  const { formatVerifierKey, signingKey } = await import("../../src/log/index.ts")
  return formatVerifierKey(signingKey("a", new Uint8Array(32)))
}

test.each(Object.keys(places))("%s takes time in proportion to its length", async (name) => {
  const take = places[name]!
  await take("warm")
  const millisOf = async (text: string) => {
    // Time of this thread on a core: what else the machine does is not counted.
    const before = process.threadCpuUsage()
    await take(text)
    const { user, system } = process.threadCpuUsage(before)
    return (user + system) / 1000
  }
  const slow: Array<string> = []
  for (const text of texts) if ((await millisOf(text)) > MANY_MILLIS) slow.push(JSON.stringify(text.slice(0, 20)))
  expect(slow).toEqual([])
})
