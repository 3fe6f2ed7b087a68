/** What the running server answered at a position and time is what `introspectAt` says of them, whatever happened since. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { trySystem } from "../../../properties/random/Random.ts"
import { causesOfToken, type Cause } from "../../../src/audit/asof/Causes.ts"
import {
  grantNamedBy,
  introspectAt,
  momentAtPosition,
  momentAtTime,
  secretDigest,
  statesAt,
  type IntrospectedAt,
  type Moment,
} from "../../../src/audit/index.ts"
import { issuedDigest, type EpochMillis } from "../../../src/core/index.ts"
import {
  memoryStore,
  type AuthorizationServer,
  type Credentials,
  type Failure,
  type OAuthToken,
} from "../../../src/provider/index.ts"
import type { Introspection } from "../../../src/protocol/index.ts"
import { nativeSystem } from "../../support/systems/Native.ts"
import { configFor, modelFeatures, running } from "../../support/systems/Running.ts"
import { openSqlite, serverOver } from "../../support/TestServer.ts"
import type { ServerStore } from "../../../src/provider/ServerStore.ts"

const SEED = 20_261_122
const run = Effect.runPromise

interface Answered {
  readonly token: string
  readonly moment: Moment
  /** What the server said; of a public client's token whether it is alive, for it may not ask more. */
  readonly answer: Introspection | { readonly active: boolean }
}

/** The server, which after each operation asks itself about every token that was handed out, and remembers. */
const asking = (native: AuthorizationServer, store: ServerStore, now: () => number, answers: Array<Answered>) => {
  const held = new Map<string, Credentials>()
  const look = Effect.gen(function* () {
    const { size } = yield* store.head
    const moment = { size, at: now() as EpochMillis }
    for (const [token, credentials] of held) {
      if (credentials.clientSecret !== undefined) {
        const answer = yield* Effect.orElseSucceed(native.introspect(credentials, token), () => undefined)
        if (answer !== undefined) answers.push({ token, moment, answer })
      }
      const record = yield* native.verify(token)
      if (token.startsWith("gla_")) answers.push({ token, moment, answer: { active: record !== undefined } })
    }
  })
  const holding =
    <Request extends { readonly credentials: Credentials }>(
      operation: (request: Request) => Effect.Effect<OAuthToken, Failure>,
    ) =>
    (request: Request) =>
      Effect.tap(operation(request), ({ access_token, refresh_token }) =>
        Effect.sync(() => {
          held.set(access_token, request.credentials)
          if (refresh_token !== undefined) held.set(refresh_token, request.credentials)
        }),
      )
  const server: AuthorizationServer = {
    ...native,
    redeemCode: holding(native.redeemCode),
    refresh: holding(native.refresh),
    issueToken: holding(native.issueToken),
    exchangeToken: holding(native.exchangeToken),
    redeemDeviceCode: holding(native.redeemDeviceCode),
  }
  return { server, look: () => run(look), forget: () => held.clear() }
}

/** What the events say against a token, whatever the core says. */
const causesOf = async (store: ServerStore, { token, moment }: Answered): Promise<ReadonlyArray<Cause>> => {
  const digest = secretDigest(token)
  const stateAt = await run(statesAt(store, moment)({ grantId: grantNamedBy(token)! }))
  const isIssued = stateAt.entries.grant.some(({ event }) => issuedDigest(event) === digest)
  return isIssued ? causesOfToken(stateAt, digest) : []
}

const isSame = ({ answer }: Answered, { answer: then }: IntrospectedAt): boolean =>
  "client_id" in answer ? JSON.stringify(answer) === JSON.stringify(then) : answer.active === then.active

describe.each([
  ["memory", memoryStore, 60],
  ["SQLite", openSqlite, 60],
] as const)("over %s", (_name, open, sequenceCount) => {
  it(`every answer of the server is the one that is told of its moment afterwards (seed ${SEED})`, async () => {
    const up = await serverOver({ store: open(), config: configFor(), features: modelFeatures })
    const answers: Array<Answered> = []
    const asked = asking(up.native, up.store, up.clock.now, answers)
    const factory = nativeSystem("asked", running({ ...up, native: asked.server }))
    const found = await trySystem(
      async () => {
        asked.forget()
        const system = await factory()
        return {
          ...system,
          run: async (operation) => {
            const reply = await system.run(operation)
            if (operation._tag !== "Verify") await asked.look()
            return reply
          },
        }
      },
      { seed: SEED, sequenceCount },
    )
    expect(found.finding).toBeUndefined()

    const reasons = new Map<string, number>()
    for (const one of answers) {
      const then = await run(introspectAt(up.store, one.token, one.moment))
      if (!isSame(one, then)) expect.fail(JSON.stringify({ ...one, token: one.token.slice(0, 4), then }, null, 2))
      const { standing } = then
      const causes = await causesOf(up.store, one)
      // What is not alive has a cause, and what is alive has none.
      expect(standing === undefined || (standing.status === "alive") === (causes.length === 0)).toBe(true)
      for (const { rule, positions, since } of causes) {
        reasons.set(rule, (reasons.get(rule) ?? 0) + 1)
        // No reason is taken from behind the moment.
        expect(since <= one.moment.at && positions.every((position) => position < one.moment.size), rule).toBe(true)
      }
      if (causes.length === 0) reasons.set("alive", (reasons.get("alive") ?? 0) + 1)
    }
    expect(answers.length).toBeGreaterThan(1000)
    const told = ["alive", "rotated", "revoked-by-client", "refresh-token-reused", "access-token-expired"]
    for (const reason of [...told, "client-deleted", "client-disabled", "issuer-epoch-raised"]) {
      expect(reasons.get(reason) ?? 0, reason).toBeGreaterThan(0)
    }
  })
})

it("a token that was issued later was never issued, and one of nobody's never", async () => {
  const { store, native, clock } = await serverOver({})
  const { client_secret } = await run(native.addClient({ metadata: ownMetadata, clientId: "job" }))
  const before = (await run(store.head)).size
  const credentials = { clientId: "job", clientSecret: client_secret! }
  const { access_token } = await run(native.issueToken({ credentials }))
  const at = clock.now() as EpochMillis
  const ask = (token: string, moment: Moment) => run(introspectAt(store, token, moment))
  expect(await ask(access_token, { size: before, at })).toEqual({ answer: { active: false }, standing: undefined })
  expect((await ask(access_token, (await run(momentAtTime(store, at)))!)).answer.active).toBe(true)
  expect((await ask(access_token, (await run(momentAtPosition(store, before)))!)).answer.active).toBe(false)
  expect((await ask("gla_nobody", await run(momentAtTime(store, at)))).standing).toBeUndefined()
})

it("a token is there from right behind the entry that issued it, and not before", async () => {
  const { store, native } = await serverOver({})
  const { client_secret } = await run(native.addClient({ metadata: ownMetadata, clientId: "job" }))
  const credentials = { clientId: "job", clientSecret: client_secret! }
  const { access_token } = await run(native.issueToken({ credentials }))
  const issue = (await run(store.readAll(0))).find(({ event }) => issuedDigest(event) === secretDigest(access_token))
  const { position, recordedAt } = issue!
  const at = recordedAt as EpochMillis
  const after = await run(introspectAt(store, access_token, { size: position + 1, at }))
  expect(after).toMatchObject({ answer: { active: true, client_id: "job" }, standing: { status: "alive" } })
  for (const size of [position, position - 1, 0]) {
    const before = await run(introspectAt(store, access_token, { size, at }))
    expect(before).toEqual({ answer: { active: false }, standing: undefined })
  }
  const { exp } = after.answer as { readonly exp: number }
  const ends = (millis: number) =>
    run(introspectAt(store, access_token, { size: position + 1, at: millis as EpochMillis }))
  expect((await ends(exp * 1000 - 1)).answer.active).toBe(true)
  expect((await ends(exp * 1000)).answer.active).toBe(false)
})

const ownMetadata = {
  client_name: "job",
  token_endpoint_auth_method: "client_secret_basic",
  grant_types: ["client_credentials"],
  response_types: [],
}
