/**
 * A store with names in it: apps that say what they are called, accounts, and grants that live, ended or were denied.
 *
 * Made in this process and closed; then asked by the command, as an operator asks it.
 */
import { sqliteStore } from "../../../src/provider/index.ts"
import { logins, run } from "../../audit/Logins.ts"
import { manualClock } from "../../support/ManualClock.ts"
import type { Ran } from "./Command.ts"
import { temporaryFolder, type Folder } from "./Folder.ts"
import { grantlogHere, grantlogJsonHere } from "./InProcess.ts"

export const APP = { id: "app-1", name: "Example app" }
/** Another app, which was deleted since; its name before it was renamed is in no answer. */
export const GONE = { id: "app-2", name: "Gone app" }

export interface NamedStore extends Folder {
  readonly file: string
  readonly keys: string
  /** The subject of the account `demo`. */
  readonly demo: string
  /** Grants of `demo`, in the order in which they were opened; the last one of them lives. */
  readonly grants: Readonly<Record<"denied" | "revoked" | "ofGoneApp" | "open", string>>
  readonly ask: (...args: ReadonlyArray<string>) => Promise<Ran>
  readonly pipe: (input: string, ...args: ReadonlyArray<string>) => Promise<Ran>
  readonly json: <A = Readonly<Record<string, unknown>>>(...args: ReadonlyArray<string>) => Promise<A>
}

const clientOf = (clientId: string, name: string) => ({
  clientId,
  metadata: {
    client_name: name,
    redirect_uris: ["http://127.0.0.1:8123/callback"],
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
  },
})

/** `more` does what else there shall be, while the server is there. */
export const namedStore = async (
  more?: (system: Awaited<ReturnType<typeof logins>>) => Promise<void>,
): Promise<NamedStore> => {
  const folder = temporaryFolder()
  const file = folder.at("grantlog.db")
  const store = sqliteStore(file)
  // The commands have the real clock, which must not be behind the log.
  const system = await logins({ store, clock: manualClock(Date.now() - 600_000) })
  const { native, clock } = system
  const account = await run(native.accounts.add("demo", undefined, native.now()))
  const demo = account!.subjectId
  await run(native.addClient(clientOf(APP.id, APP.name)))
  await run(native.addClient(clientOf(GONE.id, "Named otherwise")))
  await run(native.updateClient(GONE.id, clientOf(GONE.id, GONE.name).metadata))
  const login = async (clientId: string) => {
    clock.pass(1)
    return (await system.login(clientId, demo)).grantId
  }
  const denied = "0000000000000000denied"
  await run(
    native.denyGrant({
      grantId: denied,
      clientId: APP.id,
      subjectId: demo,
      redirectUri: "http://127.0.0.1:8123/callback",
    }),
  )
  const revoked = await login(APP.id)
  const ofGoneApp = await login(GONE.id)
  const open = await login(APP.id)
  clock.pass(1)
  await run(native.revokeGrant(revoked, "operator"))
  await run(native.deleteClient(GONE.id))
  await more?.(system)
  const keys = JSON.stringify(system.keys)
  await run(store.close)
  const env = { GRANTLOG_KEYS: keys, GRANTLOG_STORE: `sqlite:${file}` }
  return {
    ...folder,
    file,
    keys,
    demo,
    grants: { denied, revoked, ofGoneApp, open },
    ask: (...args) => grantlogHere(args, { env }),
    pipe: (input, ...args) => grantlogHere(args, { env, input }),
    json: <A>(...args: ReadonlyArray<string>) => grantlogJsonHere<A>(args, { env }),
  }
}
