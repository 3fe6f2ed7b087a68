/** What comes with a code or a refresh token besides it, and a note of what of that a provider looks at. */
import { createHash } from "node:crypto"
import type { OAuthProvider } from "../../../src/provider/index.ts"
import type { Key } from "../../Operation.ts"

export type Proof = NonNullable<Parameters<OAuthProvider["exchangeAuthorizationCode"]>[2]>

/** RFC 7638: what a key is known by. */
const thumbprintOf = (key: Key): string => createHash("sha256").update(key).digest("base64url")

/** Members that are `undefined` are left out; what is read of the others is added to `reads`. */
export const proofOf = (
  members: {
    readonly codeVerifier?: string | undefined
    readonly redirectUri?: string | undefined
    readonly resource?: ReadonlyArray<string> | undefined
    readonly key: Key | null
  },
  reads: Set<string>,
): Proof => {
  const { key, ...rest } = members
  const all = { ...rest, jkt: key === null ? undefined : thumbprintOf(key) }
  const getters = Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const get = () => {
        reads.add(name)
        return value
      }
      return [name, { enumerable: true, get }] as const
    })
  return Object.defineProperties({}, Object.fromEntries(getters))
}
