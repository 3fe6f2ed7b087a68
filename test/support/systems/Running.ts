/** The server that the systems of one test share, and everything it holds once they are through with it. */
import { Effect } from "effect"
import type { StoreContents } from "../../../properties/invariants/Invariant.ts"
import { policy } from "../../../properties/Opening.ts"
import { TOKEN_EXCHANGE } from "../../../properties/Operation.ts"
import { toStored } from "../../../src/log/Recorded.ts"
import { issuedTable, prunedTable } from "../../../src/log/Tables.ts"
import { inlineProjection } from "../../../src/projection/index.ts"
import type { Recorded, Table } from "../../../src/log/index.ts"
import {
  deviceGrant,
  dpop,
  idJag,
  jwtAccessTokens,
  keyRing,
  parseToken,
  privateKeyJwt,
  pushedRequests,
  standardFeatures,
  tokenExchange,
  type Config,
  type Feature,
} from "../../../src/provider/index.ts"
import { successorsOf } from "../OfflineThief.ts"
import { provider } from "./Signing.ts"
import type { TestServer } from "../TestServer.ts"
import type { ServerStore } from "../../../src/provider/ServerStore.ts"
import { accountTable, deviceTable, passkeyTable, sessionTable } from "../../../src/provider/AccountTables.ts"

/**
 * What a server has for all operations of the model. Whoever may exchange at all may exchange whatever it holds: what is
 * left is the core's to judge.
 */
export const modelFeatures: ReadonlyArray<Feature> = [
  ...standardFeatures,
  dpop(),
  tokenExchange({ policy: () => ({ policy: "tests" }) }),
  ...deviceGrant(),
]

/** Who alone may exchange the next token further, as the policy of the server is to say; anybody, by default. */
export const exchangeWish: { mayAct: string | undefined } = { mayAct: undefined }

const seconds = (millis: number): number => millis / 1000

/** The same for clients that sign what they say of themselves. */
export const signingFeatures: ReadonlyArray<Feature> = [...modelFeatures, privateKeyJwt()]

/**
 * What a server over a wire has besides. Tokens for `watched` and the default resource are JWTs, which live as long as
 * others here.
 */
export const wireFeatures = (watched: string): ReadonlyArray<Feature> => [
  ...signingFeatures.filter(({ name }) => name !== TOKEN_EXCHANGE),
  tokenExchange({
    policy: () => ({
      policy: "tests",
      ...(exchangeWish.mayAct === undefined ? {} : { mayAct: exchangeWish.mayAct }),
    }),
  }),
  ...pushedRequests(),
  idJag({ issuers: [{ issuer: provider.issuer, jwks: provider.jwks }] }),
  jwtAccessTokens({
    resources: [watched, policy.defaultResource!],
    lifetimeSeconds: seconds(policy.public.accessToken),
  }),
]

export interface Running extends Pick<TestServer, "native" | "clock" | "store" | "keys"> {
  /** Told of the secrets of a sequence that is over. */
  readonly finish: (secrets: ReadonlyArray<string>) => Promise<void>
  readonly contents: () => Promise<StoreContents>
}

/** The server's configuration that means the policy of the operations; `resources` are allowed besides. */
export const configFor = (...resources: ReadonlyArray<string>): Partial<Config> => {
  const { code, accessToken, refreshIdle, grant, retryWindow } = policy.public
  return {
    scopes: policy.scopes,
    defaultScopes: policy.defaultScopes,
    resources: [...(policy.resources ?? []), ...resources],
    defaultResource: policy.defaultResource!,
    lifetimes: {
      code: seconds(code),
      accessToken: seconds(accessToken),
      refreshIdle: seconds(refreshIdle),
      grant: seconds(grant),
    },
    retryWindow: { public: seconds(retryWindow), confidential: seconds(policy.confidential.retryWindow) },
  }
}

export const running = (server: Pick<TestServer, "native" | "clock" | "store" | "keys">): Running => {
  const secrets: Array<string> = []
  return {
    ...server,
    finish: (own) => {
      secrets.push(...own)
      return Promise.resolve()
    },
    contents: () => contentsOf(server, [...new Set(secrets)]),
  }
}

const everyEntry = async (store: ServerStore): Promise<ReadonlyArray<Recorded>> => {
  const entries: Array<Recorded> = []
  for (;;) {
    const page = await Effect.runPromise(store.readAll(entries.length))
    if (page.length === 0) return entries
    entries.push(...page)
  }
}

const rowsOf = async (store: ServerStore, tables: ReadonlyArray<Table>): Promise<ReadonlyArray<string>> => {
  const dumped = await Promise.all(
    tables.map(async (table) => {
      const rows = await Effect.runPromise(store.dump(table))
      return rows.map((row) => `${table.name} ${JSON.stringify(row)}`)
    }),
  )
  return dumped.flat()
}

const contentsOf = async (
  { store, keys }: Pick<Running, "store" | "keys">,
  secrets: ReadonlyArray<string>,
): Promise<StoreContents> => {
  const folded = [...inlineProjection.tables, issuedTable]
  const entries = await everyEntry(store)
  const rows = await rowsOf(store, folded)
  await Effect.runPromise(store.rebuild())
  const others = await rowsOf(store, [accountTable, sessionTable, passkeyTable, deviceTable, prunedTable])
  const texts = entries.map((entry) => toStored(entry).bytes)
  const ring = keyRing(keys)
  return {
    entries: entries.map((entry) => ({ position: entry.position, stream: entry.stream, text: toStored(entry).bytes })),
    rows,
    rebuiltRows: await rowsOf(store, folded),
    others,
    secrets,
    successorsOf: (token) => {
      const parsed = parseToken(token)
      if (parsed?.kind !== "refresh") return []
      const ofGrant = (text: string) => text.includes(parsed.grantId)
      const loot = { entries: texts.filter(ofGrant), others: [...rows.filter(ofGrant), ...others], raw: [], keys: ring }
      return successorsOf(token, loot)
    },
  }
}
