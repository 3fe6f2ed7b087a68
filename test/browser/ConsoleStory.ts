/**
 * A log with a theft in it, and the console over it: for whoever looks at it, by test or by picture.
 *
 * A refresh token is spent by its client and presented again by somebody else; another grant of the same person lives.
 * The clock stands still, so that the same things are seen every day.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { createServer as createProxy } from "node:http"
import { createServer } from "node:https"
import { connect, type AddressInfo, type Server } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Duplex } from "node:stream"
import { Clock, Effect } from "effect"
import { checkpointFiles } from "../../src/audit/proof/CheckpointFiles.ts"
import { checkpointNow } from "../../src/audit/proof/Checkpoints.ts"
import { openAuditIndex } from "../../src/audit/index.ts"
import { consoleEndpoints } from "../../src/cli/console/Console.ts"
import type { CodeChallenge, EpochMillis, RedirectUri, Resources, Scopes, SubjectId } from "../../src/core/index.ts"
import { nodeListener, type MountedEndpoint } from "../../src/http/index.ts"
import { ephemeralKeys, makeServer, memoryStore, type OAuthToken } from "../../src/provider/index.ts"
import { manualClock } from "../support/ManualClock.ts"
import { challengeOf } from "../support/WireClient.ts"
import { selfSigned } from "./Certificate.ts"

export const CONSOLE_PASSWORD = "a password of the console"
export const OWNER = "sub_4fZ9mQ2xVb7Lk1TnRw8YcE" as SubjectId

const REDIRECT_URI = "http://127.0.0.1:43121/callback" as RedirectUri
const VERIFIER = "v".repeat(43)

type Tokens = OAuthToken & { readonly refresh_token: string }

/** Everything is a request of its own, at the time of the story's clock. */
const storyOf = async (issuer: string) => {
  const manual = manualClock(Date.UTC(2026, 10, 20, 8, 2, 11))
  const { clock, randomness, now, pass } = manual
  const run = <A, E>(effect: Effect.Effect<A, E>): Promise<A> =>
    Effect.runPromise(Effect.provideService(effect, Clock.Clock, clock))
  const store = memoryStore()
  const config = { issuer, scopes: ["notes:read", "notes:write"], resources: ["https://notes.example/mcp"] }
  const server = await run(makeServer({ store, keys: ephemeralKeys(), randomness, config }))
  for (const [clientId, client_name] of [
    ["desk-assistant", "Desk Assistant"],
    ["weekly-digest", "Weekly Digest"],
  ] as const) {
    const client = {
      client_name,
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: "none" as const,
      grant_types: ["authorization_code", "refresh_token"] as const,
      response_types: ["code"] as const,
    }
    await run(server.addClient({ clientId, metadata: client }))
    pass(31)
  }
  const approve = (clientId: string) =>
    run(
      server.openGrant({
        clientId,
        approval: { _tag: "User", subjectId: OWNER, approvedAt: now() as EpochMillis },
        request: {
          redirectUri: REDIRECT_URI,
          redirectUriProvidedExplicitly: true,
          codeChallenge: challengeOf(VERIFIER) as CodeChallenge,
          jkt: null,
        },
        scopes: ["notes:read"] as unknown as Scopes,
        resources: ["https://notes.example/mcp"] as unknown as Resources,
      }),
    )
  const login = async (clientId: string) => {
    const { code, grantId } = await approve(clientId)
    pass(2)
    const tokens = await run(server.redeemCode({ credentials: { clientId }, code, codeVerifier: VERIFIER }))
    return { code, grantId, tokens: tokens as Tokens }
  }
  const refresh = async (clientId: string, { refresh_token: refreshToken }: Tokens) =>
    (await run(server.refresh({ credentials: { clientId }, refreshToken }))) as Tokens

  const stolen = await login("desk-assistant")
  pass(3125)
  const second = await refresh("desk-assistant", stolen.tokens)
  pass(840)
  const living = await login("weekly-digest")
  pass(2410)
  await refresh("desk-assistant", second)
  pass(1804)
  await run(
    Effect.flip(server.refresh({ credentials: { clientId: "desk-assistant" }, refreshToken: second.refresh_token })),
  )
  pass(95)
  return { server, store, clock, randomness, run, pass, stolen: { ...stolen, presented: second.refresh_token }, living }
}

/** A name that no machine has: whoever visits it goes through the proxy that leads here. */
const ISSUER = "https://console.example"

const listenOn = async (server: Server): Promise<AddressInfo> => {
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve))
  return server.address() as AddressInfo
}

/** Serves it by a public name to visitors with the options that come with it; whoever starts it closes it. */
export const startConsoleStory = async () => {
  let listener: ReturnType<typeof nodeListener> = (_, response) => response.end()
  const http = createServer(selfSigned(), (message, response) => listener(message, response))
  const { port } = await listenOn(http)
  const connections = new Set<Duplex>()
  const proxy = createProxy().on("connect", (_, browser: Duplex) => {
    const served = connect(port, "localhost", () => browser.write("HTTP/1.1 200 OK\r\n\r\n"))
    for (const one of [browser, served]) connections.add(one.on("error", () => {}))
    browser.pipe(served).pipe(browser)
  })
  const { port: proxyPort } = await listenOn(proxy)
  const visitor = { ignoreHTTPSErrors: true, proxy: { server: `http://localhost:${proxyPort}` } }
  const issuer = ISSUER
  const folder = mkdtempSync(join(tmpdir(), "grantlog-console-"))
  const story = await storyOf(issuer)
  const storage = checkpointFiles(join(folder, "key.json"), [join(folder, "checkpoint")])
  const key = await story.run(storage.openKey("https://id.meadow.example", story.randomness))
  await story.run(checkpointNow(story.store, key, storage))
  const index = openAuditIndex(story.store, undefined)
  const endpoints = consoleEndpoints({
    issuer,
    audit: { log: story.store, index },
    location: {
      name: "sqlite:grantlog.db",
      file: "grantlog.db",
      database: undefined,
      keyFile: "grantlog.db.keys.json",
      isKeyFileGiven: false,
    },
    kept: { storage, key },
    password: CONSOLE_PASSWORD,
    loginsPerMinute: 1000,
  })
  const atThatTime = ([method, path, endpoint]: MountedEndpoint): MountedEndpoint => [
    method,
    path,
    (request) => Effect.provideService(endpoint(request), Clock.Clock, story.clock),
  ]
  listener = nodeListener(story.server, { mounted: endpoints.map(atThatTime) })
  const close = async () => {
    http.closeAllConnections()
    for (const one of connections) one.destroy()
    await Promise.all([http, proxy].map((one) => new Promise((resolve) => one.close(resolve))))
    await Effect.runPromise(index.close)
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...story, issuer, visitor, key, close }
}
