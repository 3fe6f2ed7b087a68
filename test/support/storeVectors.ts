/**
 * Makes the vector of the present schema if there is none: `node test/support/storeVectors.ts`.
 *
 * One file in `spec/vectors/stores/` for each schema that was ever served, `schema-N.json`. One that is there is never
 * written again: what was stored once is opened and served for ever. `test/provider/EarlierStores.test.ts` does so.
 */
import { hash } from "node:crypto"
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { Clock, Effect } from "effect"
import { checkpointNow } from "../../src/audit/proof/Checkpoints.ts"
import { checkpointFiles } from "../../src/audit/proof/CheckpointFiles.ts"
import { checkpointFileOf, checkpointKeyFileOf, subjectKeyFileOf } from "../../src/embedded/BesideFile.ts"
import { NoStream } from "../../src/log/index.ts"
import {
  RequestOrigin,
  ephemeralKeys,
  forgetLedger,
  makeServer,
  openSubjectKeys,
  sqliteStore,
  type AuthorizationServer,
  type Credentials,
  type OAuthToken,
  type Proof,
} from "../../src/provider/index.ts"
import { manualClock } from "./ManualClock.ts"
import { statementsOf, storeFolder, type StoreVector } from "./StoreVector.ts"
import { REDIRECT_URI, RESOURCE } from "./WireClient.ts"
import { inlineProjection } from "../../src/projection/index.ts"

const ISSUER = "http://localhost:4000"
const CODE_VERIFIER = "v".repeat(43)
/** Longer than the retry window, and shorter than a code lives. */
const A_WHILE_SECONDS = 40
/** Longer than rows of what is dead are kept. */
const LONG_SECONDS = 1200

const run = <A, E>(effect: Effect.Effect<A, E>): Promise<A> =>
  Effect.runPromise(Effect.provideService(effect, RequestOrigin, { address: "192.0.2.7", userAgent: "storeVectors/1" }))

/** What clients and people do at a server. */
const partiesOf = (native: AuthorizationServer) => {
  const metadata = (method: string, more: object = {}) => ({
    client_name: method,
    redirect_uris: [REDIRECT_URI],
    token_endpoint_auth_method: method,
    grant_types: ["authorization_code", "refresh_token"],
    ...more,
  })
  const of = (clientId: string): Credentials => ({ clientId, isAuthenticated: true })
  const register = async (method = "none") => (await run(native.registerClient(metadata(method)))).client_id
  const add = async (method: string, more: object = {}) =>
    (await run(native.addClient({ metadata: metadata(method, more) }))).client_id
  const account = async (name: string) =>
    (await run(native.accounts.ensure(name, native.now(), `${name} B.`))).subjectId
  const approve = async (clientId: string, subjectId: string) => {
    const codeChallenge = hash("sha256", CODE_VERIFIER, "base64url")
    const approval = { _tag: "User", subjectId, approvedAt: native.now() } as const
    const request = { redirectUri: REDIRECT_URI, redirectUriProvidedExplicitly: true, codeChallenge, jkt: null }
    const asked = { clientId, approval, request, scopes: ["read", "write"], resources: [RESOURCE] }
    return (await run(native.openGrant(asked))).code
  }
  const redeem = (clientId: string, code: string, proof: Proof = { codeVerifier: CODE_VERIFIER }) =>
    run(native.redeemCode({ credentials: of(clientId), code, ...proof }))
  const logIn = async (clientId: string, subjectId: string) => redeem(clientId, await approve(clientId, subjectId))
  const refresh = (clientId: string, { refresh_token }: OAuthToken, scopes?: ReadonlyArray<string>) =>
    run(native.refresh({ credentials: of(clientId), refreshToken: refresh_token!, ...(scopes && { scopes }) }))
  const revoke = (clientId: string, token: string) => run(native.revokeToken({ credentials: of(clientId), token }))
  const own = (clientId: string) => run(native.issueToken({ credentials: of(clientId), resource: [RESOURCE] }))
  const rename = (clientId: string, client_name: string) =>
    run(native.updateClient(clientId, metadata("none", { client_name })))
  return { register, add, rename, account, approve, redeem, logIn, refresh, revoke, own }
}

const refused = async (request: Promise<unknown>): Promise<void> => {
  const answer = await request.then(
    () => "answered",
    (cause: { readonly error?: string }) => cause.error,
  )
  if (answer !== "invalid_grant") throw new Error(`${String(answer)} is not a refusal`)
}

/** A varied history in a file, and what became of its tokens. */
const makeHistory = async (file: string): Promise<Omit<StoreVector, "about" | "databases" | "texts">> => {
  const clock = manualClock()
  const keys = ephemeralKeys()
  const store = sqliteStore(file)
  const subjectKeys = await run(openSubjectKeys(subjectKeyFileOf(file), keys, clock.randomness))
  const native = await run(
    Effect.provideService(
      makeServer({
        store,
        keys,
        randomness: clock.randomness,
        config: { issuer: ISSUER, tokenRate: "off", registrationRate: "off" },
        subjectKeys,
        forgetLedger: forgetLedger([`${file}.forgotten`]),
      }),
      Clock.Clock,
      clock.clock,
    ),
  )
  const { register, add, rename, account, approve, redeem, logIn, refresh, revoke, own } = partiesOf(native)
  const [alice, bob, carol, dave] = [
    await account("alice"),
    await account("bob"),
    await account("carol"),
    await account("dave"),
  ]
  const { client_id: watcherId } = await run(
    native.addClient({ metadata: { redirect_uris: [], grant_types: [] }, audience: RESOURCE }),
  )

  // What is dead and gone by the end.
  const early = await register()
  await refused(refresh(early, { ...(await logIn(early, alice)), refresh_token: "glr_made-up" }))
  for (let login = 0; login < 3; login++) await revoke(early, (await logIn(early, alice)).refresh_token!)
  const restored = await logIn(early, bob)
  await run(native.raiseIssuerEpoch("restored from a backup"))
  await run(native.deleteClient(early))
  clock.pass(LONG_SECONDS)

  const app = await register()
  const web = await register("client_secret_basic")
  const paused = await add("none")
  const stopped = await add("none")
  const service = await add("client_secret_basic", { redirect_uris: [], grant_types: ["client_credentials"] })
  await register()
  await rename(app, "An app")
  await run(native.rotateClientSecret(service))
  await run(native.denyGrant({ grantId: "0".repeat(22), clientId: app, subjectId: alice, redirectUri: REDIRECT_URI }))
  await run(
    store.append({
      stream: "subject-nobody",
      expectedVersion: NoStream,
      events: [],
      checks: [],
      rows: [],
      projection: inlineProjection.description,
      claims: [{ key: "jti-1", until: clock.now() + 3_600_000 }],
      at: clock.now(),
    }),
  )

  await run(native.disableSubject(dave))
  await run(native.enableSubject(dave))

  const forgotten = await logIn(app, carol)
  const signedOut = await logIn(app, dave)
  const reused = await logIn(app, bob)
  const reusedNext = await refresh(app, reused)
  const ofPaused = await logIn(paused, bob)
  const ofStopped = await logIn(stopped, bob)
  const replayed = await approve(web, bob)
  const ofReplayed = await redeem(web, replayed)
  const [cut, ended] = [await logIn(web, alice), await logIn(web, bob)]
  const [service1, service2] = [await own(service), await own(service)]
  const inUse = [await logIn(app, alice)]
  const next = () => refresh(app, inUse.at(-1)!)
  inUse.push(await next())
  await refresh(app, inUse[0]!, ["read"])
  clock.pass(A_WHILE_SECONDS)

  const place = checkpointFiles(checkpointKeyFileOf(file), [checkpointFileOf(file)])
  await run(checkpointNow(store, await run(place.openKey(ISSUER, clock.randomness)), place))

  await run(native.forgetSubject(carol))
  await run(native.revokeSubjectSessions(dave))
  await refused(refresh(app, reused))
  await run(native.disableClient(paused))
  await run(native.disableClient(stopped))
  await refused(redeem(web, replayed))
  await revoke(web, cut.access_token)
  await revoke(web, ended.refresh_token!)
  await revoke(service, service2.access_token)
  for (let turn = 0; turn < 3; turn++) {
    inUse.push(await next())
    clock.pass(A_WHILE_SECONDS)
  }
  await run(native.enableClient(paused))
  await run(native.prune)
  const lostOne = await logIn(web, alice)
  const code = await approve(app, alice)
  await refused(redeem(app, code, { codeVerifier: "w".repeat(43) }))
  const session = await run(
    Effect.flatMap(native.accounts.standing("alice"), (one) => native.sessions.open(one!, native.now())),
  )
  const answer = await refresh(web, lostOne)
  clock.pass(1)

  await Effect.runPromise(store.close)
  await Effect.runPromise(subjectKeys.close)
  const dead = [restored, forgotten, signedOut, reused, reusedNext, ofStopped, ofReplayed, cut, ended, service2]
  return {
    endedAt: clock.now(),
    issuer: ISSUER,
    keys,
    watcherId,
    active: [...inUse, ofPaused, service1, lostOne, answer].map(({ access_token }) => access_token),
    inactive: dead.map(({ access_token }) => access_token),
    rotated: { clientId: app, tokens: inUse.map(({ refresh_token }) => refresh_token!) },
    ended: [
      [app, forgotten] as const,
      [app, signedOut] as const,
      [app, reusedNext] as const,
      [web, ofReplayed] as const,
      [web, ended] as const,
    ].map(([clientId, { refresh_token }]) => ({ clientId, token: refresh_token! })),
    lost: {
      clientId: web,
      token: lostOne.refresh_token!,
      answer: { access_token: answer.access_token, refresh_token: answer.refresh_token! },
    },
    code: { clientId: app, code, codeVerifier: CODE_VERIFIER },
    session: { id: session!.id, account: "alice" },
  }
}

const makeVector = async (): Promise<readonly [schema: string, StoreVector]> => {
  const folder = mkdtempSync(join(tmpdir(), "grantlog-store-"))
  try {
    const file = join(folder, "grantlog.db")
    const known = await makeHistory(file)
    const suffixes = readdirSync(folder).map((name) => name.slice(basename(file).length))
    const isDatabase = (suffix: string) => readFileSync(`${file}${suffix}`, "latin1").startsWith("SQLite format 3")
    const [databases, texts] = [suffixes.filter(isDatabase), suffixes.filter((suffix) => !isDatabase(suffix))]
    const made = Object.fromEntries(databases.map((suffix) => [suffix, statementsOf(`${file}${suffix}`)]))
    const schema = made[""]!.find((sql) => sql.startsWith("PRAGMA user_version"))!.split(" = ")[1]!
    const about = `A store as it was at schema ${schema}: the statements that make each SQLite file and the text of each other file, by what stands behind the database's name, and what was known of its tokens when it was closed (\`endedAt\`, milliseconds). Read by test/provider/EarlierStores.test.ts. Never edited.`
    return [
      schema,
      {
        about,
        ...known,
        databases: made,
        texts: Object.fromEntries(texts.map((suffix) => [suffix, readFileSync(`${file}${suffix}`, "utf8")])),
      },
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [schema, vector] = await makeVector()
  const path = join(storeFolder, `schema-${schema}.json`)
  if (!existsSync(path)) writeFileSync(path, `${JSON.stringify(vector, null, 2)}\n`)
}
