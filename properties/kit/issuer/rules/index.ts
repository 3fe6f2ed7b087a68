/** Every rule of the wire protocol that a check tries, in the order of a client's life. */
import { basicRules } from "./Basic.ts"
import { deviceRules } from "./Devices.ts"
import { documentRules } from "./Documents.ts"
import { jwtRules } from "./Jwts.ts"
import { keyRules } from "./Keys.ts"
import { metadataRules } from "./Metadata.ts"
import { pkceRules } from "./Pkce.ts"
import { pushedRules } from "./Pushed.ts"
import { redirectRules } from "./Redirects.ts"
import { responseRules } from "./Responses.ts"
import { revocationRules } from "./Revocation.ts"
import { rotationRules } from "./Rotation.ts"
import type { Rule } from "./Rule.ts"
import { secretRules } from "./Secrets.ts"
import { tokenErrorRules } from "./TokenErrors.ts"

export const rules: ReadonlyArray<Rule> = [
  ...metadataRules,
  ...redirectRules,
  ...pkceRules,
  ...pushedRules,
  ...documentRules,
  ...deviceRules,
  ...responseRules,
  ...basicRules,
  ...secretRules,
  ...rotationRules,
  ...keyRules,
  ...jwtRules,
  ...revocationRules,
  ...tokenErrorRules,
]
