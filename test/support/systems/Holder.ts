/**
 * What whoever tries a system has in hands: the strings behind the numbers, client secrets, where codes were sent.
 *
 * One for each sequence, so that many can run on one server without meeting.
 */
import type { EpochMillis, SubjectId } from "../../../src/core/index.ts"
import { newNumbering, type NumberedKind, type Numbering } from "../../../properties/Numbering.ts"
import type { Authentication, Operation, OperationOf, Presented, Ref, Verifier } from "../../../properties/Operation.ts"
import { registrationOf } from "../../../properties/machine/Registrations.ts"
import { APP_URI, LOOPBACK_URI, UNREGISTERED_URI } from "../../../properties/machine/Names.ts"
import type { Profile } from "../../../properties/Operation.ts"
import {
  liveSecrets,
  mintClientId,
  mintClientSecret,
  mintGrantId,
  mintSubjectId,
  mintToken,
} from "../../../src/provider/index.ts"

export const VERIFIER = "the-verifier-of-every-code-in-these-tests-0123"
export const OTHER_VERIFIER = "a-verifier-that-no-code-in-these-tests-is-for-1"
export const redirectUris = { loopback: LOOPBACK_URI, app: APP_URI, unregistered: UNREGISTERED_URI }

export interface Holder {
  readonly numbering: Numbering
  readonly subjectId: (ref: Ref) => SubjectId
  /** The number of a subject; `null` for none. */
  readonly subjectOf: (text: string | null | undefined) => Ref | null
  readonly clientId: (ref: Ref) => string
  readonly keepSecret: (ref: Ref, secret: string | undefined) => void
  /** What a client shows: its secret, another one, nothing. */
  readonly secretFor: (ref: Ref, shown: Authentication) => string | undefined
  /** The id of a request: the same for the same number, whether it was answered or not. */
  readonly grantId: (ref: Ref) => string
  /** Says that the next number is a grant now. */
  readonly opened: (grantId: string) => Ref
  readonly keepCode: (grant: Ref, code: string, redirectUri: OperationOf<"Approve">["redirectUri"]) => void
  readonly redirectUriFor: (operation: OperationOf<"Redeem">) => string | undefined
  /** The string of a code or token; what was never handed out is made up, well-formed. */
  readonly shown: (kind: Extract<NumberedKind, "code" | "access" | "refresh">, ref: Presented) => string
  /** Everything that must not be found in a store. */
  readonly secrets: () => ReadonlyArray<string>
}

export const verifierFor = (verifier: Verifier): string | undefined =>
  ({ right: VERIFIER, wrong: OTHER_VERIFIER, malformed: "short", absent: undefined })[verifier]

export const metadataFor = (profile: Profile): Readonly<Record<string, unknown>> => ({
  ...registrationOf(profile, null).metadata,
})

/** `operation` without a flaw that the provider never lets through to the machine. */
export const isFlawless = (operation: Operation): boolean => !("flaw" in operation) || operation.flaw === null

export const newHolder = (subjects: ReadonlyArray<SubjectId> = []): Holder => {
  const numbering = newNumbering()
  const secretOf = new Map<Ref, string>()
  const everySecret: Array<string> = []
  const requests = new Map<Ref, string>()
  const redirects = new Map<Ref, OperationOf<"Approve">["redirectUri"]>()
  subjects.forEach((id, ref) => numbering.put("subject", ref, id))

  const holder: Holder = {
    numbering,
    subjectId: (ref) => {
      if (numbering.textOf("subject", ref) === undefined) numbering.put("subject", ref, mintSubjectId(liveSecrets))
      return numbering.textOf("subject", ref) as SubjectId
    },
    subjectOf: (text) => (text === null || text === undefined ? null : numbering.numberOf("subject", text)),
    clientId: (ref) => {
      if (numbering.textOf("client", ref) === undefined) numbering.put("client", ref, mintClientId(liveSecrets))
      return numbering.textOf("client", ref)!
    },
    keepSecret: (ref, secret) => {
      if (secret === undefined) return
      secretOf.set(ref, secret)
      everySecret.push(secret)
    },
    secretFor: (ref, shown) => {
      if (shown === "absent") return undefined
      return shown === "right" ? secretOf.get(ref) : mintClientSecret(liveSecrets)
    },
    grantId: (ref) => {
      const known =
        numbering.textOf("grant", ref) ?? requests.get(ref) ?? mintGrantId(liveSecrets, Date.now() as EpochMillis)
      requests.set(ref, known)
      return known
    },
    opened: (grantId) => numbering.numberOf("grant", grantId),
    keepCode: (grant, code, redirectUri) => {
      numbering.put("code", grant, code)
      redirects.set(grant, redirectUri)
    },
    redirectUriFor: ({ code, redirectUri }) => {
      if (redirectUri === "absent") return undefined
      const right = redirectUris[(code === "made up" ? undefined : redirects.get(code)) ?? "loopback"]
      return redirectUri === "right" ? right : UNREGISTERED_URI
    },
    shown: (kind, ref) =>
      numbering.textOf(kind, ref) ?? mintToken(liveSecrets, kind, mintGrantId(liveSecrets, Date.now() as EpochMillis)),
    secrets: () => [
      ...everySecret,
      VERIFIER,
      ...(["code", "access", "refresh"] as const).flatMap((kind) => numbering.textsOf(kind)),
    ],
  }
  return holder
}
