/**
 * Issuing tokens: a code redeemed, a refresh token rotated or retried, client credentials.
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
  type EpochMillis,
  type Event,
  type GrantId,
  type Jkt,
  type OpenGrant,
  type PresentedRefresh,
  type Reply,
  type Resources,
  type Scopes,
  type VerifierFact,
} from "../core/index.ts"
import type { StoreFault } from "../log/index.ts"
import type { Slice } from "../projection/index.ts"
import type { AuthorizationServer } from "./AuthorizationServer.ts"
import { authenticationOf, usedBy } from "./ClientOperations.ts"
import type { Settings } from "./Config.ts"
import { clientIdOf, directBasisOf, grantTypeOf, jktOf, resourcesOf, scopesOf } from "./Decoding.ts"
import { execute, type HandlerContext } from "./CommandHandler.ts"
import type { ServerContext } from "./features/Feature.ts"
import type { Features } from "./features/Features.ts"
import { awaited } from "./features/Settled.ts"
import { issuedRefresh } from "./IssuedRefresh.ts"
import type { KeyRing, Successor } from "./Keys.ts"
import { rateLimited, type RateLimited, type Unavailable } from "./OAuthError.ts"
import type { Offers } from "./Offer.ts"
import { makePace } from "./Pace.ts"
import type { RetrySalts } from "./RetrySalts.ts"
import { mintGrantId, mintToken } from "./Randomness.ts"
import { challengeOf, digestOf, parseToken, type ParsedToken, type TokenKind } from "./Token.ts"
import { clientTypeOf, resourcesOfGrant, resourcesOfOffer, type LifetimesFor } from "./TokenLifetimes.ts"
import { tokenResponder, type Candidates } from "./TokenResponse.ts"

/** How many times what a grant may get in a minute a client may get for itself. */
const OWN_TOKENS = 10

/** What a token is for stands in the log with each: one for so many characters of it counts as one. */
const CHARACTERS_OF_ONE = 1024

const weightOf = ({ scopes, resources }: { readonly scopes: Scopes; readonly resources: Resources }): number =>
  1 + Math.floor(JSON.stringify([scopes, resources]).length / CHARACTERS_OF_ONE)

interface Asked {
  readonly scopes: Scopes | null
  readonly resources: Resources | null
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
  features: Pick<Features, "accessTokenFormats" | "tokenResponseMembers">,
  serverContext: ServerContext,
  lifetimesFor: LifetimesFor,
) => {
  const { log, randomness, time } = context
  const parsedAs = (kind: TokenKind, token: string): ParsedToken | undefined => {
    const parsed = parseToken(token)
    return parsed?.kind === kind ? parsed : undefined
  }

  const { tokenRate } = settings
  const paces = { grant: makePace(tokenRate), client: makePace(tokenRate === "off" ? "off" : tokenRate * OWN_TOKENS) }
  /**
   * What is issued anew is counted, by its size. An answer that is given again is not, and a retry that asks for another
   * subset is counted and never refused, so that no limit turns a retry into a reuse.
   */
  const admitted =
    (owner: "grant" | "client", id: string) =>
    (reply: Reply, events: ReadonlyArray<Event>): Effect.Effect<() => void, RateLimited> => {
      const issued = events.find(({ _tag }) => _tag === "AccessTokenIssued")
      if (reply._tag !== "TokensIssued" || issued === undefined) return Effect.succeed(() => {})
      const [pace, weight] = [paces[owner], weightOf(reply.accessToken)]
      const takeBack = () => pace.giveBack(id, weight)
      if (reply.isRetry) {
        pace.owe(id, time.now(), weight)
        return Effect.succeed(takeBack)
      }
      const wait = pace.take(id, time.now(), weight)
      const sentence = `this ${owner} got too many tokens in a short time; try again later`
      return wait === 0 ? Effect.succeed(takeBack) : Effect.fail(rateLimited(sentence, wait))
    }

  const handOut = tokenResponder(serverContext, features)
  const preparing = features.accessTokenFormats.flatMap(({ prepare }) => (prepare === undefined ? [] : [prepare]))
  /** What could not be written is not issued. */
  const prepared: Effect.Effect<void, Unavailable> =
    preparing.length === 0
      ? Effect.void
      : Effect.suspend(() => Effect.asVoid(awaited(Promise.all(preparing.map((prepare) => prepare(serverContext))))))

  const redeemCode: AuthorizationServer["redeemCode"] = Effect.fnUntraced(function* (request) {
    const { credentials, code, codeVerifier, redirectUri } = request
    const clientId = yield* clientIdOf(credentials.clientId)
    const resources = yield* resourcesOf(request.resource)
    const jkt = yield* jktOf(request.jkt)
    yield* prepared
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
      jkt: yield* jktOf(request.jkt),
    }
    yield* prepared
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

  const issueToken: AuthorizationServer["issueToken"] = Effect.fnUntraced(function* (request) {
    const { credentials, claims = [] } = request
    const clientId = yield* clientIdOf(credentials.clientId)
    const grantType = yield* grantTypeOf(request.grantType ?? "client_credentials")
    const basis = yield* directBasisOf(request.basis ?? { _tag: "ClientCredentials" })
    const jkt = yield* jktOf(request.jkt)
    const scopes = yield* scopesOf(request.scopes)
    const resources = (yield* resourcesOf(request.resource)) ?? []
    yield* prepared
    const grantId: GrantId = mintGrantId(randomness, time.now())
    const access = mintToken(randomness, "access", grantId)
    const subject = basis._tag === "Policy" ? { subjectId: basis.subjectId } : {}
    const executed = yield* execute(
      context,
      { clientId, grantId, ...subject, isNewGrant: true, ...offers.about(resources) },
      clientId,
      (slice) => {
        const offer = offers.of(resources, slice)
        return {
          _tag: "IssueToken" as const,
          grantId,
          grantType,
          basis,
          clientId,
          authentication: authenticationOf(slice.state.client, credentials),
          scopes,
          resources,
          offer,
          jkt,
          accessToken: digestOf(access),
          lifetimes: lifetimesFor(slice.state.client, () => resourcesOfOffer(offer, resources)),
          at: time.now(),
        }
      },
      {
        admit: admitted("client", clientId),
        ...(claims.length > 0 ? { claims: [...(credentials.claims ?? []), ...claims] } : usedBy(credentials)),
      },
    )
    const token = yield* handOut(executed, { access, refresh: "" })
    yield* onOpened
    return token
  })

  return { redeemCode, refresh, issueToken } satisfies Partial<AuthorizationServer>
}
