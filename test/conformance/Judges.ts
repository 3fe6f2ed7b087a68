/**
 * Who judges, on what, and which tests that is: the rows of `npm run conformance`.
 *
 * A row names tests that exist, by file and title; nothing is tried twice for it. Which of them need Python follows from
 * where they stand. A test file that speaks with others' packages and stands in no row fails a law.
 */
import { ofGo, ofNpm, ofPython } from "../peers/Versions.ts"
import { fapi2Rows } from "./Fapi2Modules.ts"

/** A test, or all of a group, by its title as it is written. */
export interface Tried {
  readonly path: string
  readonly titles: ReadonlyArray<string>
}

export interface Row {
  readonly judge: string
  /** Absent for a document. */
  readonly version?: string
  /** What it takes besides the environment of `test/peers`. */
  readonly needs?: "Prometheus"
  /** What it judges. */
  readonly what: string
  readonly tried: ReadonlyArray<Tried>
  /** What of it is judged by nobody here, and why, a line each. */
  readonly leftOut?: ReadonlyArray<string>
}

const live = (name: string) => `test/live/${name}.test.ts`

const rowsOf =
  (judge: string, version?: string) =>
  (what: string, path: string, ...titles: ReadonlyArray<string>): Row => ({
    judge,
    ...(version === undefined ? {} : { version }),
    what,
    tried: [{ path, titles }],
  })

const suite = rowsOf("MCP conformance suite", ofNpm("@modelcontextprotocol/conformance"))
const oauth4webapi = rowsOf("oauth4webapi", ofNpm("oauth4webapi"))
const openid = (name: string): string => `test/http/openid/${name}.test.ts`
const openidClient = rowsOf("openid-client", ofNpm("openid-client"))
const sdk1 = rowsOf("MCP SDK 1", ofNpm("@modelcontextprotocol/sdk"))
const sdk2 = rowsOf("MCP SDK 2", ofNpm("@modelcontextprotocol/client"))
const fastmcp = rowsOf("FastMCP", ofPython("fastmcp"))
const authlib = rowsOf("Authlib", ofPython("Authlib"))
const prometheus = rowsOf("Prometheus, promtool")
const vectors = rowsOf("published vectors")
const ofTlog = (name: string) => ofGo(name, "goTlog")
const torchwood = rowsOf("torchwood", ofTlog("filippo.io/torchwood"))
const tessera = rowsOf("tessera", ofTlog("github.com/transparency-dev/tessera"))
const witness = rowsOf("transparency-dev witness", ofTlog("github.com/transparency-dev/witness"))

const MCP = "test/conformance/Mcp.test.ts"
const DEVICES = "test/http/device/OutsideClients.test.ts"
const GRANTS = "test/conformance/Grants.test.ts"
const DASHBOARD = "test/peers/Dashboard.test.ts"
const FASTMCP = "test/peers/FastMcpResource.test.ts"
const WITNESSES = "test/peers/Witnesses.test.ts"
const COSIGNS = [
  "cosigns checkpoints as the log grows, for proofs that hold by its key alone",
  "refuses a log that was put back with everything beside it, and one that went on from there",
]
const TILES = [
  "verify a checkpoint by a policy of two witnesses, leaves and consistency by the tiles of a server",
  "verify the same by files of a web server, and refuse a leaf, a tree and a checkpoint that are others",
]

export const rows: ReadonlyArray<Row> = [
  suite("authorization server", MCP, "the authorization server suite passes: metadata, and a code for an MCP server"),
  suite("client, authorization", MCP, "the authorization suite passes, every scenario of it"),
  suite("client, newest wire", MCP, "%s passes on the newest wire"),

  oauth4webapi("code, refresh, revocation", live("Oauth4webapi"), "a client with %s"),
  oauth4webapi("introspection", live("Oauth4webapi"), "a confidential client with %s"),
  oauth4webapi(
    "client credentials",
    live("Oauth4webapi"),
    "a client that an operator added gets a token for itself and for one resource",
  ),
  oauth4webapi("private_key_jwt", live("PrivateKeyJwt"), "oauth4webapi with a key for %s"),
  oauth4webapi("DPoP with nonces", live("BoundTokens"), "is told of a nonce, and gets with it what it asked for"),
  oauth4webapi(
    "PAR, JAR and JARM",
    live("AuthorizationRequests"),
    "pushes a request that it signed, and takes the signed answer to it",
    "is told by an error that it understands what it may not push",
  ),
  oauth4webapi(
    "JWT access tokens",
    GRANTS,
    "oauth4webapi judges a JWT access token as a resource server, and takes it for its resource alone",
  ),
  oauth4webapi("signed introspection", GRANTS, "oauth4webapi verifies the signed answer to an introspection"),
  oauth4webapi(
    "device grant",
    DEVICES,
    "RFC8628-3.5-polling, RFC8628-3.4-single-use: oauth4webapi takes every answer as the standard has it",
  ),
  oauth4webapi(
    "registration by invitation, managed",
    live("Registration"),
    "a client registers by invitation, once, and reads, replaces and deletes its registration",
  ),

  openidClient("code, refresh, revocation", live("OpenidClient"), "a client with %s"),
  openidClient(
    "OpenID Connect",
    openid("IdToken"),
    "gets an ID token that says who signed in, for it alone, with its nonce and the access token's hash",
    "gets it signed by %s if it registered so",
  ),
  openidClient(
    "UserInfo",
    openid("UserInfo"),
    "a client learns who signed in, and a name only if it was allowed to see the profile",
    "that is bound to a key is worth nothing without a proof of it, and each proof is good once",
  ),
  openidClient(
    "prompt, max_age and id_token_hint",
    openid("FirstParty"),
    "is answered without a question for whoever is signed in, by a policy that the log names",
    "an ID token says when the login was, and a request for a younger one asks again",
  ),
  openidClient(
    "RP-initiated logout",
    openid("Logout"),
    "with an ID token of theirs has them back with its state, the session ended and its grant with it",
  ),
  openidClient(
    "what is used once, at two instances and after a restart",
    openid("SingleUse"),
    "gives one ID token, with the nonce of its request, and ends with its grant when it comes again",
    "is good once",
  ),
  openidClient(
    "back-channel logout after a kill",
    live("Logouts"),
    "what a process that was killed had still to tell is told by the next one, which does not begin at the beginning",
  ),
  openidClient(
    "several resources",
    live("OpenidClient"),
    "gets tokens for several resources, and narrows them to one by refreshing",
  ),
  openidClient("client credentials", live("OpenidClient"), "gets a token for itself once an operator has added it"),
  openidClient(
    "private_key_jwt",
    live("PrivateKeyJwt"),
    "registers its keys by itself, logs in, refreshes and revokes",
    "is known by the keys at its jwks_uri",
    "is refused with another key",
  ),
  openidClient(
    "DPoP with nonces",
    live("BoundTokens"),
    "logs in, refreshes and calls a resource with its key, fetching each nonce by itself",
  ),
  openidClient(
    "PAR and RAR",
    live("AuthorizationRequests"),
    "pushes its request, and is told what was granted besides scopes",
  ),
  openidClient(
    "PAR with DPoP",
    live("AuthorizationRequests"),
    "pushes with a proof of its key, and the code is for that key alone",
  ),
  openidClient("JAR", live("AuthorizationRequests"), "signs its request, by itself and pushed"),
  openidClient("JARM and form_post", live("AuthorizationRequests"), "takes a signed answer, and a posted one"),
  openidClient(
    "device grant",
    DEVICES,
    "openid-client shows a code, polls until somebody has allowed it, refreshes and revokes",
    "openid-client is told that somebody said no",
  ),
  openidClient("token exchange", GRANTS, "openid-client exchanges a token for one that reaches less, and lives by it"),
  openidClient("FAPI 2.0 profile", live("Fapi2"), "openid-client"),

  sdk1("log in, call, refresh", live("McpServers"), "$server, called by the SDK client $client"),
  sdk1("CIMD", live("ClientDocuments"), "a client that nobody here wrote goes by its document, and registers nowhere"),
  sdk1("our client in it", live("OAuthClient"), "the MCP SDK $name"),
  sdk1(
    "private_key_jwt",
    live("PrivateKeyJwt"),
    "the MCP SDK gets a token for itself by its own provider of assertions",
  ),
  sdk1(
    "ID-JAG",
    "test/http/token/IdJag.test.ts",
    "a client of the MCP SDK gets a token by it, with no prompt to anybody",
  ),
  sdk1("verifier", "test/mcp/Verification.test.ts", "for SDK $name"),
  sdk1(
    "step-up",
    "test/resource/StepUp.test.ts",
    "the verifier of 1.x has the SDK answer 401 with the error of RFC 9470",
  ),
  sdk1("provider", "test/mcp/ServerProvider.test.ts", "it is what the SDK calls an OAuthServerProvider"),
  sdk1("our client at its server", "test/peers/OAuthClient.test.ts", "the MCP SDK's own authorization router: a login"),
  sdk2("log in, call, refresh", live("McpServers"), "$server, called by the SDK client $client"),
  sdk2(
    "expiry, revocation, registration",
    live("McpClient"),
    "an MCP client goes from 401 over discovery, registration and approval to a tool's answer",
    "an MCP client whose access token was revoked refreshes by itself and goes on",
    "an MCP client whose access token expired refreshes by itself and goes on",
    "an MCP client whose grant ended logs in again with the registration it has",
    "a token for another resource is refused by the MCP server, and tells it nothing",
  ),
  sdk2("CIMD", live("ClientDocuments"), "a client that nobody here wrote goes by its document, and registers nowhere"),
  sdk2("verifier", "test/mcp/Verification.test.ts", "for SDK $name"),
  sdk2(
    "step-up",
    "test/resource/StepUp.test.ts",
    "the verifier of 2.x has the SDK answer 401, for it has no other word for it",
  ),
  sdk2("our client in it", live("OAuthClient"), "the MCP SDK $name"),

  rowsOf("oidc-provider", ofNpm("oidc-provider"))(
    "our client at its server",
    "test/peers/OAuthClient.test.ts",
    "oidc-provider over %s: a login, and a refresh",
  ),
  fastmcp(
    "introspection",
    FASTMCP,
    "a FastMCP client calls a tool, refreshes, and logs in anew once its grant was revoked",
    "a FastMCP server takes no token for another resource, nor one without the scope it needs",
    "a FastMCP server that names the issuer by its URL type needs one that ends in a slash, and its client then logs in",
  ),
  fastmcp(
    "JWTVerifier",
    FASTMCP,
    "FastMCP's JWTVerifier takes a JWT for its resource that is signed by %s, and none for another",
  ),
  fastmcp(
    "our client at its server",
    "test/peers/OAuthClient.test.ts",
    "FastMCP: a tool is called after a login, and after a refresh",
  ),
  authlib(
    "code, refresh, introspection, revocation",
    "test/peers/Authlib.test.ts",
    "Authlib logs in with PKCE, refreshes, introspects and revokes, with %s",
  ),
  authlib(
    "private_key_jwt",
    "test/peers/Authlib.test.ts",
    "Authlib proves itself by an assertion that it signed, for the issuer alone",
  ),

  rowsOf("OpenTelemetry's messages", ofPython("opentelemetry-proto"))(
    "traces and logs",
    "test/peers/Telemetry.test.ts",
    "a collector that reads OpenTelemetry's messages understands every field of spans and log records",
  ),
  rowsOf("Grafana's model", ofPython("grafana_foundation_sdk"))(
    "dashboard",
    DASHBOARD,
    "Grafana's model of a dashboard has every member of it, each of its type",
  ),
  {
    ...prometheus(
      "metrics and dashboard",
      DASHBOARD,
      "has every panel of the dashboard show what the load has done",
      "has metrics that promtool finds nothing to say against",
    ),
    needs: "Prometheus",
  },
  {
    ...prometheus(
      "alarms",
      DASHBOARD,
      "takes the rules, and has each alarm when it is due, and none when all is well",
      "has the alarm of a theft sound, and none of the others",
    ),
    needs: "Prometheus",
  },

  witness("checkpoints to cosign (tlog-witness), Ed25519 and ML-DSA-44", WITNESSES, ...COSIGNS),
  torchwood("checkpoints to cosign (litewitness)", WITNESSES, ...COSIGNS),
  torchwood("the tree as tiles (tlog-tiles), a policy of witnesses", WITNESSES, ...TILES),
  tessera("the tree as tiles (tlog-tiles)", WITNESSES, ...TILES),

  vectors(
    "RFC 7636 B (PKCE)",
    "test/core/Pkce.test.ts",
    "the verifier of RFC 7636, appendix B redeems a code with its challenge",
  ),
  vectors("RFC 7638 3.1 (thumbprints)", "test/proof/Proof.test.ts", "are thumbprints of their keys (RFC 7638 3.1)"),
  vectors(
    "RFC 7515 A (signatures)",
    "test/conformance/Vectors.test.ts",
    "RFC 7515, appendix A: %s",
    "RFC 7515, appendix E: an extension that is critical and unknown is refused",
  ),
  vectors(
    "RFC 9449 (DPoP proofs)",
    "test/proof/Proof.test.ts",
    "are proofs of their key at their time, for their request alone (RFC 9449)",
  ),
  ...fapi2Rows,
]

/** Whether what it takes is more than npm brings: the environment of `test/peers`. */
export const needsPython = ({ tried }: Row): boolean => tried.some(({ path }) => path.startsWith("test/peers/"))
