/** What scopes allow, in words, where nobody has described them. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import type { RegisteredClient } from "../../../src/core/index.ts"
import { consentPage } from "../../../src/http/pages/ConsentPage.ts"
import { wordsOf } from "../../../src/http/pages/ScopeWords.ts"
import { settingsOf } from "../../../src/provider/index.ts"

describe("a scope that nobody has described", () => {
  test.each([
    ["openid", "know who you are"],
    ["profile", "see your name and the rest of your profile"],
    ["email", "see your e-mail address"],
    ["address", "see your postal address"],
    ["phone", "see your telephone number"],
    ["offline_access", "keep its access while you are away, until you disconnect it"],
  ])("and is known all over has words of its own: %s", (scope, words) => expect(wordsOf(scope)).toBe(words))

  test.each([
    ["read", "read what is yours"],
    ["write", "write and change what is yours"],
    ["read_only", "read what is yours"],
    ["read-write", "read, write and change what is yours"],
    ["admin", "manage what is yours"],
    ["*", "do everything with what is yours"],
    ["all", "do everything with what is yours"],
  ])("and is a verb is about what is theirs: %s", (scope, words) => expect(wordsOf(scope)).toBe(words))

  test.each([
    ["notes:read", "read notes"],
    ["read:notes", "read notes"],
    ["notes.readonly", "read notes"],
    ["notes/delete", "delete notes"],
    ["write_notes", "write and change notes"],
    ["files:search", "search files"],
    ["mailSend", "send mail"],
    ["Mail.ReadWrite", "read, write and change mail"],
    ["read:list", "list read"],
    ["User.Read.All", "read user all"],
    ["mcp:tools", "use mcp tools"],
    ["user_impersonation", "use user impersonation"],
    ["user:email", "see user email"],
    ["notes:*", "do everything with notes"],
    ["notes*x:read", "read notes x"],
    ["calendar-events:all", "do everything with calendar events"],
    ["a.b.c.read", "read a b c"],
    ["s3:read", "read s3"],
    [`${"n".repeat(24)}:read`, `read ${"n".repeat(24)}`],
  ])("says what is done to what: %s", (scope, words) => expect(wordsOf(scope)).toBe(words))

  test.each([
    ["read", "read notes"],
    ["readonly", "read notes"],
    ["view", "see notes"],
    ["list", "list notes"],
    ["search", "search notes"],
    ["write", "write and change notes"],
    ["readwrite", "read, write and change notes"],
    ["edit", "change notes"],
    ["update", "change notes"],
    ["modify", "change notes"],
    ["create", "make new notes"],
    ["add", "add notes"],
    ["delete", "delete notes"],
    ["remove", "remove notes"],
    ["manage", "manage notes"],
    ["admin", "manage notes"],
    ["send", "send notes"],
    ["share", "share notes"],
    ["upload", "upload notes"],
    ["download", "download notes"],
    ["import", "import notes"],
    ["export", "export notes"],
    ["run", "run notes"],
    ["execute", "run notes"],
    ["invoke", "run notes"],
    ["call", "call notes"],
    ["use", "use notes"],
  ])("knows the verb %s, before and behind", (verb, words) => {
    expect([wordsOf(`notes:${verb}`), wordsOf(`${verb}-notes`)]).toEqual([words, words])
  })

  test.each([
    ["https://www.googleapis.com/auth/drive.readonly", "read drive"],
    ["api://notes.example/notes.write", "write and change notes"],
    ["HTTPS://notes.example/a/read", "read what is yours"],
  ])("and is an address says it by the end of its path: %s", (scope, words) => expect(wordsOf(scope)).toBe(words))

  test.each([
    "claudeai",
    "mcp",
    "constructor",
    "__proto__",
    ":",
    "https://notes.example/",
    "api://1f0c-77/.default",
    "a.b.c.d.read",
    `${"n".repeat(25)}:read`,
    "1notes:read",
    "<b>",
  ])("and says nothing in words is shown as it is: %s", (scope) => expect(wordsOf(scope)).toBeUndefined())
})

describe("the page that asks", () => {
  const shown = async (scopes: ReadonlyArray<string>, scopeDescriptions: Readonly<Record<string, string>> = {}) => {
    const settings = settingsOf({ issuer: "https://id.example", scopeDescriptions })
    const client = { clientId: "notes-1", metadata: { client_name: "Notes" } } as RegisteredClient
    const view = { form: "", account: "alice", client, redirectUri: "http://127.0.0.1/", scopes, resources: [] }
    const { body } = await Effect.runPromise(consentPage(settings, { ...view, canSwitch: false }))
    return [...body.matchAll(/<li>(.*?)<\/li>/g)].map(([, item]) => item)
  }

  test("says in words what each scope allows, with the scope beside them", async () => {
    expect(await shown(["notes:read", "openid", "claudeai"])).toEqual([
      "read notes <code>notes:read</code>",
      "know who you are <code>openid</code>",
      "use <code>claudeai</code>",
    ])
  })

  test("takes the operator's words before all others", async () => {
    expect(await shown(["notes:read", "openid"], { "notes:read": "see <all> notes", openid: "sign you in" })).toEqual([
      "see &lt;all&gt; notes <code>notes:read</code>",
      "sign you in <code>openid</code>",
    ])
  })

  test("shows text, whatever a scope is", async () => {
    expect(await shown(["<b>:read", "constructor", `a&b:<i>`])).toEqual([
      "read b <code>&lt;b&gt;:read</code>",
      "use <code>constructor</code>",
      "use a b i <code>a&amp;b:&lt;i&gt;</code>",
    ])
  })
})
