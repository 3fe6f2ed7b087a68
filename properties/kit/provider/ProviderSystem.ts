/**
 * A ten-method provider, tried with operations: each becomes the calls that a protocol handler makes for it.
 *
 * Nothing is judged on the provider's behalf: what a handler could find out before it calls is left to the provider.
 * What the ten methods cannot express is not accepted (`Abilities.ts`).
 */
import { randomBytes } from "node:crypto"
import type { OAuthClientInformationFull, OAuthProvider } from "../../../src/provider/index.ts"
import type { Operation, OperationOf, OperationTag, Presented, Ref, Reply } from "../../Operation.ts"
import { newNumbering, type Numbering } from "../../Numbering.ts"
import { madeUp, mintVerifier } from "../../Secrets.ts"
import { seenInFull, type System } from "../../System.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import { call, isSilence, LITTLE_PATIENCE_MILLIS, messageOf, Nonsense, replyTo, type Patience } from "./Calls.ts"
import type { KitClock } from "./Clock.ts"
import { APP_URI, logIn, LOOPBACK_URI, OTHER_URI, type Approve, type GivenCode } from "./Login.ts"
import { proofOf } from "./Proof.ts"
import type { Words } from "./Words.ts"

/** What a provider is made with. */
export interface World {
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** What a provider takes `now` for. */
export type Unit = "milliseconds" | "seconds"

export type ProviderFactory = (world: World) => OAuthProvider | Promise<OAuthProvider>

export type Restart = (provider: OAuthProvider) => OAuthProvider | Promise<OAuthProvider>

export interface Connection {
  readonly clock: KitClock
  /** What the provider takes `now` for, and is given it in. */
  readonly unit: Unit
  readonly patience: Patience
  readonly words: Words
  readonly approve?: Approve | undefined
  readonly restart?: Restart | undefined
}

export interface ProviderSystem extends System {
  readonly restart: () => Promise<void>
  /** What the provider has on record for client 0, if it says so. */
  readonly codeRecord: (code: Ref) => Promise<unknown>
  readonly refreshRecord: (token: Ref) => Promise<unknown>
  /** The members of the proof that were looked at so far. */
  readonly proofReads: ReadonlySet<string>
}

type Client = OAuthClientInformationFull

const SECOND_MILLIS = 1000

const possibleTags: ReadonlySet<OperationTag> = new Set<OperationTag>([
  "Register",
  "Approve",
  "Redeem",
  "Refresh",
  "Revoke",
  "Verify",
  "Pass",
])

const textsIn = (value: unknown): ReadonlyArray<string> =>
  [value ?? []].flat().filter((one): one is string => typeof one === "string")
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
  factory: ProviderFactory,
  { clock, unit, words, approve: followLogin, restart, patience }: Connection,
): Promise<ProviderSystem> => {
  const ask = <A>(method: string, body: () => A | Promise<A>): Promise<A> => call(method, body, patience.millis)
  const given = unit === "seconds" ? () => Math.floor(clock.now() / SECOND_MILLIS) : clock.now
  let provider = await ask("the factory", () => factory({ now: given })).catch((thrown: unknown) => {
    throw new CannotCheck(`no provider can be made: ${messageOf(thrown)}`)
  })
  const numbering: Numbering = newNumbering()
  const clients = new Map<Ref, Client>()
  const codes = new Map<Ref, GivenCode>()
  const origins = new Map<string, Origin>()
  const subjects = new Map<string, string>()
  const proofReads = new Set<string>()
  const suffix = randomBytes(6).toString("hex")

  const clientAt = (ref: Ref): Client => clients.get(ref)!
  const textOf = (kind: "code" | "access" | "refresh", ref: Presented): string =>
    numbering.textOf(kind, ref) ?? madeUp()
  const theirs = (list: ReadonlyArray<string> | null) => list?.map(words.theirs)
  const ours = (value: unknown) => textsIn(value).map(words.ours)
  const refuse = (error: "invalid_grant" | "invalid_client_metadata"): Reply => ({ _tag: "Refused", error })

  const informationOf = ({ client, profile }: OperationOf<"Register">, isOther: boolean): Client => ({
    client_id: `kit-${suffix}-${client}`,
    client_id_issued_at: Math.floor(clock.now() / SECOND_MILLIS),
    client_name: isOther ? "somebody else" : `client ${client} of the kit`,
    redirect_uris: isOther ? [OTHER_URI] : [LOOPBACK_URI, APP_URI],
    token_endpoint_auth_method: profile.isPublic ? "none" : "client_secret_basic",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    ...(profile.scopes === null ? {} : { scope: theirs(profile.scopes)!.join(" ") }),
    ...(profile.isPublic ? {} : { client_secret: mintVerifier(), client_secret_expires_at: 0 }),
  })

  /** A taken id counts as registered again only where what is kept has changed, whatever was said. */
  const register = async (operation: OperationOf<"Register">): Promise<Reply> => {
    const { client } = operation
    const isTaken = clients.has(client)
    const information = informationOf(operation, isTaken)
    await ask("registerClient", () => provider.registerClient(information))
    const kept = await ask("getClient", () => provider.getClient(information.client_id))
    if (!kept) return { _tag: "Fault", message: "getClient does not know a client that registerClient accepted" }
    const { client_name, redirect_uris } = members(kept)
    const isReplaced = client_name === information.client_name || textsIn(redirect_uris).includes(OTHER_URI)
    if (isTaken && !isReplaced) return refuse("invalid_client_metadata")
    clients.set(client, kept)
    return { _tag: "Stored", client }
  }

  const approve = async (operation: OperationOf<"Approve">): Promise<Reply> => {
    const { grant, client } = operation
    const given = await logIn(provider, clientAt(client), operation, { words, approve: followLogin, ask })
    if ("_tag" in given) return given
    numbering.put("code", grant, given.code)
    codes.set(grant, given)
    return { _tag: "Code", grant }
  }

  const tokens = (
    given: unknown,
    grant: string,
    asked: ReadonlyArray<string>,
  ): Extract<Reply, { readonly _tag: "Tokens" | "Fault" }> => {
    const { access_token, refresh_token, expires_in, scope } = members(given)
    if (typeof access_token !== "string" || access_token === "") {
      return { _tag: "Fault", message: "an exchange gave no access_token" }
    }
    const expiresAt = typeof expires_in === "number" ? clock.now() + expires_in * 1000 : Infinity
    const refresh = typeof refresh_token === "string" ? numbering.numberOf("refresh", refresh_token) : null
    if (!origins.has(access_token)) origins.set(access_token, { grant, expiresAt })
    if (typeof refresh_token === "string") origins.set(refresh_token, { grant, expiresAt: Infinity })
    const access = numbering.numberOf("access", access_token)
    const scopes = typeof scope === "string" ? ours(scope.split(" ").filter(Boolean)) : asked
    return { _tag: "Tokens", access, refresh, scopes, expiresAt }
  }

  const redeem = async ({ by, code, resources, key, ...operation }: OperationOf<"Redeem">): Promise<Reply> => {
    const right = (code === "made up" ? undefined : codes.get(code)) ?? {
      code: madeUp(),
      verifier: mintVerifier(),
      redirectUri: LOOPBACK_URI,
    }
    const record = await ask("loadAuthorizationCode", () => provider.loadAuthorizationCode(clientAt(by), right.code))
    if (!record) return refuse("invalid_grant")
    const verifiers = { right: right.verifier, wrong: mintVerifier(), malformed: "short", absent: undefined }
    const uris = { right: right.redirectUri, wrong: OTHER_URI, absent: undefined }
    const shown = {
      codeVerifier: verifiers[operation.verifier],
      redirectUri: uris[operation.redirectUri],
      resource: theirs(resources),
      key,
    }
    const given = await ask("exchangeAuthorizationCode", () =>
      provider.exchangeAuthorizationCode(clientAt(by), record, proofOf(shown, proofReads)),
    )
    return tokens(given, right.code, ours(members(record)["scopes"]))
  }

  const refresh = async ({ by, token, scopes, resources, key }: OperationOf<"Refresh">): Promise<Reply> => {
    const text = textOf("refresh", token)
    const record = await ask("loadRefreshToken", () => provider.loadRefreshToken(clientAt(by), text))
    if (!record) return refuse("invalid_grant")
    const asked = scopes?.length ? theirs(scopes)! : textsIn(members(record)["scopes"])
    const proof = proofOf({ resource: theirs(resources), key }, proofReads)
    const given = await ask("exchangeRefreshToken", () =>
      provider.exchangeRefreshToken(clientAt(by), record, asked, proof),
    )
    return tokens(given, origins.get(text)?.grant ?? "", ours(asked))
  }

  /** A provider may say "no" by throwing, as an SDK's verifier does. */
  const verify = async ({ token }: OperationOf<"Verify">): Promise<Reply> => {
    const text = textOf("access", token)
    const record = await ask("verifyToken", () => provider.verifyToken(text))
    if (!record) return { _tag: "Inactive" }
    const { clientId, scopes, resource, expiresAt, subject } = members(record)
    const client = [...clients].find(([, { client_id }]) => client_id === clientId)?.[0]
    if (client === undefined) throw new Nonsense(`verifyToken gave the record of an unknown client`)
    const { grant = "", expiresAt: told = Infinity } = origins.get(text) ?? {}
    return {
      _tag: "Active",
      client,
      subject: typeof subject === "string" ? subjectOf(grant, subject) : null,
      scopes: ours(scopes),
      resources: ours(resource),
      // Some providers write 0 for never; and who goes by another clock speaks of another time.
      expiresAt: clock.isTurned && typeof expiresAt === "number" && expiresAt > 0 ? expiresAt * 1000 : told,
    }
  }

  /** Who signs in is the provider's affair; that it is another one later is not. */
  const subjectOf = (grant: string, subject: string): Ref => {
    if (!subjects.has(grant)) subjects.set(grant, subject)
    return subjects.get(grant) === subject ? 0 : 1
  }

  const loadForRevocation = (kind: "access" | "refresh", caller: Client, text: string) =>
    kind === "refresh"
      ? ask("loadRefreshToken", () => provider.loadRefreshToken(caller, text))
      : ask("loadAccessToken", () => provider.loadAccessToken(text))

  /** RFC 7009 2.2: what is not known is revoked; what is another client's, handlers leave alone. */
  const revoke = async ({ by, kind, token }: OperationOf<"Revoke">): Promise<Reply> => {
    const caller = clientAt(by)
    const record = await loadForRevocation(kind, caller, textOf(kind, token))
    if (!record || members(record)["clientId"] !== caller.client_id) return { _tag: "Done" }
    await ask("revokeToken", () => provider.revokeToken(record))
    return { _tag: "Done" }
  }

  const performed = async (operation: Operation): Promise<Reply> => {
    switch (operation._tag) {
      case "Register":
        return register(operation)
      case "Approve":
        return approve(operation)
      case "Redeem":
        return redeem(operation)
      case "Refresh":
        return refresh(operation)
      case "Verify":
        return verify(operation)
      case "Revoke":
        return revoke(operation)
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
    return operation._tag === "Verify" && reply._tag === "Refused" ? { _tag: "Inactive" } : reply
  }

  return {
    name: "the provider",
    possible: (tag) => possibleTags.has(tag) && (tag !== "Pass" || clock.isTurned),
    accepts: (operation) => possibleTags.has(operation._tag),
    sees: seenInFull,
    now: clock.now,
    run: (operation) => performed(operation).catch((thrown: unknown) => rejected(operation, thrown)),
    close: async () => {
      const disposable = provider as Partial<AsyncDisposable>
      await ask("its disposal", async () => disposable[Symbol.asyncDispose]?.())
    },
    restart: async () => {
      if (restart !== undefined) provider = await ask("restart", () => restart(provider))
    },
    codeRecord: (code) =>
      ask("load", () => provider.loadAuthorizationCode(clientAt(0), textOf("code", code))).catch(() => undefined),
    refreshRecord: (token) =>
      ask("load", () => provider.loadRefreshToken(clientAt(0), textOf("refresh", token))).catch(() => undefined),
    proofReads,
  }
}
