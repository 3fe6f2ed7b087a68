/** What the machine is in the midst of: every stream's state, and every token by the number it was issued with. */
import type { AccessToken, Client, Digest, Grant, Issuer, Subject } from "../../src/core/index.ts"
import type { Policy } from "../Model.ts"
import type { Ref } from "../Operation.ts"

export interface Issued {
  readonly grant: Ref
  readonly digest: Digest
}

export interface IssuedRefresh extends Issued {
  readonly generation: AccessToken["generation"]
  readonly jkt: AccessToken["jkt"]
}

export interface IssuedAccess extends Issued {
  readonly token: AccessToken
}

/** Every stream's state, and every token by the number it was issued with. */
export interface Machine {
  readonly policy: Policy
  readonly at: number
  readonly issuer: Issuer
  readonly clients: ReadonlyArray<Client>
  readonly subjects: ReadonlyArray<Subject>
  readonly grants: ReadonlyArray<Grant>
  readonly refreshTokens: ReadonlyArray<IssuedRefresh>
  readonly accessTokens: ReadonlyArray<IssuedAccess>
}
