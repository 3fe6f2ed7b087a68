/** Where requests go is judged at every connection: by what a name resolves to, and where a redirect leads. */
import dns from "node:dns"
import { createServer, type RequestListener } from "node:http"
import { isIP, type AddressInfo } from "node:net"
import { afterEach, expect, onTestFinished, test, vi } from "vitest"
import { AddressRefused, guardedBrowser, guardedFetch, makeGuard, refusalIn } from "../../src/outbound/index.ts"

afterEach(() => vi.restoreAllMocks())

/** A server on this machine that must not hear of anything, or that answers. */
const serving = async (listener: RequestListener = (_, response) => response.end("hello")) => {
  const heard: Array<string> = []
  const server = createServer((request, response) => {
    heard.push(request.url!)
    listener(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { heard, port: (server.address() as AddressInfo).port }
}

const { lookup: resolve } = dns

/** Names lead where the test says; each answer is used once, the last for ever. */
const resolving = (...answers: ReadonlyArray<ReadonlyArray<string>>) => {
  let asked = 0
  const lookup = (
    name: string,
    options: dns.LookupAllOptions,
    done: (error: NodeJS.ErrnoException | null, found: Array<dns.LookupAddress>) => void,
  ) => {
    // Servers that listen look their address up as well.
    if (isIP(name) !== 0) return resolve(name, options, done)
    const answer = answers[Math.min(asked++, answers.length - 1)]!
    done(
      null,
      answer.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    )
  }
  vi.spyOn(dns, "lookup").mockImplementation(lookup as never)
}

const refusalOf = async (request: Promise<unknown>) => refusalIn(await request.catch((error: unknown) => error))

const elsewhere = new URL("https://mcp.example.com/mcp")
const fromElsewhere = () => guardedFetch(makeGuard({ target: elsewhere }))

test.each(["127.0.0.1", "localhost", "localhost.", "any.localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1"])(
  "nothing reaches %s on behalf of a server elsewhere",
  async (host) => {
    const { heard, port } = await serving()
    expect(await refusalOf(fromElsewhere()(`http://${host}:${port}/`))).toBeInstanceOf(AddressRefused)
    expect(heard).toEqual([])
  },
)

test.each([["127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["64:ff9b::7f00:1"]])(
  "a name that resolves to %s is not asked on behalf of a server elsewhere",
  async (address) => {
    resolving([address])
    const { heard, port } = await serving()
    const refusal = await refusalOf(fromElsewhere()(`http://other.example.com:${port}/`))
    expect(refusal?.message).toContain("other.example.com")
    expect(heard).toEqual([])
  },
)

//= RFC9728-7.7-ssrf
test("a host that was named may lie in a private network, and on this machine only where that was named", async () => {
  resolving(["127.0.0.1"])
  const { heard, port } = await serving()
  const url = `http://mcp.example.com:${port}/`
  expect(await refusalOf(fromElsewhere()(url))).toBeInstanceOf(AddressRefused)
  expect(heard).toEqual([])
  const operators = guardedFetch(makeGuard({ target: elsewhere, namedReach: "local" }))
  expect(await (await operators(url)).text()).toBe("hello")
  const lookup = (host: string) =>
    new Promise((resolve) => {
      resolving(["10.1.2.3"])
      makeGuard({ target: elsewhere }).lookup(host, { all: true }, (error, found) => resolve(error ?? found))
    })
  expect(await lookup("mcp.example.com")).toEqual([{ address: "10.1.2.3", family: 4 }])
  expect(await lookup("id.example.com")).toBeInstanceOf(AddressRefused)
})

test("what is on this machine leads anywhere on it, and what is in a private network leads into that alone", async () => {
  const { heard, port } = await serving()
  const here = guardedFetch(makeGuard({ target: new URL("http://localhost:1/mcp") }))
  expect((await here(`http://127.0.0.1:${port}/a`)).status).toBe(200)
  expect((await here(new Request(`http://localhost:${port}/b`))).status).toBe(200)
  expect(heard).toEqual(["/a", "/b"])
  const { check } = makeGuard({ target: new URL("https://10.0.0.1/mcp") })
  expect(() => check(new URL("https://10.0.0.2/"))).not.toThrow()
  expect(() => check(new URL(`http://127.0.0.1:${port}/`))).toThrow(AddressRefused)
})

test("an address that was named besides is that origin alone", () => {
  const { check } = makeGuard({ target: elsewhere, also: [new URL("http://127.0.0.1:4000/")] })
  expect(() => check(new URL("http://127.0.0.1:4000/token"))).not.toThrow()
  expect(() => check(new URL("http://127.0.0.1:4001/token"))).toThrow(AddressRefused)
})

test("a redirect that the platform follows by itself is judged like any other way there", async () => {
  const inside = await serving()
  for (const host of ["127.0.0.1", "localhost", "inside.example.com"]) {
    const leading = await serving((_, response) => {
      response.writeHead(307, { location: `http://${host}:${inside.port}/secret` }).end()
    })
    const named = new URL(`http://127.0.0.1:${leading.port}/`)
    if (host === "inside.example.com") resolving(["127.0.0.1"])
    const fetch = guardedFetch(makeGuard({ target: elsewhere, also: [named] }))
    expect(await refusalOf(fetch(named, { method: "POST", body: "x" }))).toBeInstanceOf(AddressRefused)
    expect(leading.heard).toEqual(["/"])
  }
  expect(inside.heard).toEqual([])
})

test("a name is judged anew at every connection: one that was public once does not become an address of this network", async () => {
  resolving(["203.0.114.1"], ["10.0.0.1"], ["127.0.0.1"])
  const { lookup } = makeGuard({ target: elsewhere })
  const ask = () =>
    new Promise((resolve) => lookup(elsewhere.hostname, {}, (error, address) => resolve(error?.name ?? address)))
  expect([await ask(), await ask(), await ask()]).toEqual(["203.0.114.1", "AddressRefused", "AddressRefused"])
})

//= RFC9728-7.7-ssrf
test("a host that was named and has a public address is asked at none of this network beside it", async () => {
  resolving(["10.0.0.1", "203.0.114.1"], ["10.0.0.1"])
  const { lookup } = makeGuard({ target: elsewhere })
  const ask = () =>
    new Promise((resolve) => lookup(elsewhere.hostname, { all: true }, (error, found) => resolve(error?.name ?? found)))
  expect(await ask()).toEqual([{ address: "203.0.114.1", family: 4 }])
  expect(await ask()).toBe("AddressRefused")
})

test("of several addresses only those are asked that may be, and a name that does not resolve is told as such", async () => {
  resolving(["127.0.0.1", "10.0.0.1", "203.0.114.1"])
  const { lookup } = makeGuard({ target: elsewhere })
  const found = await new Promise((resolve) =>
    lookup("id.example.com", { all: true }, (error, all) => resolve(error ?? all)),
  )
  expect(found).toEqual([{ address: "203.0.114.1", family: 4 }])
  const fault = Object.assign(new Error("no such host"), { code: "ENOTFOUND" })
  vi.spyOn(dns, "lookup").mockImplementation(((_: string, __: unknown, done: (error: Error) => void) =>
    done(fault)) as never)
  const error: unknown = await fromElsewhere()("https://id.example.com/").catch((cause: unknown) => cause)
  expect(error).toMatchObject({ cause: { code: "ENOTFOUND" } })
  expect(refusalIn(error)).toBeUndefined()
})

test("a program's own fetch is never called for what the address itself says must not be asked", async () => {
  const asked: Array<string> = []
  const own = guardedFetch(makeGuard({ target: elsewhere }), (input) => {
    asked.push(input instanceof Request ? input.url : String(input))
    return Promise.resolve(new Response())
  })
  for (const url of ["http://localhost.:1/", "https://[::127.0.0.1]/", new Request("http://a.localhost/")]) {
    expect(await refusalOf(own(url))).toBeInstanceOf(AddressRefused)
  }
  await own("https://id.example.com/")
  expect(asked).toEqual(["https://id.example.com/"])
})

test("a page is asked for as a browser does, redirects and cookies given back, and no script is made out of it", async () => {
  const { port } = await serving((request, response) => {
    const { "sec-fetch-mode": mode = "none", accept } = request.headers
    const cookies = ["a=1; Path=/", "b=2; Path=/"]
    response.writeHead(302, { location: `/next?${String(mode)}`, "set-cookie": cookies, "x-accept": String(accept) })
    response.end()
  })
  const guard = makeGuard({ target: new URL(`http://127.0.0.1:${port}`) })
  const asked = { headers: { accept: "text/html" } }
  const answer = await guardedBrowser(guard)(`http://127.0.0.1:${port}/`, asked)
  expect([answer.status, answer.headers.get("location"), answer.headers.get("x-accept")]).toEqual([
    302,
    "/next?none",
    "text/html",
  ])
  expect(answer.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2; Path=/"])
  const elsewhere = makeGuard({ target: new URL("https://id.example") })
  await expect(guardedBrowser(elsewhere)(`http://127.0.0.1:${port}/`)).rejects.toThrow(AddressRefused)
})
