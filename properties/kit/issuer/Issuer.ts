/**
 * The server under test, as far as it was found out: what trials and rules are given.
 */
import { NotTried } from "../judging/Obstacles.ts"
import type { Metadata } from "./Discovery.ts"
import type { Liveness } from "./Liveness.ts"
import type { Logins } from "./Login.ts"
import type { Prover } from "./Proofs.ts"
import type { WireClient } from "./Registration.ts"
import type { Wire } from "./Wire.ts"

export interface Issuer {
  /** As it was given. */
  readonly url: string
  readonly metadata: Metadata
  readonly wire: Wire
  readonly logins: Logins
  /** Whether logins need nobody: then there are as many as it takes. */
  readonly isUnattended: boolean
  /** Whether the server itself leads a browser back that follows redirects and submits nothing. */
  readonly isAuto: boolean
  readonly liveness: Liveness
  readonly prover: Prover
  /** Has somebody allow what a device asks for, at that address and with that code; `undefined` where nobody does. */
  readonly approveDevice: ((url: string, userCode: string) => Promise<unknown>) | undefined
  /** The clients that the check acts as. The first is the one that most is tried with. */
  readonly clients: ReadonlyArray<WireClient>
  /** What is asked for besides what every request has; the first stands alone, the second is for growing and shrinking. */
  readonly scopes: ReadonlyArray<string>
  readonly resources: ReadonlyArray<string>
}

export const publicClient = ({ clients }: Issuer): WireClient => {
  const client = clients.find(({ secret }) => secret === undefined)
  if (client === undefined) throw new NotTried("there is no public client")
  return client
}

export const confidentialClient = ({ clients }: Issuer): WireClient & { readonly secret: string } => {
  const client = clients.find((one): one is WireClient & { readonly secret: string } => one.secret !== undefined)
  if (client === undefined) throw new NotTried("there is no confidential client")
  return client
}

export const endpointOf = ({ metadata }: Issuer, name: "registration" | "revocation" | "introspection"): string => {
  const endpoint = metadata[`${name}Endpoint`]
  if (endpoint === undefined) throw new NotTried(`the server has no ${name} endpoint`)
  return endpoint
}
