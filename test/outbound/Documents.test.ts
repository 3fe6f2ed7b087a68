/** The one way to read what others publish: where it goes, how much it takes, and what it remembers. */
import dns from "node:dns"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { DocumentFault, documentReader, type DocumentOptions, type FetchedDocument } from "../../src/outbound/index.ts"
import { MAX_STRANGE, MAX_STRANGE_PER_HOST } from "../../src/outbound/DocumentMemory.ts"
import { documentHost } from "../support/DocumentHost.ts"

afterEach(() => vi.restoreAllMocks())

const parse = ({ text }: FetchedDocument): unknown => JSON.parse(text)
const reading = (now = 0, isKnown = false) => ({ now, isKnown, parse })
const onLoopback = (options: DocumentOptions = {}) => documentReader<unknown>({ allowsLoopback: true, ...options })

const faultOf = async (read: Promise<unknown>): Promise<string> => {
  const fault: unknown = await read.catch((cause: unknown) => cause)
  if (!(fault instanceof DocumentFault)) throw new Error("no fault")
  return fault.reason
}

/** Somebody on this machine who must not be connected to. */
const listener = async () => {
  let count = 0
  const server = createServer((socket) => {
    count++
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, connections: () => count }
}

/** Every name leads there. */
const resolving = (...addresses: ReadonlyArray<string>) =>
  vi.spyOn(dns, "lookup").mockImplementation(((_: string, __: unknown, done: (error: null, found: unknown) => void) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    )) as never)

//= A36
//= CIMD-6.5-ssrf
describe("a document is read at public addresses alone", () => {
  it.each([
    ...["127.0.0.1", "localhost", "any.localhost", "0.0.0.0", "127.1", "2130706433", "0x7f000001"],
    ...["[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1"],
    ...["169.254.169.254", "[fe80::1]", "[fd00::1]", "224.0.0.1", "192.0.2.1", "198.18.0.1", "255.255.255.255"],
  ])("nobody is asked at %s", async (host) => {
    const { port, connections } = await listener()
    expect(await faultOf(documentReader()(`https://${host}:${port}/client.json`, reading()))).toBe("refused")
    expect(connections()).toBe(0)
  })

  it.each([
    ["127.0.0.1"],
    ["::1"],
    ["::ffff:127.0.0.1"],
    ["10.0.0.1"],
    ["169.254.169.254"],
    ["64:ff9b::7f00:1"],
    ["fd00::1"],
  ])("a name that leads to %s is not asked, and not told from one that leads nowhere", async (address) => {
    const { port, connections } = await listener()
    const url = `https://app.example.com:${port}/client.json`
    resolving(address)
    const inside: unknown = await documentReader()(url, reading()).catch((cause: unknown) => cause)
    vi.spyOn(dns, "lookup").mockImplementation(((_: string, __: unknown, done: (error: Error) => void) =>
      done(new Error("no such name"))) as never)
    const nowhere: unknown = await documentReader()(url, reading()).catch((cause: unknown) => cause)
    expect(inside).toMatchObject({ reason: "refused" })
    expect(nowhere).toMatchObject({ reason: "unreachable", message: (inside as Error).message })
    expect((inside as Error).message).not.toContain(address)
    expect(connections()).toBe(0)
  })

  it.each([
    "http://app.example.com/",
    "ftp://app.example.com/",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "nothing",
  ])("%s is not asked for", async (url) => {
    const fetch = vi.fn(async () => new Response("{}"))
    expect(await faultOf(documentReader({ fetch })(url, reading()))).toBe("refused")
    expect(fetch).not.toHaveBeenCalled()
  })

  //= A36
  it("this machine is asked where that is allowed, by its own names and no other", async () => {
    const host = await documentHost()
    const url = host.publish()
    expect(await onLoopback()(url, reading())).toMatchObject({ client_id: url })
    expect(await faultOf(documentReader()(url, reading()))).toBe("refused")
    resolving("127.0.0.1")
    const other = url.replace("127.0.0.1", "app.example.com")
    expect(await faultOf(onLoopback()(other, reading()))).toBe("refused")
    expect(await faultOf(onLoopback()(other.replace("http:", "https:"), reading()))).toBe("refused")
    expect(await faultOf(onLoopback()(url.replace("127.0.0.1", "127.0.0.2"), reading()))).toBe("refused")
    expect(host.asked).toEqual(["/client.json"])
  })
})

describe("what is no document is an error", () => {
  //= CIMD-4-no-redirects-200-only
  it.each([201, 204, 301, 302, 303, 307, 308, 400, 404, 500, 503])("an answer with status %i", async (status) => {
    const host = await documentHost()
    const elsewhere = host.publish({}, "/elsewhere.json")
    // But for its status it would be a document.
    const url = host.answer((response) =>
      response
        .writeHead(status, { "content-type": "application/json", location: elsewhere })
        .end(status === 204 ? undefined : "{}"),
    )
    expect(await faultOf(onLoopback()(url, reading()))).toBe("unusable")
    expect(host.asked).toEqual(["/client.json"])
  })

  it.each(["text/html", "text/plain", "image/png", "application/octet-stream", "application/jsonp", ""])(
    "an answer of the type `%s`",
    async (type) => {
      const host = await documentHost()
      host.headers["content-type"] = type
      expect(await faultOf(onLoopback()(host.publish(), reading()))).toBe("unusable")
    },
  )

  it.each(["application/json; charset=utf-8", "Application/JSON", "application/client-metadata+json"])(
    "but not one of the type `%s`",
    async (type) => {
      const host = await documentHost()
      host.headers["content-type"] = type
      expect(await onLoopback()(host.publish(), reading())).toBeDefined()
    },
  )

  //= A36
  //= CIMD-6.6-size-limit
  it("an answer that is too long is not read to its end", async () => {
    const host = await documentHost()
    const body = (length: number) => `"${"x".repeat(length - 2)}"`
    const url = host.answer((response) => response.writeHead(200, host.headers).end(body(5120)))
    expect(await onLoopback()(url, reading())).toHaveLength(5118)
    const long = host.answer((response) => response.writeHead(200, host.headers).end(body(5121)), "/long")
    expect(await faultOf(onLoopback()(long, reading()))).toBe("unusable")
    let isClosed: () => void
    const closed = new Promise<void>((resolve) => (isClosed = resolve))
    const endless = host.answer((response) => {
      response.writeHead(200, host.headers)
      response.on("close", isClosed)
      const more = () => void (response.destroyed || response.write("x".repeat(1024), () => setImmediate(more)))
      more()
    }, "/endless")
    expect(await faultOf(onLoopback()(endless, reading()))).toBe("unusable")
    await closed
  })

  it("an answer that does not come, or does not end, is given up", async () => {
    const host = await documentHost()
    const read = onLoopback({ timeoutMillis: 50 })
    expect(
      await faultOf(
        read(
          host.answer(() => {}),
          reading(),
        ),
      ),
    ).toBe("unreachable")
    const slow = host.answer((response) => void response.writeHead(200, host.headers).write('"'), "/slow")
    expect(await faultOf(read(slow, reading()))).toBe("unreachable")
  })

  it("one that its reader does not take, and the reason is told", async () => {
    const host = await documentHost()
    const url = host.publish()
    const read = onLoopback()(url, {
      ...reading(),
      parse: () => {
        throw new Error("it has no name")
      },
    })
    await expect(read).rejects.toThrow(`\`${url}\`: it has no name`)
  })
})

describe("what was read is remembered", () => {
  /** How often a host is asked when its document is wanted at these seconds. */
  const askedAt = async (headers: Readonly<Record<string, string>>, ...seconds: ReadonlyArray<number>) => {
    const host = await documentHost()
    Object.assign(host.headers, headers)
    const [read, url] = [onLoopback(), host.publish()]
    for (const second of seconds) await read(url, reading(second * 1000))
    return host.asked.length
  }
  const DATE = "Tue, 01 Jan 2030 00:00:00 GMT"

  it.each<[string, Readonly<Record<string, string>>, number]>([
    ["five minutes where the answer says nothing", {}, 300],
    ["as long as it says", { "cache-control": "public, max-age=60" }, 60],
    ["less what it spent elsewhere", { "cache-control": "max-age=100", age: "40" }, 60],
    ["until it says", { date: DATE, expires: "Tue, 01 Jan 2030 00:02:00 GMT" }, 120],
    ["a day at most", { "cache-control": "max-age=31536000" }, 86_400],
    ["ten seconds at least", { "cache-control": "no-store" }, 10],
    ["ten seconds where it has to be asked again", { "cache-control": "no-cache, max-age=60" }, 10],
    ["ten seconds where it is stale", { date: DATE, expires: "0" }, 10],
    ["ten seconds where nobody understands it", { "cache-control": "max-age=soon" }, 10],
    ["as long as is said to this server, not to others", { "cache-control": "max-age=60, s-maxage=1" }, 60],
  ])("for %s", async (_, headers, seconds) => {
    expect(await askedAt(headers, 0, seconds - 1)).toBe(1)
    expect(await askedAt(headers, 0, seconds)).toBe(2)
  })

  it("not when the clock is set back, nor for who needs what is newer", async () => {
    expect(await askedAt({}, 100, 99)).toBe(2)
    const host = await documentHost()
    const [read, url] = [onLoopback(), host.publish()]
    await read(url, reading(1000))
    await read(url, { ...reading(2000), since: 1000 })
    expect(host.asked).toHaveLength(1)
    await read(url, { ...reading(3000), since: 1001 })
    expect(host.asked).toHaveLength(2)
  })

  //= CIMD-4.4-no-negative-cache
  it("never a failure: the next one who asks gets what is there by then", async () => {
    const host = await documentHost()
    const read = onLoopback()
    const url = host.answer((response) => response.writeHead(503, { "cache-control": "max-age=600" }).end())
    expect(await faultOf(read(url, reading()))).toBe("unusable")
    host.answer((response) => response.writeHead(200, { ...host.headers, "cache-control": "max-age=600" }).end("{"))
    expect(await faultOf(read(url, reading()))).toBe("unusable")
    host.publish()
    expect(await read(url, reading())).toMatchObject({ client_id: url })
  })

  it("who asks at the same time is answered by one request", async () => {
    const host = await documentHost()
    const [read, url] = [onLoopback(), host.publish()]
    await Promise.all(Array.from({ length: 8 }, () => read(url, reading())))
    expect(host.asked).toHaveLength(1)
  })
})

describe("strangers fill nothing", () => {
  const answering = (asked: Array<string>): DocumentOptions => ({
    fetch: async (input) => {
      asked.push(String(input))
      return new Response("{}", { headers: { "content-type": "application/json", "cache-control": "max-age=86400" } })
    },
  })

  it("no number of their documents displaces one of a client that is known here", async () => {
    const asked: Array<string> = []
    const read = documentReader<unknown>(answering(asked))
    await read("https://known.example/client.json", reading(0, true))
    for (let index = 0; index < 3 * MAX_STRANGE; index++) await read(`https://a${index}.example/client.json`, reading())
    asked.length = 0
    await read("https://known.example/client.json", reading(1, true))
    await read("https://known.example/client.json", reading(1))
    expect(asked).toEqual([])
  })

  it("one host of theirs displaces no other's, and so many are kept and no more", async () => {
    const asked: Array<string> = []
    const read = documentReader<unknown>(answering(asked))
    await read("https://other.example/client.json", reading())
    for (let index = 0; index < 3 * MAX_STRANGE; index++) await read(`https://evil.example/${index}`, reading())
    asked.length = 0
    await read("https://other.example/client.json", reading())
    for (let index = 3 * MAX_STRANGE - 1; index >= 0; index--) await read(`https://evil.example/${index}`, reading())
    expect(asked).toHaveLength(3 * MAX_STRANGE - MAX_STRANGE_PER_HOST)
  })

  it("only so many are read at a time, of one host fewer, and those of known clients besides", async () => {
    let free: () => void = () => {}
    const held = new Promise<void>((resolve) => (free = resolve))
    const read = documentReader<unknown>({
      fetch: async () => {
        await held
        return new Response("{}", { headers: { "content-type": "application/json" } })
      },
    })
    const one = Array.from({ length: 5 }, (_, index) => read(`https://one.example/${index}`, reading()))
    const many = Array.from({ length: 40 }, (_, index) => read(`https://a${index}.example/`, reading()))
    const known = read("https://one.example/known", reading(0, true))
    free()
    const outcomes = await Promise.allSettled([...one, ...many])
    expect(outcomes.slice(0, 5).filter(({ status }) => status === "rejected")).toHaveLength(1)
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(32)
    expect(outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.reason] : []))).toEqual(
      Array(13).fill("busy"),
    )
    await known
    expect(await read("https://one.example/later", reading())).toEqual({})
  })
})
