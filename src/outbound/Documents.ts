/**
 * Documents that others serve and this server reads: what a client says of itself, the keys that it proves itself by.
 *
 * The one way to fetch them. Anybody can name an address here, so that what is asked is bounded whoever names it: only
 * https and public addresses, one request without redirects, a few at a time, for a short time and up to a size. Only an
 * answer of 200 in JSON that its reader accepts is a document, and only that is remembered, for as long as it says and
 * within limits; a failure never is. It sends nothing but the address.
 */
import { hash } from "node:crypto"
import { boundedText, isLoopbackHost } from "../protocol/index.ts"
import { documentMemory } from "./DocumentMemory.ts"
import { lifetimeOf } from "./Freshness.ts"
import { makeGuard, publicGuard, refusalIn, type Guard } from "./Guard.ts"
import { guardedFetch, type Fetch } from "./GuardedFetch.ts"

/** Bytes that a document may have by default: what Client ID Metadata Document 6.6 recommends. */
export const DEFAULT_MAX_BYTES = 5120
const DEFAULT_TIMEOUT_MILLIS = 5000
/** Requests under way at a time: to all hosts for strangers, to all for those that are known here, and to one host. */
const MAX_RUNNING = 32
const MAX_RUNNING_PER_HOST = 4

/** Why a document could not be read, in a sentence that names its address and nothing that the other side said. */
export class DocumentFault extends Error {
  override readonly name = "DocumentFault"
  /**
   * `refused`: it must not be asked for. `unreachable`: no answer in time, or none at all. `unusable`: the answer is no
   * document. `busy`: too many are being read at the moment.
   */
  readonly reason: "refused" | "unreachable" | "unusable" | "busy"

  constructor(reason: DocumentFault["reason"], message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

export interface FetchedDocument {
  readonly text: string
  /** SHA-256 of the text in UTF-8, base64url. */
  readonly digest: string
}

export interface DocumentOptions {
  /** Bytes that a document may have; default 5120. */
  readonly maxBytes?: number
  /** Milliseconds from the question to the last byte of the answer; default 5000. */
  readonly timeoutMillis?: number
  /** Development only: whether documents on `localhost`, 127.0.0.1 and [::1] are read as well, by http too; default false. */
  readonly allowsLoopback?: boolean
  /**
   * Judges where requests may go, in place of {@link publicGuard}: for addresses that the operator named, which may be of
   * this machine or its network. On this machine http is taken as well.
   */
  readonly guard?: Guard
  /** A program's own `fetch`, which is judged by the address as it is written alone; the platform's by default. */
  readonly fetch?: Fetch
}

/** How one document is read. Moments in milliseconds since the epoch. */
export interface Reading<A> {
  readonly now: number
  /** Whether somebody vouched for whose document it is: then it is read and kept apart from strangers'. */
  readonly isKnown: boolean
  /** Makes a value of the document. One that it throws for is none, and is not kept; an error's message is told. */
  readonly parse: (document: FetchedDocument) => A
  /** What was read earlier does not count: for who misses something in it that was added since. */
  readonly since?: number
}

/** Reads a document at an address; rejects with a {@link DocumentFault}. */
export type DocumentReader<A> = (url: string, reading: Reading<A>) => Promise<A>

const named = (url: string): string => `\`${url.slice(0, 512)}\``

/** Where a document may be read; throws for what nobody is asked about. */
const addressOf = (url: string, allowsLoopback: boolean): { readonly url: URL; readonly isLoopback: boolean } => {
  const address = URL.parse(url)
  if (address === null) throw new DocumentFault("refused", `${named(url)} is not a URL`)
  const isLoopback = allowsLoopback && isLoopbackHost(address.hostname)
  if (address.protocol !== "https:" && !(isLoopback && address.protocol === "http:")) {
    throw new DocumentFault("refused", `${named(url)} is not https`)
  }
  return { url: address, isLoopback }
}

//= CIMD-6.5-ssrf
const fetcherFor = ({ fetch: own, guard }: DocumentOptions): ((url: URL, isLoopback: boolean) => Fetch) => {
  if (guard !== undefined) {
    const judged = guardedFetch(guard, own)
    return () => judged
  }
  const fetchPublic = guardedFetch(publicGuard, own)
  return (url, isLoopback) => (isLoopback ? guardedFetch(makeGuard({ target: url }), own) : fetchPublic)
}

/** RFC 6839 3.1: any type that is JSON. Pictures and pages that people upload are no documents of their host. */
const isJson = (contentType: string | null): boolean =>
  /^\s*application\/(?:[\w.!#$&^-]+\+)?json\s*(?:;|$)/i.test(contentType ?? "")

const discard = (response: Response): void => void response.body?.cancel().catch(() => undefined)

/** The answer as far as it is a document. */
const documentIn = async (url: string, response: Response, maxBytes: number): Promise<FetchedDocument> => {
  //= CIMD-4-no-redirects-200-only
  if (response.status !== 200) {
    discard(response)
    throw new DocumentFault("unusable", `${named(url)} was answered ${response.status}, and has to be answered 200`)
  }
  if (!isJson(response.headers.get("content-type"))) {
    discard(response)
    throw new DocumentFault("unusable", `${named(url)} was not answered in application/json`)
  }
  //= CIMD-6.6-size-limit
  const text = await boundedText(response.body, maxBytes)
  if (text === undefined) throw new DocumentFault("unusable", `${named(url)} has more than ${maxBytes} bytes`)
  return { text, digest: hash("sha256", text, "base64url") }
}

/** Counts what is under way, and refuses what is too much. */
const gate = () => {
  const running = new Map<string, number>()
  const add = (key: string, more: number) => {
    const count = (running.get(key) ?? 0) + more
    if (count === 0) running.delete(key)
    else running.set(key, count)
  }
  return async <B>(host: string, isKnown: boolean, body: () => Promise<B>): Promise<B> => {
    const keys = [isKnown ? "known" : "strange", `${isKnown}:${host}`] as const
    if ((running.get(keys[0]) ?? 0) >= MAX_RUNNING || (running.get(keys[1]) ?? 0) >= MAX_RUNNING_PER_HOST) {
      throw new DocumentFault("busy", "too many documents are being read at the moment; try again")
    }
    for (const key of keys) add(key, 1)
    try {
      return await body()
    } finally {
      for (const key of keys) add(key, -1)
    }
  }
}

/** A reader with a memory of its own. */
export const documentReader = <A>(options: DocumentOptions = {}): DocumentReader<A> => {
  const { maxBytes = DEFAULT_MAX_BYTES, timeoutMillis = DEFAULT_TIMEOUT_MILLIS, guard } = options
  const { allowsLoopback = guard !== undefined } = options
  const memory = documentMemory<A>()
  const underWay = new Map<string, Promise<A>>()
  const through = gate()
  const fetcher = fetcherFor(options)

  const ask = async (url: string, { now, isKnown, parse }: Reading<A>): Promise<A> => {
    const { url: address, isLoopback } = addressOf(url, allowsLoopback)
    const { document, lifetime } = await through(address.host, isKnown, async () => {
      try {
        const response = await fetcher(address, isLoopback)(address, {
          headers: { accept: "application/json" },
          redirect: "manual",
          signal: AbortSignal.timeout(timeoutMillis),
        })
        return { document: await documentIn(url, response, maxBytes), lifetime: lifetimeOf(response.headers) }
      } catch (cause) {
        if (cause instanceof DocumentFault) throw cause
        // One sentence for both: whoever made up the name learns nothing of what it leads to from here.
        const message = `${named(url)} cannot be read: it has to be at a public address, and to answer within seconds`
        throw new DocumentFault(refusalIn(cause) === undefined ? "unreachable" : "refused", message, { cause })
      }
    })
    const value = parsed(url, document, parse)
    memory.keep(url, isKnown, { value, host: address.host, readAt: now, freshUntil: now + lifetime })
    return value
  }

  return async (url, reading) => {
    const kept = memory.find(url, reading.isKnown, reading.now, reading.since)
    if (kept !== undefined) return kept
    const running = underWay.get(url)
    if (running !== undefined) return running
    const asked = ask(url, reading).finally(() => underWay.delete(url))
    underWay.set(url, asked)
    return asked
  }
}

//= CIMD-4.4-no-negative-cache
const parsed = <A>(url: string, document: FetchedDocument, parse: Reading<A>["parse"]): A => {
  try {
    return parse(document)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "it is not what it should be"
    throw new DocumentFault("unusable", `${named(url)}: ${why}`, { cause })
  }
}
