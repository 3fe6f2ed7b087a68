/**
 * The account name of somebody whom another issuer knows: by that issuer and the subject there, and by nothing else.
 *
 * Whoever signs in at an OpenID provider and whoever comes with an assertion of it is one person by it.
 */
import * as Schema from "effect/Schema"
import { AccountName } from "./Accounts.ts"

const isAccountName = Schema.is(AccountName)

/** `undefined` for an issuer that is no URL, and for a subject that is nothing to see or too long to be told from others. */
export const upstreamName = (issuer: string, sub: string): string | undefined => {
  const url = URL.parse(issuer)
  if (url === null) return undefined
  const { host, pathname } = url
  // Two issuers may share a host; a name has one `@` behind the subject, whatever that has in it.
  const name = `${sub}@${host}${pathname.replace(/\/$/, "").replaceAll("@", "%40")}`
  return isAccountName(sub) && isAccountName(name) ? name : undefined
}
