/** The address for whoever watches: what it answers, by which names, and where the store cannot be read. */
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { createServer, request as send } from "node:http"
import { connect, type AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { Effect } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { makeMetrics } from "../../../src/cli/observe/Metrics.ts"
import { metricsListener, type Watched } from "../../../src/cli/observe/MetricsListener.ts"
import { StoreFault } from "../../../src/log/index.ts"
import { memoryStore } from "../../../src/provider/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"

const watching = async (watched: Partial<Watched> = {}) => {
  const listener = metricsListener({
    metrics: makeMetrics("1.2.3", 1_700_000_000_000),
    log: memoryStore(),
    isStopping: () => false,
    host: undefined,
    ...watched,
  })
  const server = createServer(listener)
  await once(server.listen(0, "127.0.0.1"), "listening")
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  /** Bytes as they are, and what comes of them. */
  const plainly = (bytes: string) => text(connect(port, "127.0.0.1").end(bytes))
  /** By node:http, for `fetch` sends no `Host` that somebody chose. */
  const ask = async (path: string, host = `localhost:${port}`, method = "GET") => {
    const sent = send({ host: "127.0.0.1", port, path, method, headers: { host }, agent: false }).end()
    const [response] = (await once(sent, "response")) as [import("node:http").IncomingMessage]
    return { status: response.statusCode, type: response.headers["content-type"], body: await text(response) }
  }
  return Object.assign(ask, { plainly })
}

describe("by which name it is asked", () => {
  const own = ["localhost", "LOCALHOST:9464", "127.0.0.1:9464", "192.0.2.1", "[::1]:9464"]
  const others = [
    "evil.example",
    "evil.example:9464",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "a b",
    "evil.example:",
  ]

  it("on a loopback an address or localhost is, and no name that a page had lead here", async () => {
    for (const host of [undefined, "127.0.0.2"]) {
      const ask = await watching({ host })
      for (const name of own) expect([name, (await ask("/readyz", name)).status]).toEqual([name, 200])
      for (const path of ["/metrics", "/readyz", "/"])
        for (const name of others)
          expect([name, await ask(path, name)]).toEqual([
            name,
            expect.objectContaining({
              status: 421,
              body: "ask by an IP address or by localhost, or give --metrics-host\n",
            }),
          ])
    }
  })

  it("on a loopback whoever names no host is answered, for no browser is so old", async () => {
    const ask = await watching()
    expect(await ask.plainly("GET /readyz HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nready\n$/)
  })

  it("open to the network any name is, for the network has names of its own", async () => {
    const ask = await watching({ host: "0.0.0.0" })
    expect((await ask("/readyz", "grantlog-1.internal:9464")).status).toBe(200)
  })
})

describe("what it answers", () => {
  it("is that it is ready, and the metrics in the format of Prometheus", async () => {
    const ask = await watching()
    expect(await ask("/readyz?full=1")).toEqual({ status: 200, type: "text/plain; charset=utf-8", body: "ready\n" })
    const { status, type, body } = await ask("/metrics")
    expect([status, type]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"])
    expect(body).toContain("grantlog_ready 1\n")
    expect(body).toContain("grantlog_store_bytes 0\n")
    expect(body).toMatch(/^process_resident_memory_bytes [1-9]\d+$/m)
  })

  it("is how much CPU time the process took, and how much room its store takes", async () => {
    const folder = temporaryFolder()
    onTestFinished(() => folder[Symbol.dispose]())
    const file = folder.at("grantlog.db")
    const ask = await watching({ log: { ...memoryStore(), file } })
    const said = async (name: string) =>
      Number(new RegExp(`^${name} (\\S+)$`, "m").exec((await ask("/metrics")).body)![1])
    expect(await said("grantlog_store_bytes")).toBe(0)
    writeFileSync(file, "12345")
    expect(await said("grantlog_store_bytes")).toBe(5)
    writeFileSync(`${file}-wal`, "1234567")
    expect(await said("grantlog_store_bytes")).toBe(12)
    const cpuSeconds = () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6
    }
    const before = cpuSeconds()
    const cpu = await said("process_cpu_seconds_total")
    expect([cpu >= before, cpu <= cpuSeconds()]).toEqual([true, true])
  })

  it("is nothing at all where it cannot be told", async () => {
    const text = () => {
      throw new Error("a defect")
    }
    const ask = await watching({ metrics: { ...makeMetrics("1.2.3", 0), text } })
    await expect(ask("/metrics")).rejects.toThrow("socket hang up")
  })

  it("is nothing at another path or by another method", async () => {
    const ask = await watching()
    expect(await ask("/")).toMatchObject({ status: 404, body: "not found\n" })
    expect(await ask("/metrics/")).toMatchObject({ status: 404 })
    expect(await ask("/metrics", undefined, "POST")).toMatchObject({ status: 405, body: "this takes GET\n" })
  })

  it("is not ready once the server is about to stop, or where the store cannot be read", async () => {
    const stopping = await watching({ isStopping: () => true })
    expect(await stopping("/readyz")).toMatchObject({ status: 503, body: "stopping\n" })
    expect((await stopping("/metrics")).body).toContain("grantlog_ready 0\n")
    const gone = Effect.fail(new StoreFault({ reason: "disk", message: "the disk is gone" }))
    const broken = await watching({ log: { ...memoryStore(), head: gone, bytes: gone } })
    expect(await broken("/readyz")).toMatchObject({ status: 503, body: "the store cannot be read\n" })
    const { status, body } = await broken("/metrics")
    expect(status).toBe(200)
    for (const line of ["grantlog_ready 0", "grantlog_log_entries NaN", "grantlog_store_bytes NaN"])
      expect(body).toContain(`${line}\n`)
  })
})
