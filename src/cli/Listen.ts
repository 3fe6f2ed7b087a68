/**
 * Listening: on both loopbacks unless a host is named, and stopping so that running requests finish.
 */
import type { RequestListener, Server } from "node:http"
import type { AddressInfo } from "node:net"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { CommandFault, UsageFault } from "./Failure.ts"

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

/** How long a request that has begun may take to be sent and answered, once the server was told to stop. */
const STOP_MILLIS = 5000

/** No new connections, idle ones closed at once; done when the last running request is answered, or has taken too long. */
const stop = (server: Server): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const tooLong = setTimeout(() => server.closeAllConnections(), STOP_MILLIS)
    server.close(() => {
      clearTimeout(tooLong)
      resume(Effect.void)
    })
  })

/** What is before `port` and `host` in the names of the flags that say where to listen. */
export type ListenFlags = "" | "metrics-" | "admin-" | "tiles-"

const refusal = (cause: NodeJS.ErrnoException, host: string, port: number, flags: ListenFlags) =>
  new CommandFault({
    message:
      cause.code === "EADDRINUSE"
        ? `port ${port} is taken on ${host}: choose another with --${flags}port`
        : cause.code === "EACCES"
          ? `port ${port} is not for this user: choose one above 1023 with --${flags}port`
          : cause.code === "ENOTFOUND" || isNotThere(cause)
            ? `--${flags}host \`${host}\` is no address of this machine: give one, or none for both loopbacks`
            : `cannot listen on ${host} port ${port}: ${cause.code ?? cause.message}`,
  })

interface Listening {
  readonly port: number
  readonly servers: ReadonlyArray<Server>
}

/** A machine without IPv6 has one loopback. */
const isNotThere = (cause: NodeJS.ErrnoException): boolean =>
  cause.code === "EADDRNOTAVAIL" || cause.code === "EAFNOSUPPORT"

/** Listens on every address, on one port; on none of them if one is refused. */
const listenOnAll = Effect.fnUntraced(function* (
  makeServer: () => Server,
  host: string | undefined,
  port: number,
): Effect.fn.Return<
  Listening,
  { readonly cause: NodeJS.ErrnoException; readonly address: string; readonly port: number }
> {
  const servers: Array<Server> = []
  let chosen = port
  for (const address of host === undefined ? LOOPBACKS : [host]) {
    const server = endAfterAnswer(makeServer())
    const tried = yield* Effect.result(listenOn(server, address, chosen))
    if (Result.isSuccess(tried)) {
      chosen = tried.success
      servers.push(server)
    } else if (servers.length === 0 || !isNotThere(tried.failure)) {
      yield* Effect.forEach(servers, stop)
      return yield* Effect.fail({ cause: tried.failure, address, port: chosen })
    }
  }
  return { port: chosen, servers }
})

const MAX_FREE_PORTS_TRIED = 10

/** Starts a server per address for as long as the scope lives; gives the port, which may have been left to choose (0). */
export const listen = Effect.fnUntraced(function* (
  makeServer: () => Server,
  host: string | undefined,
  port: number,
  flags: ListenFlags,
): Effect.fn.Return<number, CommandFault, Scope.Scope> {
  const listening = listenOnAll(makeServer, host, port).pipe(
    // A port that was free on one loopback may be taken on the other.
    Effect.retry({ while: ({ cause }) => port === 0 && cause.code === "EADDRINUSE", times: MAX_FREE_PORTS_TRIED }),
    Effect.mapError(({ cause, address, port: refused }) => refusal(cause, address, refused, flags)),
  )
  const { port: chosen } = yield* Effect.acquireRelease(listening, ({ servers }) => Effect.forEach(servers, stop))
  return chosen
})

/** Says what is wrong with a port number, before anything is made. */
export const checkPort = (port: number, flags: ListenFlags): Effect.Effect<void, UsageFault> =>
  port >= 0 && port <= MAX_PORT
    ? Effect.void
    : Effect.fail(new UsageFault({ message: `--${flags}port \`${port}\` is not between 0 and ${MAX_PORT}` }))

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
