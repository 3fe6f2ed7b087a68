/**
 * A provider over SQLite that has no known fault: what it decides and what it writes is one transaction.
 *
 * Its policies are its own, and sound: refresh tokens rotate strictly, so a second presentation ends the grant whatever
 * its reason; what has ended is deleted, and everything of a grant goes with it. It approves for one account, for it
 * came out of an app in which somebody is signed in and has consented by the time `authorize` is called.
 */
import { hash, timingSafeEqual } from "node:crypto"
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite"
import type { AccessToken, OAuthClientInformationFull, OAuthProvider, OAuthToken } from "../../../src/entry/grantlog.ts"
import { randomToken } from "./random.ts"
import { answerTo, isRegistrable, isSameRedirect } from "./redirectUris.ts"

const CODE_SECONDS = 60
const ACCESS_SECONDS = 900
const REFRESH_SECONDS = 14 * 24 * 3600
const GRANT_SECONDS = 90 * 24 * 3600
const ACCOUNT = "alice"

/** Codes, tokens and client secrets are here as SHA-256 digests only; times are seconds since the epoch. */
const SCHEMA = `
  CREATE TABLE clients (id TEXT PRIMARY KEY, metadata TEXT NOT NULL, secret_digest TEXT) STRICT;
  CREATE TABLE grants (
    id INTEGER PRIMARY KEY, client_id TEXT NOT NULL REFERENCES clients, subject TEXT NOT NULL, scopes TEXT NOT NULL,
    resources TEXT NOT NULL, refreshable INTEGER NOT NULL, ends_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE codes (
    digest TEXT PRIMARY KEY, grant_id INTEGER NOT NULL REFERENCES grants ON DELETE CASCADE, challenge TEXT NOT NULL,
    redirect_uri TEXT NOT NULL, redirect_uri_explicit INTEGER NOT NULL, expires_at INTEGER NOT NULL, spent_at INTEGER
  ) STRICT;
  CREATE TABLE refresh_tokens (
    digest TEXT PRIMARY KEY, grant_id INTEGER NOT NULL REFERENCES grants ON DELETE CASCADE, jkt TEXT,
    expires_at INTEGER NOT NULL, spent_at INTEGER
  ) STRICT;
  CREATE TABLE access_tokens (
    digest TEXT PRIMARY KEY, grant_id INTEGER NOT NULL REFERENCES grants ON DELETE CASCADE, scopes TEXT NOT NULL,
    resources TEXT NOT NULL, issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
  ) STRICT;`

type Row = Readonly<Record<string, SQLOutputValue>>

class ProviderError extends Error {
  readonly error: string
  constructor(error: string, description: string) {
    super(description)
    this.error = error
  }
}

const invalidGrant = () =>
  new ProviderError("invalid_grant", "the code or token is unknown, spent, expired or not yours")
const digestOf = (secret: string): string => hash("sha256", secret, "base64url")
const listIn = (column: SQLOutputValue | undefined): ReadonlyArray<string> => JSON.parse(String(column))

/** All that was granted, or what was asked for if it is part of that. */
const narrowed = (asked: ReadonlyArray<string> | undefined, column: SQLOutputValue | undefined, error: string) => {
  const granted = listIn(column)
  if (!asked?.length) return granted
  if (!asked.every((one) => granted.includes(one)))
    throw new ProviderError(error, "more was asked for than was granted")
  return granted.filter((one) => asked.includes(one))
}

const isScope = (scope: string) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)
const isResource = (resource: string) => URL.canParse(resource) && !resource.includes("#")

export const correctSql = async ({ now }: { readonly now: () => number }): Promise<OAuthProvider> => {
  const database = new DatabaseSync(":memory:")
  database.exec(SCHEMA)
  const statements = new Map<string, StatementSync>()
  const prepared = (sql: string): StatementSync => {
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  const first = (sql: string, ...values: ReadonlyArray<SQLInputValue>): Row | undefined => prepared(sql).get(...values)
  const changeCount = (sql: string, ...values: ReadonlyArray<SQLInputValue>): number =>
    Number(prepared(sql).run(...values).changes)

  /** Never goes back, so that what has expired stays expired. */
  let latest = 0
  const millis = () => (latest = Math.max(latest, now()))
  const seconds = () => Math.floor(millis() / 1000)

  /** A throw undoes what was written; a refusal that is returned is thrown after the commit, and keeps it. */
  const transaction = <A>(body: () => A | ProviderError): A => {
    database.exec("BEGIN IMMEDIATE")
    let outcome: A | ProviderError
    try {
      outcome = body()
      database.exec("COMMIT")
    } catch (error) {
      database.exec("ROLLBACK")
      throw error
    }
    if (outcome instanceof ProviderError) throw outcome
    return outcome
  }

  const endGrant = (id: SQLInputValue) => changeCount("DELETE FROM grants WHERE id = ?", id)

  /** The code or refresh token, spent or not, of a grant of this client. */
  const find = (table: "codes" | "refresh_tokens", clientId: string, secret: string): Row | undefined => {
    const sql = `SELECT * FROM ${table} JOIN grants ON grants.id = grant_id WHERE digest = ? AND client_id = ?`
    return first(sql, digestOf(secret), clientId)
  }

  /** Whether it is this call that spends it: nobody else has, and nobody else can any more. */
  const spend = (table: "codes" | "refresh_tokens", row: Row): boolean => {
    const sql = `UPDATE ${table} SET spent_at = ? WHERE digest = ? AND spent_at IS NULL`
    return changeCount(sql, seconds(), row["digest"]!) === 1
  }

  const recordOf = (row: Row) => ({
    clientId: String(row["client_id"]),
    subject: String(row["subject"]),
    scopes: listIn(row["scopes"]),
    resource: listIn(row["resources"]),
    expiresAt: Number(row["expires_at"]),
  })

  const issue = (
    row: Row,
    scopes: ReadonlyArray<string>,
    resources: ReadonlyArray<string>,
    jkt: SQLInputValue,
  ): OAuthToken => {
    const [access, refresh] = [randomToken("at_"), randomToken("rt_")]
    const end = Number(row["ends_at"])
    const expiresAt = Math.min(seconds() + ACCESS_SECONDS, end)
    const granted = [row["grant_id"]!, JSON.stringify(scopes), JSON.stringify(resources)]
    changeCount(
      "INSERT INTO access_tokens VALUES (?, ?, ?, ?, ?, ?)",
      ...[digestOf(access), ...granted, seconds(), expiresAt],
    )
    const isRefreshable = row["refreshable"] === 1
    if (isRefreshable) {
      const refreshEnd = Math.min(seconds() + REFRESH_SECONDS, end)
      const values = [digestOf(refresh), row["grant_id"]!, jkt, refreshEnd]
      changeCount("INSERT INTO refresh_tokens VALUES (?, ?, ?, ?, NULL)", ...values)
    }
    return {
      access_token: access,
      token_type: "Bearer",
      expires_in: Math.floor(expiresAt - millis() / 1000),
      scope: scopes.join(" "),
      ...(isRefreshable ? { refresh_token: refresh } : {}),
    }
  }

  const clientRow = (clientId: string) => first("SELECT * FROM clients WHERE id = ?", clientId)
  const registered = (clientId: string): OAuthClientInformationFull | undefined => {
    const row = clientRow(clientId)
    return row && JSON.parse(String(row["metadata"]))
  }

  /** A refresh token of a public client belongs to the key it was issued to, from the first that is shown. */
  const keyFor = (clientId: string, jkt: string | undefined): string | null =>
    registered(clientId)?.token_endpoint_auth_method === "none" ? (jkt ?? null) : null

  const liveAccess = (token: string): Row | undefined =>
    first(
      `SELECT client_id, subject, access_tokens.* FROM access_tokens JOIN grants ON grants.id = grant_id
        WHERE digest = ? AND expires_at > ?`,
      ...[digestOf(token), seconds()],
    )

  const verifyToken = async (token: string): Promise<AccessToken | undefined> => {
    const row = liveAccess(token)
    return row && { ...recordOf(row), token, issuedAt: Number(row["issued_at"]) }
  }

  /** What nobody can use any more: ended grants, those whose code nobody came for, expired access tokens. */
  const prune = () => {
    const abandoned = "SELECT grant_id FROM codes WHERE spent_at IS NULL AND expires_at <= ?"
    changeCount(`DELETE FROM grants WHERE ends_at <= ? OR id IN (${abandoned})`, seconds(), seconds())
    changeCount("DELETE FROM access_tokens WHERE expires_at <= ?", seconds())
  }

  return {
    getClient: async (clientId) => registered(clientId),
    registerClient: async ({ client_secret, ...metadata }) => {
      if (!metadata.redirect_uris.every(isRegistrable)) {
        throw new ProviderError("invalid_redirect_uri", "a redirect URI is https, loopback http or an app's own scheme")
      }
      const digest = client_secret === undefined ? null : digestOf(client_secret)
      const sql = "INSERT INTO clients VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
      if (changeCount(sql, metadata.client_id, JSON.stringify(metadata), digest) === 0) {
        throw new ProviderError("invalid_client_metadata", "the client id is taken")
      }
    },
    authenticateClient: async (clientId, secret) => {
      const stored = clientRow(clientId)?.["secret_digest"]
      const expiresAt = registered(clientId)?.client_secret_expires_at ?? 0
      if (typeof stored !== "string" || (expiresAt !== 0 && seconds() >= expiresAt)) return false
      return timingSafeEqual(Buffer.from(stored), Buffer.from(digestOf(secret)))
    },

    authorize: async ({ client_id: clientId }, { redirectUri, codeChallenge, state, ...params }) => {
      const client = registered(clientId)
      const grantTypes = client?.grant_types ?? ["authorization_code"]
      if (!client?.redirect_uris.some((uri) => isSameRedirect(uri, redirectUri))) {
        throw new ProviderError("invalid_request", "the redirect URI is not registered for this client")
      }
      if (!grantTypes.includes("authorization_code")) {
        throw new ProviderError("unauthorized_client", "the client is not registered for codes")
      }
      if (!/^[\w-]{43}$/.test(codeChallenge)) throw new ProviderError("invalid_request", "no S256 code challenge")
      const possible = client.scope?.split(" ").filter(Boolean)
      const scopes = params.scopes?.length ? [...new Set(params.scopes)] : (possible ?? ["read"])
      if (!scopes.every((one) => isScope(one) && (possible?.includes(one) ?? true))) {
        throw new ProviderError("invalid_scope", "a scope is none, or the client is not registered for it")
      }
      const resources = [...new Set(params.resource)]
      if (!resources.every(isResource)) throw new ProviderError("invalid_target", "a resource is no absolute URI")
      const code = randomToken("code_")
      transaction(() => {
        prune()
        const grant = first(
          `INSERT INTO grants (client_id, subject, scopes, resources, refreshable, ends_at)
            VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
          ...[clientId, ACCOUNT, JSON.stringify(scopes), JSON.stringify(resources)],
          ...[grantTypes.includes("refresh_token") ? 1 : 0, seconds() + GRANT_SECONDS],
        )
        changeCount(
          "INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?, NULL)",
          ...[digestOf(code), grant!["id"]!, codeChallenge, redirectUri],
          ...[params.redirectUriProvidedExplicitly ? 1 : 0, seconds() + CODE_SECONDS],
        )
      })
      return answerTo(redirectUri, code, state)
    },

    loadAuthorizationCode: async (client, code) => {
      const row = find("codes", client.client_id, code)
      return (
        row && {
          ...recordOf(row),
          code,
          codeChallenge: String(row["challenge"]),
          redirectUri: String(row["redirect_uri"]),
          redirectUriProvidedExplicitly: row["redirect_uri_explicit"] === 1,
        }
      )
    },
    exchangeAuthorizationCode: async (client, { code }, { codeVerifier = "", redirectUri, resource, jkt } = {}) =>
      transaction(() => {
        const row = find("codes", client.client_id, code)
        if (row === undefined) throw invalidGrant()
        const isVerified = /^[\w.~-]{43,128}$/.test(codeVerifier) && digestOf(codeVerifier) === row["challenge"]
        if (!isVerified || (redirectUri !== undefined && redirectUri !== row["redirect_uri"])) throw invalidGrant()
        if (!spend("codes", row)) {
          endGrant(row["grant_id"]!)
          return invalidGrant()
        }
        if (seconds() >= Number(row["expires_at"])) throw invalidGrant()
        const resources = narrowed(resource, row["resources"], "invalid_target")
        return issue(row, listIn(row["scopes"]), resources, keyFor(client.client_id, jkt))
      }),

    loadRefreshToken: async (client, token) => {
      const row = find("refresh_tokens", client.client_id, token)
      return row && { ...recordOf(row), token }
    },
    exchangeRefreshToken: async (client, { token }, scopes, { resource, jkt } = {}) =>
      transaction(() => {
        const row = find("refresh_tokens", client.client_id, token)
        if (row === undefined || (row["jkt"] !== null && row["jkt"] !== jkt)) throw invalidGrant()
        if (!spend("refresh_tokens", row)) {
          endGrant(row["grant_id"]!)
          return invalidGrant()
        }
        if (seconds() >= Number(row["expires_at"])) throw invalidGrant()
        const access = narrowed(scopes, row["scopes"], "invalid_scope")
        const resources = narrowed(resource, row["resources"], "invalid_target")
        return issue(row, access, resources, row["jkt"] ?? keyFor(client.client_id, jkt))
      }),

    loadAccessToken: verifyToken,
    verifyToken,
    revokeToken: async ({ token, clientId }, { cascade = true } = {}) =>
      transaction(() => {
        const access = liveAccess(token)
        const row = access ?? find("refresh_tokens", clientId, token)
        if (row?.["client_id"] !== clientId) return
        if (access !== undefined && !cascade) changeCount("DELETE FROM access_tokens WHERE digest = ?", row["digest"]!)
        else endGrant(row["grant_id"]!)
      }),
  }
}

export default correctSql
