/**
 * The rules of what a server may offer besides, held against this project's own and against servers with one fault each:
 * client documents, device codes, JWT access tokens. They are not tried where nobody says that they are offered.
 */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { checkIssuer, type IssuerOptions } from "../../properties/kit/issuer/checkIssuer.ts"
import { deviceRules } from "../../properties/kit/issuer/rules/Devices.ts"
import { documentRules } from "../../properties/kit/issuer/rules/Documents.ts"
import { jwtRules } from "../../properties/kit/issuer/rules/Jwts.ts"
import { TOKEN_EXCHANGE } from "../../properties/Operation.ts"
import { createHandler } from "../../src/http/index.ts"
import { DEVICE_CODE_GRANT } from "../../src/protocol/index.ts"
import {
  clientIdMetadataDocuments,
  deviceGrant,
  ephemeralKeys,
  jwtAccessTokens,
  liveRandomness,
  makeServer,
  memoryStore,
  mintSubjectId,
  standardFeatures,
  tokenExchange,
  type Feature,
} from "../../src/provider/index.ts"
import type { ClientSource } from "../../src/provider/features/Feature.ts"
import { ACCOUNT, generousLimits, ISSUER } from "../support/TestServer.ts"
import { RESOURCE } from "../support/WireClient.ts"
import {
  atForms,
  atTokens,
  formIn,
  membersOf,
  pathOf,
  refusal,
  withForm,
  withMembers,
  type Twist,
} from "./FaultyServers.ts"

type Verdicts = Readonly<Record<string, string>>

/** What a check says of the rules with these names, on a server with these features behind a twist. */
const verdicts = async (
  only: ReadonlyArray<string>,
  features: ReadonlyArray<Feature>,
  twist: Twist = (ask) => ask,
  options: IssuerOptions = {},
): Promise<Verdicts> => {
  const hasDevices = features.some(({ name }) => name === DEVICE_CODE_GRANT)
  const hasExchange = features.some(({ name }) => name === TOKEN_EXCHANGE)
  const server = await Effect.runPromise(
    makeServer({
      store: memoryStore(),
      keys: ephemeralKeys(),
      features: [...standardFeatures, ...features],
      onNotice: () => {},
      config: {
        issuer: ISSUER,
        tokenRate: "off",
        registrationRate: "off",
        autoApprove: ACCOUNT,
        registrationGrants: [
          "authorization_code",
          "refresh_token",
          ...(hasDevices ? [DEVICE_CODE_GRANT] : []),
          ...(hasExchange ? [TOKEN_EXCHANGE] : []),
        ],
      },
    }),
  )
  const handle = createHandler(server, { limits: generousLimits, sourceOf: () => "127.0.0.1" })
  const ask = twist(handle)
  const subjectId = mintSubjectId(liveRandomness)
  const { results } = await checkIssuer(ISSUER, {
    fetch: (input, init) => ask(new Request(input, init)),
    resources: ["http://localhost:9998/mcp", RESOURCE],
    only,
    approveDevice: (_url, userCode) =>
      Effect.runPromise(
        Effect.flatMap(server.devices.waiting(userCode), (waiting) =>
          server.devices.approve({
            userCode,
            approval: { _tag: "User", subjectId, approvedAt: server.now() },
            scopes: waiting!.scopes,
            resources: waiting!.resources,
          }),
        ),
      ),
    ...options,
  })
  return Object.fromEntries(results.map(({ promise, verdict }) => [promise, verdict]))
}

const idsOf = (rules: ReadonlyArray<{ readonly id: string }>) => rules.map(({ id }) => id)
const all = (ids: ReadonlyArray<string>, verdict: string): Verdicts =>
  Object.fromEntries(ids.map((id) => [id, verdict]))

describe("the rules of client documents", () => {
  const ids = idsOf(documentRules)

  /** What a server makes of a document that it looks at in one respect less than it has to. */
  type Fault = (said: Record<string, unknown>, clientId: string) => Record<string, unknown>

  /** Reads documents as they should be read; and whatever comes, where `isTaken` says so. */
  const careless = (
    isTaken: (response: Response, text: string) => boolean,
    fault: Fault = (said) => said,
  ): ClientSource => {
    const sound = clientIdMetadataDocuments({ allowsLoopback: true })
    return {
      ...sound,
      read: async (clientId, reading) => {
        const response = await fetch(clientId)
        const text = await response.text()
        if (!isTaken(response, text)) return sound.read!(clientId, reading)
        const said = JSON.parse(text) as Record<string, unknown>
        return { metadata: fault(said, clientId), digest: "0".repeat(43) }
      },
    }
  }

  it("are kept by grantlog", async () => {
    expect(await verdicts(ids, [clientIdMetadataDocuments({ allowsLoopback: true })])).toEqual(all(ids, "kept"))
  })

  const isSaying = (text: string, word: string): boolean => text.includes(word)

  it.each<readonly [fault: string, feature: Feature, id: string]>([
    [
      "goes where the address of a document leads",
      careless(
        ({ redirected }) => redirected,
        (said, clientId) => ({ ...said, client_id: clientId }),
      ),
      "CIMD-4-no-redirects-200-only",
    ],
    ["takes a document whatever its status", careless(({ status }) => status === 404), "CIMD-4-no-redirects-200-only"],
    [
      "takes a document of another client",
      careless(
        (_, text) => isSaying(text, "?other"),
        (said, clientId) => ({ ...said, client_id: clientId }),
      ),
      "CIMD-4.1-client-id-equals-url",
    ],
    [
      "lets a document name a secret",
      careless(
        (_, text) => isSaying(text, "client_secret_basic"),
        (said) => ({ ...said, token_endpoint_auth_method: "none" }),
      ),
      "CIMD-4.1-no-shared-secret",
    ],
    [
      "reads a document of any size",
      careless(
        (_, text) => text.length > 100_000,
        (said) => ({ ...said, client_name: "Notes" }),
      ),
      "CIMD-6.6-size-limit",
    ],
  ])("are broken, one and no other, by a server that %s", async (_, feature, id) => {
    expect(await verdicts(ids, [feature])).toEqual({ ...all(ids, "kept"), [id]: "broken" })
  })

  it("are not tried where documents are not read, or not those on this machine", async () => {
    expect(await verdicts(ids, [])).toEqual(all(ids, "not tried"))
    expect(await verdicts(ids, [clientIdMetadataDocuments()])).toEqual(all(ids, "not tried"))
  })
})

describe("the rules of device codes", () => {
  const ids = idsOf(deviceRules)
  const broken = (id: string): Verdicts => ({ ...all(ids, "kept"), [id]: "broken" })
  const isPoll = (form: URLSearchParams) => form.get("grant_type") === DEVICE_CODE_GRANT

  /** Whoever asks with a code is taken for the client that it was given to. */
  const anybodysCode: Twist = (ask) => {
    const owners = new Map<string, string>()
    return async (request) => {
      const form = request.method === "POST" ? await formIn(request) : new URLSearchParams()
      const owner = owners.get(form.get("device_code") ?? "")
      if (owner !== undefined) {
        form.set("client_id", owner)
        return ask(withForm(request, form, true))
      }
      const answer = await ask(request)
      const { device_code: code } = await membersOf(answer)
      if (typeof code === "string") owners.set(code, form.get("client_id") ?? "")
      return answer
    }
  }

  /** What a code led to, it leads to again. */
  const neverSpent: Twist = (ask) => {
    const given = new Map<string, Response>()
    return async (request) => {
      const form = request.method === "POST" ? await formIn(request) : new URLSearchParams()
      const code = form.get("device_code") ?? ""
      const before = given.get(code)
      if (before !== undefined) return before.clone()
      const answer = await ask(request)
      if (isPoll(form) && answer.status === 200) given.set(code, answer.clone())
      return answer
    }
  }

  const impatient: Twist = (ask) => async (request) => {
    const answer = await ask(request)
    const { error } = await membersOf(answer)
    return error === "slow_down" ? refusal(400, "access_denied") : answer
  }

  const wordless: Twist = (ask) => async (request) => {
    const answer = await ask(request)
    if (pathOf(request) !== "/device_authorization") return answer
    const { verification_uri: _, ...others } = await membersOf(answer)
    return withMembers(answer, others)
  }

  it("are kept by grantlog", async () => {
    expect(await verdicts(ids, deviceGrant())).toEqual(all(ids, "kept"))
  })

  it.each<readonly [fault: string, twist: Twist, id: string]>([
    ["takes a code from any client", anybodysCode, "RFC8628-3.4-device-code-client"],
    ["gives tokens for a code again and again", neverSpent, "RFC8628-3.4-single-use"],
    ["ends a code that is asked with too often", impatient, "RFC8628-3.5-polling"],
    ["does not say where a code is entered", wordless, "RFC8628-3.2-response"],
  ])("are broken, one and no other, by a server that %s", async (_, twist, id) => {
    expect(await verdicts(ids, deviceGrant(), twist)).toEqual(broken(id))
  })

  it("are not tried without devices, and the last of them not without somebody who allows", async () => {
    expect(await verdicts(ids, [])).toEqual(all(ids, "not tried"))
    const alone = await verdicts(ids, deviceGrant(), undefined, { approveDevice: undefined as never })
    expect(alone).toEqual({ ...all(ids, "kept"), "RFC8628-3.4-single-use": "not tried" })
  })
})

describe("the rules of JWT access tokens", () => {
  const ids = idsOf(jwtRules)
  const features = [jwtAccessTokens({ resources: "all" })]
  const kept = { ...all(ids, "kept"), "RFC9068-4-rs-typ": "not tried" }

  /** Whatever has three parts and the right form is alive where it is asked about. */
  const credulous: Twist = (ask) => async (request) => {
    const isAsked = pathOf(request) === "/introspect" && (await formIn(request)).get("token")?.startsWith("ey") === true
    const answer = await ask(request)
    return isAsked ? withMembers(answer, { active: true }) : answer
  }

  /** No key is published that anything is signed with. */
  const keyless: Twist = (ask) => async (request) => {
    const answer = await ask(request)
    if (pathOf(request) !== "/jwks") return answer
    return new Response('{"keys":[]}', { status: 200, headers: { "content-type": "application/json" } })
  }

  it("are kept by grantlog", async () => {
    expect(await verdicts(ids, features)).toEqual(kept)
  })

  it("are broken by a server that believes a token without looking at its signature", async () => {
    expect(await verdicts(ids, features, credulous)).toMatchObject({ "RFC9068-4-rs-iss-aud-sig-exp": "broken" })
  })

  it("are broken by a server that publishes other keys than it signs with", async () => {
    expect(await verdicts(ids, features, keyless)).toEqual({ ...kept, "RFC9068-2.2-required-claims": "broken" })
  })

  it("are broken by a server that takes an ID token for an access token", async () => {
    /** An ID token that is as good as an access token, for it is one. */
    const confusing = atTokens((members) => ({ ...members, id_token: members["access_token"] }))
    expect(await verdicts(ids, features, confusing)).toEqual({ ...kept, "RFC9068-4-rs-typ": "broken" })
  })

  it("are not tried where tokens are opaque", async () => {
    expect(await verdicts(ids, [])).toEqual(all(ids, "not tried"))
  })
})

describe("the promise about exchanged tokens", () => {
  const only = ["AncestorsBound"]
  const features = [tokenExchange({ policy: () => ({ policy: "tests" }) })]
  const isExchange = (form: URLSearchParams) => form.get("grant_type") === TOKEN_EXCHANGE

  /** What came of a token is alive for ever where it is asked about. */
  const immortal: Twist = (ask) => {
    const seen = new Map<string, unknown>()
    return async (request) => {
      const form = request.method === "POST" ? await formIn(request) : new URLSearchParams()
      const answer = await ask(request)
      const members = await membersOf(answer)
      if (isExchange(form) && answer.status === 200) seen.set(String(members["access_token"]), undefined)
      const token = form.get("token") ?? ""
      if (pathOf(request) !== "/introspect" || !seen.has(token)) return answer
      if (members["active"] === true) seen.set(token, members)
      const before = seen.get(token)
      return before === undefined ? answer : withMembers(answer, before as Record<string, unknown>)
    }
  }

  /** An exchange gives whatever scope it asks for, as far as it says. */
  const growing: Twist = (ask) => async (request) => {
    const form = request.method === "POST" ? await formIn(request) : new URLSearchParams()
    const scope = form.get("scope")
    const answer = await ask(request)
    if (!isExchange(form) || scope === null || answer.status === 200) return answer
    form.delete("scope")
    const given = await ask(withForm(request, form))
    return given.status === 200 ? withMembers(given, { ...(await membersOf(given)), scope }) : answer
  }

  /** An exchange gives a token that lives for an hour more than what it came of, as far as it says. */
  const lasting: Twist = (ask) => async (request) => {
    const form = request.method === "POST" ? await formIn(request) : new URLSearchParams()
    const answer = await ask(request)
    const members = await membersOf(answer)
    return isExchange(form) && answer.status === 200
      ? withMembers(answer, { ...members, expires_in: Number(members["expires_in"]) + 3600 })
      : answer
  }

  it("is kept by grantlog", async () => {
    expect(await verdicts(only, features)).toEqual({ AncestorsBound: "kept" })
  })

  it.each<readonly [fault: string, twist: Twist]>([
    ["lets live what came of a token that was revoked", immortal],
    ["gives more scopes for a token than it has", growing],
    ["gives a token that outlives what it came of", lasting],
  ])("is broken by a server that %s", async (_, twist) => {
    expect(await verdicts(only, features, twist)).toEqual({ AncestorsBound: "broken" })
  })

  it("is not tried where nobody exchanges, or this client may not", async () => {
    expect(await verdicts(only, [])).toEqual({ AncestorsBound: "not tried" })
    const barred = atForms((form) => (isExchange(form) ? refusal(400, "unauthorized_client") : undefined))
    expect(await verdicts(only, features, barred)).toEqual({ AncestorsBound: "not tried" })
  })
})
