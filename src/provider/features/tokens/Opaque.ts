/** Opaque access tokens: the handle is the token. */
import type { AccessTokenFormat } from "../Feature.ts"

export const opaque: AccessTokenFormat = {
  kind: "access token format",
  name: "opaque",
  requirements: ["OAUTH21-7.7-entropy"],
  isFor: () => true,
  write: (handle) => handle,
  handleOf: (token) => token,
}
