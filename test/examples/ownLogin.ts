/** A host whose users are signed in already: its own session is the login, its own page asks who is not. */
import { Effect } from "effect"
import type { LoginFactory } from "../../src/entry/http.ts"

/** Who a cookie of the host's own belongs to, and since when. */
export type HostSession = (cookie: string) => { readonly user: string; readonly since: number } | undefined

export const ownLogin =
  (sessionOf: HostSession): LoginFactory =>
  ({ server }) => ({
    current: ({ headers }) =>
      Effect.gen(function* () {
        const cookie = headers["cookie"] ?? ""
        const session = sessionOf(cookie)
        if (session === undefined) return undefined
        const { subjectId, displayName } = yield* Effect.orDie(server.accounts.ensure(session.user, server.now()))
        return {
          subjectId,
          name: displayName,
          authenticatedAt: session.since,
          session: `${session.user} ${session.since}`,
        }
      }),
    ask: (_, { returnTo }) =>
      Effect.succeed({
        status: 303,
        headers: { location: `/sign-in?next=${encodeURIComponent(returnTo)}` },
        body: "",
      }),
    endpoints: [],
  })
