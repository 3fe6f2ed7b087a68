/**
 * The way to a code that is not auto-approval: somebody with a browser, who signs in where that is asked and allows
 * whatever is shown. A suite that runs over every way finds what one of them answers differently.
 *
 * The token side is on the network as ever; the browser meets the server under its issuer's own name, so in process.
 */
import { Effect } from "effect"
import { createHandler } from "../../src/http/index.ts"
import { actionOf, newBrowser, PASSWORD, type Sight } from "./FrontDoor.ts"
import { keepTime } from "./Moment.ts"
import {
  ACCOUNT,
  configOf,
  generousLimits,
  overMemory,
  serve,
  serverOver,
  type Factory,
  type Setting,
  type TestServer,
  type Visit,
} from "./TestServer.ts"
import { answerOf } from "./WireClient.ts"

const visitorOf = ({ native, clock }: Pick<TestServer, "native" | "clock">, setting: Setting): Visit => {
  const { issuer } = configOf(setting)
  const { origin, pathname } = new URL(issuer)
  const limits = { ...generousLimits, ...setting.endpoints?.limits }
  const handle = createHandler(native, { ...setting.endpoints, limits, sourceOf: () => "192.0.2.1" })
  keepTime(origin, clock)
  const browser = newBrowser(origin, (url, request) => handle(new Request(url, request)))
  const base = pathname.replace(/\/$/, "")

  const signUp = async () => {
    await Effect.runPromise(native.accounts.ensure(ACCOUNT, clock.now()))
    await Effect.runPromise(native.accounts.setPassword(ACCOUNT, PASSWORD))
    await browser.signIn(await browser.get(`${base}/login`))
  }
  const answered = ({ text, status, headers }: Sight) => answerOf(new Response(text, { status, headers }))
  let signedUp: Promise<void> | undefined
  return async (path, decision = "allow") => {
    // Not before somebody has anything to approve: a password takes its time. Who is signed in is told of a mistake by
    // redirect, as where requests are approved by themselves.
    await (signedUp ??= signUp())
    const page = await browser.walk(base + path, ACCOUNT)
    const action = actionOf(page, "/consent")
    return answered(action === undefined ? page : await browser.submit(page, action, { decision }))
  }
}

/** As over memory, but for who approves. */
export const overPages: Factory = {
  name: "native over memory, through login and consent",
  isNative: true,
  start: async (setting = {}) => {
    const asking = { ...setting, isAutoApproving: false }
    const made = await serverOver(asking)
    return { ...made, url: await serve(made.native, asking), visit: visitorOf(made, asking) }
  },
}

/** Every way to come by a code. */
export const ways: ReadonlyArray<Factory> = [overMemory, overPages]
