/** Listening: on both loopbacks or the host that is named, and what is said where that cannot be. */
import { Agent, createServer, get, type Server } from "node:http"
import { connect } from "node:net"
import { Effect, Exit, Scope } from "effect"
import { describe, expect, it, vi } from "vitest"
import { checkPort, deferredListener, listen, type ListenFlags } from "../../src/cli/Listen.ts"

/** A server that listens nowhere: it says what was asked of it, and that it listens, or what is wrong. */
const standIn = (faults: ReadonlyArray<string | Error | undefined>, port = 4711) => {
  const asked: Array<string> = []
  const closed: Array<string> = []
  let count = 0
  const make = (): Server => {
    const server = createServer()
    server.listen = ((asPort: number, host: string, done: () => void) => {
      asked.push(`${host} ${asPort}`)
      const fault = faults[count++]
      if (fault === undefined) {
        server.address = () => ({ port: asPort || port, address: host, family: "" })
        server.close = (isClosed) => {
          closed.push(host)
          isClosed?.()
          return server
        }
        done()
      } else server.emit("error", typeof fault === "string" ? Object.assign(new Error(fault), { code: fault }) : fault)
      return server
    }) as Server["listen"]
    return server
  }
  return { make, asked, closed }
}

/** The port, or what is said. */
const listened = (make: () => Server, host: string | undefined, port: number, flags: ListenFlags = "") =>
  Effect.runPromise(
    Effect.match(Effect.scoped(listen(make, host, port, flags)), {
      onSuccess: (chosen) => chosen,
      onFailure: ({ message }) => message,
    }),
  )

describe("what is listened on", () => {
  it("is both loopbacks on one port, or the host that is named, and is given back in the end", async () => {
    const both = standIn([])
    expect(await listened(both.make, undefined, 0)).toBe(4711)
    expect([both.asked, both.closed]).toEqual([
      ["127.0.0.1 0", "::1 4711"],
      ["127.0.0.1", "::1"],
    ])
    const one = standIn([])
    expect(await listened(one.make, "example.com", 80)).toBe(80)
    expect([one.asked, one.closed]).toEqual([["example.com 80"], ["example.com"]])
  })

  it.each(["EADDRNOTAVAIL", "EAFNOSUPPORT"])("is one loopback where the other is not there (%s)", async (code) => {
    const { make, closed } = standIn([undefined, code])
    expect(await listened(make, undefined, 4000)).toBe(4000)
    expect(closed).toEqual(["127.0.0.1"])
  })

  it("is nothing where one of them is refused", async () => {
    const { make, closed } = standIn([undefined, "EACCES"])
    expect(await listened(make, undefined, 80)).toBe("port 80 is not for this user: choose one above 1023 with --port")
    expect(closed).toEqual(["127.0.0.1"])
  })

  it("is another free port where the first was taken on the other loopback, ten times at most", async () => {
    const again = standIn([undefined, "EADDRINUSE"])
    expect(await listened(again.make, undefined, 0)).toBe(4711)
    expect(again.asked).toEqual(["127.0.0.1 0", "::1 4711", "127.0.0.1 0", "::1 4711"])
    const taken = standIn(Array.from({ length: 99 }, (_, index) => (index % 2 === 1 ? "EADDRINUSE" : undefined)))
    expect(await listened(taken.make, undefined, 0)).toBe("port 4711 is taken on ::1: choose another with --port")
    expect(taken.asked).toHaveLength(22)
    const named = standIn([undefined, "EADDRINUSE"])
    expect(await listened(named.make, undefined, 4000)).toBe("port 4000 is taken on ::1: choose another with --port")
    expect(named.asked).toHaveLength(2)
    const other = standIn([undefined, "EACCES"])
    expect(await listened(other.make, undefined, 0)).toMatch(/^port 4711 is not for this user/)
  })

  const NO_ADDRESS = "--tiles-host `here` is no address of this machine: give one, or none for both loopbacks"
  it.each<readonly [string | Error, string]>([
    ["EADDRINUSE", "port 81 is taken on here: choose another with --tiles-port"],
    ["EACCES", "port 81 is not for this user: choose one above 1023 with --tiles-port"],
    ["ENOTFOUND", NO_ADDRESS],
    ["EADDRNOTAVAIL", NO_ADDRESS],
    ["EAFNOSUPPORT", NO_ADDRESS],
    ["EIO", "cannot listen on here port 81: EIO"],
    [new Error("no code"), "cannot listen on here port 81: no code"],
  ])("is told by the flags that say it: %s", async (fault, sentence) => {
    expect(await listened(standIn([fault]).make, "here", 81, "tiles-")).toBe(sentence)
  })
})

describe("a port", () => {
  const checked = (port: number) =>
    Effect.runSync(
      Effect.match(checkPort(port, "admin-"), { onSuccess: () => "fine", onFailure: ({ message }) => message }),
    )

  it("is one from 0 to 65535", () => {
    expect([0, 65_535].map(checked)).toEqual(["fine", "fine"])
    expect([-1, 65_536].map(checked)).toEqual([
      "--admin-port `-1` is not between 0 and 65535",
      "--admin-port `65536` is not between 0 and 65535",
    ])
  })
})

/** Listens on a free port of its own, until `stop`. */
const running = async (make: () => Server) => {
  const scope = Scope.makeUnsafe()
  const port = await Effect.runPromise(Scope.provide(listen(make, "127.0.0.1", 0, ""), scope))
  return { port, stop: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
}

describe("a listener that comes later", () => {
  it("is one that asks to come again, and then itself", async () => {
    const { listener, set } = deferredListener()
    const { port, stop } = await running(() => createServer(listener))
    const url = `http://127.0.0.1:${port}`
    const early = await fetch(url)
    expect([early.status, early.headers.get("retry-after")]).toEqual([503, "1"])
    set((_, response) => response.end("here"))
    expect(await (await fetch(url)).text()).toBe("here")
    await stop()
  })
})

const hasBegunToStop = async (server: Server): Promise<void> => {
  while (server.listening) await new Promise((resolve) => setImmediate(resolve))
}

describe("stopping", () => {
  /** A server that answers when it is told to, and a request that it has not answered. */
  const waiting = async () => {
    const server = createServer({ keepAliveTimeout: 0 })
    const asked = Promise.withResolvers<() => void>()
    server.on("request", (_, response) => asked.resolve(() => response.end("answered")))
    const { port, stop } = await running(() => server)
    const socket = connect(port, "127.0.0.1")
    let text = ""
    socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
    const ended = new Promise<string>((resolve) => socket.once("close", () => resolve(text)))
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    return { server, socket, stop, ended, answer: await asked.promise }
  }

  it("waits for a request that has begun, whose connection ends with its answer", async () => {
    const { server, stop, ended, answer } = await waiting()
    const stopped = stop()
    const closing = vi.spyOn(server, "closeAllConnections")
    await hasBegunToStop(server)
    answer()
    expect(await ended).toMatch(/\r\n\r\nanswered$/)
    await stopped
    expect(closing).not.toHaveBeenCalled()
  })

  it("ends at once what nobody asks on, and nothing before: a connection is kept for the next request", async () => {
    const server = createServer({ keepAliveTimeout: 0 }, (_, response) => response.end("here"))
    const { port, stop } = await running(() => server)
    const closing = vi.spyOn(server, "closeAllConnections")
    expect(server.listenerCount("error")).toBe(0)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const isReused = () =>
      new Promise<boolean>((resolve) => {
        const request = get({ port, host: "127.0.0.1", agent }, (response) =>
          response.resume().once("close", () => resolve(request.reusedSocket)),
        )
      })
    expect([await isReused(), await isReused()]).toEqual([false, true])
    await stop()
    expect(closing).not.toHaveBeenCalled()
    agent.destroy()
  })

  it("ends what takes longer than five seconds", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    try {
      const { stop, server, ended } = await waiting()
      const stopped = stop()
      await hasBegunToStop(server)
      expect(vi.getTimerCount()).toBe(1)
      vi.advanceTimersByTime(4999)
      const closing = vi.spyOn(server, "closeAllConnections")
      expect(closing).not.toHaveBeenCalled()
      vi.advanceTimersByTime(1)
      expect(closing).toHaveBeenCalledOnce()
      expect(await ended).toBe("")
      await stopped
    } finally {
      vi.useRealTimers()
    }
  })

  it("leaves no timer behind", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    try {
      const { stop } = await running(() => createServer())
      await stop()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})
