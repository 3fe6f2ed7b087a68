/**
 * Listening: on both loopbacks unless a host is named, and stopping so that running requests finish.
 */
import type { RequestListener, Server } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, type Scope } from "effect"
import { CommandFault } from "./Failure.ts"

const LOOPBACKS = ["127.0.0.1", "::1"]
const MAX_PORT = 65_535

const listenOn = (server: Server, host: string, port: number): Effect.Effect<number, NodeJS.ErrnoException> =>
  Effect.callback((resume) => {
    const refuse = (cause: NodeJS.ErrnoException) => resume(Effect.fail(cause))
    server.once("error", refuse)
    server.listen(port, host, () => {
      server.off("error", refuse)
      resume(Effect.succeed((server.address() as AddressInfo).port))
    })
  })

/** Once no new connections are taken, one that was kept open for a running request ends with its answer. */
const endAfterAnswer = (server: Server): Server =>
  server.on("request", ({ socket }, response) => {
    response.once("finish", () => {
      if (!server.listening) socket.end()
    })
  })

/** No new connections, idle ones closed at once; done when the last running request is answered. */
const stop = (server: Server): Effect.Effect<void> =>
  Effect.callback((resume) => {
    server.close(() => resume(Effect.void))
    server.closeIdleConnections()
  })

const refusal = (cause: NodeJS.ErrnoException, host: string, port: number) =>
  new CommandFault({
    message:
      cause.code === "EADDRINUSE"
        ? `port ${port} is taken on ${host}: choose another with --port`
        : cause.code === "EACCES"
          ? `port ${port} is not for this user: choose one above 1023 with --port`
          : `cannot listen on ${host} port ${port}: ${cause.code ?? cause.message}`,
  })

/** Starts a server per address for as long as the scope lives; gives the port, which may have been left to choose (0). */
export const listen = Effect.fnUntraced(function* (
  makeServer: () => Server,
  host: string | undefined,
  port: number,
): Effect.fn.Return<number, CommandFault, Scope.Scope> {
  if (port < 0 || port > MAX_PORT) {
    return yield* new CommandFault({ message: `--port \`${port}\` is not between 0 and ${MAX_PORT}` })
  }
  let chosen = port
  for (const address of host === undefined ? LOOPBACKS : [host]) {
    const server = endAfterAnswer(makeServer())
    const listening = listenOn(server, address, chosen).pipe(
      Effect.catch((cause) =>
        // A machine without IPv6 has one loopback.
        host === undefined && address === "::1" && (cause.code === "EADDRNOTAVAIL" || cause.code === "EAFNOSUPPORT")
          ? Effect.succeed(chosen)
          : Effect.fail(refusal(cause, address, chosen)),
      ),
    )
    chosen = yield* Effect.acquireRelease(listening, () => (server.listening ? stop(server) : Effect.void))
  }
  return chosen
})

/** Answers with `listener` once there is one: the issuer may depend on the port, the listener on the issuer. */
export const deferredListener = () => {
  let current: RequestListener = (_, response) => response.writeHead(503, { "retry-after": "1" }).end()
  return {
    listener: ((request, response) => current(request, response)) satisfies RequestListener,
    set: (listener: RequestListener) => {
      current = listener
    },
  }
}
