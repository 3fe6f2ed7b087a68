/** What the check of an issuer says of pushed requests: kept here, not tried where there are none, and seen where broken. */
import { expect, it } from "vitest"
import { checkIssuer } from "../../properties/kit/issuer/checkIssuer.ts"
import { pushedRules } from "../../properties/kit/issuer/rules/Pushed.ts"
import {
  authorizationServer,
  createHandler,
  ephemeralKeys,
  memoryStore,
  pushedRequests,
  standardFeatures,
  type AuthorizationRequestRead,
  type AuthorizationRequestSource,
  type Feature,
} from "../../src/entry/grantlog.ts"
import type { Fetch } from "../../src/outbound/index.ts"
import { ACCOUNT, ISSUER, generousLimits } from "../support/TestServer.ts"
import { RESOURCE } from "../support/WireClient.ts"

const verdicts = async (features: ReadonlyArray<Feature>) => {
  const server = await authorizationServer({
    store: memoryStore(),
    keys: ephemeralKeys(),
    features: [...standardFeatures, ...features],
    onNotice: () => {},
    config: { issuer: ISSUER, tokenRate: "off", registrationRate: "off", autoApprove: ACCOUNT },
  })
  const handle = createHandler(server, { limits: generousLimits, sourceOf: () => "127.0.0.1" })
  const ask: Fetch = (input, init) => handle(new Request(input, init))
  const only = pushedRules.map(({ id }) => id)
  const { results } = await checkIssuer(ISSUER, {
    fetch: ask,
    resources: ["http://localhost:9998/mcp", RESOURCE],
    only,
  })
  return Object.fromEntries(results.map(({ promise, verdict }) => [promise.replace("RFC9126-", ""), verdict]))
}

type Read = (read: AuthorizationRequestRead, query: URLSearchParams) => AuthorizationRequestRead

/** A source that gives something else than what was pushed, for a query that was changed before. */
const twistedSource = (
  source: AuthorizationRequestSource,
  read: Read,
  asked: (query: URLSearchParams) => URLSearchParams,
): AuthorizationRequestSource => ({
  ...source,
  read: async (query, request, context) => {
    const found = await source.read(asked(query), request, context)
    return "error" in found ? found : read(found, query)
  },
})

const twisted = (read: Read, asked: (query: URLSearchParams) => URLSearchParams = (query) => query) =>
  pushedRequests().map((feature) =>
    feature.kind === "authorization request source" ? twistedSource(feature, read, asked) : feature,
  )

const kept = { "2.1-no-request-uri-in-par": "kept", "2.2-request-uri-bound": "kept", "4-one-time": "kept" }

it("pushed requests are kept here, and are not tried where there are none", async () => {
  expect(await verdicts(pushedRequests())).toEqual(kept)
  const notTried = Object.fromEntries(Object.keys(kept).map((id) => [id, "not tried"]))
  expect(await verdicts([])).toEqual(notTried)
})

it("a reference that is answered as often as it is opened is seen", async () => {
  const forgetful = twisted(({ grantId: _, ...read }) => read)
  expect(await verdicts(forgetful)).toEqual({ ...kept, "4-one-time": "broken" })
})

it("a reference that any client can open is seen", async () => {
  let owner = ""
  const features = twisted(
    ({ grantId: _, parameters, ...read }, query) => {
      const mine = new URLSearchParams(parameters)
      mine.set("client_id", query.get("client_id")!)
      return { ...read, parameters: mine }
    },
    (query) => new URLSearchParams({ client_id: owner, request_uri: query.get("request_uri")! }),
  ).map((feature): Feature =>
    feature.kind !== "client endpoint"
      ? feature
      : {
          ...feature,
          answer: (request, form, caller, context) => {
            owner = caller.clientId
            return feature.answer(request, form, caller, context)
          },
        },
  )
  expect((await verdicts(features))["2.2-request-uri-bound"]).toBe("broken")
})
