/**
 * Mutants of the protocol's features, for sequences over HTTP: what is used once, who may use it, and for how long.
 *
 * Where a promise is about it, that has to be told of as broken; else the model says what had to be answered.
 */
import { against, explore, overHttp, random } from "./Engines.ts"
import { edit, type Edit, type Mutant } from "./Mutant.ts"

const AUTHENTICATION = "src/provider/features/authentication"
const ASSERTION = `${AUTHENTICATION}/ClientAssertion.ts`
const PUSHED = "src/provider/features/requests/Pushed.ts"
const ID_JAG = "src/provider/features/grants/IdJag.ts"
const JWT = "src/provider/features/tokens/JwtAccessTokens.ts"

const broken = (promise: string | undefined, name: string, ...edits: ReadonlyArray<Edit>): Mutant =>
  against([overHttp], promise, "features", name, ...edits)

export const featureMutants: ReadonlyArray<Mutant> = [
  broken(
    "BoundMeansBound",
    "an assertion of a client is taken as often as it is shown",
    edit(
      `${AUTHENTICATION}/PrivateKeyJwt.ts`,
      "isAuthenticated: true, claims: [claimOf(asserted)]",
      "isAuthenticated: true",
    ),
  ),
  broken(
    "BoundMeansBound",
    "an assertion of a client is taken that is for another server",
    edit(ASSERTION, "if (!isForIssuer(aud, terms)) {", "if (aud === undefined) {"),
  ),
  broken(
    "BoundMeansBound",
    "an assertion of a client never expires",
    edit(ASSERTION, "if (nowSeconds >= exp + CLOCK_SKEW_SECONDS)", "if (nowSeconds < 0)"),
  ),
  broken(
    "RequestIsAnsweredOnce",
    "a request that was pushed is answered as often as it is opened",
    edit(PUSHED, "    through,\n    grantId,\n    ...(jkt", "    through,\n    ...(jkt"),
  ),
  broken(
    "ConsentComesFirst",
    "whoever has the reference of a pushed request opens it",
    edit(PUSHED, "clientIds.length !== 1 || pushed.clientId !== clientIds[0]", "clientIds.length !== 1"),
  ),
  broken(
    "ConsentComesFirst",
    "what was pushed can be opened for ever",
    edit(PUSHED, "...(now() < expiresAt ? {} : { fault: expired }),", ""),
  ),
  broken(
    undefined,
    "whoever names a client pushes requests for it",
    edit(
      PUSHED,
      "if (client instanceof OAuthError) return client\n    const { clientId, jkt } = caller",
      "if (client === undefined) return client\n    const { clientId, jkt } = caller",
    ),
  ),
  broken(
    "AncestorsBound",
    "the rows of what a token came of are not looked at",
    edit(
      "src/projection/LiveAccess.ts",
      "descent === null || lineStands(rows, issuer, descent.ancestors, now)",
      "descent === null || descent.ancestors.length > 0",
    ),
  ),
  against(
    [explore, random, overHttp],
    undefined,
    "features",
    "a secret that was replaced with an overlap lives on",
    edit(
      "src/core/Client.ts",
      "client.replacedSecret !== undefined && isSecretLive(client.replacedSecret, now)",
      "client.replacedSecret !== undefined",
    ),
  ),
  broken(
    undefined,
    "an invitation lets in as many clients as come",
    edit("src/provider/ClientOperations.ts", "actor, commandOn, { claims })", "actor, commandOn, {})"),
  ),
  broken(
    "ConsentComesFirst",
    "an identity assertion is taken as often as it is shown",
    edit(
      ID_JAG,
      "JSON.stringify([claims.iss, claims.jti])",
      "JSON.stringify([claims.iss, claims.jti, context.newGrantId()])",
    ),
  ),
  broken(
    "ConsentComesFirst",
    "an identity assertion of another client is taken",
    edit(ID_JAG, `if (claims["client_id"] !== caller.clientId)`, `if (claims["client_id"] === undefined)`),
  ),
  broken(
    "ConsentComesFirst",
    "any JWT of the identity provider is taken for an assertion",
    edit(ID_JAG, `if (typ !== "oauth-id-jag+jwt" && typ !== "application/oauth-id-jag+jwt")`, "if (typ === undefined)"),
  ),
  broken(
    undefined,
    "a JWT says that it lives longer than it does",
    edit(JWT, "exp: wholeSeconds(expiresAt),", "exp: wholeSeconds(expiresAt) + 60,"),
  ),
  broken(
    undefined,
    "a device that asks too often is told nothing of it",
    edit("src/provider/DevicePace.ts", "const isTooFast = now < known.at", "const isTooFast = now < 0 * known.at"),
  ),
  against(
    [explore],
    undefined,
    "features",
    "a device code that waits is anybody's to ask with",
    edit(
      "src/core/decide/RedeemDeviceCode.ts",
      "if (waiting.clientId !== clientId)",
      "if (waiting.clientId === undefined)",
    ),
  ),
]
