/**
 * One instance of a soak, a process of its own: the server as a library over PostgreSQL, its clock wrong by so much.
 *
 *     node test/soak/Instance.ts '{"url":…,"schema":…,"keys":…,"aheadMillis":…}'
 *
 * Prints where it listens, as `grantlog serve --json` does. Beside the protocol it answers `GET /verify?TOKEN`, which is
 * how a program that mounts it asks, and `POST /clock?MILLIS`, which sets its clock.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Clock, Effect } from "effect"
import { httpServer, nodeListener } from "../../src/http/index.ts"
import { makeServer, postgresStore } from "../../src/provider/index.ts"
import { config, type InstanceSetting } from "./Setting.ts"

const { url, schema, keys, aheadMillis } = JSON.parse(process.argv[2] ?? "") as InstanceSetting
let ahead = aheadMillis

/** The machine's clock, its wall set wrong. */
const skewed = (real: Clock.Clock): Clock.Clock => {
  const wall = () => Date.now() + ahead
  const nanos = () => BigInt(wall()) * 1_000_000n
  return {
    currentTimeMillisUnsafe: wall,
    currentTimeMillis: Effect.sync(wall),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: () => real.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: real.monotonicTimeNanos,
    sleep: (duration) => real.sleep(duration),
  }
}

const store = postgresStore(url, { schema })
const made = Effect.flatMap(Clock.Clock, (real) =>
  Effect.provideService(makeServer({ store, keys, config, onNotice: () => {} }), Clock.Clock, skewed(real)),
)
const server = await Effect.runPromise(made)
const answersProtocol = nodeListener(server)

const answer = (response: ServerResponse, status: number, body: object) => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}

const verified = (token: string, response: ServerResponse) =>
  Effect.runPromise(server.verify(token)).then(
    (record) => answer(response, 200, { active: record !== undefined }),
    () => answer(response, 503, {}),
  )

const listener = (request: IncomingMessage, response: ServerResponse): void => {
  const [path, query = ""] = (request.url ?? "").split("?")
  if (path === "/verify") return void verified(query, response)
  if (path !== "/clock") return answersProtocol(request, response)
  ahead += Number(query)
  answer(response, 200, {})
}

const listening = httpServer(listener).listen(0, "localhost", () => {
  const { port } = listening.address() as AddressInfo
  console.log(JSON.stringify({ issuer: config.issuer, port }))
})

process.once("SIGTERM", () => {
  listening.close(() => void Effect.runPromise(store.close))
  listening.closeAllConnections()
})
