/** What `grantlog doctor` says of the way to the issuer, word for word. */
import { once } from "node:events"
import { createServer, type RequestListener, type Server } from "node:http"
import { createServer as createSecureServer } from "node:https"
import type { AddressInfo, Socket } from "node:net"
import { getCACertificates, setDefaultCACertificates } from "node:tls"
import { Clock, Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { advice, fault, good } from "../../../src/cli/doctor/Finding.ts"
import { reachedFindings, reasonOf } from "../../../src/cli/doctor/Reached.ts"
import { selfSigned } from "../../browser/Certificate.ts"

describe("of the way to the issuer", () => {
  let standing: Server
  let answer: RequestListener
  let address: string
  beforeAll(async () => {
    standing = createServer((request, response) => answer(request, response))
    await new Promise<void>((resolve) => standing.listen(0, "127.0.0.1", resolve))
    address = `http://127.0.0.1:${(standing.address() as AddressInfo).port}`
  })
  afterAll(() => standing.close())

  const found = (listener: RequestListener, issuer = address) => {
    answer = listener
    return Effect.runPromise(reachedFindings(issuer))
  }

  it("it is asked for JSON, and a clock is judged only where a date is told", async () => {
    let accepted: string | undefined
    const metadata: RequestListener = ({ headers }, response) => {
      accepted = headers.accept
      response.end(JSON.stringify({ issuer: address }))
    }
    const own = good("issuer", "it answers with its own metadata")
    expect(await found(metadata)).toEqual([own, good("clock", "agrees with that of who answers for the issuer")])
    expect(accepted).toBe("application/json")
    const dateless: RequestListener = (request, response) => {
      response.sendDate = false
      metadata(request, response)
    }
    expect(await found(dateless)).toEqual([own])
    expect(await found(dateless, `${address}/`)).toEqual([
      fault(
        "issuer",
        `it calls itself \`${address}\`: a slash at the end makes another issuer; write one of them everywhere`,
      ),
    ])
  })

  it.each([
    [299, "its metadata is answered with 299: let the proxy pass /.well-known on"],
    [300, "its metadata is elsewhere (300 to `/x`): clients follow no redirect; answer it there"],
    [399, "its metadata is elsewhere (399 to `/x`): clients follow no redirect; answer it there"],
    [400, "its metadata is answered with 400: let the proxy pass /.well-known on"],
  ])("an answer with %i is a fault", async (status, message) => {
    const findings = await found((_, response) => response.writeHead(status, { location: "/x" }).end())
    expect(findings[0]).toEqual(fault("issuer", message))
  })

  it.each([
    [
      "a failure with a code within",
      new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ECODE" }) }),
      "ECODE",
    ],
    ["one without a code within", new TypeError("fetch failed", { cause: new Error("bad port") }), "bad port"],
    ["one that says it itself", Object.assign(new Error("x", { cause: "text" }), { code: "EOWN" }), "EOWN"],
    ["one with nothing within", new Error("late"), "late"],
    ["no error", { cause: new Error("x"), toString: (): string => "told" }, "told"],
  ])("is not there for a reason, in a word: %s", (_, cause, reason) => {
    expect(reasonOf(cause)).toBe(reason)
  })
})

describe("of its certificate", () => {
  const pair = selfSigned()

  /** What is said of the certificate at that time by a server to which so many connections can be made. */
  const found = async (now: string, connectionCount = 2) => {
    const sockets: Array<Socket> = []
    const secure = createSecureServer(pair, (_, response) => response.end())
    secure.on("connection", (socket: Socket) => {
      sockets.push(socket)
      if (sockets.length > connectionCount) socket.destroy()
    })
    await new Promise<void>((resolve) => secure.listen(0, "localhost", resolve))
    onTestFinished(() => void secure.close())
    const trusted = getCACertificates("default")
    setDefaultCACertificates([...trusted, pair.cert])
    onTestFinished(() => setDefaultCACertificates(trusted))
    const clock = { currentTimeMillis: Effect.succeed(Date.parse(now)) } as Clock.Clock
    const reached = reachedFindings(`https://localhost:${(secure.address() as AddressInfo).port}`)
    const findings = await Effect.runPromise(Effect.provideService(reached, Clock.Clock, clock))
    const looking = sockets[1]!
    if (!looking.destroyed) await once(looking, "close")
    return findings.filter(({ about }) => about === "certificate")
  }

  it("it is good for fourteen days, or is to be renewed; who looked at it hangs up", async () => {
    expect(await found("2049-12-17T23:59:59Z")).toEqual([good("certificate", "it is good for 14 days")])
    expect(await found("2049-12-18T00:00:00Z")).toEqual([advice("certificate", "it ends in 13 days: renew it")])
  })

  it("nothing is said where it cannot be seen", async () => {
    expect(await found("2049-12-20T00:00:00Z", 1)).toEqual([])
  })
})
