/**
 * What the MCP SDKs know of a token: the same record in both generations.
 *
 * Written out here, so that nobody needs the types of an SDK generation that is not used.
 */
import type { VerifiedAccess } from "../protocol/index.ts"

/** What the MCP SDKs hand to a tool about who calls it. */
export interface AuthInfo {
  /** The token itself. */
  token: string
  /** Empty where an introspection endpoint does not say. */
  clientId: string
  /** The scopes that it is good for. */
  scopes: Array<string>
  /** Seconds since the epoch. */
  expiresAt?: number
  /** The resource that it is for (RFC 8707); absent where it names none. */
  resource?: URL
  /** What else is known of it: its subject, and what the verifier added. */
  extra?: Record<string, unknown>
}

/**
 * The access that `protectResource` gives, as the SDKs' handlers want it: `resource` is the one that the token was let
 * in for, by default its first, and `extra.sub` who granted it: absent where a client acts for itself, whatever the
 * verifier's claims say.
 *
 * @example
 * import { authInfoOf } from "grantlog/mcp"
 *
 * const access = { token: "t", clientId: "app", scopes: ["read"], resource: ["https://mcp.example.com/mcp"] }
 * const { clientId, resource } = authInfoOf(access)
 */
export const authInfoOf = (
  { claims: { sub: _, ...claims } = {}, ...access }: VerifiedAccess,
  resource = access.resource[0],
): AuthInfo => ({
  token: access.token,
  clientId: access.clientId ?? "",
  scopes: [...access.scopes],
  ...(access.expiresAt === undefined ? {} : { expiresAt: access.expiresAt }),
  ...(resource === undefined || !URL.canParse(resource) ? {} : { resource: new URL(resource) }),
  extra: { ...claims, ...(access.subject === undefined ? {} : { sub: access.subject }) },
})
