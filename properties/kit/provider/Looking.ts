/**
 * Looking at what a provider has on record for client 0: for whoever finds out what it can do.
 *
 * A look that fails has seen nothing, whatever the provider threw. It never exchanges or revokes anything, and judges
 * nothing of what it sees.
 */
import type { Ref } from "../../Operation.ts"
import { challengeOf } from "../../Secrets.ts"
import type { Dealings } from "./Dealings.ts"

export interface Looking {
  /** What the provider has on record for client 0, if it says so. */
  readonly codeRecord: (code: Ref) => Promise<unknown>
  readonly refreshRecord: (token: Ref) => Promise<unknown>
  readonly accessRecord: (token: Ref) => Promise<unknown>
  /** Whether `loadAccessToken` knows it. */
  readonly loadsAccess: (token: Ref) => Promise<boolean>
  /** What a code was asked with. */
  readonly request: (code: Ref) => { readonly codeChallenge: string; readonly redirectUri: string }
}

export const lookingAt = ({ provider, ask, clientAt, holder }: Dealings): Looking => ({
  codeRecord: (code) =>
    ask("loadAuthorizationCode", () =>
      provider().loadAuthorizationCode(clientAt(0), holder.textOf("code", code)),
    ).catch(() => undefined),
  refreshRecord: (token) =>
    ask("loadRefreshToken", () => provider().loadRefreshToken(clientAt(0), holder.textOf("refresh", token))).catch(
      () => undefined,
    ),
  accessRecord: (token) =>
    ask("verifyToken", () => provider().verifyToken(holder.textOf("access", token))).catch(() => undefined),
  loadsAccess: (token) =>
    ask("loadAccessToken", () => provider().loadAccessToken(holder.textOf("access", token))).then(Boolean, () => false),
  request: (code) => ({
    codeChallenge: challengeOf(holder.textOf("verifier", code)),
    redirectUri: holder.textOf("redirectUri", code),
  }),
})
