/** A login as a device: at our own server, and at servers that say strange things. No second is waited. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { isOAuthClientError, OAuth, type DevicePrompt } from "../../../src/client/index.ts"
import { DEVICE_CODE_GRANT } from "../../../src/protocol/index.ts"
import { dpop, standardFeatures } from "../../../src/provider/index.ts"
import { deviceSetting } from "../../support/Television.ts"
import { ACCOUNT, type Setting } from "../../support/TestServer.ts"
import { addEvilResource, EVIL, EVIL_MCP, metadataOf } from "../support/Attacker.ts"
import { ISSUER, json, makeStack, makeWorld, MCP_URL, memoryStorage, type Grantlog } from "../support/World.ts"

const run = Effect.runPromise

/** Somebody answers at the page, wherever that is. */
const answer = async ({ native }: Grantlog, { userCode }: DevicePrompt, decision: "allow" | "deny") => {
  const { subjectId } = await run(native.accounts.ensure(ACCOUNT, native.now()))
  const code = userCode.replace("-", "")
  if (decision === "deny") return run(native.devices.deny({ userCode: code, subjectId }))
  const approval = { _tag: "User", subjectId, approvedAt: native.now() } as const
  const { scopes, resources } = (await run(native.devices.waiting(code)))!
  return run(native.devices.approve({ userCode: code, approval, scopes, resources }))
}

/** A device whose time passes as it waits; `during` happens in the wait of that number. */
const startDevice = async (setting: Setting = {}) => {
  const stack = await makeStack(deviceSetting(setting))
  const { clock, grantlog, world } = stack
  const [shown, waits]: [Array<DevicePrompt>, Array<number>] = [[], []]
  const during = new Map<number, () => unknown>()
  const tokenStorage = memoryStorage()
  const device = {
    show: (prompt: DevicePrompt) => void shown.push(prompt),
    wait: async (millis: number) => {
      waits.push(millis / 1000)
      await during.get(waits.length)?.()
      clock.pass(millis / 1000)
    },
  }
  const options = { ...stack.options, tokenStorage, device }
  const polls = () => world.to(ISSUER, "/token").filter(({ body }) => body.includes("device_code="))
  const decide = (decision: "allow" | "deny") => answer(grantlog, shown.at(-1)!, decision)
  return { ...stack, options, shown, waits, during, tokenStorage, decide, polls }
}

const faultOf = (login: Promise<unknown>): Promise<unknown> =>
  login.then(
    () => expect.fail("somebody is logged in"),
    (error: unknown) => error,
  )

describe("at our own server", () => {
  test("RFC8628-3.5-polling: it shows the code, asks at the interval until somebody said yes, and keeps the tokens", async () => {
    const { options, shown, waits, during, decide, polls, tokenStorage, grantlog, world, clock } = await startDevice()
    during.set(3, () => decide("allow"))
    const startedAt = clock.now()
    const oauth = OAuth({ ...options, scopes: "read write" })
    const stored = await oauth.authFlow()
    expect(shown).toEqual([
      {
        userCode: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
        verificationUri: `${ISSUER}/device`,
        verificationUriComplete: `${ISSUER}/device?user_code=${shown[0]!.userCode}`,
        expiresAt: startedAt + 600_000,
        issuer: ISSUER,
      },
    ])
    expect(waits).toEqual([5, 5, 5])
    expect(polls()).toHaveLength(3)
    expect(world.to(ISSUER, "/authorize")).toEqual([])
    expect(stored).toMatchObject({ issuer: ISSUER, tokens: { scope: "read write", token_type: "Bearer" } })
    expect(await tokenStorage.getTokens()).toEqual(stored)
    expect((await tokenStorage.getClientInfo())?.client).toMatchObject({
      grant_types: [DEVICE_CODE_GRANT, "refresh_token"],
    })
    expect(await (await oauth.fetch(MCP_URL)).json()).toEqual({ scopes: ["read", "write"] })
    clock.pass(3600)
    expect(await oauth.token()).not.toBe(stored.tokens.access_token)
    expect(await oauth.logout()).toBe(true)
    expect((await run(grantlog.native.grants({}))).map(({ _tag }) => _tag)).toEqual(["Revoked"])
  })

  test("a request that needs a login has the code shown, and goes on with the answer", async () => {
    const { options, shown, during, decide } = await startDevice()
    during.set(1, () => decide("allow"))
    expect(await (await OAuth(options).fetch(MCP_URL)).json()).toEqual({ scopes: ["read"] })
    expect(shown).toHaveLength(1)
  })

  test("somebody who says no ends it, and nothing is kept but the registration", async () => {
    const { options, during, decide, tokenStorage } = await startDevice()
    during.set(2, () => decide("deny"))
    expect(await faultOf(OAuth(options).authFlow())).toMatchObject({
      _tag: "AuthorizationError",
      code: "refused",
      error: "access_denied",
    })
    expect(await tokenStorage.getTokens()).toBeUndefined()
  })

  test("where nobody answers it stops when the code has ended, and says so", async () => {
    const { options, waits } = await startDevice()
    const fault = await faultOf(OAuth(options).authFlow())
    expect(fault).toMatchObject({
      _tag: "CallbackError",
      code: "timed_out",
      message: expect.stringContaining("start again"),
    })
    expect(waits.reduce((sum, one) => sum + one)).toBe(600)
  })

  test("RFC8628-3.5-polling: a server that finds it too fast is asked five seconds later from then on", async () => {
    const { options, waits, during, decide, world } = await startDevice()
    const honest = world.servers.get(ISSUER)!
    let asked = 0
    world.servers.set(ISSUER, async (request) => {
      const isPoll = request.url.endsWith("/token") && ++asked <= 2
      return isPoll ? json({ error: "slow_down" }, 400) : honest(request)
    })
    during.set(4, () => decide("allow"))
    await OAuth(options).authFlow()
    expect(waits).toEqual([5, 10, 15, 15])
  })

  test("a server that cannot be reached for a while is asked less and less, and the login goes on when it is back", async () => {
    const { options, waits, during, decide, world } = await startDevice()
    const honest = world.servers.get(ISSUER)!
    during.set(2, () => world.servers.delete(ISSUER))
    during.set(4, () => world.servers.set(ISSUER, () => json({}, 503, { "retry-after": "70" })))
    during.set(5, async () => {
      world.servers.set(ISSUER, honest)
      await decide("allow")
    })
    expect((await OAuth(options).authFlow()).issuer).toBe(ISSUER)
    expect(waits).toEqual([5, 5, 10, 20, 70])
  })

  test("a client that the server forgot registers anew, once; a stored one for browsers is left alone", async () => {
    const { options, during, decide, world, grantlog, tokenStorage, shown, waits } = await startDevice()
    const { device: _, ...forBrowsers } = options
    await OAuth(forBrowsers).authFlow()
    const { client: first } = (await tokenStorage.getClientInfo())!
    during.set(1, () => decide("allow"))
    await OAuth(options).authFlow()
    const { client: second } = (await tokenStorage.getClientInfo())!
    expect(second.client_id).not.toBe(first.client_id)
    await run(grantlog.native.deleteClient(second.client_id))
    waits.length = 0
    await OAuth(options).authFlow()
    expect((await tokenStorage.getClientInfo())!.client.client_id).not.toBe(second.client_id)
    expect(world.to(ISSUER, "/register")).toHaveLength(3)
    expect(shown).toHaveLength(2)
  })

  test("a client that the operator gave is not replaced: its refusal is told", async () => {
    const { options, world } = await startDevice()
    const fault = await faultOf(OAuth({ ...options, clientId: "nobody" }).authFlow())
    expect(fault).toMatchObject({ _tag: "TokenError", code: "client_refused", error: "invalid_client" })
    expect(world.to(ISSUER, "/register")).toEqual([])
  })

  test("with dpop the code is redeemed with a proof, and the tokens are bound", async () => {
    const { options, during, decide } = await startDevice({ features: [...standardFeatures, dpop()] })
    during.set(1, () => decide("allow"))
    const stored = await OAuth({ ...options, dpop: true }).authFlow()
    expect(stored.tokens.token_type).toBe("DPoP")
    expect(stored.proofKey).toMatchObject({ crv: "P-256" })
  })

  test("the program's signal ends it while it waits, before it begins, and while a question is under way", async () => {
    for (const when of ["waiting", "before", "asking"] as const) {
      const { options, world } = await startDevice()
      const given = new AbortController()
      const reason = new Error("ctrl-c")
      if (when === "before") given.abort(reason)
      const wait = async (_: number, signal: AbortSignal | undefined) => {
        expect(signal).toBe(given.signal)
        if (when === "waiting") given.abort(reason)
        signal!.throwIfAborted()
        world.servers.set(ISSUER, (request) => {
          given.abort(reason)
          request.signal.throwIfAborted()
          return json({ access_token: "late", token_type: "Bearer" })
        })
      }
      const device = { ...options.device, wait, signal: given.signal }
      const fault = await faultOf(OAuth({ ...options, device }).authFlow())
      expect(fault).toMatchObject({ _tag: "CallbackError", code: "cancelled" })
      if (when === "before") expect(world.sent).toEqual([])
    }
  })

  test("the machine's timer waits as long as it is told, and no longer than the signal", async () => {
    const { options, polls } = await startDevice()
    const given = new AbortController()
    const show = () => given.abort()
    const { wait: _, ...device } = options.device
    const login = OAuth({ ...options, device: { ...device, show, signal: given.signal } }).authFlow()
    expect(await faultOf(login)).toMatchObject({ code: "cancelled" })
    expect(polls()).toEqual([])
  })

  test("what the program's own function throws is thrown as it is, and nothing is asked", async () => {
    const { options, polls } = await startDevice()
    const broken = new Error("no screen")
    const device = { ...options.device, show: () => Promise.reject(broken) }
    expect(await faultOf(OAuth({ ...options, device }).authFlow())).toBe(broken)
    expect(polls()).toEqual([])
  })

  test("a server without devices is told apart from one that does not answer", async () => {
    const { options } = await makeStack()
    const fault = await faultOf(OAuth({ ...options, device: { show: () => undefined } }).authFlow())
    expect(fault).toMatchObject({ _tag: "DiscoveryError", code: "device_unsupported" })
    expect(String(fault)).toContain(ISSUER)
  })

  test("a server that leaves devices to its operator refuses the registration, and the way out is said", async () => {
    const { options } = await startDevice({ config: { registrationGrants: ["authorization_code", "refresh_token"] } })
    const fault = await faultOf(OAuth(options).authFlow())
    expect(fault).toMatchObject({ _tag: "RegistrationError", message: expect.stringContaining("`clientId`") })
  })
})

const strange = {
  device_code: "d3v1c3-c0d3",
  user_code: "AB-CD",
  verification_uri: "https://id.example/device",
  expires_in: 600,
}

/** A server that answers devices as told, and polls one after the other. */
const startStrange = (
  device: () => Response,
  polls: ReadonlyArray<() => Response> = [],
  endpoint = `${EVIL}/device`,
) => {
  const world = makeWorld()
  addEvilResource(world, () => [EVIL])
  let asked = 0
  world.servers.set(EVIL, (request) => {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith("/.well-known/oauth-authorization-server")) {
      return json(metadataOf(EVIL, { device_authorization_endpoint: endpoint }))
    }
    if (pathname === "/register") return json({ client_id: "app" }, 201)
    if (pathname === "/device") return device()
    if (pathname === "/token") return polls[asked++]!()
    return json({}, 404)
  })
  let [time, shown]: [number, DevicePrompt | undefined] = [0, undefined]
  const waits: Array<number> = []
  const options = {
    mcpUrl: EVIL_MCP,
    fetch: world.fetch,
    now: () => time,
    device: {
      show: (prompt: DevicePrompt) => void (shown = prompt),
      wait: async (millis: number) => {
        waits.push(millis / 1000)
        time += millis
      },
    },
  }
  return { world, waits, shown: () => shown, login: () => OAuth(options).authFlow() }
}

const tokens = () => json({ access_token: "a", token_type: "bearer" })
const pending = () => json({ error: "authorization_pending" }, 400)

describe("at a strange server", () => {
  test.each<readonly [string, Record<string, unknown>, ReadonlyArray<number>]>([
    ["no interval", {}, [5, 5]],
    ["an interval as text", { interval: "7" }, [7, 7]],
    ["an interval of nothing", { interval: null }, [5, 5]],
    ["an interval that is none", { interval: { seconds: 3 } }, [5, 5]],
    ["an interval longer than the code lives", { interval: 1e9 }, [600]],
    ["no end of the code", { expires_in: undefined }, [5, 5]],
  ])("with %s it waits all the same", async (_, more, expected) => {
    const answers = expected.map((_one, index) => (index + 1 === expected.length ? tokens : pending))
    const { login, waits } = startStrange(() => json({ ...strange, ...more }), answers)
    expect((await login()).tokens.access_token).toBe("a")
    expect(waits).toEqual(expected)
  })

  test("which writes an older name, an address that leads nowhere safe and control characters, the user is shown what is safe", async () => {
    const { verification_uri: address, ...rest } = strange
    const written = {
      ...rest,
      verification_url: address,
      verification_uri_complete: "javascript:alert(1)",
      user_code: " AB\u001b[2J\nCD ",
    }
    const { login, shown } = startStrange(() => json(written), [tokens])
    await login()
    expect(shown()).toEqual({ userCode: "AB?[2J CD", verificationUri: address, expiresAt: 600_000, issuer: EVIL })
  })

  test.each<readonly [string, () => Response, string]>([
    ["a page", () => new Response("<h1>hello</h1>"), "without a usable device_code"],
    ["nothing", () => new Response(null), "without a usable device_code"],
    ["a list", () => json([strange]), "without a usable device_code"],
    ["no user code", () => json({ ...strange, user_code: "\n" }), "without a usable user_code"],
    ["no address", () => json({ ...strange, verification_uri: undefined }), "without a usable verification_uri"],
    [
      "an insecure address",
      () => json({ ...strange, verification_uri: "http://id.example/" }),
      "usable verification_uri",
    ],
    ["a refusal with 200", () => json({ ...strange, error: "invalid_scope" }), "200 invalid_scope"],
    ["a refusal", () => json({ error: "invalid_scope", error_description: "no" }, 400), "400 invalid_scope (no)"],
    ["a fault", () => new Response("<h1>502</h1>", { status: 502 }), "answered with 502: nothing was given up"],
    ["a body without end", () => new Response("x".repeat(600_000)), "without a usable device_code"],
  ])("that answers devices with %s it stops, and nothing is asked", async (_, device, sentence) => {
    const { login, world, shown } = startStrange(device)
    const fault = await faultOf(login())
    expect(isOAuthClientError(fault)).toBe(true)
    expect(String(fault)).toContain(`the device authorization endpoint of \`${EVIL}\``)
    expect(String(fault)).toContain(sentence)
    expect([world.to(EVIL, "/token"), shown()]).toEqual([[], undefined])
  })

  test("no error repeats the device code, whoever wrote it into a sentence", async () => {
    const said = (status: number) =>
      json({ error: "invalid_request", error_description: `bad ${strange.device_code}` }, status)
    const fault = await faultOf(startStrange(() => json(strange), [() => said(400)]).login())
    expect(fault).toMatchObject({ code: "request_refused", message: expect.stringContaining("bad …") })
    expect(JSON.stringify(fault) + String(fault)).not.toContain(strange.device_code)
  })

  test.each<readonly [string, () => Response, object]>([
    ["a dead code", () => json({ error: "invalid_grant" }, 400), { code: "grant_ended" }],
    ["an end", () => json({ error: "expired_token" }, 400), { _tag: "CallbackError", code: "timed_out" }],
    ["an end with 200", () => json({ error: "expired_token" }), { _tag: "CallbackError", code: "timed_out" }],
    ["a page", () => new Response("<h1>hi</h1>"), { code: "response_malformed" }],
    ["a refusal of the client", () => json({ error: "invalid_client" }, 401), { code: "client_refused" }],
    ["a code of its own", () => json({ error: "whatever" }, 400), { code: "request_refused", error: "whatever" }],
  ])("that answers a question with %s it stops", async (_, poll, fault) => {
    const { login, waits } = startStrange(() => json(strange), [pending, poll])
    expect(await faultOf(login())).toMatchObject(fault)
    expect(waits).toEqual([5, 5])
  })

  test("that says with 428, 403 or 200 that it waits it waits on, and a gateway's fault is a pause", async () => {
    const polls = [
      () => json({ error: "authorization_pending" }, 428),
      () => json({ error: "slow_down" }, 403),
      () => json({ error: "authorization_pending" }),
      () => new Response("<h1>bad gateway</h1>", { status: 502 }),
      () => json({ error: "slow_down" }, 429, { "retry-after": "9999" }),
      tokens,
    ]
    const { login, waits } = startStrange(() => json(strange), polls)
    await login()
    expect(waits).toEqual([5, 5, 10, 10, 20, 15])
  })

  test("whose place for devices is another origin's nothing is sent there", async () => {
    const { login, world } = startStrange(() => json(strange), [], "https://elsewhere.example/device")
    expect(await faultOf(login())).toMatchObject({ _tag: "DiscoveryError", code: "endpoint_foreign" })
    expect(world.to("https://elsewhere.example")).toEqual([])
  })
})
