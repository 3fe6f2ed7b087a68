/**
 * The admin API as its own document describes it, at a real address: every operation is called, its answer is held against
 * the document, and every refusal that the document names is met.
 */
import { statSync } from "node:fs"
import { request as send, type IncomingHttpHeaders } from "node:http"
import { text } from "node:stream/consumers"
import { Validator } from "@seriousme/openapi-schema-validator"
import { Ajv2020 } from "ajv/dist/2020.js"
import { beforeAll, describe, expect, it } from "vitest"
import { grantlogHere, grantlogJsonHere } from "../../live/support/InProcess.ts"
import { adminStore, type AdminStore } from "../../live/support/AdminStore.ts"
import { databases, hasPostgres } from "../../live/support/Databases.ts"
import { APP } from "../../live/support/NamedStore.ts"
import { adminHere, linesOf, type AdminHere } from "./AdminHere.ts"

interface Operation {
  readonly operationId: string
  readonly summary?: string
  readonly description?: string
  readonly parameters: ReadonlyArray<{ readonly name: string; readonly in: "path" | "query" }>
  readonly requestBody?: object
  readonly responses: Readonly<Record<string, object>>
  readonly security: ReadonlyArray<object>
}

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

interface Sent {
  readonly method?: string
  readonly path: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly body: Readonly<Record<string, unknown>>
}

interface Entry {
  readonly type: string
  readonly actor: string
  readonly correlationId: string
}

const PASSWORD = "planted-password-9d2e"
const WRONG = "planted-credential-4f8a0c1e7b2d6953"

let store: AdminStore
let server: AdminHere
let document: Document
/** A credential of a client, which a client got by this API. */
const secrets: Array<string> = [PASSWORD, WRONG]

/** By node:http, for `fetch` sends no `Host` and no `Origin` that somebody chose. */
const raw = async ({ method = "GET", path, body = "", headers = {} }: Sent, { url } = server): Promise<Answer> => {
  const { port } = new URL(url)
  const length = body === "" ? {} : { "content-length": String(Buffer.byteLength(body)) }
  const sent = send({ host: "127.0.0.1", port, method, path, headers: { ...length, ...headers }, agent: false })
  const answered = new Promise<Answer>((resolve, reject) => {
    sent.once("error", reject)
    sent.once("response", (response) => {
      void text(response).then((content) => {
        const { statusCode = 0, headers: told } = response
        resolve({ status: statusCode, headers: told, text: content, body: JSON.parse(content) as Answer["body"] })
      }, reject)
    })
  })
  sent.end(body)
  return answered
}

const asOperator = ({ headers, ...sent }: Sent, at = server): Promise<Answer> =>
  raw({ ...sent, headers: { authorization: `Bearer ${at.credential}`, ...headers } }, at)

const json = { "content-type": "application/json" }

/** A request of an operation that works, in the order in which they are called. */
const samples = (): Readonly<
  Record<string, { readonly path?: object; readonly query?: object; readonly body?: object }>
> => {
  const { open } = store.grants
  const client = { path: { client_id: APP.id } }
  const demo = { path: { name: "demo" } }
  return {
    listSigningKeys: {},
    listClients: { query: { limit: 1, reverse: true } },
    addClient: {
      body: {
        client_id: "added",
        metadata: { client_name: "added", redirect_uris: [], grant_types: ["client_credentials"], response_types: [] },
      },
    },
    showClient: client,
    rotateClientSecret: { path: { client_id: "added" }, body: { overlap_seconds: 60 } },
    disableClient: client,
    enableClient: client,
    inviteClient: { body: { lifetime_seconds: 60 } },
    listGrants: { query: { user: "demo", client: APP.id } },
    showGrant: { path: { grant_id: open }, query: { limit: 2 } },
    explain: { body: { about: "demo", request_origin: true } },
    blastRadius: { body: { about: APP.id } },
    revokeBlastRadius: { body: { about: open } },
    revokeGrant: { path: { grant_id: open } },
    addAccount: { body: { name: "eve", password: PASSWORD } },
    listAccounts: {},
    showAccount: demo,
    setPassword: { ...demo, body: { password: PASSWORD } },
    listPasskeys: demo,
    removePasskey: { path: { name: "demo", id: store.passkey } },
    removePasskeys: demo,
    disableAccount: demo,
    enableAccount: demo,
    showSubject: { path: { subject: store.demo } },
    forgetSubject: { path: { subject: "demo" }, body: { is_name: true } },
    deleteClient: client,
  }
}

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
  )

type Listed = ReturnType<typeof operations>[number]

const addressOf = (path: string, values: object = {}, query: object = {}): string => {
  const filled = Object.entries(values).reduce(
    (whole, [name, value]) => whole.replace(`{${name}}`, encodeURIComponent(String(value))),
    path,
  )
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))
  return search.size === 0 ? filled : `${filled}?${search}`
}

const callOf = ({ operationId, path, method }: Listed): Sent => {
  const sample = samples()[operationId]!
  const body = sample.body === undefined ? {} : { body: JSON.stringify(sample.body), headers: json }
  return { method, path: addressOf(path, sample.path, sample.query), ...body }
}

const errorOf = ({ status, body }: Answer) => [status, body["error"]]

/** Fails unless an answer is what the document says of this operation and status. */
const holdAgainst = (operationId: string, { status, body, text: content }: Answer): void => {
  const { path, method, responses } = operations().find((one) => one.operationId === operationId)!
  expect(Object.keys(responses), operationId).toContain(String(status))
  const pointer = (part: string) =>
    part.replaceAll("~", "~0").replaceAll("/", "~1").replaceAll("{", "%7B").replaceAll("}", "%7D")
  const place =
    status < 400
      ? `/paths/${pointer(path)}/${method.toLowerCase()}/responses/${status}`
      : (responses[status] as { readonly $ref: string }).$ref.slice(1)
  const validate = ajv.compile({ $ref: `document#${place}/content/application~1json/schema` })
  expect(validate(body), `${operationId} ${content}: ${JSON.stringify(validate.errors)}`).toBe(true)
}

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })

const { make, drop } = databases()
/** The same store in PostgreSQL. */
let copy: { readonly store: string; readonly beside: string; readonly keysFile: string }

const copyToPostgres = async (): Promise<void> => {
  copy = { store: await make(), beside: await make(), keysFile: `${store.file}.keys.json` }
  const to = ["--to", copy.store, "--beside", copy.beside]
  await grantlogJsonHere(["migrate", "--from", `sqlite:${store.file}`, ...to])
}

beforeAll(async () => {
  store = await adminStore()
  if (hasPostgres) await copyToPostgres()
  server = await adminHere({ store: `sqlite:${store.file}`, accessLog: store.at("access.log") })
  const { text: said, body } = await asOperator({ path: "/openapi.json" })
  document = body as unknown as Document
  ajv.addSchema(JSON.parse(said) as object, "document")
  return async () => {
    await server[Symbol.asyncDispose]()
    await drop()
    store[Symbol.dispose]()
  }
})

describe("the document", () => {
  it("is OpenAPI 3.1 by the official schema, and each operation has a name, words and the credential", async () => {
    const { valid, errors } = await new Validator().validate(structuredClone({ ...document }))
    expect([valid, errors]).toEqual([true, undefined])
    expect(document.openapi).toMatch(/^3\.1\./)
    const found = operations()
    expect(found.map(({ operationId }) => operationId).toSorted()).toEqual(Object.keys(samples()).toSorted())
    for (const { operationId, summary, description, security } of found) {
      expect([summary, description, security], operationId).toEqual([
        expect.stringMatching(/^[A-Z].*[^.]$/),
        expect.stringMatching(/\.$/),
        [{ adminCredential: [] }],
      ])
    }
  })

  it("has an example of every refusal that is one by its own schema", () => {
    const { responses } = (document as unknown as { components: { responses: object } }).components
    for (const [name, { content }] of Object.entries(responses) as ReadonlyArray<
      [string, { content: { "application/json": { example: object } } }]
    >) {
      const validate = ajv.compile({ $ref: `document#/components/schemas/${name}` })
      expect(validate(content["application/json"].example), name).toBe(true)
    }
    expect(Object.keys(responses).length).toBeGreaterThan(10)
  })
})

describe("who may not ask", () => {
  it("whoever shows no credential, or another, is told how to by every operation, and nothing is done", async () => {
    for (const one of operations()) {
      const answer = await raw(callOf(one))
      expect([...errorOf(answer), answer.headers["www-authenticate"]], one.operationId).toEqual([
        ...[401, "unauthorized", 'Bearer realm="grantlog admin"'],
      ])
      holdAgainst(one.operationId, answer)
    }
    expect(errorOf(await raw({ path: "/openapi.json" }))).toEqual([401, "unauthorized"])
    expect(await store.json("client", "show", APP.id)).toMatchObject({ status: "enabled" })
  })

  it("a page in a browser is refused by its Origin, and a name that leads here by the Host, with the right credential", async () => {
    for (const one of operations()) {
      const { headers, ...call } = callOf(one)
      const paged = await asOperator({ ...call, headers: { ...headers, origin: server.url } })
      expect(errorOf(paged), one.operationId).toEqual([403, "forbidden"])
      expect(paged.headers["access-control-allow-origin"]).toBeUndefined()
      holdAgainst(one.operationId, paged)
      const rebound = await asOperator({ ...call, headers: { ...headers, host: "evil.example" } })
      expect(errorOf(rebound), one.operationId).toEqual([421, "misdirected_request"])
      holdAgainst(one.operationId, rebound)
    }
    const preflight = await asOperator({ method: "OPTIONS", path: "/admin/clients" })
    expect([...errorOf(preflight), preflight.headers["allow"]]).toEqual([405, "method_not_allowed", "GET, HEAD, POST"])
    const head = await fetch(`${server.url}/admin/clients`, {
      method: "HEAD",
      headers: { authorization: `Bearer ${server.credential}` },
    })
    expect([head.status, Number(head.headers.get("content-length")) > 0, await head.text()]).toEqual([200, true, ""])
  })
})

describe("what cannot be meant", () => {
  it("is told by every operation: unknown members, bodies that are too large, of another type, or no JSON", async () => {
    const large = JSON.stringify({ a: "x".repeat(70_000) })
    for (const one of operations()) {
      const call = callOf(one)
      const unknown = await asOperator({
        ...call,
        path: `${call.path}${call.path.includes("?") ? "&" : "?"}nonsense=1`,
      })
      expect([...errorOf(unknown), unknown.body["error_description"]], one.operationId).toEqual([
        ...[400, "invalid_request", expect.stringMatching(/^nonsense: /)],
      ])
      holdAgainst(one.operationId, unknown)
      const tooLarge = await asOperator({ ...call, body: large, headers: json })
      expect(errorOf(tooLarge), one.operationId).toEqual([413, "too_large"])
      expect(tooLarge.headers["access-control-allow-origin"]).toBeUndefined()
      holdAgainst(one.operationId, tooLarge)
      if (one.method !== "POST") {
        expect(errorOf(await asOperator({ ...call, body: "{}", headers: json })), one.operationId).toEqual([
          ...[400, "invalid_request"],
        ])
        continue
      }
      const form = await asOperator({ ...call, body: "a=b", headers: { "content-type": "text/plain" } })
      expect(errorOf(form), one.operationId).toEqual([415, "unsupported_media_type"])
      holdAgainst(one.operationId, form)
      for (const body of ["{", "[]", "null", '{"nonsense":1}']) {
        const malformed = await asOperator({ ...call, body, headers: json })
        expect(errorOf(malformed), `${one.operationId} ${body}`).toEqual([400, "invalid_request"])
      }
    }
  })

  it("is a value that does not fit, by its name and without the value", async () => {
    const tries: ReadonlyArray<readonly [Sent, string]> = [
      [{ path: "/admin/clients?limit=0" }, "limit: expected a value between 1 and 10000"],
      [{ path: "/admin/clients?limit=many" }, "limit: expected a whole number"],
      [{ path: "/admin/clients?limit=1&limit=2" }, "limit"],
      [{ method: "POST", path: "/admin/accounts", body: `{"name":"x","password":"short"}` }, "password: expected"],
      [{ method: "POST", path: "/admin/explain", body: "{}" }, "`about` or `question`"],
      [{ method: "POST", path: "/admin/explain", body: `{"about":"gla_${"x".repeat(70)}"}` }, "give its SHA-256"],
      [{ method: "POST", path: "/admin/blast-radius", body: "{}" }, "`about` or `since`"],
      [{ method: "POST", path: "/admin/blast-radius", body: `{"since":"soon"}` }, "a time is like"],
      [{ path: "/admin/clients?before=a&after=b" }, "give one of them"],
    ]
    for (const [sent, sentence] of tries) {
      const answer = await asOperator({ ...sent, ...(sent.body === undefined ? {} : { headers: json }) })
      expect([...errorOf(answer), answer.body["error_description"]], sent.path).toEqual([
        ...[400, "invalid_request", expect.stringContaining(sentence)],
      ])
      expect(answer.text).not.toContain("short")
      expect(answer.text).not.toContain("xxxx")
    }
  })

  it("is a path that leads nowhere, in whatever spelling", async () => {
    for (const path of [
      "/",
      "/admin",
      "/admin/client",
      "/admin/clients/",
      "/admin/clients/%zz",
      "/token",
      "/admin/grants/a/b/c",
    ]) {
      expect(errorOf(await asOperator({ path })), path).toEqual([404, "not_found"])
    }
  })
})

it("what is not there is 404, what cannot be done 409, and what OAuth's rules refuse 422, wherever the document says so", async () => {
  const absent: Readonly<Record<string, Sent>> = Object.fromEntries(
    operations()
      .filter(({ responses }) => "404" in responses)
      .map((one) => {
        const names = Object.fromEntries(
          [...one.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name!, "nobody-of-that-name"]),
        )
        const body = one.operationId.includes("BlastRadius")
          ? { about: "nobody-of-that-name" }
          : samples()[one.operationId]!.body
        const query = one.operationId === "listGrants" ? { user: "nobody-of-that-name" } : {}
        const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: json }
        return [one.operationId, { method: one.method, path: addressOf(one.path, names, query), ...sent }]
      }),
  )
  const blast = { ...absent["revokeBlastRadius"]!, path: "/admin/blast-radius" }
  for (const [operationId, sent] of Object.entries({ ...absent, blastRadius: blast })) {
    const answer = await asOperator(sent)
    expect(errorOf(answer), operationId).toEqual([404, "not_found"])
    holdAgainst(operationId, answer)
  }
  const refused: ReadonlyArray<readonly [string, Sent, number]> = [
    ["addAccount", { method: "POST", path: "/admin/accounts", body: `{"name":"demo"}` }, 409],
    ["explain", { method: "POST", path: "/admin/explain", body: `{"about":"demo","at":"100000"}` }, 409],
    [
      "addClient",
      { method: "POST", path: "/admin/clients", body: `{"metadata":{"redirect_uris":["javascript:1"]}}` },
      422,
    ],
    [
      "rotateClientSecret",
      { method: "POST", path: `/admin/clients/${APP.id}/secret`, body: `{"overlap_seconds":-1}` },
      422,
    ],
    ["inviteClient", { method: "POST", path: "/admin/invitations", body: `{"lifetime_seconds":-1}` }, 422],
  ]
  for (const [operationId, sent, status] of refused) {
    const answer = await asOperator({ ...sent, headers: json })
    expect(answer.status, `${operationId} ${answer.text}`).toBe(status)
    holdAgainst(operationId, answer)
  }
  const documented = (status: string) =>
    operations()
      .filter(({ responses }) => status in responses)
      .map(({ operationId }) => operationId)
  const tried = (status: number) => refused.filter(([, , of]) => of === status).map(([operationId]) => operationId)
  // An archived grant is tried in test/audit/archive.
  expect(documented("409").toSorted()).toEqual([...tried(409), "showGrant"].toSorted())
  expect(documented("422").toSorted()).toEqual(tried(422).toSorted())
})

/** Calls every operation, and gives who asked for each change that is in the log then. */
const callAll = async (at: AdminHere, history: () => Promise<{ readonly entries: ReadonlyArray<Entry> }>) => {
  const ids = new Map<string, string>()
  for (const operationId of Object.keys(samples())) {
    const answer = await asOperator(callOf(operations().find((one) => one.operationId === operationId)!), at)
    expect(answer.status, `${operationId} ${answer.text}`).toBeLessThan(300)
    holdAgainst(operationId, answer)
    ids.set(answer.headers["x-request-id"] as string, operationId)
    for (const name of ["client_secret", "initial_access_token"])
      if (typeof answer.body[name] === "string") secrets.push(answer.body[name])
  }
  const own = (await history()).entries.filter(({ correlationId }) => ids.has(correlationId))
  return own.map(({ type, actor, correlationId }) => [ids.get(correlationId), type, actor])
}

describe("every operation", () => {
  const everything = ["history", "--reverse", "--limit", "10000"]
  const changes = [
    ["addClient", "ClientRegistered", "operator"],
    ["rotateClientSecret", "ClientSecretRotated", "operator"],
    ["disableClient", "ClientDisabled", "operator"],
    ["enableClient", "ClientEnabled", "operator"],
    ["revokeBlastRadius", "GrantRevoked", "operator"],
    ["disableAccount", "SubjectDisabled", "operator"],
    ["enableAccount", "SubjectEnabled", "operator"],
    ["forgetSubject", "SubjectForgotten", "operator"],
    ["deleteClient", "ClientDeleted", "operator"],
  ]

  it("answers as the document says, and its changes are in the log under its request, by the operator", async () => {
    expect(await callAll(server, () => store.json(...everything))).toEqual(changes)
  })

  it.runIf(hasPostgres)("answers likewise over PostgreSQL", async () => {
    await using there = await adminHere({ ...copy, credentialFile: store.at("credential") })
    const { store: url, beside, keysFile } = copy
    const place = ["--store", url, "--beside", beside, "--keys-file", keysFile]
    expect(await callAll(there, () => grantlogJsonHere([...everything, ...place]))).toEqual(changes)
    expect(there.told).toEqual([])
  })

  it("is counted as endpoint and status in the access log, which has no secret and no name", async () => {
    // It is written behind the answers, in their order; this was the last of them.
    const last = '"method":"DELETE","endpoint":"/admin/clients/{client_id}","status":200'
    await expect.poll(() => linesOf(store.at("access.log")).at(-1)).toContain(last)
    const lines = linesOf(store.at("access.log")).join("\n")
    expect(lines).toContain('"endpoint":"/admin/accounts/{name}/password","status":200')
    expect(lines).toContain('"endpoint":"/admin/clients/{client_id}","status":200')
    expect(server.told).toEqual([])
    expect(secrets.length).toBeGreaterThan(4)
    const planted = [...secrets, server.credential, APP.id, store.demo]
    expect(planted.filter((one) => lines.includes(one))).toEqual([])
    // As a word: an id may have three letters in it by chance.
    expect(lines).not.toMatch(/\b(?:eve|demo)\b/)
  })
})

it("guesses are limited against their source, and the right credential is never refused because of them", async () => {
  /** Until no guess is left: while this goes on, one comes back now and then. */
  const guessed = async (sent: Sent): Promise<Answer> => {
    for (;;) {
      const answer = await raw({ ...sent, headers: { ...json, authorization: `Bearer ${WRONG}` } })
      if (answer.status !== 401) return answer
    }
  }
  const guess = await guessed({ path: "/admin/clients" })
  expect([...errorOf(guess), guess.headers["retry-after"]]).toEqual([
    ...[429, "too_many_requests", expect.stringMatching(/^[1-9]\d*$/)],
  ])
  for (const one of operations()) {
    const answer = await guessed(callOf(one))
    expect(errorOf(answer), one.operationId).toEqual([429, "too_many_requests"])
    holdAgainst(one.operationId, answer)
  }
  expect((await asOperator({ path: "/admin/clients" })).status).toBe(200)
})

describe("the credential", () => {
  it("is made at the first start, for its owner alone, and no client's", () => {
    expect(server.credential).toMatch(/^[\w-]{43}$/)
    expect(statSync(`${store.file}.admin-credential`).mode & 0o777).toBe(0o600)
  })

  it("is refused before anything is served where others can read it, or it is none", async () => {
    const start = (env: Readonly<Record<string, string>>, port = "0") =>
      grantlogHere(["serve", "--port", "0", "--admin-port", port, "--store", "memory:"], { env })
    expect(await start({})).toMatchObject({ code: 2, stderr: expect.stringContaining("--admin-credential-file") })
    expect(await start({ GRANTLOG_ADMIN_CREDENTIAL: "short" })).toMatchObject({
      code: 2,
      stderr:
        "grantlog: GRANTLOG_ADMIN_CREDENTIAL is no credential: give at least 32 characters out of A-Z a-z 0-9 - . _ ~ + /\n",
    })
    expect(await start({}, "70000")).toMatchObject({
      code: 2,
      stderr: "grantlog: --admin-port `70000` is not between 0 and 65535\n",
    })
  })
})
