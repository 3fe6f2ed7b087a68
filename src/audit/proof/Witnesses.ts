/**
 * Having witnesses cosign a checkpoint (C2SP tlog-witness): what they are asked, and what their answers mean.
 *
 * A witness remembers the largest tree head that it cosigned of a log, and cosigns only what continues it. So a log that
 * was put back or rewritten is told apart here even if nothing beside it remembers. A witness that cannot be reached says
 * nothing about the log. Knows no network: whoever asks hands in how a request is sent.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  consistencyProof,
  cosignaturesIn,
  formatVerifierKey,
  openCheckpoint,
  withCosignatures,
  witnessCount,
  type Cosignature,
  type EventLog,
  type Quorum,
  type SigningKey,
  type StoreFault,
} from "../../log/index.ts"
import { checkpointNow, type CheckpointFault, type CheckpointPlace, type SignedHead } from "./Checkpoints.ts"

/** What a witness answered with, or why there is no answer: in words that follow on its address. */
export type WitnessReply = Result.Result<{ readonly status: number; readonly body: string }, string>

/** Sends a request to add a checkpoint to the witness whose submission prefix this is. */
export type AskWitness = (prefix: string, body: string) => Effect.Effect<WitnessReply>

/** Why a witness did not cosign. */
export type RefusalReason =
  /** It has seen another history of this log, or more of it than there is. */
  | "contradicted"
  /** It does not know this log, or not this key. */
  | "unknown"
  /** No answer, or none that means anything. */
  | "unusable"

/** A witness that did not cosign, and why, in a sentence without a period. */
export interface Refusal {
  readonly witness: string
  readonly reason: RefusalReason
  readonly message: string
}

/** A checkpoint with what the witnesses said about it. */
export interface Witnessed {
  /** With the cosignatures in its note, if there are any. */
  readonly head: SignedHead
  readonly cosignatures: ReadonlyArray<Cosignature>
  /** Whether enough witnesses cosigned it. Only then is it kept as one that was witnessed. */
  readonly isWitnessed: boolean
  readonly refusals: ReadonlyArray<Refusal>
}

/** Who is asked, by the addresses that requests begin with, and whose cosignatures count. */
export interface Witnesses {
  readonly prefixes: ReadonlyArray<string>
  readonly quorum: Quorum
  readonly ask: AskWitness
}

interface Asked {
  readonly witness: string
  readonly cosignatures: ReadonlyArray<Cosignature>
  /** How many entries it has seen, where that is more than the checkpoint has. */
  readonly ahead?: number
  readonly refusal?: Omit<Refusal, "witness">
}

/** How often one witness is told another old size, and how often a longer checkpoint is signed for one that is ahead. */
const MAX_TRIES = 3

const toBase64 = (base64url: string): string => Buffer.from(base64url, "base64url").toString("base64")

/** The body of a request: the size that the witness knows, the proof from there, and the checkpoint. */
const requestBody = (old: number, proof: ReadonlyArray<string>, checkpoint: string): string =>
  [`old ${old}`, ...proof.map(toBase64), "", checkpoint].join("\n")

const seenSize = (body: string): number | undefined => {
  const size = /^(0|[1-9]\d{0,15})\n?$/.exec(body)?.[1]
  return size !== undefined && Number.isSafeInteger(Number(size)) ? Number(size) : undefined
}

const contradicted = (status: number, size: number): Omit<Refusal, "witness"> => ({
  reason: "contradicted",
  message: `has seen another history of this log (${status}): its first ${size} entries are not those that the witness cosigned; the log was rewritten or restored`,
})

const refused = (status: number, old: number, key: SigningKey): Omit<Refusal, "witness"> => {
  const given = `the log \`${key.name}\` with the verifier key ${formatVerifierKey(key)}`
  if (status === 404)
    return { reason: "unknown", message: `does not know this log (404): whoever runs it has to add ${given}` }
  if (status === 403)
    return { reason: "unknown", message: `does not take this log's key (403): whoever runs it has to add ${given}` }
  if (status === 422) {
    return contradicted(status, old)
  }
  if (status >= 300 && status < 400)
    return {
      reason: "unusable",
      message: `sends on to another address (${status}), which is not followed: name that one`,
    }
  if (status === 400) return { reason: "unusable", message: "says that it was asked wrongly (400)" }
  return { reason: "unusable", message: `answered with ${status}: try again later` }
}

/** Asks one witness about a checkpoint, from the size on that it says it knows. */
const askOne = Effect.fnUntraced(function* (
  log: EventLog,
  { head, known, key }: { readonly head: SignedHead; readonly known: number; readonly key: SigningKey },
  { quorum, ask }: Witnesses,
  witness: string,
): Effect.fn.Return<Asked, StoreFault> {
  const none = (refusal: Omit<Refusal, "witness">): Asked => ({ witness, cosignatures: [], refusal })
  let old = known
  for (let tryCount = 0; tryCount < MAX_TRIES; tryCount++) {
    const from = old
    const proof =
      from === 0 || from === head.size
        ? []
        : yield* log.readTree(({ hashOf }) => consistencyProof(hashOf, from, head.size))
    const reply = yield* ask(witness, requestBody(from, proof, head.checkpoint))
    if (Result.isFailure(reply)) return none({ reason: "unusable", message: reply.failure })
    const { status, body } = reply.success
    if (status === 200) {
      const cosigned = cosignaturesIn(body, head.checkpoint, quorum.keys)
      if (Result.isSuccess(cosigned)) return { witness, cosignatures: cosigned.success }
      return none({ reason: "unusable", message: `${cosigned.failure}: look at --witness-key` })
    }
    if (status !== 409) return none(refused(status, from, key))
    const seen = seenSize(body)
    // It knows a checkpoint of this very size, and another root (C2SP tlog-witness).
    if (from > 0 && from === head.size && (seen === undefined || seen === from)) return none(contradicted(409, from))
    if (seen === undefined || seen === from)
      return none({ reason: "unusable", message: "answered with 409 and without the size that it knows" })
    if (seen > head.size) return { witness, cosignatures: [], ahead: seen }
    old = seen
  }
  return none({ reason: "unusable", message: "names another size whenever it is asked: try again later" })
})

const behind = (seen: number, size: number): Omit<Refusal, "witness"> => ({
  reason: "contradicted",
  message: `has seen ${seen} entries of this log, which has ${size}: it was cut or restored`,
})

const uniqueByLine = (cosignatures: ReadonlyArray<Cosignature>): ReadonlyArray<Cosignature> => [
  ...new Map(cosignatures.map((one) => [one.line, one])).values(),
]

/**
 * Signs a checkpoint of the log as it is now and asks every witness to cosign it; keeps it as witnessed if enough did.
 * Fails as signing does; what witnesses refuse is in the answer.
 */
export const cosignNow = Effect.fnUntraced(function* (
  log: EventLog,
  key: SigningKey,
  place: CheckpointPlace,
  witnesses: Witnesses,
): Effect.fn.Return<Witnessed, StoreFault | CheckpointFault> {
  const before = yield* place.readWitnessed
  const known = before.map((note) =>
    Result.match(openCheckpoint(note, key), { onSuccess: ({ size }) => size, onFailure: () => 0 }),
  )
  for (let tryCount = 1; ; tryCount++) {
    const signed = yield* checkpointNow(log, key, place)
    const about = { head: signed, known: Math.max(0, ...known), key }
    const asked = yield* Effect.forEach(witnesses.prefixes, (one) => askOne(log, about, witnesses, one), {
      concurrency: "unbounded",
    })
    const { size } = yield* log.head
    // Another instance may have shown it what was appended meanwhile.
    const isOvertaken = asked.some(({ ahead = 0 }) => ahead > signed.size && ahead <= size)
    if (isOvertaken && tryCount < MAX_TRIES) continue
    const cosignatures = uniqueByLine(asked.flatMap((one) => one.cosignatures))
    const refusals = asked.flatMap(({ witness, ahead, refusal }): ReadonlyArray<Refusal> => {
      if (ahead !== undefined && ahead > size) return [{ witness, ...behind(ahead, size) }]
      if (ahead !== undefined)
        return [{ witness, reason: "unusable", message: "is shown newer checkpoints: try again" }]
      return refusal === undefined ? [] : [{ witness, ...refusal }]
    })
    const { checkpoint } = signed
    const head = { ...signed, checkpoint: withCosignatures(checkpoint, cosignatures) }
    const isWitnessed = witnessCount(cosignatures) >= Math.max(1, witnesses.quorum.count)
    if (isWitnessed) yield* place.keepWitnessed(head.checkpoint, key)
    return { head, cosignatures, isWitnessed, refusals }
  }
})
