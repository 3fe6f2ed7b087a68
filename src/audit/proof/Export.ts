/**
 * The log as lines of JSON, in two formats: one that proves itself, and CloudEvents.
 *
 * The first format begins with a header and ends with a checkpoint, with a line for each entry in between. With only
 * the log's verifier key anybody can tell that an entry given as its bytes is in the log at its position, and that no
 * entry from `from` to the checkpoint was left out, added or moved.
 *
 * By default, digests of tokens are removed. The leaf hash covers the whole entry, so an entry with digests is given as
 * its leaf hash, which proves that some entry is there, together with the rest of the entry, which proves nothing: it
 * is the word of whoever made or changed the file. Only somebody who knows the digests can put them back and hash
 * again; that is also all that the leaf hash tells somebody who has a token.
 *
 * Entries are read a page at a time, when the lines before them were taken. What the log does not say in this form is
 * not exported.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { fromStored, StoreFault, type EventLog, type StoredEntry } from "../../log/index.ts"
import type { SignedHead } from "./Checkpoints.ts"
import { toCloudEvent } from "./CloudEvent.ts"
import { coveredTree, coverOf } from "./Cover.ts"
import { redact, type StoredEnvelope } from "../erase/Redaction.ts"

export const EXPORT_FORMAT = "grantlog-export"
export const EXPORT_VERSION = 1

/** The first line. */
export interface ExportHeader {
  readonly format: typeof EXPORT_FORMAT
  readonly version: typeof EXPORT_VERSION
  readonly origin: string
  /** The position of the first entry, an index; `size` where there is none. */
  readonly from: number
  /** How many entries the log has under the checkpoint. */
  readonly size: number
  /** Hashes of the largest complete subtrees over the entries before `from`, left to right, base64url. */
  readonly left: ReadonlyArray<string>
}

/** A line of an entry: its bytes as hashed, or the entry without its digests. */
export type ExportEntry =
  | { readonly position: number; readonly leaf: string; readonly bytes: string }
  | { readonly position: number; readonly leaf: string; readonly redacted: unknown }

/** The last line. */
export interface ExportEnd {
  readonly checkpoint: string
}

/** Where an export begins, and whether digests are in it. */
export interface ExportOptions {
  /** The first position, at most the size. */
  readonly from: number
  /** Whether digests of tokens, codes and client secrets are in it. */
  readonly withDigests: boolean
  /** Called for each entry that is given without its digests. */
  readonly onRedacted?: (() => void) | undefined
}

/** Entries of one page. Between two pages others are answered. */
const PAGE = 128

/** Stored entries from `from` to `size - 1`, each checked; a page is read when it is asked for. */
const entriesBetween = (log: EventLog, from: number, size: number): Stream.Stream<StoredEntry, StoreFault> =>
  from === size
    ? Stream.empty
    : Stream.paginate(from, (start) =>
        Effect.map(Effect.flatMap(log.readStored(start, Math.min(PAGE, size - start)), checkedFrom(start)), (page) => {
          const next = start + page.length
          return [page, next < size ? Option.some(next) : Option.none()] as const
        }),
      )

const checkedFrom =
  (start: number) =>
  (page: ReadonlyArray<StoredEntry>): Effect.Effect<ReadonlyArray<StoredEntry>, StoreFault> => {
    if (page.length === 0) return corrupt(`entry ${start} is missing`)
    for (const [index, stored] of page.entries()) {
      if (stored.position !== start + index) return corrupt(`entry ${start + index} is missing`)
      const found = fromStored(stored)
      if (Result.isFailure(found)) return corrupt(found.failure)
    }
    return Effect.succeed(page)
  }

const corrupt = (what: string): Effect.Effect<never, StoreFault> =>
  Effect.fail(new StoreFault({ reason: "corrupt", message: `${what}: run grantlog verify` }))

/** The entry without its digests if they are to be removed and it has some; `undefined` if it is given whole. */
const redactedFrom = (
  bytes: string,
  { withDigests, onRedacted = () => {} }: Pick<ExportOptions, "withDigests" | "onRedacted">,
): StoredEnvelope | undefined => {
  if (withDigests) return undefined
  const { envelope, digestCount } = redact(bytes)
  if (digestCount === 0) return undefined
  onRedacted()
  return envelope
}

const entryLine = ({ position, leaf, bytes }: StoredEntry, options: ExportOptions): string => {
  const redacted = redactedFrom(bytes, options)
  const entry: ExportEntry = redacted === undefined ? { position, leaf, bytes } : { position, leaf, redacted }
  return JSON.stringify(entry)
}

/** Lines, without their newlines, of the entries below a checkpoint and of the checkpoint itself. */
export const exportLines = (
  log: EventLog,
  head: SignedHead,
  options: ExportOptions,
): Stream.Stream<string, StoreFault> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const { origin, size, root, checkpoint } = head
      const { from } = options
      const left = yield* log.readTree(({ hashOf }) => coverOf(0, from).map(({ level, index }) => hashOf(level, index)))
      const header: ExportHeader = { format: EXPORT_FORMAT, version: EXPORT_VERSION, origin, from, size, left }
      const tree = coveredTree(left, from, size)
      const entries = Stream.map(entriesBetween(log, from, size), (stored) => {
        tree.push(stored.leaf)
        return entryLine(stored, options)
      })
      // Suspended, because the tree is complete only after all entries were taken.
      const end = Effect.suspend(() =>
        tree.root() === root
          ? Effect.succeed(JSON.stringify({ checkpoint } satisfies ExportEnd))
          : corrupt("the entries are not those of the checkpoint"),
      )
      return Stream.make(JSON.stringify(header)).pipe(Stream.concat(entries), Stream.concat(Stream.fromEffect(end)))
    }),
  )

/** Lines, without their newlines, each a CloudEvents event (`application/cloudevents+json`). */
export const cloudEventLines = (
  log: EventLog,
  issuer: string,
  size: number,
  options: ExportOptions,
): Stream.Stream<string, StoreFault> =>
  Stream.map(entriesBetween(log, options.from, size), ({ bytes }) =>
    JSON.stringify(toCloudEvent(issuer, redactedFrom(bytes, options) ?? (JSON.parse(bytes) as StoredEnvelope))),
  )
