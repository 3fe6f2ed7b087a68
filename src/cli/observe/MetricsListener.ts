/**
 * The address for whoever watches a server: `/metrics` for Prometheus, and `/readyz` for who sends it requests.
 *
 * It has an address of its own, which strangers need not reach, and answers nothing else. On a loopback it is asked by
 * an address or by localhost, so that no page in a browser of this machine reads it by a name of its own. One that is
 * open to the network is asked by whatever name the network has for it.
 */
import type { RequestListener, ServerResponse } from "node:http"
import { stat } from "node:fs/promises"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { isThisMachine } from "../../protocol/index.ts"
import type { ServerStore } from "../../provider/index.ts"
import { isOwnHost } from "../OwnHost.ts"
import type { Metrics } from "./Metrics.ts"

export interface Watched {
  readonly metrics: Metrics
  readonly log: ServerStore
  /** Whether this instance is about to stop: then nobody sends it anything new. */
  readonly isStopping: () => boolean
  /** The address that it listens on; `undefined` for both loopbacks. */
  readonly host: string | undefined
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  )

/** What the store takes elsewhere, or its file and the journal that it is written by; 0 for one in memory. */
const bytesOf = async ({ file, bytes }: ServerStore): Promise<number> => {
  if (bytes !== undefined) return Effect.runPromise(Effect.orElseSucceed(bytes, () => Number.NaN))
  if (file === undefined) return 0
  const sizes = await Promise.all([file, `${file}-wal`].map(sizeOf))
  return sizes.reduce((sum, size) => sum + size, 0)
}

const say = (response: ServerResponse, status: number, type: string, body: string): void => {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) }).end(body)
}

const TEXT = "text/plain; charset=utf-8"
const MISDIRECTED = "ask by an IP address or by localhost, or give --metrics-host\n"
/** Prometheus's own name of its format. */
const EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"

/** Answers for a server; everything else is 404. */
export const metricsListener = ({ metrics, log, isStopping, host }: Watched): RequestListener => {
  const isOnLoopback = host === undefined || isThisMachine(host)
  const answer = async (path: string, response: ServerResponse): Promise<void> => {
    if (path !== "/metrics" && path !== "/readyz") return say(response, 404, TEXT, "not found\n")
    const head = await Effect.runPromise(Effect.result(log.head))
    if (path === "/readyz") {
      if (isStopping()) return say(response, 503, TEXT, "stopping\n")
      if (Result.isFailure(head)) return say(response, 503, TEXT, "the store cannot be read\n")
      return say(response, 200, TEXT, "ready\n")
    }
    const { user, system } = process.cpuUsage()
    const text = metrics.text({
      isReady: Result.isSuccess(head) && !isStopping(),
      logEntries: Result.isSuccess(head) ? head.success.size : Number.NaN,
      storeBytes: await bytesOf(log),
      residentBytes: process.memoryUsage.rss(),
      cpuSeconds: (user + system) / 1e6,
    })
    return say(response, 200, EXPOSITION, text)
  }
  return (request, response) => {
    const { host: asked } = request.headers
    // A browser names a host; what does without (HTTP/1.0) is none.
    if (isOnLoopback && asked !== undefined && !isOwnHost(asked, host)) return say(response, 421, TEXT, MISDIRECTED)
    if (request.method !== "GET") return say(response, 405, TEXT, "this takes GET\n")
    void answer(request.url!.split("?")[0]!, response).catch(() => response.destroy())
  }
}
