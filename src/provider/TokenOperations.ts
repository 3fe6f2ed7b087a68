/**
 * Issuing tokens to who was approved: a code redeemed, a refresh token rotated or retried. Others: `DirectTokens.ts`.
 *
 * Here secrets become facts and back: candidates are minted or derived, the core decides on their digests, and only
 * what it accepted is handed out.
 */
import * as Effect from "effect/Effect"
import {
  accessKey,
  isWellFormedVerifier,
  narrowed,
  nextGeneration,
  type CommandOf,
  type DetailTexts,
  type EpochMillis,
  type Jkt,
  type OpenGrant,
  type PresentedRefresh,
  type Resources,
  type Scopes,
  type VerifierFact,
} from "../core/index.ts"
import type { StoreFault } from "../log/index.ts"
import type { Slice } from "../projection/index.ts"
import type { AuthorizationServer } from "./AuthorizationServer.ts"
import { authenticationOf, usedBy } from "./ClientProof.ts"
import type { Settings } from "./Config.ts"
import { clientIdOf, detailsOf, jktOf, resourcesOf, scopesOf } from "./Decoding.ts"
import { directTokens } from "./DirectTokens.ts"
import { execute, type HandlerContext } from "./CommandHandler.ts"
import type { ServerContext } from "./features/Feature.ts"
import type { Features } from "./features/Features.ts"
import { issuedRefresh } from "./IssuedRefresh.ts"
import type { KeyRing, Successor } from "./Keys.ts"
import type { Offers } from "./Offer.ts"
import type { RetrySalts } from "./RetrySalts.ts"
import { mintGrantId, mintToken } from "./Randomness.ts"
import { challengeOf, digestOf, parseToken, type ParsedToken, type ReadToken, type TokenKind } from "./Token.ts"
import { clientTypeOf, resourcesOfGrant, type LifetimesFor } from "./TokenLifetimes.ts"
import { tokenPace } from "./TokenPace.ts"
import { tokenResponder, type Candidates } from "./TokenResponse.ts"

interface Asked {
  readonly scopes: Scopes | null
  readonly resources: Resources | null
  readonly authorizationDetails?: DetailTexts
  readonly jkt: Jkt | null
}

const verifierFact = (verifier: string | undefined): VerifierFact | null => {
  if (verifier === undefined) return null
  const wellFormed = isWellFormedVerifier(verifier)
  return { wellFormed, challenge: wellFormed ? challengeOf(verifier) : null }
}

export const tokenOperations = (
  context: HandlerContext,
  settings: Settings,
  offers: Offers,
  keys: KeyRing,
  salts: RetrySalts,
  onOpened: Effect.Effect<void>,
  features: Pick<
    Features,
    "accessTokenFormats" | "tokenResponseMembers" | "authorizationDetailsTypes" | "openIdProvider"
  >,
  serverContext: ServerContext,
  lifetimesFor: LifetimesFor,
  readToken: ReadToken,
) => {
  const { log, randomness, time } = context
  const parsedAs = (kind: TokenKind, token: string): ParsedToken | undefined => {
    const parsed = parseToken(token)
    return parsed?.kind === kind ? parsed : undefined
  }

  const admitted = tokenPace(settings, time.now)
  const readyToHandOut = tokenResponder(serverContext, features)

  const redeemCode: AuthorizationServer["redeemCode"] = Effect.fnUntraced(function* (request) {
    const { credentials, code, codeVerifier, redirectUri } = request
    const clientId = yield* clientIdOf(credentials.clientId)
    const resources = yield* resourcesOf(request.resource)
    const details = yield* detailsOf(request.authorizationDetails)
    const jkt = yield* jktOf(request.jkt)
    const handOut = yield* readyToHandOut
    const parsed = parsedAs("code", code)
    const grantId = parsed?.grantId ?? mintGrantId(randomness, time.now())
    const access = mintToken(randomness, "access", grantId)
    let refresh = ""

    const executed = yield* execute(
      context,
      { clientId, grantId },
      clientId,
      ({ state, versions }) => ({
        _tag: "RedeemCode" as const,
        grantId,
        clientId,
        afterVersion: versions.grant,
        authentication: authenticationOf(state.client, credentials),
        isCodeKnown: state.grant._tag === "Open" && state.grant.code?.digest === parsed?.digest,
        verifier: verifierFact(codeVerifier),
        redirectUri: redirectUri ?? null,
        resources,
        ...details,
        jkt,
        accessToken: digestOf(access),
        refreshToken: digestOf((refresh = mintToken(randomness, "refresh", grantId, versions.grant))),
        lifetimes: lifetimesFor(state.client, () => resourcesOfGrant(state.grant, resources)),
        at: time.now(),
      }),
      { admit: admitted("grant", grantId), ...usedBy(credentials) },
    )
    return yield* handOut(executed, { access, refresh })
  })

  /** The tokens that `presented` leads to under a key and salt; the same ones every time. */
  const derive = (
    grant: OpenGrant,
    from: Pick<Successor, "generation" | "afterVersion"> & { readonly keyId: KeyRing["current"] },
    salt: Uint8Array,
    presented: string,
    asked: Asked,
  ): Candidates | undefined => {
    const access = narrowed(grant, asked)
    // What the core refuses is derived for nothing: it refuses before it looks at the digest.
    const subset = JSON.stringify(["_tag" in access ? null : accessKey(access), asked.jkt])
    const { keyId, generation, afterVersion } = from
    const successor = { grantId: grant.grantId, generation, salt, presented, subset }
    const accessToken = keys.derive(keyId, { kind: "access", afterVersion: null, ...successor })
    const refreshToken = keys.derive(keyId, { kind: "refresh", afterVersion, ...successor })
    return accessToken === undefined || refreshToken === undefined
      ? undefined
      : { access: accessToken, refresh: refreshToken }
  }

  const refresh: AuthorizationServer["refresh"] = Effect.fnUntraced(function* (request) {
    const { credentials, refreshToken } = request
    const clientId = yield* clientIdOf(credentials.clientId)
    const asked: Asked = {
      scopes: yield* scopesOf(request.scopes),
      resources: yield* resourcesOf(request.resource),
      ...(yield* detailsOf(request.authorizationDetails)),
      jkt: yield* jktOf(request.jkt),
    }
    const handOut = yield* readyToHandOut
    const parsed = parsedAs("refresh", refreshToken)
    const grantId = parsed?.grantId ?? mintGrantId(randomness, time.now())
    let candidates: Candidates | undefined

    const executed = yield* execute(
      context,
      { clientId, grantId },
      clientId,
      (slice) => {
        const { client, grant } = slice.state
        const at = time.now()
        return Effect.map(presentedOn(slice, at), (presented): CommandOf<"Refresh"> => ({
          _tag: "Refresh",
          grantId,
          clientId,
          authentication: authenticationOf(client, credentials),
          afterVersion: slice.versions.grant,
          presented,
          ...asked,
          lifetimes: lifetimesFor(client, () => resourcesOfGrant(grant, asked.resources)),
          at,
        }))
      },
      { admit: admitted("grant", grantId), ...usedBy(credentials) },
    )
    return yield* handOut(executed, candidates ?? { access: "", refresh: "" })

    function presentedOn(slice: Slice, at: EpochMillis): Effect.Effect<PresentedRefresh, StoreFault> {
      const { client, grant } = slice.state
      const unknown: PresentedRefresh = { _tag: "Unknown" }
      candidates = undefined
      if (parsed === undefined || grant._tag !== "Open" || grant.refresh === null) return Effect.succeed(unknown)
      const { current, previous } = grant.refresh

      if (parsed.digest === current.digest) {
        const keyId = keys.current
        const generation = nextGeneration(current.generation)
        const { retryWindow } = settings.lifetimes[clientTypeOf(client)]
        const rotation = { grantId, generation, rotatedAt: at }
        return Effect.map(salts.make(rotation, clientTypeOf(client), retryWindow), (salt): PresentedRefresh => {
          const from = { generation, keyId, afterVersion: slice.versions.grant }
          candidates = derive(grant, from, salt, refreshToken, asked)!
          const successor = {
            refreshToken: digestOf(candidates.refresh),
            accessToken: digestOf(candidates.access),
            keyId,
          }
          return { _tag: "Current", successor }
        })
      }
      if (parsed.digest === previous?.digest) {
        const { rotatedAt, keyId } = previous
        const { generation, afterVersion, digest } = current
        const from = { generation, keyId, afterVersion }
        const deriveWith = (salt: Uint8Array) => derive(grant, from, salt, refreshToken, asked)
        // INVARIANT: what is repeated is what was issued; another secret under the same key id is a key not at hand.
        const isRight = (salt: Uint8Array) => digestOf(deriveWith(salt)?.refresh ?? "") === digest
        return Effect.map(salts.find({ grantId, generation, rotatedAt, digest }, isRight), (salt): PresentedRefresh => {
          candidates = salt && deriveWith(salt)
          const accessToken = candidates === undefined ? null : digestOf(candidates.access)
          return { _tag: "Previous", accessToken }
        })
      }
      return Effect.map(issuedRefresh(log, parsed), (issued): PresentedRefresh => {
        if (issued === undefined) return unknown
        const { digest, generation, jkt } = issued
        return { _tag: "Older", digest, generation, jkt }
      })
    }
  })

  const issuing = { readToken, lifetimesFor, admitted, readyToHandOut, onOpened }
  const direct = directTokens(context, offers, features, issuing)

  return { redeemCode, refresh, ...direct } satisfies Partial<AuthorizationServer>
}
