/** A host whose users are signed in already: its own session is the login, its own page asks who is not. */
import { ownLogin } from "../../src/entry/grantlog.ts"

/** Who a cookie of the host's own belongs to, and since when. */
export type HostSession = (cookie: string) => { readonly user: string; readonly since: number } | undefined

export const hostLogin = (sessionOf: HostSession) =>
  ownLogin({
    sessionOf: ({ headers }) => sessionOf(headers["cookie"] ?? ""),
    signInAt: (returnTo) => `/sign-in?next=${encodeURIComponent(returnTo)}`,
  })
