/**
 * `grantlog login`, `token` and `logout` at a stand-in server: what is asked of it, and what a person or a program is told.
 *
 * Who logs in through a browser is one request here, and no second is waited for a device.
 */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import timers from "node:timers/promises"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { standIn } from "../client/support/StandIn.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere, type HereOptions } from "../live/support/InProcess.ts"
import { freePort } from "../support/FreePort.ts"

const LIFE_SECONDS = 3600
const USER_CODE = "WDJB-MJHT"

interface Sent {
  readonly path: string
  readonly fields: URLSearchParams
  readonly hasProof: boolean
}

const folder = temporaryFolder()
let origin: string
let url: string
let sent: Array<Sent> = []
/** What the token endpoint says besides the token, and the device endpoint besides the codes. */
let granted: Record<string, unknown> = {}
let shown: Record<string, unknown> = {}
let revocationStatus = 200
let loginCount = 0

const answer: RequestListener = async (request, response) => {
  const { pathname: path, searchParams } = new URL(request.url!, origin)
  const fields = request.method === "POST" ? new URLSearchParams(await text(request)) : searchParams
  sent.push({ path, fields, hasProof: request.headers["dpop"] !== undefined })
  const json = (value: unknown, status = 200) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value))
  if (path === "/mcp") return json({}, 401)
  if (path === "/.well-known/oauth-protected-resource/mcp")
    return json({ resource: url, authorization_servers: [origin] })
  if (path === "/.well-known/oauth-authorization-server")
    return json({
      issuer: origin,
      ...{ authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token` },
      ...{ registration_endpoint: `${origin}/register`, revocation_endpoint: `${origin}/revoke` },
      device_authorization_endpoint: `${origin}/device_authorization`,
      code_challenge_methods_supported: ["S256"],
      dpop_signing_alg_values_supported: ["ES256"],
    })
  if (path === "/register") return json({ client_id: "made" }, 201)
  if (path === "/authorize") {
    const back = new URLSearchParams({ code: "c", state: fields.get("state")! })
    return response.writeHead(302, { location: `${fields.get("redirect_uri")!}?${back}` }).end()
  }
  const codes = { device_code: "d", user_code: USER_CODE, verification_uri: `${origin}/device`, expires_in: 600 }
  if (path === "/device_authorization") return json({ ...codes, ...shown })
  if (path === "/revoke") return json({}, revocationStatus)
  const token_type = sent.at(-1)!.hasProof ? "DPoP" : "Bearer"
  json({ access_token: `access-${loginCount}`, token_type, refresh_token: "r", ...granted })
}

const server = createServer((request, response) => void answer(request, response))

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve))
  origin = `http://localhost:${(server.address() as AddressInfo).port}`
  url = `${origin}/mcp`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  folder[Symbol.dispose]()
})

beforeEach(() => {
  sent = []
  granted = { expires_in: LIFE_SECONDS, scope: "read write" }
  shown = {}
  revocationStatus = 200
  loginCount++
})

const to = (path: string) => sent.filter((one) => one.path === path)

/** A place for a login of its own in each test. */
const env = () => ({ GRANTLOG_CREDENTIALS: folder.at(`logins-${loginCount}`) })

const grantlog = (args: ReadonlyArray<string>, options: HereOptions = {}) =>
  grantlogHere([...args, url], { ...options, env: env() })

/** Opens the link that is printed, as a browser whose user agrees does. */
const byLink = (...args: ReadonlyArray<string>) => {
  let visited: Promise<unknown> | undefined
  return grantlog(["login", "--print-link", ...args], {
    onSaid: (said) => {
      const link = /\n\n {2}(http\S+)\n\n/.exec(said)?.[1]
      if (link !== undefined) visited ??= fetch(link).then((page) => page.text())
    },
  })
}

/** Waits for nothing. */
const byDevice = (...args: ReadonlyArray<string>) => {
  standIn(timers, "setTimeout", () => (async () => {}) as never)
  return grantlog(["login", "--device", ...args])
}

const isSoon = (time: string, seconds: number) => Math.abs(Date.parse(time) - Date.now() - seconds * 1000) < 60_000

describe("login", () => {
  it("asks for scopes, comes back to the port that was named, and says where one is logged in", async () => {
    const port = await freePort()
    const { code, stdout, stderr } = await byLink("--scopes", " read  write ", "--callback-port", String(port))
    const [asked] = to("/authorize")
    expect([code, stdout]).toEqual([0, `logged in at ${origin}, with the scope read write\n`])
    expect(stderr).toBe(`open this address in a browser to log in:\n\n  ${origin}/authorize?${asked!.fields}\n\n`)
    expect(asked!.fields.get("scope")).toBe("read write")
    expect(new URL(asked!.fields.get("redirect_uri")!).port).toBe(String(port))
    expect(to("/token").map(({ hasProof }) => hasProof)).toEqual([false])
  })

  it("asks for nothing that was not named, and says no more than the server did", async () => {
    granted = {}
    const { stdout } = await byLink()
    expect(stdout).toBe(`logged in at ${origin}\n`)
    expect(to("/authorize")[0]!.fields.has("scope")).toBe(false)
    const { stdout: told } = await byLink("--json")
    expect(JSON.parse(told)).toEqual({ issuer: origin })
  })

  it("is told to programs with the scope and the end, and bound to a key where that is asked", async () => {
    const { stdout } = await byLink("--json", "--dpop")
    const told = JSON.parse(stdout) as { readonly expires: string }
    expect(told).toEqual({ issuer: origin, scope: "read write", expires: expect.stringMatching(/^\d{4}-.*Z$/) })
    expect(isSoon(told.expires, LIFE_SECONDS)).toBe(true)
    expect(to("/token").map(({ hasProof }) => hasProof)).toEqual([true])
  })

  it("shows a device's code to people, with the address that has the code in it where there is one", async () => {
    const EXPIRES = /and enter this code there before (\S+):/
    const withoutAddress = await byDevice()
    const [, expires = ""] = EXPIRES.exec(withoutAddress.stderr)!
    expect(isSoon(expires, 600)).toBe(true)
    const sentence = `open this address in a browser:\n\n  ${origin}/device\n\nand enter this code there before ${expires}:\n\n  ${USER_CODE}\n\n`
    expect(withoutAddress).toEqual({
      code: 0,
      stdout: `logged in at ${origin}, with the scope read write\n`,
      stderr: sentence,
    })
    expect(to("/authorize")).toEqual([])
    shown = { verification_uri_complete: `${origin}/device?user_code=${USER_CODE}` }
    const { stderr } = await byDevice()
    expect(stderr.replace(EXPIRES, sentence.match(EXPIRES)![0])).toBe(
      `${sentence.trimEnd()}\n\nor open this, and compare the code:\n\n  ${origin}/device?user_code=${USER_CODE}\n\n`,
    )
  })

  it("gives programs a device's code on standard output, before the login", async () => {
    const complete = `${origin}/device?user_code=${USER_CODE}`
    shown = { verification_uri_complete: complete }
    const { stdout, stderr } = await byDevice("--json")
    const [prompt, done] = stdout.split(/\n(?=\{)/).map((json) => JSON.parse(json) as { readonly expires: string })
    expect([stderr, prompt, done]).toEqual([
      "",
      {
        issuer: origin,
        userCode: USER_CODE,
        verificationUri: `${origin}/device`,
        verificationUriComplete: complete,
        expires: expect.any(String),
      },
      { issuer: origin, scope: "read write", expires: expect.any(String) },
    ])
    expect(isSoon(prompt!.expires, 600)).toBe(true)
  })

  it("that is stopped before somebody answered has failed", async () => {
    const before = process.exitCode
    const { stdout, stderr } = await grantlog(["login", "--device"], {
      onSaid: (said, end) => void (said.includes(USER_CODE) && end()),
    })
    const { exitCode } = process
    process.exitCode = before
    expect([exitCode, stdout]).toEqual([1, ""])
    expect(stderr).toMatch(/\n\ngrantlog: stopped before the login was done\n$/)
    expect(to("/token")).toEqual([])
  })

  it.each([[["--print-link"]], [["--callback-port", "8123"]]])("as a device takes no %j", async (flags) => {
    expect(await grantlog(["login", "--device", ...flags])).toEqual({
      code: 2,
      stdout: "",
      stderr: "grantlog: --device has no browser that comes back: leave out --print-link and --callback-port\n",
    })
    expect(sent).toEqual([])
  })
})

describe("token", () => {
  it("prints the token of the login, to a terminal only where that is meant", async () => {
    await byLink()
    const printed = { code: 0, stdout: `access-${loginCount}\n`, stderr: "" }
    expect(await grantlog(["token"])).toEqual(printed)
    expect(await grantlog(["token"], { terminals: ["stdout"] })).toEqual({
      code: 2,
      stdout: "",
      stderr: "grantlog: a token is a secret: pipe it, or say --show to see it\n",
    })
    expect(await grantlog(["token", "--show"], { terminals: ["stdout"] })).toEqual(printed)
  })

  it("says how one logs in where nobody is", async () => {
    expect(await grantlog(["token"])).toEqual({
      code: 1,
      stdout: "",
      stderr: `grantlog: there is no login for it: run grantlog login ${url}\n`,
    })
  })
})

describe("logout", () => {
  it.each([
    [200, true, "logged out; the server was told"],
    [500, false, "logged out here; the server was not told"],
  ])("where revoking is answered with %i says so", async (status, serverTold, sentence) => {
    revocationStatus = status
    await byLink()
    expect(await grantlog(["logout"])).toEqual({ code: 0, stdout: `${sentence}\n`, stderr: "" })
    expect(to("/revoke").length).toBeGreaterThan(0)
    expect((await grantlog(["token"])).code).toBe(1)
    await byLink()
    const { stdout } = await grantlog(["logout", "--json"])
    expect(JSON.parse(stdout)).toEqual({ loggedOut: true, serverTold })
  })
})
