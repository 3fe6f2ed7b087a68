/**
 * The features that a server has by default. A list that begins with them may go on with others.
 *
 * The password grant and the implicit one are not here, and never will be.
 */
import { clientSecretBasic } from "./authentication/ClientSecretBasic.ts"
import { clientSecretPost } from "./authentication/ClientSecretPost.ts"
import { none } from "./authentication/None.ts"
import { registeredClients } from "./clients/Registered.ts"
import type { Feature } from "./Feature.ts"
import { featuresOf } from "./Features.ts"
import { authorizationCode } from "./grants/AuthorizationCode.ts"
import { clientCredentials } from "./grants/ClientCredentials.ts"
import { refreshToken } from "./grants/RefreshToken.ts"
import { queryRequests } from "./requests/Query.ts"
import { queryMode } from "./responses/Query.ts"
import { opaque } from "./tokens/Opaque.ts"

/** What a server consists of by default: a list of one's own begins with these. */
//= RFC9700-2.4-no-password-grant
//= MCP-AUTHZ-as-oauth21
export const standardFeatures: ReadonlyArray<Feature> = [
  authorizationCode,
  refreshToken,
  clientCredentials,
  none,
  clientSecretBasic,
  clientSecretPost,
  opaque,
  queryRequests,
  queryMode,
  registeredClients,
]

export const standard = featuresOf(standardFeatures)

/** What the ten-method contract has: of tokens that clients get for themselves it knows nothing. */
export const contract = featuresOf(standardFeatures.filter((one) => one !== clientCredentials))
