/**
 * A ten-method provider, tried with operations: each becomes the calls that a protocol handler makes for it.
 *
 * Nothing is judged on the provider's behalf but what it was found to leave to its handler (`Handler.ts`). What the ten
 * methods cannot express is not accepted (`Abilities.ts`).
 */
import { randomBytes } from "node:crypto"
import type { OAuthClientInformationFull } from "../../../src/provider/index.ts"
import type { Operation, OperationOf, OperationTag, Ref, Reply } from "../../Operation.ts"
import { mintFor, newHolder, type Secret } from "../../Holder.ts"
import { challengeOf, mintVerifier } from "../../Secrets.ts"
import { seenInFull, type System } from "../../System.ts"
import type { Objected } from "../judging/Judge.ts"
import { NothingCanBeGuessed } from "../judging/NothingCanBeGuessed.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import type { Abilities } from "./Abilities.ts"
import {
  call,
  isOfLoading,
  isSilence,
  LITTLE_PATIENCE_MILLIS,
  messageOf,
  Nonsense,
  replyTo,
  type Patience,
} from "./Calls.ts"
import type { KitClock } from "./Clock.ts"
import { endIn, lifeIn } from "./Ends.ts"
import { tenMethodsOf, type AnyProvider, type AnyFactory } from "./Factory.ts"
import { isForgery } from "./Forgery.ts"
import { forgerOn } from "./Forging.ts"
import { refusesCode, refusesRefresh } from "./Handler.ts"
import { limitsIn, type Limit } from "./Limits.ts"
import {
  APP_URI,
  FOREIGN_URI,
  logIn,
  LOOPBACK_URI,
  OTHER_APP_URI,
  OTHER_LOOPBACK_URI,
  resourceMember,
  type Approve,
} from "./Login.ts"
import { recordMannerOf, redirectMissOf, verifierMissOf, type Manner } from "./Manner.ts"
import { TURNS, waitFor, type Start, type Turning } from "./Plan.ts"
import { otherOn, othersComeAndGo } from "./Others.ts"
import { proofOf } from "./Proof.ts"
import { makeRecords, remarkOnEnd, type Remark } from "./Records.ts"
import type { Handled } from "./SdkProvider.ts"
import { textsIn as storedTexts, type Store } from "./Stored.ts"
import type { Words } from "./Words.ts"

/** What a provider takes `now` for. */
export type Unit = "milliseconds" | "seconds"

/** Another provider over what this one has stored. */
export type Restart = (provider: never) => AnyProvider | Promise<AnyProvider>

export interface Connection {
  readonly clock: KitClock
  /** What the provider takes `now` for, and is given it in. */
  readonly unit: Unit
  readonly patience: Patience
  readonly words: Words
  /** Where clients wait for codes, if the kit's own addresses are not taken. */
  readonly redirectUris?: ReadonlyArray<string> | undefined
  readonly approve?: Approve | undefined
  readonly restart?: Restart | undefined
  readonly store?: Store | undefined
}

/** A reply, and what else is wrong with what was given or done meanwhile. */
export interface Answer {
  readonly reply: Reply
  readonly remarks: ReadonlyArray<Objected>
}

export interface ProviderSystem extends System {
  readonly perform: (operation: Operation, manner?: Manner) => Promise<Answer>
  readonly restart: () => Promise<void>
  /** Lets others get ahead of the next call. */
  readonly waitFor: (start: Start) => Promise<void>
  /** What the provider has on record for client 0, if it says so. */
  readonly codeRecord: (code: Ref) => Promise<unknown>
  readonly refreshRecord: (token: Ref) => Promise<unknown>
  readonly accessRecord: (token: Ref) => Promise<unknown>
  /** Whether `loadAccessToken` knows it. */
  readonly loadsAccess: (token: Ref) => Promise<boolean>
  /** What a code was asked with. */
  readonly request: (code: Ref) => { readonly codeChallenge: string; readonly redirectUri: string }
  /** What the factory made, to tell it from others. */
  readonly made: () => unknown
  /** Whether the provider says that it judges all that comes with a code or token itself. */
  readonly isJudge: boolean
  /** What its handler does for it, where it is one of the MCP SDK's. */
  readonly handled: Handled | undefined
  readonly limits: ReadonlyArray<Limit>
  /** Every text that is stored now; nothing where nobody shows it. */
  readonly stored: () => Promise<ReadonlyArray<string> | undefined>
  /** Everything so far that only its owner should have. */
  readonly secrets: () => ReadonlyArray<Secret>
}

type Client = OAuthClientInformationFull

const SECOND_MILLIS = 1000

/** A code is for minutes (RFC 6749 4.1.2); one of which no end is kept has this long. */
const LONGEST_CODE_MILLIS = 86_400_000
/** What rounding explains, of a time that is told twice. */
const ROUNDING_MILLIS = 2000

const possibleTags: ReadonlySet<OperationTag> = new Set<OperationTag>([
  "Register",
  "Approve",
  "Redeem",
  "Refresh",
  "Revoke",
  "Verify",
  "Pass",
])

/** One or several, as texts: SDKs write a resource as a `URL`. */
const textsIn = (value: unknown): ReadonlyArray<string> =>
  [value ?? []]
    .flat()
    .map((one: unknown) => (one instanceof URL ? one.href : one))
    .filter((one): one is string => typeof one === "string")
const members = (value: unknown): Readonly<Record<string, unknown>> => {
  if (typeof value !== "object" || value === null) throw new Nonsense(`${String(value)} is no record`)
  return value as Readonly<Record<string, unknown>>
}

/** How a token came to be: what its grant is, and until when it was said to live. */
interface Origin {
  readonly grant: string
  readonly expiresAt: number
}

export const makeProviderSystem = async (
  factory: AnyFactory,
  { clock, unit, words, redirectUris, approve: followLogin, restart, store, patience }: Connection,
  { terms, duties, policy }: Pick<Abilities, "terms" | "duties" | "policy">,
  isKeeping = false,
): Promise<ProviderSystem> => {
  const ask = <A>(method: string, body: () => A | Promise<A>): Promise<A> => call(method, body, patience.millis)
  const exchange = async <A>(method: string, body: () => Promise<A>): Promise<A> => {
    const startedAt = process.hrtime.bigint()
    const given = await ask(method, body)
    patience.fastestMillis = Math.min(patience.fastestMillis, Number(process.hrtime.bigint() - startedAt) / 1e6)
    return given
  }
  /** What its author says of it beside: where that fails, nothing can be said of the provider. */
  const companion = <A>(name: string, body: () => A | Promise<A>): Promise<A> =>
    ask(name, body).catch((thrown: unknown) => {
      throw new CannotCheck(`\`${name}\` failed: ${messageOf(thrown)}`)
    })
  const given = unit === "seconds" ? () => Math.floor(clock.now() / SECOND_MILLIS) : clock.now
  let made = await ask("the factory", () => factory({ now: given })).catch((thrown: unknown) => {
    throw thrown instanceof CannotCheck ? thrown : new CannotCheck(`no provider can be made: ${messageOf(thrown)}`)
  })
  let provider = tenMethodsOf(made)
  const clients = new Map<Ref, Client>()
  const origins = new Map<string, Origin>()
  const subjects = new Map<string, string>()
  /** By code: what its redemption gave. */
  const granted = new Map<string, ReadonlyArray<string>>()
  /** By code: whose it is, what it is redeemed with, and when it came. */
  const issued = new Map<string, { readonly owner: Client; readonly verifier: string; readonly at: number }>()
  /** How often each client's id was asked for. */
  const attempts = new Map<Ref, number>()
  let refusesTaken = false
  let idToken: string | undefined
  /** The latest that it was when something was asked. */
  let latest = -Infinity
  const records = makeRecords(() => provider, ask, isKeeping)
  const suffix = randomBytes(6).toString("hex")

  const clientAt = (ref: Ref): Client => clients.get(ref)!
  const theirs = (list: ReadonlyArray<string> | null) => list?.map(words.theirs)
  const ours = (value: unknown) => textsIn(value).map(words.ours)
  const refuse = (by: "load" | "handler"): Reply => ({ _tag: "Refused", error: "invalid_grant", by })
  const hasOneResource = terms.resources === "one" || provider.handled !== undefined
  const [loopback, app] = redirectUris ?? [LOOPBACK_URI, APP_URI]
  const uris = { loopback: loopback!, app: app ?? loopback!, unregistered: FOREIGN_URI }
  const registered = terms.redirectUris === "both" ? [uris.loopback, uris.app] : [uris[terms.redirectUris]]
  const holder = newHolder(mintFor(uris.loopback))
  const otherUri = terms.redirectUris === "app" ? OTHER_APP_URI : OTHER_LOOPBACK_URI

  /** `attempt`: how often the id was asked for before, by others then. */
  const informationOf = ({ client, profile }: OperationOf<"Register">, attempt: number): Client => ({
    client_id: `kit-${suffix}-${client}`,
    client_id_issued_at: Math.floor(clock.now() / SECOND_MILLIS),
    client_name: attempt > 0 ? `somebody else ${attempt}` : `client ${client} of the kit`,
    redirect_uris: attempt > 0 && redirectUris === undefined ? [`${otherUri}-${attempt}`] : [...new Set(registered)],
    token_endpoint_auth_method: profile.isPublic ? "none" : "client_secret_basic",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    ...(profile.scopes === null ? {} : { scope: theirs(profile.scopes)!.join(" ") }),
    ...(profile.isPublic ? {} : { client_secret: mintVerifier(), client_secret_expires_at: 0 }),
  })

  /**
   * A taken id counts as registered again where what is kept under it is the newcomer's, whatever was said; and where it is
   * said to be registered by who refuses taken ids when nothing else runs. A provider may mint ids of its own: it says so in
   * its answer, or in what it was given.
   */
  const register = async (operation: OperationOf<"Register">): Promise<Reply> => {
    const { client } = operation
    const refused: Reply = { _tag: "Refused", error: "invalid_client_metadata" }
    const before = clients.get(client)
    const attempt = attempts.get(client) ?? 0
    attempts.set(client, attempt + 1)
    const information = informationOf(operation, attempt)
    const answer: unknown = await ask("registerClient", () => provider.registerClient(information)).catch(
      (thrown: unknown) => {
        refusesTaken ||= before !== undefined
        throw thrown
      },
    )
    const minted = (Object(answer) as Partial<Client>).client_id
    const clientId = before?.client_id ?? (typeof minted === "string" ? minted : information.client_id)
    const kept = await ask("getClient", () => provider.getClient(clientId))
    if (!kept) return { _tag: "Fault", message: "getClient does not know a client that registerClient accepted" }
    const { client_name, redirect_uris } = members(kept)
    const others = textsIn(redirect_uris).filter((uri) => uri.startsWith(otherUri))
    const isOwnUri = attempt === 0 ? others.length === 0 : others.includes(`${otherUri}-${attempt}`)
    const isKept = isOwnUri || client_name === information.client_name
    // Who mints ids gives another one to each.
    const isAnother = attempt > 0 && clientId !== `kit-${suffix}-${client}` && clientId !== before?.client_id
    if (isAnother || (!isKept && (before !== undefined || !refusesTaken))) return refused
    clients.set(client, kept)
    return { _tag: "Stored", client }
  }

  const approve = async (
    operation: OperationOf<"Approve">,
    manner: Manner | undefined,
    remark: Remark,
  ): Promise<Reply> => {
    const { grant, client } = operation
    const redirectUri = redirectMissOf(manner, registered.at(-1)!) ?? uris[operation.redirectUri]
    const way = { words, hasOneResource, redirectUri, registered, approve: followLogin, ask, manner, remark }
    const given = await logIn(provider, clientAt(client), operation, way)
    if ("_tag" in given) return given
    holder.keepCode(grant, given)
    issued.set(given.code, { owner: clientAt(client), verifier: given.verifier, at: clock.now() })
    await records.own("code", given.code, clientAt(client), remark)
    return { _tag: "Code", grant }
  }

  const tokens = async (
    given: unknown,
    grant: string,
    asked: ReadonlyArray<string>,
    remark: Remark,
  ): Promise<Extract<Reply, { readonly _tag: "Tokens" | "Fault" }>> => {
    const { access_token, refresh_token, id_token, expires_in, scope } = members(given)
    if (typeof id_token === "string") idToken = id_token
    if (typeof access_token !== "string" || access_token === "") {
      return { _tag: "Fault", message: "an exchange gave no access_token" }
    }
    const { life = Infinity, flaw } = lifeIn(expires_in)
    if (flaw !== undefined)
      remark("ExpiryIsExact", `an exchange gives \`expires_in\` ${flaw}: it is a number of seconds`)
    // Who is asked while the clock is behind may count from when it was right: then nothing is said of an end.
    const isBehind = clock.now() < latest
    const expiresAt = isBehind ? Infinity : Math.round(clock.now() + life)
    const refresh = typeof refresh_token === "string" ? holder.numberOf("refresh", refresh_token) : null
    if (!origins.has(access_token)) origins.set(access_token, { grant, expiresAt })
    if (typeof refresh_token === "string") {
      origins.set(refresh_token, { grant, expiresAt: Infinity })
      const owner = issued.get(grant)?.owner
      if (owner !== undefined) await records.own("refresh", refresh_token, owner, remark)
    }
    const access = holder.numberOf("access", access_token)
    const told = typeof scope === "string" ? scope.split(" ").filter(Boolean) : []
    // An empty scope says as little as none.
    const scopes = told.length > 0 ? ours(told) : asked
    return { _tag: "Tokens", access, refresh, scopes, expiresAt }
  }

  /** Who judges the verifier itself has no handler to judge when a thing has ended. */
  const remarkOnLateness = (method: string, end: number | undefined, remark: Remark): void => {
    if (end === undefined || clock.now() < end || duties.verifier) return
    const late = (clock.now() - end) / SECOND_MILLIS
    const when = late === 0 ? "at" : `${late} s after`
    remark("ExpiryIsExact", `${method} gives tokens ${when} the end that its provider's record tells`)
  }

  /** What is shown for a code; where it is wrong, in the manner that was asked for. */
  const shownFor = (operation: OperationOf<"Redeem">, manner: Manner | undefined) => {
    const right = holder.textOf("verifier", operation.code)
    const { code, verifier, redirectUri, scopes } = holder.redemptionOf(operation, FOREIGN_URI)
    const another = [...issued].findLast(([text]) => text !== code)?.[1].verifier
    const proving = { verifier: right, challenge: challengeOf(right), another }
    const wrongVerifier = operation.verifier === "wrong" ? verifierMissOf(manner, proving) : undefined
    const isElsewhere = operation.redirectUri === "wrong"
    const wrongUri = isElsewhere ? redirectMissOf(manner, holder.textOf("redirectUri", operation.code)) : undefined
    return { code, wanted: scopes, codeVerifier: wrongVerifier ?? verifier, redirectUri: wrongUri ?? redirectUri }
  }

  const redeem = async (
    operation: OperationOf<"Redeem">,
    manner: Manner | undefined,
    remark: Remark,
  ): Promise<Reply> => {
    const { by, resources, key } = operation
    const { code, wanted, ...proof } = shownFor(operation, manner)
    const handedIn = await records.take("code", clientAt(by), code, recordMannerOf(manner), remark)
    if (handedIn === undefined) return refuse("load")
    const { record, end } = handedIn
    const shown = { ...proof, ...resourceMember(theirs(resources), hasOneResource), key }
    if (refusesCode(duties, members(record), shown, clock.now())) return refuse("handler")
    const given = await exchange("exchangeAuthorizationCode", () =>
      provider.exchangeAuthorizationCode(clientAt(by), record, proofOf(shown)),
    )
    const { scopes } = members(record)
    // RFC 6749 5.1: what is not said is what was asked for.
    const asked = scopes === undefined ? (wanted ?? policy.defaultScopes) : ours(scopes)
    const reply = await tokens(given, code, asked, remark)
    if (reply._tag !== "Tokens") return reply
    granted.set(code, reply.scopes)
    remarkOnLateness("exchangeAuthorizationCode", end, remark)
    if (clock.now() - (issued.get(code)?.at ?? Infinity) > LONGEST_CODE_MILLIS) {
      remark("ExpiryIsExact", "a code still gives tokens more than a day after it was issued")
    }
    return reply
  }

  const refresh = async (
    { by, token, scopes, resources, key }: OperationOf<"Refresh">,
    manner: Manner | undefined,
    remark: Remark,
  ): Promise<Reply> => {
    const text = holder.textOf("refresh", token)
    const handedIn = await records.take("refresh", clientAt(by), text, recordMannerOf(manner), remark)
    if (handedIn === undefined) return refuse("load")
    const { record, end } = handedIn
    if (refusesRefresh(duties, members(record), clock.now())) return refuse("handler")
    const grant = origins.get(text)?.grant ?? ""
    const known = members(record)["scopes"]
    const asked = scopes?.length ? theirs(scopes)! : textsIn(known)
    const proof = proofOf({ ...resourceMember(theirs(resources), hasOneResource), key })
    const given = await exchange("exchangeRefreshToken", () =>
      provider.exchangeRefreshToken(clientAt(by), record, asked, proof),
    )
    const meant = asked.length === 0 && known === undefined ? (granted.get(grant) ?? []) : ours(asked)
    const reply = await tokens(given, grant, meant, remark)
    if (reply._tag !== "Tokens") return reply
    remarkOnLateness("exchangeRefreshToken", end, remark)
    // One that is not rotated may live longer by being used.
    if (reply.refresh === token) records.forget(text)
    return reply
  }

  /** A provider may say "no" by throwing, as an SDK's verifier does. */
  const verify = async (
    { token }: OperationOf<"Verify">,
    manner: Manner | undefined,
    remark: Remark,
  ): Promise<Reply> => {
    const text = holder.textOf("access", token)
    const method = manner === "through loadAccessToken" ? "loadAccessToken" : "verifyToken"
    const record = await ask(method, () => provider[method](text))
    if (!record) return { _tag: "Inactive" }
    remarkOnEnd(method, record, remark)
    const { clientId, scopes, resource, subject } = members(record)
    // By another clock it speaks of another time.
    const end = clock.isTurned ? endIn(record).end : undefined
    // Whoever loads a record reads in it when it ended.
    if (method === "loadAccessToken" && end !== undefined && end <= clock.now()) return { _tag: "Inactive" }
    const client = [...clients].find(([, { client_id }]) => client_id === clientId)?.[0]
    if (client === undefined) throw new Nonsense(`${method} gave the record of an unknown client`)
    const { grant = "", expiresAt: told = Infinity } = origins.get(text) ?? {}
    if (end !== undefined && Math.abs(end - told) > ROUNDING_MILLIS && Number.isFinite(told)) {
      const apart = `${Math.abs(end - told) / SECOND_MILLIS} s ${end > told ? "later" : "earlier"}`
      remark("ExpiryIsExact", `an access token ends ${apart} by the record that ${method} gives than by \`expires_in\``)
    }
    return {
      _tag: "Active",
      client,
      subject: typeof subject === "string" ? subjectOf(grant, subject) : null,
      scopes: ours(scopes),
      resources: ours(resource),
      expiresAt: end ?? told,
    }
  }

  /** Who signs in is the provider's affair; that it is another one later is not. */
  const subjectOf = (grant: string, subject: string): Ref => {
    if (!subjects.has(grant)) subjects.set(grant, subject)
    return subjects.get(grant) === subject ? 0 : 1
  }

  const loadForRevocation = (kind: "access" | "refresh", caller: Client, text: string, remark: Remark) =>
    kind === "refresh"
      ? records.load("refresh", caller, text, remark)
      : ask("loadAccessToken", () => provider.loadAccessToken(text))

  /** RFC 7009 2.2: what is not known is revoked; what is another client's, handlers leave alone. */
  const revoke = async ({ by, kind, token }: OperationOf<"Revoke">, remark: Remark): Promise<Reply> => {
    const caller = clientAt(by)
    const { handled } = provider
    if (handled !== undefined) {
      if (handled.revoke === undefined) return { _tag: "Refused", error: "invalid_request" }
      await ask("revokeToken", () => handled.revoke!(caller, holder.textOf(kind, token)))
      return { _tag: "Done" }
    }
    const record = await loadForRevocation(kind, caller, holder.textOf(kind, token), remark)
    if (!record || members(record)["clientId"] !== caller.client_id) return { _tag: "Done" }
    await ask("revokeToken", () => provider.revokeToken(record))
    return { _tag: "Done" }
  }

  const letOthersBy = async (operation: OperationOf<"Approve">, remark: Remark): Promise<void> => {
    const page = { words, hasOneResource, approve: followLogin, ask, now: clock.now }
    const way = { ...page, redirectUri: uris[operation.redirectUri], registered, manner: undefined, remark: () => {} }
    const other = otherOn(provider, ask, {
      information: (number) => ({ ...clientAt(operation.client), client_id: `kit-${suffix}-other-${number}` }),
      logIn: (client) => logIn(provider, client, operation, way),
    })
    const at = clock.isTurned ? clock.now() : undefined
    const faults = await othersComeAndGo(other, clientAt(operation.client), at)
    for (const fault of faults) remark(NothingCanBeGuessed.name, fault)
    const users = new Set([...issued.values()].map(({ owner }) => owner.client_id))
    for (const [ref, { client_id }] of clients) {
      if (!users.has(client_id) || (await ask("getClient", () => provider.getClient(client_id)))) continue
      remark("OnlyTheOwnerCanHarm", `client ${ref} is not known any more, and others only registered and logged in`)
    }
  }

  const forge = forgerOn({
    provider: () => provider,
    clientAt,
    textsOf: (kind) => Array.from({ length: holder.countOf(kind) }, (_, ref) => holder.textOf(kind, ref)),
    idToken: () => idToken,
    tokens: (given, record) => tokens(given, "", ours(members(record)["scopes"]), () => {}),
  })

  const performed = async (operation: Operation, manner: Manner | undefined, remark: Remark): Promise<Reply> => {
    if (isForgery(manner)) return forge(operation, manner)
    if (operation._tag === "Approve" && manner === "while hundreds of others come and go") {
      await letOthersBy(operation, remark)
    }
    switch (operation._tag) {
      case "Register":
        return register(operation)
      case "Approve":
        return approve(operation, manner, remark)
      case "Redeem":
        return redeem(operation, manner, remark)
      case "Refresh":
        return refresh(operation, manner, remark)
      case "Verify":
        return verify(operation, manner, remark)
      case "Revoke":
        return revoke(operation, remark)
      case "Pass":
        clock.pass(operation.millis)
        return { _tag: "Done" }
      default:
        throw new CannotCheck(`\`${operation._tag}\` is nothing that ten methods can do`)
    }
  }

  const rejected = (operation: Operation, thrown: unknown): Reply => {
    if (thrown instanceof CannotCheck) throw thrown
    const reply = replyTo(thrown, operation._tag === "Register" ? "invalid_client_metadata" : "invalid_grant")
    if (isSilence(reply)) patience.millis = Math.min(patience.millis, LITTLE_PATIENCE_MILLIS)
    if (isOfLoading(thrown) && reply._tag === "Refused") return { ...reply, by: "load" }
    return operation._tag === "Verify" && reply._tag === "Refused" ? { _tag: "Inactive" } : reply
  }

  const perform: ProviderSystem["perform"] = async (operation, manner) => {
    const remarks: Array<Objected> = []
    const remark: Remark = (promise, objection) => void remarks.push({ promise, objection })
    latest = Math.max(latest, clock.now())
    const reply = await performed(operation, manner, remark).catch((thrown: unknown) => rejected(operation, thrown))
    return { reply, remarks }
  }

  return {
    name: "the provider",
    possible: (tag) => possibleTags.has(tag) && (tag !== "Pass" || clock.isTurned),
    accepts: (operation) => possibleTags.has(operation._tag),
    sees: seenInFull,
    now: clock.now,
    perform,
    run: async (operation) => (await perform(operation)).reply,
    close: async () => {
      const disposable = made as Partial<AsyncDisposable>
      await ask("the disposal", async () => disposable[Symbol.asyncDispose]?.())
    },
    restart: async () => {
      if (restart === undefined) return
      made = await companion("restart", () => restart(made as never))
      provider = tenMethodsOf(made)
    },
    stored: async () =>
      store === undefined ? undefined : storedTexts(await companion("store", () => store(made as never))),
    secrets: holder.secrets,
    waitFor: (start) => ((provider as Partial<Turning>)[TURNS] ?? waitFor)(start),
    codeRecord: (code) =>
      ask("loadAuthorizationCode", () =>
        provider.loadAuthorizationCode(clientAt(0), holder.textOf("code", code)),
      ).catch(() => undefined),
    refreshRecord: (token) =>
      ask("loadRefreshToken", () => provider.loadRefreshToken(clientAt(0), holder.textOf("refresh", token))).catch(
        () => undefined,
      ),
    accessRecord: (token) =>
      ask("verifyToken", () => provider.verifyToken(holder.textOf("access", token))).catch(() => undefined),
    loadsAccess: (token) =>
      ask("loadAccessToken", () => provider.loadAccessToken(holder.textOf("access", token))).then(Boolean, () => false),
    request: (code) => ({
      codeChallenge: challengeOf(holder.textOf("verifier", code)),
      redirectUri: holder.textOf("redirectUri", code),
    }),
    made: () => made,
    isJudge: provider.capabilities?.isJudge === true,
    handled: provider.handled,
    limits: limitsIn((made as { readonly limits?: unknown }).limits),
  }
}
