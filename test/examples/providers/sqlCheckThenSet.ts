/**
 * A provider over a SQL database, reached as people reach theirs: `await db.query(text, values)`.
 *
 * One request after the other everything is right. Its fault is one: what it decides by a SELECT it writes down by an
 * UPDATE that no longer asks, so that requests that arrive together all find the code, or the refresh token, unspent.
 */
import { hash } from "node:crypto"
import { DatabaseSync, type SQLInputValue } from "node:sqlite"
import type {
  AccessToken,
  AuthorizationCode,
  OAuthClientInformationFull,
  OAuthProvider,
  OAuthToken,
  RefreshToken,
} from "../../../src/entry/grantlog.ts"
import { randomToken } from "./random.ts"
import { answerTo, isRegistrable, isSameRedirect } from "./redirectUris.ts"

const CODE_SECONDS = 120
const ACCESS_SECONDS = 1800
const REFRESH_SECONDS = 7 * 24 * 3600
const GRANT_SECONDS = 90 * 24 * 3600

const SCHEMA = `
  CREATE TABLE clients (id TEXT PRIMARY KEY, metadata TEXT NOT NULL);
  CREATE TABLE grants (
    id TEXT PRIMARY KEY, client_id TEXT NOT NULL, subject TEXT NOT NULL, scopes TEXT NOT NULL, resources TEXT NOT NULL,
    code_hash TEXT UNIQUE NOT NULL, code_challenge TEXT NOT NULL, redirect_uri TEXT NOT NULL, explicit INTEGER NOT NULL,
    code_expires_at INTEGER NOT NULL, code_used INTEGER NOT NULL DEFAULT 0, expires_at INTEGER NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE tokens (
    hash TEXT PRIMARY KEY, kind TEXT NOT NULL, grant_id TEXT NOT NULL REFERENCES grants (id), scopes TEXT NOT NULL,
    resources TEXT NOT NULL, jkt TEXT, expires_at INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0
  );`

type Row = Readonly<Record<string, string | number | null>>

/** The driver: the answer comes in a later turn of the event loop, as from any database behind a socket. */
const connect = () => {
  const database = new DatabaseSync(":memory:")
  database.exec(SCHEMA)
  return {
    query: async (text: string, values: ReadonlyArray<SQLInputValue> = []): Promise<ReadonlyArray<Row>> => {
      await new Promise((resolve) => setImmediate(resolve))
      return database.prepare(text).all(...values) as ReadonlyArray<Row>
    },
  }
}

class OAuthError extends Error {
  readonly error: string
  constructor(error: string, description: string) {
    super(description)
    this.error = error
  }
}

const invalidGrant = (why: string) => new OAuthError("invalid_grant", why)
const sha256 = (text: string) => hash("sha256", text, "base64url")
const wordsIn = (column: Row[string] | undefined) => String(column).split(" ").filter(Boolean)
const isSubset = (asked: ReadonlyArray<string>, granted: ReadonlyArray<string>) =>
  asked.every((one) => granted.includes(one))

/** A confidential client proves itself otherwise; a public one's refresh tokens belong to the key it showed. */
const boundTo = (client: OAuthClientInformationFull, jkt: string | undefined) =>
  client.token_endpoint_auth_method === "none" ? (jkt ?? null) : null

export const sqlCheckThenSet = async ({ now }: { readonly now: () => number }): Promise<OAuthProvider> => {
  const db = connect()
  const seconds = () => Math.floor(now() / 1000)
  const revoke = (grantId: SQLInputValue) => db.query("UPDATE grants SET revoked = 1 WHERE id = ?", [grantId])

  const recordOf = (row: Row) => ({
    clientId: String(row["client_id"]),
    subject: String(row["subject"]),
    scopes: wordsIn(row["scopes"]),
    resource: wordsIn(row["resources"]),
    expiresAt: Number(row["expires_at"]),
  })

  const grantOfCode = async (clientId: string, code: string): Promise<Row | undefined> => {
    const text = `SELECT *, id AS grant_id, expires_at AS grant_end FROM grants
      WHERE code_hash = ? AND client_id = ? AND revoked = 0 AND expires_at > ?`
    return (await db.query(text, [sha256(code), clientId, seconds()]))[0]
  }

  /** A token of a live grant: its scopes, resources and expiry are its own. */
  const findToken = async (kind: "access" | "refresh", token: string): Promise<Row | undefined> => {
    const text = `SELECT g.client_id, g.subject, g.expires_at AS grant_end, t.* FROM tokens t
      JOIN grants g ON g.id = t.grant_id
      WHERE t.hash = ? AND t.kind = ? AND g.revoked = 0 AND g.expires_at > ?`
    return (await db.query(text, [sha256(token), kind, seconds()]))[0]
  }

  /** The refresh token keeps all that was granted, the access token has what was asked for. */
  const issue = async (
    client: OAuthClientInformationFull,
    from: Row,
    access: { readonly scopes: string; readonly resources: string },
    jkt: Row[string],
  ): Promise<OAuthToken> => {
    const insert = async (kind: "access" | "refresh", { scopes, resources }: Row, end: number, key: Row[string]) => {
      const token = randomToken(`${kind}_`)
      const text = `INSERT INTO tokens (hash, kind, grant_id, scopes, resources, jkt, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)`
      await db.query(text, [sha256(token), kind, from["grant_id"]!, scopes!, resources!, key, end])
      return token
    }
    const accessEnd = Math.min(seconds() + ACCESS_SECONDS, Number(from["grant_end"]))
    const refreshEnd = Math.min(seconds() + REFRESH_SECONDS, Number(from["grant_end"]))
    const mayRefresh = client.grant_types?.includes("refresh_token") ?? true
    return {
      access_token: await insert("access", { ...access }, accessEnd, null),
      token_type: "Bearer",
      expires_in: accessEnd - seconds(),
      scope: access.scopes,
      ...(mayRefresh ? { refresh_token: await insert("refresh", from, refreshEnd, jkt) } : {}),
    }
  }

  const resourcesFor = (asked: ReadonlyArray<string> | undefined, granted: Row[string] | undefined): string => {
    if (!asked?.length) return String(granted)
    if (!isSubset(asked, wordsIn(granted))) throw new OAuthError("invalid_target", "resource was not granted")
    return asked.join(" ")
  }

  const findClient = async (clientId: string): Promise<OAuthClientInformationFull | undefined> => {
    const [row] = await db.query("SELECT metadata FROM clients WHERE id = ?", [clientId])
    return row && (JSON.parse(String(row["metadata"])) as OAuthClientInformationFull)
  }

  const verifyToken = async (token: string): Promise<AccessToken | undefined> => {
    const row = await findToken("access", token)
    return row && now() < Number(row["expires_at"]) * 1000 ? { ...recordOf(row), token } : undefined
  }

  return {
    getClient: findClient,
    registerClient: async (client) => {
      if (!client.redirect_uris.every(isRegistrable)) throw new OAuthError("invalid_redirect_uri", "not allowed")
      if (await findClient(client.client_id)) throw new OAuthError("invalid_client_metadata", "client_id is taken")
      await db.query("INSERT INTO clients (id, metadata) VALUES (?, ?)", [client.client_id, JSON.stringify(client)])
    },
    authorize: async ({ client_id: clientId }, { redirectUri, state, ...params }) => {
      const client = await findClient(clientId)
      if (!client?.redirect_uris.some((uri) => isSameRedirect(uri, redirectUri))) {
        throw new OAuthError("invalid_request", "redirect_uri is not registered")
      }
      const scopes = params.scopes?.length ? params.scopes : wordsIn(client.scope ?? "read")
      if (!isSubset(scopes, wordsIn(client.scope ?? scopes.join(" ")))) {
        throw new OAuthError("invalid_scope", "the client is not registered for this scope")
      }
      const code = randomToken("code_")
      const text = `INSERT INTO grants (id, client_id, subject, scopes, resources, code_hash, code_challenge, redirect_uri,
        explicit, code_expires_at, expires_at) VALUES (?, ?, 'alice', ?, ?, ?, ?, ?, ?, ?, ?)`
      await db.query(text, [
        randomToken("grant_"),
        clientId,
        scopes.join(" "),
        (params.resource ?? []).join(" "),
        sha256(code),
        params.codeChallenge,
        redirectUri,
        params.redirectUriProvidedExplicitly ? 1 : 0,
        seconds() + CODE_SECONDS,
        seconds() + GRANT_SECONDS,
      ])
      return answerTo(redirectUri, code, state)
    },

    loadAuthorizationCode: async (client, code): Promise<AuthorizationCode | undefined> => {
      const row = await grantOfCode(client.client_id, code)
      return (
        row && {
          ...recordOf(row),
          code,
          expiresAt: Number(row["code_expires_at"]),
          codeChallenge: String(row["code_challenge"]),
          redirectUri: String(row["redirect_uri"]),
          redirectUriProvidedExplicitly: row["explicit"] === 1,
        }
      )
    },
    exchangeAuthorizationCode: async (client, { code }, { codeVerifier = "", redirectUri, resource, jkt } = {}) => {
      const row = await grantOfCode(client.client_id, code)
      if (!row) throw invalidGrant("unknown code")
      const isProven = /^[\w.~-]{43,128}$/.test(codeVerifier) && sha256(codeVerifier) === row["code_challenge"]
      if (!isProven || (redirectUri ?? row["redirect_uri"]) !== row["redirect_uri"]) throw invalidGrant("wrong proof")
      if (row["code_used"] === 1) {
        await revoke(row["grant_id"]!)
        throw invalidGrant("the code was used before")
      }
      if (now() >= Number(row["code_expires_at"]) * 1000) throw invalidGrant("the code has expired")
      const resources = resourcesFor(resource, row["resources"])
      await db.query("UPDATE grants SET code_used = 1 WHERE id = ?", [row["grant_id"]!])
      return issue(client, row, { scopes: String(row["scopes"]), resources }, boundTo(client, jkt))
    },

    loadRefreshToken: async (client, token): Promise<RefreshToken | undefined> => {
      const row = await findToken("refresh", token)
      return row?.["client_id"] === client.client_id ? { ...recordOf(row), token } : undefined
    },
    exchangeRefreshToken: async (client, { token }, scopes, { resource, jkt } = {}) => {
      const row = await findToken("refresh", token)
      if (!row || row["client_id"] !== client.client_id) throw invalidGrant("unknown refresh token")
      if (row["jkt"] !== null && row["jkt"] !== jkt) throw invalidGrant("wrong key")
      if (row["used"] === 1) {
        await revoke(row["grant_id"]!)
        throw invalidGrant("the refresh token was used before")
      }
      if (now() >= Number(row["expires_at"]) * 1000) throw invalidGrant("the refresh token has expired")
      if (!isSubset(scopes, wordsIn(row["scopes"]))) throw new OAuthError("invalid_scope", "scope was not granted")
      const resources = resourcesFor(resource, row["resources"])
      await db.query("UPDATE tokens SET used = 1 WHERE hash = ?", [row["hash"]!])
      const access = { scopes: scopes.length === 0 ? String(row["scopes"]) : scopes.join(" "), resources }
      return issue(client, row, access, row["jkt"] ?? boundTo(client, jkt))
    },

    loadAccessToken: verifyToken,
    verifyToken,
    revokeToken: async ({ token, clientId }, { cascade = true } = {}) => {
      const row =
        (await findToken("refresh", token)) ?? ((await verifyToken(token)) && (await findToken("access", token)))
      if (!row || row["client_id"] !== clientId) return
      if (row["kind"] === "refresh" || cascade) await revoke(row["grant_id"]!)
      else await db.query("DELETE FROM tokens WHERE hash = ?", [row["hash"]!])
    },
  }
}

export default sqlCheckThenSet
