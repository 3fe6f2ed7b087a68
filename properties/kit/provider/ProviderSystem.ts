/**
 * A ten-method provider, tried with operations: each becomes the calls that a protocol handler makes for it.
 *
 * Nothing is judged on the provider's behalf: what a handler could find out before it calls is left to the provider.
 * What the ten methods cannot express is not accepted (`Abilities.ts`).
 */
import { createHash, randomBytes } from "node:crypto"
import type { OAuthClientInformationFull, OAuthProvider } from "../../../src/provider/index.ts"
import type { Operation, OperationOf, OperationTag, Presented, Ref, Reply } from "../../Operation.ts"
import { newNumbering, type Numbering } from "../../Numbering.ts"
import { seenInFull, type System } from "../../System.ts"
import { CannotCheck } from "../issuer/Wire.ts"
import { call, Nonsense, refusalIn, replyTo } from "./Calls.ts"
import type { KitClock } from "./Clock.ts"
import type { Words } from "./Words.ts"

/** What a provider is made with. */
export interface World {
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

export type ProviderFactory = (world: World) => OAuthProvider | Promise<OAuthProvider>

/** Follows a login page to where it sends the browser in the end. */
export type Approve = (url: string) => Promise<string>

export type Restart = (provider: OAuthProvider) => OAuthProvider | Promise<OAuthProvider>

export interface Connection {
  readonly clock: KitClock
  readonly words: Words
  readonly approve?: Approve | undefined
  readonly restart?: Restart | undefined
}

export interface ProviderSystem extends System {
  readonly restart: () => Promise<void>
  /** What the provider itself has on record. */
  readonly codeRecord: (code: Ref, by: Ref) => Promise<unknown>
  readonly refreshRecord: (token: Ref, by: Ref) => Promise<unknown>
  /** The members of the proof that were looked at so far. */
  readonly proofReads: ReadonlySet<string>
}

type Proof = NonNullable<Parameters<OAuthProvider["exchangeAuthorizationCode"]>[2]>
type Client = OAuthClientInformationFull

const LOOPBACK_URI = "http://127.0.0.1:7653/callback"
const APP_URI = "https://app.example/callback"
const OTHER_URI = "http://127.0.0.1:7653/other"
const LOGIN_PATIENCE_MILLIS = 30_000

const possibleTags: ReadonlySet<OperationTag> = new Set<OperationTag>([
  "Register",
  "Approve",
  "Redeem",
  "Refresh",
  "Revoke",
  "Verify",
  "Pass",
])

const mint = (): string => randomBytes(32).toString("base64url")
const challengeOf = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url")
const textsIn = (value: unknown): ReadonlyArray<string> =>
  [value ?? []].flat().filter((one): one is string => typeof one === "string")
const members = (value: unknown): Readonly<Record<string, unknown>> => {
  if (typeof value !== "object" || value === null) throw new Nonsense(`${String(value)} is no record`)
  return value as Readonly<Record<string, unknown>>
}

/** `proof`, with a note of what of it was looked at. */
const watched = (proof: Proof, reads: Set<string>): Proof =>
  Object.defineProperties(
    {},
    Object.fromEntries(
      Object.entries(proof).map(([name, value]) => [
        name,
        {
          enumerable: true,
          get: () => {
            reads.add(name)
            return value
          },
        },
      ]),
    ),
  )

interface Login {
  readonly verifier: string
  readonly redirectUri: string
}

/** How a token came to be: what its grant is, and until when it was said to live. */
interface Origin {
  readonly grant: string
  readonly expiresAt: number
}

export const makeProviderSystem = async (
  factory: ProviderFactory,
  { clock, words, approve: followLogin, restart }: Connection,
): Promise<ProviderSystem> => {
  let provider = await call("the factory", () => factory({ now: clock.now }))
  const numbering: Numbering = newNumbering()
  const clients = new Map<Ref, Client>()
  const logins = new Map<Ref, Login>()
  const origins = new Map<string, Origin>()
  const subjects = new Map<string, string>()
  const proofReads = new Set<string>()
  const suffix = randomBytes(6).toString("hex")

  const clientAt = (ref: Ref): Client => clients.get(ref)!
  const textOf = (kind: "code" | "access" | "refresh", ref: Presented): string => numbering.textOf(kind, ref) ?? mint()
  const theirs = (list: ReadonlyArray<string> | null | undefined) => list?.map(words.theirs)
  const ours = (value: unknown) => textsIn(value).map(words.ours)
  const refuse = (error: "invalid_grant" | "invalid_client_metadata"): Reply => ({ _tag: "Refused", error })

  const informationOf = ({ client, profile }: OperationOf<"Register">, isOther: boolean): Client => ({
    client_id: `kit-${suffix}-${client}`,
    client_id_issued_at: Math.floor(clock.now() / 1000),
    client_name: isOther ? "somebody else" : `client ${client} of the kit`,
    redirect_uris: isOther ? [OTHER_URI] : [LOOPBACK_URI, APP_URI],
    token_endpoint_auth_method: profile.isPublic ? "none" : "client_secret_basic",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    ...(profile.scopes === null ? {} : { scope: theirs(profile.scopes)!.join(" ") }),
    ...(profile.isPublic ? {} : { client_secret: mint(), client_secret_expires_at: 0 }),
  })

  /** A taken id counts as registered again only where what is kept has changed, whatever was said. */
  const register = async (operation: OperationOf<"Register">): Promise<Reply> => {
    const { client } = operation
    const isTaken = clients.has(client)
    const information = informationOf(operation, isTaken)
    await call("registerClient", () => provider.registerClient(information))
    const kept = await call("getClient", () => provider.getClient(information.client_id))
    if (!kept) return { _tag: "Fault", message: "getClient does not know a client that registerClient accepted" }
    if (isTaken && members(kept)["client_name"] !== information.client_name) return refuse("invalid_client_metadata")
    clients.set(client, kept)
    return { _tag: "Stored", client }
  }

  const approve = async ({ grant, client, scopes, resources, ...operation }: OperationOf<"Approve">) => {
    const [verifier, state] = [mint(), mint()]
    const redirectUri = operation.redirectUri === "app" ? APP_URI : LOOPBACK_URI
    const params = {
      state,
      codeChallenge: challengeOf(verifier),
      redirectUri,
      redirectUriProvidedExplicitly: true,
      ...(scopes === null ? {} : { scopes: theirs(scopes)! }),
      ...(resources === null ? {} : { resource: theirs(resources)! }),
    }
    const first = await call("authorize", () => provider.authorize(clientAt(client), params))
    const isArrival = (location: string) => location.split("?")[0] === redirectUri
    const location = isArrival(String(first)) ? first : await signIn(String(first))
    if (!isArrival(location)) throw new Nonsense(`authorize leads to \`${location.split("?")[0]}\`, not to the client`)
    const { searchParams } = new URL(location)
    const code = searchParams.get("code")
    if (code === null) return refusalIn({ error: searchParams.get("error") }, "access_denied")
    numbering.put("code", grant, code)
    logins.set(grant, { verifier, redirectUri })
    return { _tag: "Code", grant } as const
  }

  const signIn = async (url: string): Promise<string> => {
    if (!URL.canParse(url)) throw new Nonsense(`authorize gave \`${url}\`, which is no URL`)
    if (followLogin !== undefined) return call("approve", () => followLogin(url), LOGIN_PATIENCE_MILLIS)
    const { origin, pathname } = new URL(url)
    throw new CannotCheck(
      `authorize leads to a page at \`${origin}${pathname}\`: give \`approve\`, a function that takes its URL through the login to the redirect`,
    )
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

  const redeem = async ({ by, code, verifier, redirectUri, resources, key }: OperationOf<"Redeem">): Promise<Reply> => {
    const login = (code === "made up" ? undefined : logins.get(code)) ?? {
      verifier: mint(),
      redirectUri: LOOPBACK_URI,
    }
    const text = textOf("code", code)
    const record = await call("loadAuthorizationCode", () => provider.loadAuthorizationCode(clientAt(by), text))
    if (!record) return refuse("invalid_grant")
    const verifiers = { right: login.verifier, wrong: mint(), malformed: "short", absent: undefined }
    const uris = { right: login.redirectUri, wrong: OTHER_URI, absent: undefined }
    const proof = proofOf(resources, key, { codeVerifier: verifiers[verifier], redirectUri: uris[redirectUri] })
    const client = clientAt(by)
    const given = await call("exchangeAuthorizationCode", () =>
      provider.exchangeAuthorizationCode(client, record, proof),
    )
    return tokens(given, text, ours(members(record)["scopes"]))
  }

  const proofOf = (
    resources: ReadonlyArray<string> | null,
    jkt: string | null,
    rest: { readonly [Name in keyof Proof]: Proof[Name] | undefined },
  ): Proof => {
    const all = { ...rest, resource: theirs(resources), jkt: jkt ?? undefined }
    return watched(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)), proofReads)
  }

  const refresh = async ({ by, token, scopes, resources, key }: OperationOf<"Refresh">): Promise<Reply> => {
    const text = textOf("refresh", token)
    const record = await call("loadRefreshToken", () => provider.loadRefreshToken(clientAt(by), text))
    if (!record) return refuse("invalid_grant")
    const asked = scopes?.length ? theirs(scopes)! : textsIn(members(record)["scopes"])
    const proof = proofOf(resources, key, {})
    const given = await call("exchangeRefreshToken", () =>
      provider.exchangeRefreshToken(clientAt(by), record, asked, proof),
    )
    return tokens(given, origins.get(text)?.grant ?? "", ours(asked))
  }

  /** A provider may say "no" by throwing, as an SDK's verifier does. */
  const verify = async ({ token }: OperationOf<"Verify">): Promise<Reply> => {
    const text = textOf("access", token)
    const record = await call("verifyToken", () => provider.verifyToken(text))
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
      // Some providers write 0 for never.
      expiresAt: typeof expiresAt === "number" && expiresAt > 0 ? expiresAt * 1000 : told,
    }
  }

  /** Who signs in is the provider's affair; that it is another one later is not. */
  const subjectOf = (grant: string, subject: string): Ref => {
    if (!subjects.has(grant)) subjects.set(grant, subject)
    return subjects.get(grant) === subject ? 0 : 1
  }

  const loadForRevocation = (kind: "access" | "refresh", caller: Client, text: string) =>
    kind === "refresh"
      ? call("loadRefreshToken", () => provider.loadRefreshToken(caller, text))
      : call("loadAccessToken", () => provider.loadAccessToken(text))

  /** RFC 7009 2.2: what is not known is revoked; what is another client's, handlers leave alone. */
  const revoke = async ({ by, kind, token }: OperationOf<"Revoke">): Promise<Reply> => {
    const caller = clientAt(by)
    const record = await loadForRevocation(kind, caller, textOf(kind, token))
    if (!record || members(record)["clientId"] !== caller.client_id) return { _tag: "Done" }
    await call("revokeToken", () => provider.revokeToken(record))
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
    const isNo = reply._tag === "Refused"
    if (operation._tag === "Verify" && isNo) return { _tag: "Inactive" }
    return reply
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
      await call("its disposal", async () => disposable[Symbol.asyncDispose]?.())
    },
    restart: async () => {
      if (restart !== undefined) provider = await call("restart", () => restart(provider))
    },
    codeRecord: (code, by) =>
      call("loadAuthorizationCode", () => provider.loadAuthorizationCode(clientAt(by), textOf("code", code))),
    refreshRecord: (token, by) =>
      call("loadRefreshToken", () => provider.loadRefreshToken(clientAt(by), textOf("refresh", token))),
    proofReads,
  }
}
