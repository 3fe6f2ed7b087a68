/**
 * Taking down what an exchange gave: each token gets its number, and is known from then on by its grant, its owner and the
 * end that it was said to have.
 *
 * What is not told is what was asked for (RFC 6749 5.1). It never says whether tokens should have been given.
 */
import type { Reply } from "../../Operation.ts"
import type { Dealings } from "./Dealings.ts"
import { lifeIn } from "./Ends.ts"
import { members } from "./Members.ts"
import type { Remark } from "./Records.ts"

export interface Tokens {
  /** `grant` is the code that all began with, `asked` the scopes that were asked for. */
  readonly take: (
    given: unknown,
    grant: string,
    asked: ReadonlyArray<string>,
    remark: Remark,
  ) => Promise<Extract<Reply, { readonly _tag: "Tokens" | "Fault" }>>
  /** The latest. */
  readonly idToken: () => string | undefined
}

export const tokensOf = ({ clock, ours, holder, records, issued, origins }: Dealings): Tokens => {
  let idToken: string | undefined
  return {
    idToken: () => idToken,
    take: async (given, grant, asked, remark) => {
      const { access_token, refresh_token, id_token, expires_in, scope } = members(given)
      if (typeof id_token === "string") idToken = id_token
      if (typeof access_token !== "string" || access_token === "") {
        return { _tag: "Fault", message: "an exchange gave no access_token" }
      }
      const { life = Infinity, flaw } = lifeIn(expires_in)
      if (flaw !== undefined)
        remark("ExpiryIsExact", `an exchange gives \`expires_in\` ${flaw}: it is a number of seconds`)
      const expiresAt = Math.round(clock.now() + life)
      const refresh = typeof refresh_token === "string" ? holder.numberOf("refresh", refresh_token) : null
      if (!origins.has(access_token)) origins.set(access_token, { grant, expiresAt })
      if (typeof refresh_token === "string") {
        origins.set(refresh_token, { grant, expiresAt: Infinity })
        const owner = issued.get(grant)?.owner
        if (owner !== undefined) await records.own("refresh", refresh_token, owner, remark)
      }
      const access = holder.numberOf("access", access_token)
      const told = typeof scope === "string" ? scope.split(" ").filter(Boolean) : []
      // An empty scope says as little as none.
      const scopes = told.length > 0 ? ours(told) : asked
      return { _tag: "Tokens", access, refresh, scopes, expiresAt }
    },
  }
}
