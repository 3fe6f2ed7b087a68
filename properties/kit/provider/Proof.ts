/** What comes with a code or a refresh token besides it. */
import { createHash } from "node:crypto"
import type { OAuthProvider } from "../../../src/provider/index.ts"
import type { Key } from "../../Operation.ts"

export type Proof = NonNullable<Parameters<OAuthProvider["exchangeAuthorizationCode"]>[2]>

/** RFC 7638: what a key is known by. */
const thumbprintOf = (key: Key): string => createHash("sha256").update(key).digest("base64url")

/** Members that are `undefined` are left out. */
export const proofOf = ({
  key,
  ...members
}: {
  readonly codeVerifier?: string | undefined
  readonly redirectUri?: string | undefined
  readonly resource?: ReadonlyArray<string> | undefined
  readonly key: Key | null
}): Proof =>
  Object.fromEntries(
    Object.entries({ ...members, jkt: key === null ? undefined : thumbprintOf(key) }).filter(
      ([, value]) => value !== undefined,
    ),
  )
