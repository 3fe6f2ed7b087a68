/**
 * Theft drill: database, WAL and key ring are copied while sessions are alive, and everything that is in them is tried.
 *
 * The project's own functions derive and format tokens from all that is recorded, with the retry secrets that no copy
 * of the database has as well; none of it may be one that the running server takes. Nor may any secret stand in the
 * bytes of the copy. `test/provider/RetrySalts.test.ts` has the drill of what is left once the window has ended.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs"
import { basename } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { beforeAll, afterAll, describe, expect, it } from "vitest"
import { issuedDigest } from "../../src/core/index.ts"
import type { Recorded } from "../../src/log/index.ts"
import { keyRing, type KeyRing, type Successor } from "../../src/provider/Keys.ts"
import { saltOf } from "../../src/provider/RetrySalts.ts"
import { readKeyFile } from "../../src/entry/grantlog.ts"
import { formatToken, type TokenKind } from "../../src/provider/Token.ts"
import { grantlogJson } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { readLog } from "./support/LogAudit.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"
import { successorsOf, textsIn } from "../support/OfflineThief.ts"
import { digestOf } from "./support/Session.ts"
import {
  authorize,
  grantOf,
  introspect,
  redeem,
  refresh,
  register,
  revoke,
  type Client,
  type Tokens,
} from "./support/Wire.ts"

const RESOURCE = "http://localhost:9999/mcp"
const PASSWORD = "a password that nobody shall read"
const GENERATIONS = 5
const kinds: ReadonlyArray<TokenKind> = ["access", "refresh", "code"]

const folder = temporaryFolder()
const file = folder.at("grantlog.db")
const store = ["--store", `sqlite:${file}`]

/** A login and all that its client, and nobody else, was ever handed. */
interface Victim {
  readonly client: Client
  readonly generations: ReadonlyArray<Tokens>
  /** A code that was not redeemed, and what it takes to redeem it. */
  readonly unredeemed: { readonly code: string; readonly verifier: string }
  readonly secrets: ReadonlyArray<string>
}

let server: RunningServer
let resourceServer: Client
let victims: ReadonlyArray<Victim>
let stolen: { readonly files: ReadonlyArray<string>; readonly entries: ReadonlyArray<Recorded>; readonly keys: KeyRing }
/** Copied beside them, within the window: what whoever copies the database has not. */
let retrySecrets: ReadonlyArray<string>

const makeVictim = async (method: string): Promise<Victim> => {
  const client = await register(server.url, { token_endpoint_auth_method: method })
  const first = await authorize(server.url, client, { resource: RESOURCE, scope: "read write" })
  const generations = [(await redeem(server.url, client, first)).body]
  while (generations.length < GENERATIONS) {
    generations.push((await refresh(server.url, client, generations.at(-1)!.refresh_token)).body)
  }
  const unredeemed = await authorize(server.url, client, { resource: RESOURCE })
  const tokens = generations.flatMap((one) => [one.access_token, one.refresh_token])
  const secret = client.client_secret === undefined ? [] : [client.client_secret]
  const handed = [first.code, first.verifier, unredeemed.code, unredeemed.verifier]
  return { client, generations, unredeemed, secrets: [...tokens, ...handed, ...secret] }
}

beforeAll(async () => {
  // However long all this takes, what a retry takes is there to be copied.
  server = await serve(file, "--code-ttl", "600", "--refresh-retry-window", "600")
  resourceServer = await grantlogJson<Client>(["client", "add", "--name", "rs", "--audience", RESOURCE, ...store])
  await grantlogJson(["user", "add", "bob", "--password-stdin", ...store], { input: PASSWORD })
  victims = [await makeVictim("none"), await makeVictim("client_secret_basic")]

  mkdirSync(folder.at("stolen"))
  const files = [file, `${file}-wal`, `${file}.keys.json`].map((path) => {
    expect(existsSync(path)).toBe(true)
    const copy = folder.at("stolen", basename(path))
    copyFileSync(path, copy)
    return copy
  })
  const bytes = files.map((path) => readFileSync(path, "latin1"))
  const entries = await readLog(files[0]!)
  stolen = { files: bytes, entries, keys: keyRing(readKeyFile(files[2]!)) }
  const beside = folder.at("stolen", "beside")
  copyFileSync(`${file}.retry-secrets`, beside)
  const database = new DatabaseSync(beside)
  retrySecrets = database
    .prepare("SELECT secret FROM retry_secrets")
    .all()
    .map(({ secret }) => String(secret))
  database.close()
})

afterAll(async () => {
  await server.stop()
  folder[Symbol.dispose]()
})

/** Every string that is recorded anywhere in the log: ids, digests, key ids, URIs. */
const recordedStrings = (): ReadonlyArray<string> => {
  const found = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value === "string") found.add(value)
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(visit)
  }
  stolen.entries.forEach(visit)
  return [...found]
}

/** What a derivation is over besides the token presented, for a grant: as the server itself puts it. */
const subsetsOf = (scopes: ReadonlyArray<string>): ReadonlyArray<string> =>
  [scopes, ...scopes.map((scope) => [scope])].map((some) =>
    JSON.stringify([JSON.stringify([[...some].sort(), [RESOURCE]]), null]),
  )

interface Rotation {
  readonly grantId: Successor["grantId"]
  readonly keyId: KeyRing["current"]
  readonly generation: number
  readonly parent: string
  readonly digest: string
  readonly afterVersion: number | null
}

/** The salts that a rotation may have been made with, for a thief who also has the retry secrets. */
const saltsOf = (rotation: Rotation): ReadonlyArray<Successor["salt"]> =>
  retrySecrets.map((secret) => saltOf(secret, rotation))

const rotations = (): ReadonlyArray<Rotation> =>
  stolen.entries.flatMap(({ event }) => (event._tag === "RefreshTokenRotated" ? [event] : []))

/** Every token that the ring derives from what is recorded, in the place of the token that must have been presented. */
function* forgeries(): Generator<string> {
  const presentable = ["", ...recordedStrings()]
  for (const { grantId, keyId, generation, salt, afterVersion } of rotations().flatMap((one) =>
    saltsOf(one).map((salt) => ({ ...one, salt })),
  )) {
    for (const presented of presentable) {
      for (const kind of kinds) {
        for (const subset of kind === "access" ? subsetsOf(["read", "write"]) : [""]) {
          for (const step of [0, 1]) {
            const from = { generation: generation + step, salt, presented, subset }
            const named = kind === "refresh" ? afterVersion : null
            yield stolen.keys.derive(keyId, { kind, grantId, ...from, afterVersion: named })!
          }
        }
      }
    }
  }
  // What is recorded of a secret, put in the place of the secret itself.
  for (const { event } of stolen.entries) {
    const digest = issuedDigest(event)
    if (digest === undefined || !("grantId" in event)) continue
    for (const kind of kinds) yield formatToken(kind, event.grantId, Buffer.from(digest, "base64url"))
    if (!("afterVersion" in event)) continue
    yield formatToken("refresh", event.grantId, Buffer.from(digest, "base64url"), event.afterVersion)
  }
}

describe("whoever copied database, WAL and key ring of a running server", () => {
  it("has the whole log and the right ring: with the token itself and the retry secrets, the ring repeats the successor", () => {
    const [{ generations, client }] = victims as [Victim]
    const rotated = rotations().filter(({ grantId }) => grantId === grantOf(generations[0]!.refresh_token))
    expect(rotated).toHaveLength(GENERATIONS - 1)
    rotated.forEach((rotation, index) => {
      const { grantId, keyId, generation, afterVersion } = rotation
      const presented = generations[index]!.refresh_token
      const made = (successor: Pick<Successor, "kind" | "subset" | "afterVersion">) =>
        saltsOf(rotation).map((salt) =>
          stolen.keys.derive(keyId, { grantId, generation, salt, presented, ...successor }),
        )
      const [all] = subsetsOf(["read", "write"])
      const { refresh_token, access_token } = generations[index + 1]!
      expect(made({ kind: "refresh", subset: "", afterVersion })).toContain(refresh_token)
      expect(made({ kind: "access", subset: all!, afterVersion: null })).toContain(access_token)
    })
    expect(stolen.files[0]! + stolen.files[1]!).toContain(client.client_id)
  })

  it("gets from an old refresh token of a grant to no later one, offline", () => {
    const loot = { ...textsIn(folder.at("stolen", "grantlog.db")), raw: [], keys: stolen.keys }
    for (const { generations } of victims) {
      for (const { refresh_token } of generations) expect(successorsOf(refresh_token, loot)).toEqual([])
    }
  })

  //= A44
  it("finds no token, code, verifier, client secret or password in any byte of it", () => {
    const secrets = [...victims.flatMap((victim) => victim.secrets), resourceServer.client_secret!, PASSWORD]
    expect(secrets).toHaveLength(2 * (2 * GENERATIONS + 4) + 1 + 2)
    for (const bytes of stolen.files) {
      for (const secret of secrets) {
        expect(bytes.includes(secret)).toBe(false)
        // The part of a token that is secret; of anything else, a good deal of it.
        expect(bytes.includes(secret.slice(-40))).toBe(false)
        expect(bytes.includes(secret.slice(-40, -10))).toBe(false)
      }
    }
  })

  it("derives no string whose digest was ever recorded as issued", () => {
    const issued = new Set<string>(stolen.entries.flatMap(({ event }) => issuedDigest(event) ?? []))
    expect(issued.size).toBeGreaterThan(2 * 2 * GENERATIONS)
    let count = 0
    for (const forged of forgeries()) {
      count++
      if (issued.has(digestOf(forged))) expect.fail(`\`${forged}\` was issued`)
    }
    expect(count).toBeGreaterThan(5_000)
  })

  it("has nothing that the running server takes as access token, refresh token or code", async () => {
    const strings = [...new Set([...sample([...forgeries()], 150), ...sample(recordedStrings(), 100)])]
    const accepted: Array<string> = []
    for (const { client, unredeemed } of victims) {
      const attempts = strings.map((forged) => async () => {
        const access = await introspect(server.url, resourceServer, forged)
        if (access.body.active) accepted.push(`${forged} as access token`)
        const refreshed = await refresh(server.url, client, forged)
        if (refreshed.status === 200) accepted.push(`${forged} as refresh token`)
        // Even with the verifier that the thief has not.
        const redeemed = await redeem(server.url, client, { code: forged, verifier: unredeemed.verifier })
        if (redeemed.status === 200) accepted.push(`${forged} as code`)
      })
      await inTurns(attempts)
    }
    expect(accepted).toEqual([])
  })

  it("has harmed nobody by trying: the owners refresh, redeem and revoke as before", async () => {
    for (const { client, generations, unredeemed } of victims) {
      for (const { access_token } of generations) {
        expect((await introspect(server.url, resourceServer, access_token)).body.active).toBe(true)
      }
      const refreshed = await refresh(server.url, client, generations.at(-1)!.refresh_token)
      expect(refreshed.status).toBe(200)
      expect((await redeem(server.url, client, unredeemed)).status).toBe(200)
      expect((await revoke(server.url, client, refreshed.body.refresh_token)).status).toBe(200)
    }
  })
})

/** `count` of them, spread over the whole. */
const sample = (all: ReadonlyArray<string>, count: number): ReadonlyArray<string> => {
  const step = Math.max(1, all.length / count)
  return Array.from({ length: Math.min(count, all.length) }, (_, index) => all[Math.floor(index * step)]!)
}

/** Eight at a time. */
const inTurns = async (attempts: ReadonlyArray<() => Promise<void>>): Promise<void> => {
  const left = [...attempts]
  const worker = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await next()
  }
  await Promise.all(Array.from({ length: 8 }, worker))
}
