/**
 * Every page as it is rendered, to the letter: in `rendered`, a file for each kind of page, its looks left out.
 *
 * Whoever changes a page sees in the difference what people, and what reads to them, will get.
 */
import { Effect } from "effect"
import { expect, test } from "vitest"
import type { RegisteredClient } from "../../../src/core/index.ts"
import { accountPage, type AccountView } from "../../../src/http/pages/AccountPage.ts"
import { consentPage, type ConsentView } from "../../../src/http/pages/ConsentPage.ts"
import { disconnectPage } from "../../../src/http/pages/DisconnectPage.ts"
import { homePage } from "../../../src/http/pages/HomePage.ts"
import { loginPage, type LoginView } from "../../../src/http/pages/LoginPage.ts"
import { clientFaultPage, elsewherePage, failurePage, messagePage } from "../../../src/http/pages/MessagePage.ts"
import type { WireReply, WireRequest } from "../../../src/provider/features/Wire.ts"
import { OAuthError, RateLimited, Unavailable } from "../../../src/provider/OAuthError.ts"
import { OperatorNotice } from "../../../src/http/Caller.ts"
import { CorrelationId, settingsOf } from "../../../src/provider/index.ts"

const settings = settingsOf({ issuer: "https://id.example/tenant", scopeDescriptions: { read: "read your notes" } })
const local = settingsOf({ issuer: "http://localhost:4000" })
const branded = (logo: string) => settingsOf({ issuer: "https://id.example", displayName: "Example & Sons", logo })

type Variants = Readonly<Record<string, Effect.Effect<WireReply>>>

/** A reply as text; the style is how it looks, and its hash goes with it. */
const told = ({ status, headers, body }: WireReply): string =>
  [
    `${status}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value.replace(/'sha256-[^']*'/, "'sha256-…'")}`),
    "",
    body.replace(/<style>[^]*<\/style>/, "<style>…</style>"),
  ].join("\n")

const rendered = async (variants: Variants): Promise<string> => {
  const texts = Object.entries(variants).map(
    async ([name, page]) => `==== ${name}\n${told(await Effect.runPromise(page))}\n`,
  )
  return (await Promise.all(texts)).join("\n")
}

const at = (minutes: number) => Date.UTC(2030, 0, 2, 3, minutes)

const client = (name: string, over: object = {}) =>
  ({
    clientId: `${name.toLowerCase()}-1`,
    metadata: { client_name: name },
    origin: "dynamic",
    ...over,
  }) as RegisteredClient

const connection = (name: string, openedAt: number, renewedAt?: number) =>
  ({
    client: client(name),
    grant: {
      grantId: `grant-of-${name}`,
      openedAt,
      expiresAt: openedAt + 86_400_000,
      scopes: ["read", "notes:write"],
      resources: ["https://api.example/mcp"],
      refresh: renewedAt === undefined ? null : { current: { issuedAt: renewedAt } },
    },
  }) as unknown as AccountView["apps"][number]

const session = (digest: string, authenticatedAt: number) =>
  ({ digest, authenticatedAt }) as AccountView["sessions"][number]

const account = (over: object = {}, of = settings) =>
  accountPage(of, {
    form: "sealed",
    signedIn: { name: "alice", session: "here", account: "alice", subjectId: "sub_1" },
    apps: [],
    olderApps: undefined,
    isAtNewest: true,
    sessions: [session("here", at(0)), session("there", at(1))],
    canSignOut: true,
    ...over,
  } as unknown as AccountView)

const login = (over: Partial<LoginView> = {}) => loginPage(settings, { form: "sealed", name: "", ...over })

const consent = (over: Partial<ConsentView> = {}) =>
  consentPage(settings, {
    form: "sealed",
    account: "alice",
    client: client("Notes"),
    redirectUri: "https://app.example/callback",
    scopes: ["read"],
    resources: ["https://api.example/mcp"],
    canSwitch: true,
    ...over,
  })

const request = (over: Partial<WireRequest>) =>
  ({
    method: "GET",
    path: "/tenant/authorize",
    query: "client_id=a&x=1",
    headers: {},
    body: "",
    source: "",
    ...over,
  }) as WireRequest

const marked = (marks: number) => ` n${"\u0301".repeat(marks)}otes  \u2800 of   alice `

const pages: Readonly<Record<string, Variants>> = {
  home: {
    "signed out": homePage(settings, { metadata: "/meta", account: "/account", isSignedIn: false }),
    "signed in": homePage(settings, { metadata: "/meta", account: "/account", isSignedIn: true }),
    "somebody else's login": homePage(settings, { metadata: "/meta", isSignedIn: false }),
    "a picture of the host's": homePage(branded("https://cdn.example/logo.svg"), {
      metadata: "/meta",
      isSignedIn: false,
    }),
    "a picture in the page": homePage(branded("data:image/png;base64,AAAA"), { metadata: "/meta", isSignedIn: false }),
  },
  login: {
    "for the first time": login(),
    "for an app, whose name is known": login({ name: "alice", app: "Notes", because: "The session is too old." }),
    "a wrong password": login({ name: "alice", fault: { status: 400, sentence: "Wrong." } }),
    "too early": login({ fault: { status: 429, sentence: "Later.", retryAfterSeconds: 7 } }),
  },
  consent: {
    "a client that registered itself": consent(),
    "a client that a document describes": consent({
      client: client("Notes", {
        origin: "document",
        clientId: "https://notes.example:8443/client.json",
        metadata: { client_name: "Notes", redirect_uris: ["https://app.example/callback"] },
      }),
    }),
    "one of which every answer stays on this machine": consent({
      client: client("Notes", {
        origin: "document",
        clientId: "https://notes.example/client.json",
        metadata: { client_name: "Notes", redirect_uris: ["http://127.0.0.1/callback", "http://localhost/cb"] },
      }),
      redirectUri: "http://127.0.0.1:4100/callback",
    }),
    "one of the operator's, without a choice of accounts": consent({
      client: client("Notes", { origin: "operator" }),
      canSwitch: false,
      scopes: [],
      redirectUri: "http://127.0.0.1:4100/callback",
    }),
    "once more": consent({ fault: "Too early.", redirectUri: "com.app.notes:/callback" }),
    "a name with more marks than any script stacks": consent({ client: client(marked(9)) }),
  },
  disconnect: {
    "one app": disconnectPage(settings, {
      form: "sealed",
      app: { grantId: "grant", client: client("Notes"), scopes: ["read"] },
    }),
    all: disconnectPage(settings, { form: "sealed" }),
  },
  account: {
    "nothing connected": account(),
    "nothing newer": account({ isAtNewest: false }),
    "nothing on this page": account({ olderApps: "grant-9" }),
    "one app, which is not disconnected by a button for all": account({ apps: [connection("Notes", at(0))] }),
    "two apps, the later one first": account({
      apps: [connection("Notes", at(0)), connection("Mail", at(5), at(9))],
    }),
    "one app, and older ones": account({ apps: [connection("Notes", at(0), at(0))], olderApps: "grant-9" }),
    done: account({ notice: { status: 200, sentence: "Done." } }),
    "not done": account({ notice: { status: 429, sentence: "Later.", retryAfterSeconds: 9 } }),
    "a wrong password": account({ notice: { status: 400, sentence: "Wrong.", isOfPassword: true } }),
    "a password that was changed": account({ notice: { status: 200, sentence: "Changed.", isOfPassword: true } }),
    "on a host that others share": account({}, local),
    "somebody else's login": account({ signedIn: { name: "alice", session: "here" }, canSignOut: false }),
  },
  message: {
    "a sentence": messagePage(settings, 400, "No."),
    "a way on": messagePage(settings, 400, "No.", { way: { href: "/there", text: "There", note: "It leads there." } }),
    "a request with a name": Effect.provideService(messagePage(settings, 400, "No."), CorrelationId, "request-1"),
    "by another name": elsewherePage(settings, request({})),
    "by another name, without a query": elsewherePage(settings, request({ query: "" })),
    "by another name, posted": elsewherePage(settings, request({ method: "POST" })),
    "what the client got wrong": clientFaultPage(settings, "no scope", "https://app.example/callback?error=x"),
    "what is refused": failurePage(settings, new OAuthError({ error: "invalid_request", description: "no scope" })),
    "what came too often": failurePage(settings, new RateLimited({ message: "too often", retryAfterSeconds: 1.2 })),
    "what is not to be had": failurePage(settings, new Unavailable({ message: "the disk", retryAfterSeconds: 60 })),
  },
}

test.each(Object.entries(pages))("the page is to the letter: %s", async (name, variants) => {
  await expect(await rendered(variants)).toMatchFileSnapshot(`rendered/${name}.txt`)
})

test("the operator is told why the store is not to be had, and nothing of who came too often", async () => {
  const notices: Array<string> = []
  const tell = (message: string) => void notices.push(message)
  for (const failure of [
    new RateLimited({ message: "too often", retryAfterSeconds: 1 }),
    new Unavailable({ message: "the disk", retryAfterSeconds: 60 }),
  ]) {
    await Effect.runPromise(Effect.provideService(failurePage(settings, failure), OperatorNotice, tell))
  }
  expect(notices).toEqual(["the disk"])
})
