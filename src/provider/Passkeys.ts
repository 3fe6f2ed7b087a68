/**
 * Passkeys of accounts: adding one, signing in by one, and taking one away.
 *
 * A challenge is nobody's until it is answered: it travels sealed with the page that asks, and is remembered once it was
 * used, so that looking at pages keeps nothing and no answer is taken twice, by whatever instance. What is believed of an
 * answer is believed in the transaction that begins the session or keeps the passkey.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { DisplayText, type SubjectId } from "../core/index.ts"
import type { StoreFault } from "../log/index.ts"
import type { Account, AccountStanding } from "./AccountStanding.ts"
import { orUnavailable, useUp, type HandlerContext } from "./CommandHandler.ts"
import type { Settings } from "./Config.ts"
import { PHISHING_RESISTANT } from "./features/login/Passkeys.ts"
import { OAuthError, oauthError } from "./OAuthError.ts"
import { passkeyIdOf, type Passkey, type StoredPasskey } from "./PasskeyRows.ts"
import type { Session } from "./SessionRows.ts"
import { newSession } from "./Sessions.ts"
import { digestOf } from "./Token.ts"
import type { Failure } from "./TokenRequests.ts"
import {
  askForNewPasskey,
  askForPasskey,
  assertionIn,
  madePasskeyIn,
  proofIn,
  userHandleOf,
  type RelyingParty,
} from "./WebAuthn.ts"

/** What an answer is made to. */
export interface PasskeyChallenge {
  /** 32 random bytes, base64url. */
  readonly value: string
  /** From when on no answer is taken, milliseconds since the epoch. */
  readonly until: number
}

/** What a browser is asked. */
export interface PasskeyQuestion {
  /** To be given back with the answer, and kept from being changed until then. */
  readonly challenge: PasskeyChallenge
  /** JSON, as `PublicKeyCredential.parseRequestOptionsFromJSON` or `parseCreationOptionsFromJSON` reads it. */
  readonly options: string
}

/**
 * Why an answer was not taken: it proves nothing or was given before (`refused`), it came too late (`late`), or something
 * about the account changed meanwhile (`changed`). A passkey is not added twice (`known`), nor beyond 20 (`full`).
 */
export type PasskeyFault = "refused" | "late" | "changed" | "known" | "full"

/** An answer of a browser, as JSON, to a challenge that it was given. */
export interface PasskeyAnswer {
  /** The credential that the browser gave, as JSON. */
  readonly answer: string
  /** The challenge that it was given. */
  readonly challenge: PasskeyChallenge
  /** The session that the browser had. */
  readonly replacedId?: string | undefined
}

/** Somebody who signed in by a passkey. */
export interface SignedInByPasskey {
  /** How their account stands. */
  readonly standing: AccountStanding
  /** The id of the session, which is for the browser alone. */
  readonly id: string
  /** The session that has begun. */
  readonly session: Session
}

/** Passkeys of the built-in login's accounts. Times are in milliseconds since the epoch. */
export interface Passkeys {
  /** Those of a subject, the oldest first. */
  readonly list: (subjectId: SubjectId) => Effect.Effect<ReadonlyArray<Passkey>, StoreFault>
  /**
   * Removes one by its `id`, and ends the browser sessions of the account but for `except`. With `keepsLast` the last one
   * stays (`last`).
   */
  readonly remove: (
    subjectId: SubjectId,
    id: string,
    options?: { readonly keepsLast?: boolean; readonly except?: string },
  ) => Effect.Effect<"removed" | "unknown" | "last", StoreFault>
  /** Removes all of them, ends the browser sessions of the account, and gives the number of passkeys. */
  readonly removeAll: (subjectId: SubjectId) => Effect.Effect<number, StoreFault>
  /** What a browser is asked for a proof: of any passkey that it has for this server, or of one of a subject. */
  readonly ask: (of?: SubjectId) => Effect.Effect<PasskeyQuestion, StoreFault>
  /** What a browser is asked to make a passkey. */
  readonly askNew: (account: Pick<Account, "subjectId" | "name">) => Effect.Effect<PasskeyQuestion, StoreFault>
  /**
   * Begins a session by a passkey. `after`: the account whose password was right before; without it the passkey is all
   * that somebody shows, and they must have proved to be its owner to the authenticator.
   */
  readonly signIn: (
    answer: PasskeyAnswer & { readonly after?: AccountStanding | undefined },
  ) => Effect.Effect<Result.Result<SignedInByPasskey, PasskeyFault>, Failure>
  /**
   * Adds a passkey to an account that stands as it was seen. With `isFirst` it has none until then, and else nothing is
   * added (`changed`): who has one shows it before there is another.
   */
  readonly add: (
    addition: PasskeyAddition & { readonly isFirst: boolean },
  ) => Effect.Effect<Result.Result<Passkey, PasskeyFault>, Failure>
  /** Adds the first one, and begins a session by it and the password that was right before. */
  readonly addFirst: (
    addition: PasskeyAddition,
  ) => Effect.Effect<Result.Result<SignedInByPasskey, PasskeyFault>, Failure>
}

/** An answer of a browser that says that a passkey was made, for whom, and what they call it. */
export interface PasskeyAddition extends PasskeyAnswer {
  /** How the account was seen to stand. */
  readonly standing: AccountStanding
  /** What the person calls it: 1 to 64 characters that can be seen. */
  readonly name: string
}

/** What a login by a passkey says of itself: a key, somebody who was there, and two factors (RFC 8176). */
const loginBy = (isSynced: boolean, isAfterPassword: boolean) => ({
  acr: PHISHING_RESISTANT,
  amr: [...(isAfterPassword ? ["pwd"] : []), isSynced ? "swk" : "hwk", "user", "mfa"],
})

/** What somebody may call a passkey. */
export const PasskeyName = DisplayText(64).check(Schema.isPattern(/^\S(?:.*\S)?$/u))

const CHALLENGE_MILLIS = 600_000
const CHALLENGE_BYTES = 32

/** Who asks: the issuer, by its host and origin. */
//= WEBAUTHN-7.2-rp-id
const relyingPartyOf = ({ issuer, displayName }: Settings): RelyingParty => {
  const { hostname, origin } = new URL(issuer)
  return { id: hostname, name: displayName, origin }
}

const spentBefore = oauthError("access_denied", "the challenge was answered before")

const shown = ({ id, name, isSynced, createdAt, usedAt, wentBackAt }: StoredPasskey): Passkey => ({
  id,
  name,
  isSynced,
  createdAt,
  usedAt,
  wentBackAt,
})

export interface PasskeyParts {
  readonly context: HandlerContext
  readonly settings: Settings
  /** Told, in a sentence, of a passkey that somebody may have a copy of. */
  readonly onNotice: (sentence: string) => void
}

export const passkeysOf = ({ context, settings, onNotice }: PasskeyParts): Passkeys => {
  const { log, randomness, time } = context
  const { side } = log
  const party = relyingPartyOf(settings)

  const newChallenge = (): PasskeyChallenge => ({
    value: Buffer.from(randomness.bytes(CHALLENGE_BYTES)).toString("base64url"),
    until: time.now() + CHALLENGE_MILLIS,
  })
  const descriptors = (of: SubjectId) =>
    Effect.map(side.passkeys(of), (own) => own.map(({ credentialId: id, transports }) => ({ id, transports })))
  const isOpen = ({ until }: PasskeyChallenge): boolean => time.now() < until

  /** Whether it is answered for the first time; who comes second is refused. */
  //= WEBAUTHN-13.4.3-challenge-once
  const spend = ({ value, until }: PasskeyChallenge): Effect.Effect<boolean, Failure> =>
    useUp(context, [{ key: `passkey ${digestOf(value)}`, until, refusal: spentBefore }]).pipe(
      Effect.as(true),
      Effect.catch((failure) => (failure instanceof OAuthError ? Effect.succeed(false) : Effect.fail(failure))),
    )
  const begin = (
    standing: AccountStanding,
    replacedId: string | undefined,
    isSynced: boolean,
    isAfterPassword: boolean,
  ) => newSession(randomness, settings.session, standing, time.now(), replacedId, loginBy(isSynced, isAfterPassword))

  /** Adds what was made; with it begins a session, where one is to. */
  const keep = <Begun extends ReturnType<typeof begin> | undefined>(
    { answer, challenge, standing, name }: PasskeyAddition,
    isFirst: boolean,
    begins: (isSynced: boolean) => Begun,
  ): Effect.Effect<Result.Result<{ readonly passkey: StoredPasskey; readonly begun: Begun }, PasskeyFault>, Failure> =>
    Effect.gen(function* () {
      if (!isOpen(challenge)) return Result.fail("late")
      const made = yield* Effect.promise(() => madePasskeyIn(party, challenge.value, answer))
      if (made === undefined || !(yield* spend(challenge))) return Result.fail("refused")
      const begun = begins(made.isSynced)
      const at = time.now()
      const passkey: StoredPasskey = {
        ...made,
        id: passkeyIdOf(made.credentialId),
        subjectId: standing.account.subjectId,
        name,
        createdAt: at,
        usedAt: begun === undefined ? null : at,
        wentBackAt: null,
      }
      const outcome = yield* orUnavailable(side.addPasskey(standing, passkey, { isFirst, beginning: begun }))
      return outcome === "added" ? Result.succeed({ passkey, begun }) : Result.fail(outcome)
    })

  return {
    list: (subjectId) => Effect.map(side.passkeys(subjectId), (own) => own.map(shown)),
    remove: (subjectId, id, { keepsLast = false, except } = {}) =>
      side.removePasskey(subjectId, id, { keepsLast, ...(except === undefined ? {} : { except }) }),
    removeAll: side.removePasskeys,
    ask: Effect.fnUntraced(function* (of) {
      const challenge = newChallenge()
      const allowed = of === undefined ? undefined : yield* descriptors(of)
      const options = yield* Effect.promise(() => askForPasskey(party, challenge.value, allowed))
      return { challenge, options }
    }),
    askNew: Effect.fnUntraced(function* ({ subjectId, name }) {
      const challenge = newChallenge()
      const present = yield* descriptors(subjectId)
      //= WEBAUTHN-14.6.1-user-handle
      const owner = { handle: subjectId, name }
      const options = yield* Effect.promise(() => askForNewPasskey(party, challenge.value, owner, present))
      return { challenge, options }
    }),
    signIn: Effect.fnUntraced(function* ({ answer, challenge, after, replacedId }) {
      if (!isOpen(challenge)) return Result.fail("late")
      const assertion = assertionIn(answer)
      const found = assertion && (yield* orUnavailable(side.passkeyToProve(assertion.id)))
      if (assertion === undefined || found === undefined) return Result.fail("refused")
      const { passkey } = found
      if (after !== undefined && after.account.subjectId !== passkey.subjectId) return Result.fail("refused")
      const { publicKey, credentialId } = passkey
      const known = { publicKey, userHandle: userHandleOf(passkey.subjectId), isFactorAlone: after === undefined }
      const proof = yield* Effect.promise(() => proofIn(party, challenge.value, assertion, known))
      const standing = after ?? found.standing
      if (proof === undefined || standing === undefined) return Result.fail("refused")
      if (!(yield* spend(challenge))) return Result.fail("refused")
      const { id, ...beginning } = begin(standing, replacedId, proof.isSynced, after !== undefined)
      const outcome = yield* orUnavailable(side.openSessionByPasskey(standing, { credentialId, ...proof }, beginning))
      if (outcome === "opened") return Result.succeed({ standing, id, session: beginning.session })
      if (outcome === "changed") return Result.fail("changed")
      onNotice(
        `the passkey \`${passkey.id}\` of ${passkey.subjectId} was refused: it has counted fewer uses than before, as a copy would; grantlog user passkeys shows it`,
      )
      return Result.fail("refused")
    }),
    add: (addition) =>
      Effect.map(
        keep(addition, addition.isFirst, () => undefined),
        Result.map(({ passkey }) => shown(passkey)),
      ),
    addFirst: (addition) => {
      const { standing, replacedId } = addition
      const begins = (isSynced: boolean) => begin(standing, replacedId, isSynced, true)
      return Effect.map(
        keep(addition, true, begins),
        Result.map(({ begun }) => ({ standing, id: begun.id, session: begun.session })),
      )
    },
  }
}
