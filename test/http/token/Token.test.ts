/** The token side of the protocol, rule for rule the same through every way to make a server. */
import { describe } from "vitest"
import { overPostgres } from "../../support/OverPostgres.ts"
import { factories } from "../../support/TestServer.ts"
import { overPages } from "../../support/ThroughPages.ts"
import { authenticationRules } from "./AuthenticationRules.ts"
import { codeRules } from "./CodeRules.ts"
import { introspectionRules } from "./IntrospectionRules.ts"
import { refreshRules } from "./RefreshRules.ts"
import { retryRules } from "./RetryRules.ts"
import { revocationRules } from "./RevocationRules.ts"

const suites = {
  "redeeming a code": codeRules,
  refreshing: refreshRules,
  "asking for a refresh again": retryRules,
  revocation: revocationRules,
}

describe.each([...factories, ...overPostgres, overPages])("$name", (factory) => {
  for (const [title, rules] of Object.entries(suites)) describe(title, () => rules(factory))
})

/** What is asked of one instance, whichever of several that is. */
const ofOne = { "client authentication": authenticationRules, introspection: introspectionRules }

describe.each([...factories, overPages])("$name", (factory) => {
  for (const [title, rules] of Object.entries(ofOne)) describe(title, () => rules(factory))
})
