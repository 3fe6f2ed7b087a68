/**
 * A server with a front door, under its own issuer, and a browser without eyes: cookies, forms and redirects by hand.
 *
 * It judges nothing and follows nothing by itself; what a real browser makes of the pages is tried in test/browser.
 */
import type { AddressInfo } from "node:net"
import { createServer } from "node:http"
import { Effect } from "effect"
import { onTestFinished } from "vitest"
import { createHandler, nodeListener, type EndpointOptions } from "../../src/http/index.ts"
import type { AuthorizationServer } from "../../src/provider/index.ts"
import { inAMoment, keepTime, loseTime } from "./Moment.ts"
import { serverOver, type Setting } from "./TestServer.ts"
import { REDIRECT_URI, challengeOf, formOf } from "./WireClient.ts"

export const PASSWORD = "correct horse battery"
export const VERIFIER = "the-verifier-of-every-request-in-these-tests-01"

/** A server on a free port of `localhost`, whose issuer says so unless it has another name; `alice` and `bob` can sign in. `face`: what is served of it. */
export const startFrontDoor = async (
  setting: Setting = {},
  endpointsFor: (issuer: string) => Promise<EndpointOptions> = async () => setting.endpoints ?? {},
  face: (native: AuthorizationServer) => AuthorizationServer = (native) => native,
) => {
  let listener: ReturnType<typeof nodeListener> = (_, response) => response.end()
  // A test that computes for long must not find its connections closed meanwhile.
  const http = createServer({ keepAliveTimeout: 0 }, (message, response) => listener(message, response))
  await new Promise<void>((resolve) => http.listen(0, "localhost", resolve))
  onTestFinished(async () => {
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  const url = `http://localhost:${(http.address() as AddressInfo).port}`
  const issuer = setting.config?.issuer ?? url
  const made = await serverOver({ isAutoApproving: false, ...setting, config: { ...setting.config, issuer } })
  keepTime(issuer, made.clock)
  onTestFinished(() => loseTime(issuer))
  const [served, options] = [face(made.native), await endpointsFor(issuer)]
  listener = nodeListener(served, options)
  const handle = createHandler(served, options)
  const carry: Carrier = issuer === url ? fetch : (to, request) => handle(new Request(to, request))
  for (const name of ["alice", "bob"]) {
    await Effect.runPromise(made.native.accounts.add(name, PASSWORD, made.clock.now()))
  }
  return { ...made, issuer, url, carry }
}

export type FrontDoor = Awaited<ReturnType<typeof startFrontDoor>>

export interface Sight {
  readonly status: number
  readonly location: string | undefined
  readonly text: string
  readonly headers: Headers
}

/** Where the form of that kind on a page goes to; `undefined` when there is none. */
export const actionOf = ({ text }: Pick<Sight, "text">, path: string): string | undefined =>
  [...text.matchAll(/<form method="post" action="([^"]*)"/g)].find(([, action]) => action!.endsWith(path))?.[1]

export const isLoginPage = (page: Sight): boolean => actionOf(page, "/login") !== undefined

/** How a browser's requests get there. */
export type Carrier = (url: URL, request: RequestInit) => Promise<Response>

/** A browser with its own cookies. */
export const newBrowser = (issuer: string, carry: Carrier = fetch) => {
  const jar = new Map<string, string>()
  const send = async (
    method: string,
    url: string,
    fields?: Record<string, string>,
    headers: Record<string, string> = {},
  ) => {
    const response = await carry(new URL(url, issuer), {
      method,
      redirect: "manual",
      headers: {
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(fields === undefined ? {} : { origin: issuer }),
        ...headers,
      },
      ...(fields === undefined ? {} : { body: formOf(fields) }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      if (/Max-Age=0/.test(line)) jar.delete(name!)
      else jar.set(name!, value!)
    }
    const { status } = response
    const location = response.headers.get("location") ?? undefined
    return { status, location, text: await response.text(), headers: response.headers } satisfies Sight
  }
  /** Every hidden field of a page's first form. */
  const hidden = (page: Sight): Record<string, string> =>
    Object.fromEntries(
      [...page.text.split("</form>")[0]!.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
        ([, name, value]) => [name!, value!],
      ),
    )
  const get = (url: string) => send("GET", url)
  const signIn = async (page: Sight, name = "alice", password = PASSWORD) =>
    send("POST", actionOf(page, "/login") ?? "/login", { form: hidden(page)["form"] ?? "", name, password })
  const follow = async (answer: Sight): Promise<Sight> => {
    let now = answer
    while (now.location !== undefined && new URL(now.location, issuer).origin === issuer) now = await get(now.location)
    return now
  }
  return {
    issuer,
    jar,
    get,
    send,
    hidden,
    /** Posts the page's form with these fields besides the hidden one, as somebody who has looked at it. */
    submit: (page: Sight, path: string, fields: Record<string, string>) =>
      inAMoment(issuer, () => send("POST", path, { form: hidden(page)["form"] ?? "", ...fields })),
    signIn,
    /** Goes where the answer leads, as long as that is here. */
    follow,
    /** To the page that a link leads to, or to where it leads away from here, signing in on the way if that is asked. */
    walk: async (url: string, name?: string, password?: string): Promise<Sight> => {
      const page = await follow(await get(url))
      return isLoginPage(page) ? follow(await signIn(page, name, password)) : page
    },
  }
}

export const authorizeUrl = (clientId: string, more: Record<string, string> = {}): string =>
  `/authorize?${formOf({
    response_type: "code",
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    code_challenge: challengeOf(VERIFIER),
    code_challenge_method: "S256",
    state: "s",
    ...more,
  })}`
