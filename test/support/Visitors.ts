/**
 * Browsers at the front door without a network between: each from an address of the test's choosing, at the time of the
 * test's clock, and with a hand on when a password has been looked at.
 */
import { Clock, Effect } from "effect"
import { makeEndpoints, type EndpointOptions } from "../../src/http/index.ts"
import type { AuthorizationServer } from "../../src/provider/index.ts"
import { newBrowser, PASSWORD, type Carrier } from "./FrontDoor.ts"
import { keepTime } from "./Moment.ts"
import { ISSUER, serverOver, type Setting } from "./TestServer.ts"

export const startVisits = async (
  { endpoints, ...setting }: Setting & { readonly endpoints?: EndpointOptions } = {},
  face: (native: AuthorizationServer) => AuthorizationServer = (native) => native,
) => {
  const made = await serverOver({ isAutoApproving: false, ...setting })
  keepTime(ISSUER, made.clock)
  for (const name of ["alice", "bob"]) {
    await Effect.runPromise(made.native.accounts.add(name, PASSWORD, made.clock.now()))
  }
  const answer = makeEndpoints(face(made.native), endpoints)
  const carrierFrom =
    (source: string): Carrier =>
    async (url, { method = "GET", headers, body }) => {
      const wire = {
        method,
        path: url.pathname,
        query: url.search.slice(1),
        headers: { host: url.host, ...(headers as Record<string, string>) },
        body: String(body ?? ""),
        source,
      }
      const replying = Effect.provideService(answer(wire, "request"), Clock.Clock, made.clock.clock)
      const reply = await Effect.runPromise(replying)
      const fields = new Headers(reply.headers)
      for (const cookie of reply.cookies ?? []) fields.append("set-cookie", cookie)
      return new Response(reply.body === "" ? null : reply.body, { status: reply.status, headers: fields })
    }
  return { ...made, browserFrom: (source: string) => newBrowser(ISSUER, carrierFrom(source)) }
}

/** Looks at passwords when the test says so, one at a time and in the order in which they came. */
export const heldPasswords = () => {
  const held: Array<() => void> = []
  let encrypting = 0
  const counted = async <A>(work: () => Promise<A>): Promise<A> => {
    encrypting++
    try {
      return await work()
    } finally {
      encrypting--
    }
  }
  /** Everything has gone on as far as it can without a look at a password. */
  const settled = async (): Promise<void> => {
    // What is encrypted is away in the thread pool; all else takes a few turns of the loop at most.
    for (let quiet = 0; quiet < 10; quiet = encrypting === 0 ? quiet + 1 : 0) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return {
    face: (native: AuthorizationServer): AuthorizationServer => ({
      ...native,
      carried: {
        encrypt: (...value) => counted(() => native.carried.encrypt(...value)),
        decrypt: (...text) => counted(() => native.carried.decrypt(...text)),
      },
      accounts: {
        ...native.accounts,
        verifyPassword: (name, password) =>
          Effect.andThen(
            Effect.callback<void>((resume) => void held.push(() => resume(Effect.void))),
            Effect.suspend(() => (password === PASSWORD ? native.accounts.standing(name) : Effect.succeed(undefined))),
          ),
      },
    }),
    settled,
    /** How many are being looked at now. */
    heldCount: () => held.length,
    /** Finishes the oldest look, and lets everybody do what they do then. */
    lookAtOne: async () => {
      held.shift()?.()
      await settled()
    },
  }
}
