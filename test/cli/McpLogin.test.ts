/** What the client tells a program in the words of its options, the command tells in the words of its flags. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Exit, Fiber, Option } from "effect"
import { exportJWK } from "jose"
import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest"
import { sourceTexts } from "../../spec/trace/Sources.ts"
import { inFlags, mcpFlags, optionFlags, withClient, type McpFlags } from "../../src/cli/McpLogin.ts"
import { defaultCacheDir, fileKeyValue, TokenStorageAdapter, type OAuthClient } from "../../src/client/index.ts"
import { newSigningKey } from "../support/Assertions.ts"
import { temporaryFolder } from "../support/TestServer.ts"
import { gotOf, saidOf } from "./FlagsHere.ts"

/** An option that the command never sets, so that no message tells of it there. */
const NEVER_SET = ["additionalClientMetadata"]

test("every option that a message of the client names as a way out has a flag in the command", () => {
  const sources = sourceTexts("src/client").map(({ text }) => text)
  const [, known = ""] = /const KNOWN[^[]*\[([^\]]*)\]/.exec(sources.join("\n"))!
  const options = [...known.matchAll(/"(\w+)"/g)].map(([, name]) => name!)
  // In a message, an option stands between escaped backquotes.
  const named = options.filter((name) => sources.some((text) => text.includes(`\\\`${name}\\\``)))
  expect(named).toEqual(expect.arrayContaining(["clientId", "clientIssuer", "endpointOrigins", "callbackPort"]))
  expect(named.filter((name) => !(name in optionFlags))).toEqual(NEVER_SET.filter((name) => named.includes(name)))
})

test.each([
  ["add `https://a` to `endpointOrigins`", "add `https://a` to `--endpoint-origins`"],
  ["give `clientId` or `clientIssuer`", "give `--client-id` or `--client-issuer`"],
  ["leave out `callbackPort`", "leave out `--callback-port`"],
  ["OAuth: endpointOrigins has `x`", "--endpoint-origins has `x`"],
  ["OAuth: callbackPort `0` is no port", "--callback-port `0` is no port"],
  ["OAuth: mcpUrl `x` is no https address", "OAuth: mcpUrl `x` is no https address"],
  ["OAuth: clientKey is no key", "--client-key is no key"],
  ["it says OAuth: clientKey", "it says OAuth: clientKey"],
  ["the server says endpointOrigins", "the server says endpointOrigins"],
  ["give `toString`", "give `toString`"],
])("%s is told as: %s", (message, told) => {
  expect(inFlags(message)).toBe(told)
})

const ISSUER = "https://as.example.com"
const ELSEWHERE = "https://elsewhere.example.com"
const MCP = "https://mcp.example.com/mcp"

test("the flags are explained, and say nothing by themselves but where logins are kept", async () => {
  const none = Option.none()
  expect(await saidOf(mcpFlags)).toEqual({
    "mcp-url": "the MCP server's address",
    "client-id": "the id that the server's operator gave; its secret is in GRANTLOG_CLIENT_SECRET (GRANTLOG_CLIENT_ID)",
    "client-issuer":
      "the issuer whose operator gave the id; by default the first that it is used with (GRANTLOG_CLIENT_ISSUER)",
    "client-key":
      "a file with the private key, a JWK, by which the client proves itself in place of a secret (GRANTLOG_CLIENT_KEY)",
    "endpoint-origins":
      "origins off the issuer's host that its endpoints may lie at, space-separated (GRANTLOG_ENDPOINT_ORIGINS)",
    credentials: "the folder that logins are kept in (GRANTLOG_CREDENTIALS)",
  })
  expect(await gotOf(mcpFlags, MCP)).toEqual({
    ...{ mcpUrl: MCP, clientId: none, clientIssuer: none, clientKey: none, endpointOrigins: "" },
    credentials: defaultCacheDir(),
  })
})

/** What a client sent, as far as it tells who it is. */
interface Sent {
  readonly url: string
  readonly authorization: string | null
  readonly body: string
}

/** An MCP server and its authorization server, without wires; their token endpoint may lie elsewhere. */
const network = (tokenOrigin = ISSUER) => {
  const sent: Array<Sent> = []
  const answers: Readonly<Record<string, object>> = {
    "/.well-known/oauth-protected-resource/mcp": { resource: MCP, authorization_servers: [ISSUER] },
    "/.well-known/oauth-authorization-server": {
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${tokenOrigin}/token`,
      registration_endpoint: `${ISSUER}/register`,
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["client_secret_basic", "private_key_jwt", "none"],
      token_endpoint_auth_signing_alg_values_supported: ["ES256"],
    },
    "/token": { access_token: "new-access", token_type: "Bearer", expires_in: 600, refresh_token: "new-refresh" },
    "/register": { client_id: "made" },
  }
  const fetch = async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init)
    const { pathname } = new URL(request.url)
    sent.push({
      url: request.url,
      authorization: request.headers.get("authorization"),
      body: await request.text(),
    })
    const answer = answers[pathname]
    const status = pathname === "/mcp" ? 401 : answer === undefined ? 404 : pathname === "/register" ? 201 : 200
    return Response.json(answer ?? {}, { status })
  }
  /** A browser whose user agrees at once. */
  const openBrowser = (url: string) => {
    const asked = new URL(url).searchParams
    const answer = new URLSearchParams({ code: "c", state: asked.get("state")! })
    void globalThis.fetch(`${asked.get("redirect_uri")!}?${answer}`)
    return true
  }
  return {
    sent,
    options: () => ({ fetch, openBrowser }),
    to: (path: string) => sent.filter(({ url }) => url.endsWith(path)),
  }
}

const flagsIn = (credentials: string, more: Partial<McpFlags> = {}): McpFlags => ({
  ...{ mcpUrl: MCP, clientId: Option.none(), clientIssuer: Option.none(), clientKey: Option.none() },
  ...{ endpointOrigins: "", credentials },
  ...more,
})

/** A folder with a login that is over: whoever wants a token refreshes it. */
const loggedIn = async () => {
  const folder = temporaryFolder()
  const storage = TokenStorageAdapter(fileKeyValue(join(folder, "logins")), MCP)
  const tokens = { access_token: "old", token_type: "bearer", refresh_token: "old-refresh" }
  await storage.setTokens({ tokens, expiresAt: 1, issuer: ISSUER })
  await storage.setClientInfo({ client: { client_id: "stored" } as never, issuer: ISSUER })
  return { folder, logins: join(folder, "logins") }
}

const token = (oauth: OAuthClient) => oauth.token()

/** What is told where it fails, with its tag. */
const told = (
  flags: McpFlags,
  net: ReturnType<typeof network>,
  use: (oauth: OAuthClient) => Promise<unknown> = token,
) =>
  Effect.runPromise(
    Effect.match(withClient(flags, net.options, use), {
      onSuccess: (value) => value,
      onFailure: ({ _tag, message }) => `${_tag}: ${message}`,
    }),
  )

beforeEach(() => {
  for (const name of ["GRANTLOG_CLIENT_SECRET", "GRANTLOG_STORAGE_KEY"]) vi.stubEnv(name, undefined)
})
afterEach(() => void vi.unstubAllEnvs())

describe("the client of a command", () => {
  it("has the login of its folder, and is the one that is stored there", async () => {
    const { logins } = await loggedIn()
    const net = network()
    expect(await told(flagsIn(logins), net)).toBe("new-access")
    const [refresh] = net.to("/token")
    expect(refresh).toMatchObject({ authorization: null, body: expect.stringContaining("client_id=stored") })
    expect(refresh!.body).toContain("refresh_token=old-refresh")
  })

  it("is the one that the operator gave, with its secret or its key", async () => {
    const given = { clientId: Option.some("app") }
    const [bare, secret, signed] = [network(), network(), network()]
    expect(await told(flagsIn((await loggedIn()).logins, given), bare)).toBe("new-access")
    expect(bare.to("/token")).toMatchObject([{ authorization: null, body: expect.stringMatching(/client_id=app\b/) }])

    vi.stubEnv("GRANTLOG_CLIENT_SECRET", "s3cret")
    expect(await told(flagsIn((await loggedIn()).logins, given), secret)).toBe("new-access")
    expect(secret.to("/token")[0]!.authorization).toBe(`Basic ${btoa("app:s3cret")}`)
    expect(await told(flagsIn((await loggedIn()).logins), network())).toBe("new-access")
    vi.stubEnv("GRANTLOG_CLIENT_SECRET", undefined)

    const { folder, logins } = await loggedIn()
    const key = join(folder, "key.json")
    writeFileSync(key, JSON.stringify(await exportJWK((await newSigningKey()).privateKey)))
    expect(await told(flagsIn(logins, { ...given, clientKey: Option.some(key) }), signed)).toBe("new-access")
    const assertion = new URLSearchParams(signed.to("/token")[0]!.body).get("client_assertion")!
    expect(JSON.parse(atob(assertion.split(".")[1]!))).toMatchObject({ iss: "app", sub: "app" })
  })

  it("is shown to the issuer that gave it, and asks where that lets it, and nowhere else", async () => {
    const flags = flagsIn((await loggedIn()).logins, {
      clientId: Option.some("app"),
      clientIssuer: Option.some("https://other.example.com"),
    })
    expect(await told(flags, network())).toMatch(/^CommandFault: .*--client-issuer/)
    const away = network(ELSEWHERE)
    expect(await told(flagsIn((await loggedIn()).logins), away)).toMatch(
      /^CommandFault: .*add `https:\/\/elsewhere\.example\.com` to `--endpoint-origins`/,
    )
    expect(away.to("/token")).toEqual([])
    const allowed = flagsIn((await loggedIn()).logins, { endpointOrigins: `https://unused.example.com ${ELSEWHERE}` })
    expect(await told(allowed, away)).toBe("new-access")
  })

  it("registers under the name of the command, and keeps its login for the next time", async () => {
    const logins = join(temporaryFolder(), "logins")
    const net = network()
    await told(flagsIn(logins), net, (oauth) => oauth.authFlow())
    expect(JSON.parse(net.to("/register")[0]!.body)).toMatchObject({ client_name: "grantlog" })
    expect(await told(flagsIn(logins), network())).toBe("new-access")
    expect(await told(flagsIn(logins, { mcpUrl: `${MCP}/other` }), network())).toBeUndefined()
  })

  it("keeps its login encrypted where a key is in the environment", async () => {
    const logins = join(temporaryFolder(), "logins")
    const kept = () =>
      readdirSync(logins)
        .filter((name) => name.endsWith(".json"))
        .map((name) => readFileSync(join(logins, name), "utf8"))
        .join("")
    const logIn = (oauth: OAuthClient) => oauth.authFlow()
    vi.stubEnv("GRANTLOG_STORAGE_KEY", Buffer.alloc(32, 7).toString("base64"))
    await told(flagsIn(logins), network(), logIn)
    expect(kept()).not.toContain("new-refresh")
    expect(await told(flagsIn(logins), network())).toBe("new-access")
    vi.stubEnv("GRANTLOG_STORAGE_KEY", undefined)
    expect(await told(flagsIn(logins), network())).toMatch(/^CommandFault: /)
    const open = join(temporaryFolder(), "logins")
    await told(flagsIn(open), network(), logIn)
    expect(
      readFileSync(
        join(
          open,
          readdirSync(open).find((name) => name.endsWith(".json"))!,
        ),
        "utf8",
      ),
    ).toContain("new-")
    vi.stubEnv("GRANTLOG_STORAGE_KEY", "short")
    expect(await told(flagsIn(open), network())).toMatch(/^CommandFault: .*`GRANTLOG_STORAGE_KEY`/)
  })
})

describe("a key in a file", () => {
  it.each<readonly [string, string | undefined, string]>([
    ["not there", undefined, "cannot be read (ENOENT)"],
    ["no JSON", "secret", "is no JWK in JSON: give a private key as one object with `kty`"],
    ["nothing", "null", "is no JWK in JSON: give a private key as one object with `kty`"],
    ["a text", '"secret"', "is no JWK in JSON: give a private key as one object with `kty`"],
    ["without a type", '{"d":"secret"}', "is no JWK in JSON: give a private key as one object with `kty`"],
    ["of no type", '{"kty":1}', "is no JWK in JSON: give a private key as one object with `kty`"],
  ])("that is %s is refused, and nothing of it is repeated", async (_, text, why) => {
    const path = join(temporaryFolder(), "key.json")
    if (text !== undefined) writeFileSync(path, text)
    const flags = flagsIn("unused", { clientId: Option.some("app"), clientKey: Option.some(path) })
    expect(await told(flags, network())).toBe(`UsageFault: --client-key \`${path}\` ${why}`)
  })
})

describe("a client at work", () => {
  it("is told when the command is stopped", async () => {
    let stopped: AbortSignal | undefined
    const begun = Promise.withResolvers<void>()
    const more = (signal: AbortSignal) => {
      stopped = signal
      return {}
    }
    const waiting = withClient(flagsIn("unused"), more, () => {
      begun.resolve()
      return new Promise(() => {})
    })
    const fiber = Effect.runFork(waiting)
    await begun.promise
    expect(stopped!.aborted).toBe(false)
    await Effect.runPromise(Fiber.interrupt(fiber))
    expect(stopped!.aborted).toBe(true)
  })

  it("that fails in a way that nobody foresaw is a defect", async () => {
    const defect = new Error("nobody foresaw this")
    const exit = await Effect.runPromiseExit(
      withClient(
        flagsIn("unused"),
        () => ({}),
        () => Promise.reject(defect),
      ),
    )
    expect(exit).toEqual(Exit.die(defect))
  })

  it("that is given what it does not take says so by the flag", async () => {
    const flags = flagsIn("unused", { endpointOrigins: "http://a.example.com" })
    expect(await told(flags, network())).toBe(
      "CommandFault: --endpoint-origins has `http://a.example.com`, which is no https address",
    )
  })
})
