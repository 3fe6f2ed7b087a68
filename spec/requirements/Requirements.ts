/**
 * All requirements of all documents, and the union of their ids.
 *
 * The one list that annotations, tests and the report are checked against.
 */
import { clientIdMetadataDocument } from "./ClientIdMetadataDocument.ts"
import { fapi2 } from "./Fapi2.ts"
import { formPost } from "./FormPost.ts"
import { globalTokenRevocation } from "./GlobalTokenRevocation.ts"
import { idJag } from "./IdJag.ts"
import { jarm } from "./Jarm.ts"
import { mcp } from "./Mcp.ts"
import { mcpClientCredentials } from "./McpClientCredentials.ts"
import { mcpDpop } from "./McpDpop.ts"
import { mcpEnterpriseManaged } from "./McpEnterpriseManaged.ts"
import { mcpSecurityBestPractices } from "./McpSecurityBestPractices.ts"
import { oauth21Clients } from "./OAuth21Clients.ts"
import { oauth21Endpoints } from "./OAuth21Endpoints.ts"
import { oauth21Grants } from "./OAuth21Grants.ts"
import { oauth21Security } from "./OAuth21Security.ts"
import { openIdBackChannelLogout } from "./OpenIdBackChannelLogout.ts"
import { openIdCore } from "./OpenIdCore.ts"
import { openIdDiscovery } from "./OpenIdDiscovery.ts"
import { openIdRpInitiatedLogout } from "./OpenIdRpInitiatedLogout.ts"
import { refreshTokenExpiration } from "./RefreshTokenExpiration.ts"
import { rfc10017 } from "./Rfc10017.ts"
import { rfc10027 } from "./Rfc10027.ts"
import { rfc10070 } from "./Rfc10070.ts"
import { rfc6749 } from "./Rfc6749.ts"
import { rfc6750 } from "./Rfc6750.ts"
import { rfc7009 } from "./Rfc7009.ts"
import { rfc7523 } from "./Rfc7523.ts"
import { rfc7591 } from "./Rfc7591.ts"
import { rfc7592 } from "./Rfc7592.ts"
import { rfc7636 } from "./Rfc7636.ts"
import { rfc7662 } from "./Rfc7662.ts"
import { rfc8414 } from "./Rfc8414.ts"
import { rfc8417 } from "./Rfc8417.ts"
import { rfc8628 } from "./Rfc8628.ts"
import { rfc8693 } from "./Rfc8693.ts"
import { rfc8705 } from "./Rfc8705.ts"
import { rfc8707 } from "./Rfc8707.ts"
import { rfc8725 } from "./Rfc8725.ts"
import { rfc9068 } from "./Rfc9068.ts"
import { rfc9101 } from "./Rfc9101.ts"
import { rfc9126 } from "./Rfc9126.ts"
import { rfc9207 } from "./Rfc9207.ts"
import { rfc9396 } from "./Rfc9396.ts"
import { rfc9449 } from "./Rfc9449.ts"
import { rfc9470 } from "./Rfc9470.ts"
import { rfc9700 } from "./Rfc9700.ts"
import { rfc9701 } from "./Rfc9701.ts"
import { rfc9728 } from "./Rfc9728.ts"
import { securityTopicsUpdate } from "./SecurityTopicsUpdate.ts"
import { webAuthn } from "./WebAuthn.ts"

export const requirements = [
  ...oauth21Clients,
  ...oauth21Endpoints,
  ...oauth21Grants,
  ...oauth21Security,
  ...rfc9700,
  ...rfc6749,
  ...rfc6750,
  ...rfc7636,
  ...rfc8414,
  ...rfc9207,
  ...rfc8707,
  ...rfc9728,
  ...rfc9068,
  ...rfc7591,
  ...rfc7592,
  ...rfc7009,
  ...rfc7662,
  ...rfc9701,
  ...rfc7523,
  ...rfc10070,
  ...rfc9126,
  ...rfc9101,
  ...jarm,
  ...formPost,
  ...rfc9449,
  ...rfc8705,
  ...rfc9396,
  ...rfc9470,
  ...rfc8628,
  ...rfc10027,
  ...rfc8693,
  ...rfc8725,
  ...clientIdMetadataDocument,
  ...mcp,
  ...mcpSecurityBestPractices,
  ...mcpEnterpriseManaged,
  ...idJag,
  ...mcpClientCredentials,
  ...mcpDpop,
  ...refreshTokenExpiration,
  ...globalTokenRevocation,
  ...securityTopicsUpdate,
  ...rfc10017,
  ...rfc8417,
  ...openIdCore,
  ...openIdDiscovery,
  ...openIdRpInitiatedLogout,
  ...openIdBackChannelLogout,
  ...fapi2,
  ...webAuthn,
] as const

export type RequirementId = (typeof requirements)[number]["id"]
