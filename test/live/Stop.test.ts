/** Stopping: SIGTERM lets running requests finish, closes the log, and leaves a file that the next one opens. */
import { once } from "node:events"
import { existsSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { text } from "node:stream/consumers"
import { expect, it } from "vitest"
import { temporaryFolder } from "./support/Folder.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"
import { login, refresh, register } from "./support/Wire.ts"

const open = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("connect", () => resolve(socket)).once("error", reject)
  })

const portOf = ({ url }: RunningServer): number => Number(new URL(url).port)

/** Whether the port still takes connections. */
const isListening = (port: number): Promise<boolean> =>
  open(port).then(
    (socket) => {
      socket.destroy()
      return true
    },
    () => false,
  )

it.for(["SIGTERM", "SIGINT"] as const)(
  "a request that runs when %s comes is answered, then the log is closed",
  async (signal) => {
    using folder = temporaryFolder()
    const file = folder.at("grantlog.db")
    await using server = await serve(file)
    const client = await register(server.url)
    const tokens = await login(server.url, client)

    const body = new URLSearchParams({
      grant_type: "refresh_token",
      client_id: client.client_id,
      refresh_token: tokens.refresh_token,
    }).toString()
    const socket = await open(portOf(server))
    const head = [
      "POST /token HTTP/1.1",
      "Host: localhost",
      "Content-Type: application/x-www-form-urlencoded",
      `Content-Length: ${body.length}`,
      "Expect: 100-continue",
    ]
    socket.write(`${head.join("\r\n")}\r\n\r\n`)
    // The server says so when it has the head: from then on the request is running.
    const [goOn] = (await once(socket, "data")) as [Buffer]
    expect(goOn.toString()).toBe("HTTP/1.1 100 Continue\r\n\r\n")
    process.kill(server.pid, signal)
    // What runs has five seconds from then on.
    await expect.poll(() => isListening(portOf(server)), { interval: 1 }).toBe(false)
    socket.write(body)
    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1.1 200 /)

    expect(await server.ended).toBe(0)
    expect(server.complaints()).toBe("")
    for (const leftover of ["-wal", "-shm", ".serve-lock-journal"]) expect(existsSync(file + leftover)).toBe(false)

    await using next = await serve(file, "--issuer", server.issuer)
    const { refresh_token } = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n"))) as { refresh_token: string }
    expect((await refresh(next.url, client, refresh_token)).status).toBe(200)
  },
)

it("a request that is never sent to its end holds nobody up", async () => {
  using folder = temporaryFolder()
  await using server = await serve(folder.at("grantlog.db"))
  const socket = await open(portOf(server))
  socket.on("error", () => {})
  socket.write("POST /token HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n")
  await once(socket, "data")
  expect(await server.stop()).toBe(0)
  socket.destroy()
})
