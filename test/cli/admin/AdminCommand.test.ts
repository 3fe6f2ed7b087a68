/**
 * The command through `--admin` and the command over the store: the same words, byte for byte, and the same exit codes.
 *
 * One of two copies of a store is served, and asked by its admin API; the other is opened by the command. What is minted
 * and when it was done differ between two stores, and nothing else does.
 */
import { cpSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { once } from "node:events"
import { beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { adminStore, type AdminStore } from "../../live/support/AdminStore.ts"
import type { Ran } from "../../live/support/Command.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../../live/support/InProcess.ts"
import { APP, GONE } from "../../live/support/NamedStore.ts"
import { adminHere, type AdminHere } from "./AdminHere.ts"

const copies = temporaryFolder()
const file = copies.at("grantlog.db")
const credentialFile = `${file}.admin-credential`

interface Entry {
  readonly type: string
  readonly actor: string
  readonly stream: string
}

let store: AdminStore
let server: AdminHere

beforeAll(async () => {
  store = await adminStore()
  // Whatever a first start adds is in both copies.
  await (await adminHere({ store: `sqlite:${store.file}` }))[Symbol.asyncDispose]()
  for (const name of ["", ".keys.json", ".subject-keys", ".admin-credential"]) cpSync(store.file + name, file + name)
  server = await adminHere({ store: `sqlite:${file}` })
  return async () => {
    await server[Symbol.asyncDispose]()
    store[Symbol.dispose]()
    copies[Symbol.dispose]()
  }
})

const overStore = (args: ReadonlyArray<string>, input = "") =>
  grantlogHere([...args, "--store", `sqlite:${store.file}`], { input })
const byAdmin = (args: ReadonlyArray<string>, input = "") =>
  grantlogHere([...args, "--admin", server.url, "--admin-credential-file", credentialFile], { input })

/** Where a suggested command leads is the one thing that differs by design. */
const placeless = ({ code, stdout, stderr }: Ran): Ran => ({
  code,
  stdout: stdout.replaceAll(file, store.file),
  stderr: stderr.replaceAll(`--store sqlite:${store.file}`, "PLACE").replaceAll(`--admin ${server.url}`, "PLACE"),
})

/** Without times and without what is minted. */
const timeless = (ran: Ran): Ran => {
  const { code, stdout, stderr } = placeless(ran)
  const without = (text: string) =>
    text
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
      .replaceAll(/\b1[78]\d{8}(?:\d{3})?\b/g, "SECONDS")
      .replaceAll(/request \w{22}/g, "REQUEST")
      .replaceAll(/gls_\w+/g, "SECRET")
      .replaceAll(/"digest": ?"[\w-]{43}"/g, "DIGEST")
      .replaceAll(/\bey[\w.-]{40,}/g, "SECRET")
      .replaceAll(/sub_\w{22}/g, "SUBJECT")
  return { code, stdout: without(stdout), stderr: without(stderr) }
}

const questions = (): ReadonlyArray<ReadonlyArray<string>> => {
  const { open, revoked, denied, ofGoneApp } = store.grants
  const both = (...args: ReadonlyArray<string>) => [args, [...args, "--json"]]
  return [
    ...both("client", "list"),
    ...both("client", "list", "--limit", "1"),
    ["client", "list", "--reverse", "--after", APP.id],
    ["client", "list", "--before", "a", "--after", "b"],
    ...both("client", "show", APP.id),
    ["client", "show", "nobody"],
    ["client", "show", "a/b?c=d&e#f%"],
    ["client", "disable", "nobody"],
    ["client", "rotate-secret", APP.id, "--overlap", "-1"],
    ["client", "add", "--name", "bad", "--redirect-uri", "javascript:alert(1)"],
    ["client", "invite", "--ttl", "-1"],
    ...both("grant", "list"),
    ["grant", "list", "--user", "demo", "--limit", "2"],
    ["grant", "list", "--client", GONE.id],
    ["grant", "list", "--user", "nobody"],
    ...[open, revoked, denied, ofGoneApp].flatMap((grant) => both("grant", "show", grant)),
    ["grant", "show", open, "--limit", "1"],
    ["grant", "show", open, "--limit", "1", "--after", "-1"],
    ["grant", "show", "nobody"],
    ["grant", "revoke", "nobody"],
    ...both("user", "list"),
    ["user", "list", "--reverse", "--limit", "1"],
    ...both("user", "passkeys", "demo"),
    ["user", "passkeys", "nobody"],
    ["user", "remove-passkey", "demo"],
    ["user", "remove-passkey", "demo", "000000000000"],
    ["user", "disable", "nobody"],
    ["user", "add", "demo"],
    ["user", "passwd", "nobody"],
    ...both("forget", "demo"),
    ["forget", "--user", "demo"],
    ["forget", "--user", store.demo],
    ["forget"],
    ["forget", "nobody"],
    ...both("at", "9", "explain", APP.id),
    ...both("at", "9", "explain", "demo"),
    ["at", "9", "explain", GONE.id, "--html"],
    ["at", "9", "explain", open, "--request-origin"],
    ["at", "9", "explain", "nobody-ever"],
    ["at", "100000", "explain", open],
    ["explain", "nobody-ever", "--json", "--html"],
    ["blast-radius", "nobody-ever"],
    ["blast-radius"],
    ["blast-radius", APP.id, "--since", "soon"],
    ["blast-radius", APP.id],
    ["blast-radius", "--since", "7d", "--limit", "0"],
  ]
}

/** What is said as of now, whenever that is. */
const questionsAboutNow = (): ReadonlyArray<ReadonlyArray<string>> => [
  ["explain", store.grants.open],
  ["explain", store.grants.open, "--json"],
  ["explain", store.grants.open, "--request-origin"],
  ["explain", "nobody-ever"],
  ["blast-radius", "demo", "--json"],
  ["blast-radius", "demo", "--revoke", "--json"],
  ["blast-radius", "demo", "--revoke"],
]

const changes = (): ReadonlyArray<readonly [ReadonlyArray<string>, string?]> => [
  [
    [
      "client",
      "add",
      "--name",
      "Ünïcode",
      "--redirect-uri",
      "https://app.example/cb",
      "--client-id",
      "new",
      "--scope",
      "read",
    ],
  ],
  [["client", "add", "--name", "rs", "--audience", "https://rs.example/", "--client-id", "rs", "--json"]],
  [["client", "add", "--name", "pk", "--client-id", "pk", "--first-party", "--public", "--device", "--json"]],
  [["client", "rotate-secret", "new", "--overlap", "60", "--json"]],
  [["client", "show", "new"]],
  [["client", "show", "new", "--json"]],
  [["client", "disable", APP.id]],
  [["grant", "list", "--json"]],
  [["explain", store.grants.open]],
  [["client", "enable", APP.id, "--json"]],
  [["client", "invite", "--ttl", "60"]],
  [["user", "add", "jürgen / ?#%"]],
  [["user", "add", "eve", "--password-stdin", "--json"], "a long enough password\n"],
  [["user", "add", "eve", "--password-stdin"], "a long enough password\n"],
  [["user", "passwd", "demo"], "short\n"],
  [["user", "passwd", "demo"], "another long password\n"],
  [["user", "disable", "jürgen / ?#%"]],
  [["user", "enable", "jürgen / ?#%", "--json"]],
  [["user", "remove-passkey", "demo", store.passkey]],
  [["user", "remove-passkey", "demo", "--all", "--json"]],
  [["grant", "revoke", store.grants.open]],
  [["grant", "revoke", store.grants.open, "--json"]],
  [["blast-radius", APP.id, "--revoke", "--yes"]],
  [["blast-radius", APP.id, "--revoke", "--yes", "--json"]],
  [["client", "delete", APP.id]],
  [["forget", "demo", "--yes", "--json"]],
  [["forget", store.demo, "--yes"]],
  [["client", "list"]],
  [["user", "list"]],
]

describe("through --admin", () => {
  it("every question is answered byte for byte as over the store, with the same exit code", async () => {
    const codes = new Set<Ran["code"]>()
    for (const args of questions()) {
      const own = await overStore(args)
      expect(placeless(await byAdmin(args)), args.join(" ")).toEqual(placeless(own))
      codes.add(own.code)
    }
    expect([...codes].toSorted()).toEqual([0, 1, 2])
    for (const args of questionsAboutNow())
      expect(timeless(await byAdmin(args)), args.join(" ")).toEqual(timeless(await overStore(args)))
  })

  it("every change is told as over the store, but for times and what is minted, and both logs say the same", async () => {
    for (const [args, input] of changes())
      expect(timeless(await byAdmin(args, input)), args.join(" ")).toEqual(timeless(await overStore(args, input)))
    const told = async (path: string) => {
      const args = ["history", "--reverse", "--limit", "10000", "--store", `sqlite:${path}`]
      const { entries } = await grantlogJsonHere<{ readonly entries: ReadonlyArray<Entry> }>(args)
      return entries.map(({ type, actor, stream }) => [type, actor, stream.replace(/sub_.*/, "")])
    }
    const served = await told(file)
    expect(served).toEqual(await told(store.file))
    expect(served.filter(([, actor]) => actor === "operator").length).toBeGreaterThan(10)
  })

  it("a token is hashed where it is pasted: the server is sent its digest alone", async () => {
    const token = `gla_${"g".repeat(22)}${"x".repeat(49)}`
    const bodies: Array<string> = []
    const eavesdropper = createServer((request, response) => {
      request.setEncoding("utf8").on("data", (chunk: string) => bodies.push(chunk))
      request.once("end", () => response.writeHead(500).end("{}"))
    }).listen(0, "localhost")
    await once(eavesdropper, "listening")
    const url = `http://localhost:${(eavesdropper.address() as AddressInfo).port}`
    const env = { GRANTLOG_ADMIN_CREDENTIAL: readFileSync(credentialFile, "utf8").trim() }
    const { code } = await grantlogHere(["explain", "--admin", url], { input: token, env })
    eavesdropper.close()
    expect(code).toBe(1)
    expect(bodies.join("")).toContain('"_tag":"Token"')
    expect(bodies.join("")).not.toContain("xxxx")
  })
})

describe("what --admin refuses", () => {
  const refused = async (args: ReadonlyArray<string>, code: number, sentence: string, env = {}) => {
    const ran = await grantlogHere(["client", "list", ...args], { env })
    expect([ran.code, ran.stdout, ran.stderr]).toEqual([code, "", expect.stringContaining(sentence)])
    expect(ran.stderr).not.toContain("planted")
  }
  const planted = "planted-credential-4f8a0c1e7b2d6953"

  it("two places, addresses that a credential cannot be sent to, and calls without one", async () => {
    const url = ["--admin", server.url]
    await refused([...url, "--store", "sqlite:x"], 2, "--store is about a store")
    await refused([...url, "--issuer=http://localhost:1"], 2, "--issuer is about a store")
    await refused(["--admin", "http://id.example.com:4001"], 2, "is not https", { GRANTLOG_ADMIN_CREDENTIAL: planted })
    await refused(["--admin", "localhost"], 2, "is not a URL", { GRANTLOG_ADMIN_CREDENTIAL: planted })
    await refused(url, 2, "--admin needs a credential")
    const dots = await byAdmin(["client", "show", ".."])
    expect([dots.code, dots.stderr]).toEqual([2, expect.stringContaining("cannot stand in an address")])
    await refused([...url, "--admin-credential-file", copies.at("none")], 1, "cannot be read (ENOENT)")
  })

  it("a credential that is not the server's, a file that others can read, and what is no admin API", async () => {
    await refused(["--admin", server.url], 1, "does not take this credential", {
      GRANTLOG_ADMIN_CREDENTIAL: planted,
    })
    const another = createServer((_, response) => void response.writeHead(404).end("<p>not here"))
    await once(another.listen(0, "127.0.0.1"), "listening")
    onTestFinished(() => void another.close())
    const elsewhere = `http://127.0.0.1:${(another.address() as AddressInfo).port}`
    await refused(["--admin", elsewhere], 1, "is no admin API of grantlog", { GRANTLOG_ADMIN_CREDENTIAL: planted })
    await refused(["--admin", "http://localhost:1"], 1, "nothing answers at `http://localhost:1`", {
      GRANTLOG_ADMIN_CREDENTIAL: planted,
    })
    // Two slashes would make the rest another host's name where they are resolved.
    const hosts: Array<string | undefined> = []
    const other = createServer((request, response) => {
      hosts.push(request.headers.host)
      response.end("{}")
    })
    await once(other.listen(0, "127.0.0.1"), "listening")
    onTestFinished(() => void other.close())
    const beyond = `${server.url}//127.0.0.1:${(other.address() as AddressInfo).port}`
    await refused(["--admin", beyond], 1, "there is nothing at this path", {
      GRANTLOG_ADMIN_CREDENTIAL: readFileSync(credentialFile, "utf8").trim(),
    })
    const slashes = await grantlogHere(["client", "list", "--admin", `${server.url}//`], {
      env: { GRANTLOG_ADMIN_CREDENTIAL: readFileSync(credentialFile, "utf8").trim() },
    })
    expect([slashes.code, hosts]).toEqual([0, []])
    const open = copies.at("open")
    writeFileSync(open, `${planted}\n`, { mode: 0o644 })
    await refused(["--admin", server.url, "--admin-credential-file", open], 1, "other users can read")
  })
})
