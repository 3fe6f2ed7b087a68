/**
 * The log's tree and its checkpoint for anybody (C2SP tlog-tiles), on an address of its own.
 *
 * It answers with hashes and a signed head, and never with an entry. Tiles may be kept for ever by whoever stands between,
 * the checkpoint for some seconds.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { hasTile, parseTilePath, tileBytes } from "../../audit/index.ts"
import type { EventLog } from "../../log/index.ts"

export interface TiledLog {
  readonly log: EventLog
  /** The checkpoint that is published, a signed note; none while there is none. */
  readonly checkpoint: Effect.Effect<Option.Option<string>, { readonly message: string }>
  /** Told why something cannot be read, in a sentence. */
  readonly onFault: (sentence: string) => void
}

const TEXT = "text/plain; charset=utf-8"
const FOR_EVER = "public, max-age=31536000, immutable"
const FOR_SECONDS = "public, max-age=5"
const NOT_AT_ALL = "no-store"

interface Reply {
  readonly status: number
  readonly type?: string
  readonly cache?: string
  readonly body: string | Uint8Array
}

const notFound = (why: string): Reply => ({ status: 404, body: `${why}\n` })

const ENTRIES =
  "entries are not published: they carry digests and subjects' ids; grantlog prove and grantlog export give them out"

const tileReply = Effect.fnUntraced(function* (path: string, { log }: TiledLog) {
  const tile = parseTilePath(path)
  if (tile === undefined) return notFound(path.startsWith("tile/entries/") ? ENTRIES : "not found")
  return yield* log.readTree(({ size, hashOf }): Reply => {
    if (!hasTile(size, tile)) return notFound("the log has no such tile")
    return { status: 200, type: "application/octet-stream", cache: FOR_EVER, body: tileBytes(hashOf, tile) }
  })
})

const checkpointReply = ({ checkpoint }: TiledLog) =>
  Effect.map(
    checkpoint,
    Option.match({
      onNone: () => notFound("there is no checkpoint yet"),
      onSome: (body): Reply => ({ status: 200, cache: FOR_SECONDS, body }),
    }),
  )

const answer = (path: string, tiled: TiledLog): Effect.Effect<Reply> =>
  (path === "checkpoint" ? checkpointReply(tiled) : tileReply(path, tiled)).pipe(
    Effect.catch(({ message }) =>
      Effect.sync((): Reply => {
        tiled.onFault(message)
        return { status: 503, body: "the log cannot be read\n" }
      }),
    ),
  )

const say = ({ method }: IncomingMessage, response: ServerResponse, reply: Reply): void => {
  const { status, type = TEXT, cache = NOT_AT_ALL, body } = reply
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": cache,
    "access-control-allow-origin": "*",
    "x-content-type-options": "nosniff",
    ...(status === 405 ? { allow: "GET, HEAD" } : {}),
    ...(status === 503 ? { "retry-after": "1" } : {}),
  })
  response.end(method === "HEAD" ? undefined : body)
}

/** Answers for a log under the prefix `/`; everything else is 404. */
export const tilesListener =
  (tiled: TiledLog): RequestListener =>
  (request, response) => {
    const { method, url = "/" } = request
    if (method !== "GET" && method !== "HEAD")
      return say(request, response, { status: 405, body: "this takes GET and HEAD\n" })
    void Effect.runPromise(answer(url.split("?")[0]!.slice(1), tiled)).then(
      (reply) => say(request, response, reply),
      () => response.destroy(),
    )
  }
