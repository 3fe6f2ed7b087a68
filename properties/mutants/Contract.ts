/** One mutant for each fault of the reference that grantlog promises not to have (rows B1–B26 of the contract). */
import { edit, type Edit, type Mutant } from "./Mutant.ts"

const row = (number: number, name: string, ...edits: ReadonlyArray<Edit>): Mutant => ({
  name,
  offends: `B${number}`,
  edits,
  tests: ["test/contract"],
  titles: [`B${number}:`],
})

const DECIDE = "src/core/decide"

export const contractMutants: ReadonlyArray<Mutant> = [
  row(
    1,
    "verifying a token that is not alive ends its grant",
    edit(
      "src/projection/LiveAccess.ts",
      'if (access === undefined || grant === undefined || grant["status"] !== "open") return undefined',
      'if (access === undefined || grant?.["status"] !== "open") return void rows.delete(grantTable, [grantId])',
    ),
  ),
  row(
    2,
    "a client can revoke with an expired token, anybody's",
    edit(`${DECIDE}/RevokeToken.ts`, "if (grant.clientId !== client.clientId) return accept([])", ""),
    edit(
      `${DECIDE}/RevokeToken.ts`,
      "if (!grant.accessTokens.some((one) => one.digest === digest && isLive(at, one.expiresAt))) return accept([])",
      "if (isLive(at, at)) return accept([])",
    ),
    edit(`${DECIDE}/RevokeToken.ts`, "return command.cascade", "return !command.cascade"),
  ),
  row(
    3,
    "a replayed code is refused, but what was issued lives on",
    edit(
      `${DECIDE}/RedeemCode.ts`,
      `        { _tag: "GrantRevoked", grantId, reason: "code_replayed", revokedAt: at },\n`,
      "",
    ),
  ),
  row(
    4,
    "a code can be exchanged twice",
    edit(`${DECIDE}/RedeemCode.ts`, "if (code.redeemedAt !== null) {", "if (code.redeemedAt === at0) {"),
    edit(
      `${DECIDE}/RedeemCode.ts`,
      "  const { code, request } = grant\n",
      "  const { code, request } = grant\n  const at0 = -1 as never\n",
    ),
  ),
  row(
    5,
    "appends do not look at the version of their stream",
    edit("src/log/Transaction.ts", "if (actual !== expectedVersion)", "if (actual < 0)"),
  ),
  row(
    6,
    "narrowing the scope at a refresh is permanent",
    edit(
      "src/core/Grant.ts",
      "return { ...grant, accessTokens, refresh:",
      "return { ...grant, scopes: event.scopes, accessTokens, refresh:",
    ),
  ),
  row(
    7,
    "a resource that was not granted is given",
    edit(
      `${DECIDE}/Access.ts`,
      `if (meant?.includes(undefined)) return refused("resource-exceeds-grant")`,
      "if (resources !== null) return { scopes: grant.scopes, resources }",
    ),
  ),
  row(
    8,
    "requests are approved without asking although nobody switched that on",
    edit(
      "src/provider/GrantOperations.ts",
      "const { autoApprove } = settings",
      'const { autoApprove = "somebody" } = settings',
    ),
    edit(
      "src/provider/GrantOperations.ts",
      "settings.autoApprove !== undefined && isLoopbackUri(redirectUri)",
      "isLoopbackUri(redirectUri)",
    ),
  ),
  row(
    9,
    "rows of dead grants are never removed",
    edit("src/provider/Server.ts", "++count % every === 0", "++count % every === -1"),
  ),
  row(
    10,
    "a token gets into the log",
    edit(
      "src/provider/GrantOperations.ts",
      "{ clientId, grantId },\n          clientId,\n",
      "{ clientId, grantId },\n          token,\n",
    ),
  ),
  row(
    11,
    "refresh tokens go to clients that may not refresh",
    edit(`${DECIDE}/OpenGrant.ts`, "refreshable: mayRefresh(client, command.offer)", "refreshable: true"),
  ),
  row(
    12,
    "a token is valid at exactly its expiry",
    edit("src/core/Time.ts", "=> now < expiresAt", "=> now <= expiresAt"),
    edit("src/projection/LiveAccess.ts", "now < Number(end)", "now <= Number(end)"),
  ),
  row(
    13,
    "registering an id that exists replaces it",
    edit(`${DECIDE}/RegisterClient.ts`, `if (state.client._tag !== "Absent") return deny("client-id-taken")`, ""),
    edit("src/core/Client.ts", `if (client._tag !== "Absent") return client`, ""),
  ),
  row(
    14,
    "a request without scope gets none",
    edit(`${DECIDE}/Access.ts`, "if (asked === null) return defaults", "if (asked === null) return []"),
    edit(
      `${DECIDE}/Access.ts`,
      `if (scopes.length === 0 && offer.scopes.length > 0) return refused("scope-not-offered")`,
      "",
    ),
  ),
  row(
    15,
    "a refused code is answered 401",
    edit(
      "src/http/Caller.ts",
      ": errorReply(400, error, description, headers)",
      ": errorReply(401, error, description, headers)",
    ),
  ),
  row(
    16,
    "the scheme of Basic is compared with its case",
    edit(
      "src/provider/features/authentication/ClientSecretBasic.ts",
      "/^basic +([A-Za-z0-9+/=_-]+) *$/i",
      "/^Basic +([A-Za-z0-9+/=_-]+) *$/",
    ),
  ),
  row(
    17,
    "an unknown token type hint is an error",
    edit(
      "src/http/endpoints/Revoke.ts",
      "if (token === undefined)",
      `if (token === undefined || !["access_token", "refresh_token", undefined].includes(form.get("token_type_hint")))`,
    ),
  ),
  row(
    18,
    "a redirect URI may have any scheme",
    edit("src/protocol/RedirectUri.ts", "if (dangerousSchemes.includes(scheme))", 'if (scheme === "")'),
    edit(
      "src/protocol/RedirectUri.ts",
      "return `uses the scheme ${scheme}, which has no dot and is not on the list of known apps`",
      "return undefined",
    ),
  ),
  row(
    19,
    "redirect URIs are compared after normalisation",
    edit(
      "src/protocol/RedirectUri.ts",
      "if (registered === presented) return true",
      "if (new URL(registered).href === new URL(presented).href) return true",
    ),
  ),
  row(
    20,
    "of a repeated parameter, one value is taken",
    edit("src/provider/features/Form.ts", "if (known !== undefined && !repeatable.includes(name))", "if (count < 0)"),
  ),
  row(21, "a verifier of one character is accepted", edit("src/core/Pkce.ts", "{43,128}", "{1,128}")),
  row(
    22,
    "the registered query of a redirect URI is dropped",
    edit(
      "src/provider/RedirectResponse.ts",
      'if (!uri.includes("?")) return `${uri}?${query}`',
      'if (uri !== "") return `${uri.split("?")[0]}?${query}`',
    ),
  ),
  row(
    23,
    "authorization responses do not name the issuer",
    edit("src/http/ClientAnswer.ts", "{ ...parameters, state, iss: context.issuer }", "{ ...parameters, state }"),
  ),
  row(
    24,
    "an 18 MB form is parsed",
    edit("src/provider/features/Wire.ts", "MAX_BODY_BYTES = 65_536", "MAX_BODY_BYTES = 65_536_000"),
  ),
  row(
    25,
    "a wrong redirect URI at the token endpoint gives a token",
    edit(
      `${DECIDE}/RedeemCode.ts`,
      'command.redirectUri !== request.redirectUri) return "redirect_uri_wrong"',
      'command.redirectUri === "") return "redirect_uri_wrong"',
    ),
  ),
  row(
    26,
    "a conflict is answered as if it had been appended",
    edit("src/provider/CommandHandler.ts", 'if (outcome._tag === "Appended") {', 'if (outcome._tag !== "Unknown") {'),
  ),
]
