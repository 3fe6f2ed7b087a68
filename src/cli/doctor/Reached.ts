/**
 * The issuer as its clients reach it: its metadata, by the address that they begin with, and what stands between.
 *
 * One request for it, and one connection that looks at the certificate. A server that is not running is told as such.
 */
import { connect } from "node:tls"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { wellKnownPaths } from "../../http/index.ts"
import { guardedFetch, makeGuard } from "../../outbound/index.ts"
import { boundedText } from "../../protocol/index.ts"
import { advice, fault, good, type Finding } from "./Finding.ts"

const MAX_WAIT_MILLIS = 10_000
const MAX_METADATA_BYTES = 256 * 1024
const DAY_MILLIS = 86_400_000
/** A certificate that ends within this should have been renewed. */
const CERTIFICATE_DAYS = 14
/** Clocks that differ by less than this agree: an HTTP date has whole seconds. */
const MAX_DIFFERENCE_MILLIS = 2000

/** Why nothing came, in a word of the platform. */
export const reasonOf = (cause: unknown): string => {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return inner instanceof Error ? ((inner as NodeJS.ErrnoException).code ?? inner.message) : String(inner)
}

interface Answer {
  readonly status: number
  readonly date: string | null
  readonly location: string | null
  readonly metadata: unknown
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const ask = async (address: URL): Promise<Answer> => {
  const response = await guardedFetch(makeGuard({ target: address }))(address, {
    redirect: "manual",
    headers: { accept: "application/json" },
    signal: AbortSignal.timeout(MAX_WAIT_MILLIS),
  })
  const { status, headers } = response
  const text = await boundedText(response.body, MAX_METADATA_BYTES)
  return { status, date: headers.get("date"), location: headers.get("location"), metadata: parsed(text ?? "") }
}

const metadataFinding = (issuer: string, { status, location, metadata }: Answer): Finding => {
  if (status >= 300 && status < 400)
    return fault(
      "issuer",
      `its metadata is elsewhere (${status} to \`${location}\`): clients follow no redirect; answer it there`,
    )
  if (status !== 200)
    return fault("issuer", `its metadata is answered with ${status}: let the proxy pass /.well-known on`)
  const told = typeof metadata === "object" && metadata !== null && "issuer" in metadata ? metadata.issuer : undefined
  if (typeof told !== "string")
    return fault("issuer", "what answers there is no authorization server: look at the proxy")
  if (told === issuer) return good("issuer", "it answers with its own metadata")
  return told.replace(/\/$/, "") === issuer.replace(/\/$/, "")
    ? fault(
        "issuer",
        `it calls itself \`${told}\`: a slash at the end makes another issuer; write one of them everywhere`,
      )
    : fault("issuer", `it calls itself \`${told}\`: another server answers there`)
}

/** Whoever answers said its time at some moment between the two: an answer that takes its time is no clock that differs. */
const clockFinding = (date: string | null, asked: number, answered: number): ReadonlyArray<Finding> => {
  const told = date === null ? Number.NaN : Date.parse(date)
  if (Number.isNaN(told)) return []
  const difference = Math.max(asked - told, told - answered)
  return difference > MAX_DIFFERENCE_MILLIS
    ? [fault("clock", `it and who answers for the issuer differ by ${Math.round(difference / 1000)} s: set them right`)]
    : [good("clock", "agrees with that of who answers for the issuer")]
}

/** When the certificate ends, which whoever verifies it has accepted; `undefined` where none can be seen. */
const certificateEnd = (address: URL): Promise<number | undefined> =>
  new Promise((resolve) => {
    const socket = connect({ host: address.hostname, port: Number(address.port || 443), servername: address.hostname })
    const done = (end: number | undefined) => {
      socket.destroy()
      resolve(end)
    }
    socket.setTimeout(MAX_WAIT_MILLIS, () => done(undefined))
    socket.once("error", () => done(undefined))
    socket.once("secureConnect", () => done(Date.parse(socket.getPeerCertificate().valid_to)))
  })

const certificateFinding = (end: number | undefined, now: number): ReadonlyArray<Finding> => {
  if (end === undefined || Number.isNaN(end)) return []
  const days = Math.floor((end - now) / DAY_MILLIS)
  return days < CERTIFICATE_DAYS
    ? [advice("certificate", `it ends in ${days} days: renew it`)]
    : [good("certificate", `it is good for ${days} days`)]
}

/** How the issuer is reached; one fault where nothing answers. */
export const reachedFindings = Effect.fnUntraced(function* (issuer: string): Effect.fn.Return<ReadonlyArray<Finding>> {
  const address = new URL(wellKnownPaths(issuer)[0]!, issuer)
  const asked = yield* Clock.currentTimeMillis
  const tried = yield* Effect.result(Effect.tryPromise({ try: () => ask(address), catch: reasonOf }))
  const answered = yield* Clock.currentTimeMillis
  if (Result.isFailure(tried))
    return [
      fault(
        "issuer",
        `nothing answers at \`${address.origin}\` (${tried.failure}): start the server, or look at the proxy, its certificate and the name`,
      ),
    ]
  const { success: answer } = tried
  const end = address.protocol === "https:" ? yield* Effect.promise(() => certificateEnd(address)) : undefined
  return [
    metadataFinding(issuer, answer),
    ...clockFinding(answer.date, asked, answered),
    ...certificateFinding(end, answered),
  ]
})
