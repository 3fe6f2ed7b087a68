/** A console over a log with a theft in it, without HTTP: requests as data, a browser that keeps one cookie. */
import { join } from "node:path"
import { Clock, Effect } from "effect"
import { onTestFinished } from "vitest"
import { checkpointFiles } from "../../../src/audit/proof/CheckpointFiles.ts"
import { checkpointNow } from "../../../src/audit/proof/Checkpoints.ts"
import { consoleEndpoints, type ConsoleParts } from "../../../src/cli/console/Console.ts"
import type { WireReply, WireRequest } from "../../../src/http/index.ts"
import { liveRandomness } from "../../../src/provider/index.ts"
import { ISSUER, temporaryFolder, type Setting } from "../../support/TestServer.ts"
import { auditOf, logins, run } from "../../audit/Logins.ts"

export const PASSWORD = "a password of the console"

interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  readonly source?: string
}

/** A host of its own, where somebody signs in to the console. */
export const PUBLIC = "https://id.example"

export const consoleUnderTest = async (given: Partial<ConsoleParts> = {}, isKept = true, setting: Setting = {}) => {
  const { issuer = PUBLIC } = given
  const world = await logins(setting)
  const stolen = await world.login()
  const second = await world.refresh(stolen.refresh_token)
  const living = await world.login()
  world.clock.pass(600)
  await world.refresh(second.refresh_token)
  world.clock.pass(600)
  await world.refused(world.native.refresh({ credentials: { clientId: "app" }, refreshToken: second.refresh_token }))
  const folder = temporaryFolder()
  const notePath = join(folder, "checkpoint")
  const storage = checkpointFiles(join(folder, "key.json"), [notePath])
  const key = await run(storage.openKey(ISSUER, liveRandomness))
  await run(checkpointNow(world.store, key, storage))
  const audit = await auditOf(world)
  onTestFinished(() => run(audit.index.close))
  const kept = isKept ? { storage, key } : undefined
  const endpoints = consoleEndpoints({
    audit: { ...audit, log: world.store },
    location: {
      name: "sqlite:grantlog.db",
      file: "grantlog.db",
      database: undefined,
      keyFile: "grantlog.db.keys.json",
      isKeyFileGiven: false,
    },
    kept,
    password: PASSWORD,
    ...given,
    issuer,
  })

  let cookie: string | undefined
  const send = async (method: "GET" | "POST", url: string, body = "", { headers, source }: Sent = {}) => {
    const { pathname, search } = new URL(url, issuer)
    const endpoint = endpoints.find(([verb, path]) => verb === method && path === pathname)?.[2]
    if (endpoint === undefined) throw new Error(`the console has no ${method} ${pathname}`)
    const request: WireRequest = {
      method,
      path: pathname,
      query: search.slice(1),
      headers: {
        host: new URL(issuer).host,
        ...(cookie === undefined ? {} : { cookie }),
        ...(method === "POST" ? { origin: issuer } : {}),
        ...headers,
      },
      body,
      source: source ?? "192.0.2.1",
    }
    const reply: WireReply = await run(Effect.provideService(endpoint(request), Clock.Clock, world.clock.clock))
    const set = reply.cookies?.[0]
    if (set !== undefined) cookie = set.includes("Max-Age=0") ? undefined : set.split(";")[0]
    return reply
  }
  const signIn = (password = PASSWORD, sent: Sent = {}, to = "/console") =>
    send("POST", "/console/login", new URLSearchParams({ password, to }).toString(), sent)
  return {
    ...world,
    endpoints,
    key,
    storage,
    notePath,
    send,
    signIn,
    get: (url: string, sent?: Sent) => send("GET", url, "", sent),
    stolen: { ...stolen, presented: second.refresh_token },
    living,
  }
}
