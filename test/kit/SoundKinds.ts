/**
 * Sound providers of kinds that differ from ours, and beside each the broken neighbour that looks like it.
 *
 * A policy is not a fault; what is tolerated for its sake must not acquit who only resembles it.
 */
import { inspect } from "node:util"
import type { ProviderFactory } from "../../properties/index.ts"
import { tunedProvider, type Grant, type Tuning } from "./TunedProvider.ts"

const isSameApp = (other: Grant, ended: Grant) => other.clientId === ended.clientId && other.subject === ended.subject
const isPublic = ({ token_endpoint_auth_method: method }: { readonly token_endpoint_auth_method?: string }) =>
  method === "none"

/** What is sound, by what it does. */
export const sound: Readonly<Record<string, ProviderFactory>> = Object.fromEntries(
  Object.entries<Tuning>({
    "is as it is": {},
    "loads only what is alive, and ends what is replayed as it loads": { loads: "the living, ending what is replayed" },
    "throws what it does not load, and ends what is replayed as it loads": {
      loads: "the living, ending what is replayed",
      throwsAtLoad: true,
    },
    "judges the target before the replay": { judgesFirst: "target" },
    "judges expiry before the replay": { judgesFirst: "expiry" },
    "writes its proof into a log": { looksAt: (proof) => void JSON.stringify(proof) },
    "writes its proof into a log and judges nothing of it": {
      looksAt: (proof) => void inspect(proof),
      judgesVerifier: false,
      judgesRedirectUri: false,
    },
    "leaves verifier and redirect URI to its handler": { judgesVerifier: false, judgesRedirectUri: false },
    "leaves the redirect URI to its handler": { judgesRedirectUri: false },
    "leaves the verifier to its handler": { judgesVerifier: false },
    "leaves verifier, redirect URI and expiry to its handler": {
      judgesVerifier: false,
      judgesRedirectUri: false,
      judgesExpiry: false,
    },
    "ends all grants of client and subject at once": { endsToo: isSameApp },
    "takes one resource, as a string": { resources: "one" },
    "has one resource of its own": { resources: "its own" },
    "knows no resources": { resources: "none" },
    "verifies for one resource": { audience: "https://one.example/" },
    "verifies for one resource, and takes that as a string": { audience: "https://one.example/", resources: "one" },
    "verifies for a resource of its own, and gives it by default": {
      audience: "https://own.example/mcp",
      defaultsToOwn: true,
    },
    "has scopes of its own, and refuses others": { scopes: { known: ["mcp:tools"], others: "refused" } },
    "has scopes of its own, and leaves others out": { scopes: { known: ["mcp:tools"], others: "ignored" } },
    "knows one of the scopes, and leaves others out": { scopes: { known: ["read"], others: "ignored" } },
    "takes no scopes at registration": { takesRegisteredScopes: false },
    "has times with fractions": { codeSeconds: 60.5, accessSeconds: 900.3, refreshSeconds: 86_400.7 },
    "gives no refresh tokens": { givesRefresh: false },
    "rotates for public clients only": { rotates: isPublic },
    "rotates for confidential clients only": { rotates: (client) => !isPublic(client) },
    "rotates for nobody": { rotates: () => false },
    "mints client ids and tells them": { mintsIds: "told" },
    "mints client ids and writes them into what it was given": { mintsIds: "written into what it was given" },
    "takes no loopback redirect URI": { takesRedirectUri: (uri) => uri.startsWith("https:") },
    "takes nothing but loopback redirect URIs": { takesRedirectUri: (uri) => uri.startsWith("http://127.0.0.1") },
    "takes public clients only": { takesClient: isPublic },
    "takes confidential clients only": { takesClient: (client) => !isPublic(client) },
    "takes its time for every call": { latencyMillis: 10 },
    "says nothing of when things end": { tells: { expiresAt: false } },
    "says that its access tokens live until they expire": { isStateless: true, limits: ["stateless-access-tokens"] },
  }).map(([name, tuning]) => [name, tunedProvider(tuning)]),
)

/** What looks like it and is broken, and every promise that it breaks. */
export const neighbours: Readonly<Record<string, readonly [factory: ProviderFactory, broken: ReadonlyArray<string>]>> =
  Object.fromEntries(
    Object.entries<readonly [Tuning, string]>({
      "loads only what is alive, and lets what was replayed live on": [
        { loads: "the living" },
        "ReplayKillsGrant ReuseKillsGrant",
      ],
      "ends what is replayed as it loads, whoever asks": [
        { loads: "the living, ending what is replayed", endsForAnybody: true },
        "OnlyTheOwnerCanHarm",
      ],
      "ends every other session of an app with each refresh": [{ keepsOneSession: true }, "OnlyTheOwnerCanHarm"],
      "judges the target before the replay, and ends nothing at either": [
        { judgesFirst: "target", endsReplayed: false },
        "ReplayKillsGrant ReuseKillsGrant",
      ],
      "judges the verifier, and nowhere when a thing has ended": [{ judgesExpiry: false }, "ExpiryIsExact"],
      "insists on a verifier, and compares it with nothing": [
        { judgesVerifier: "that there is one" },
        "OnlyTheOwnerCanHarm BoundMeansBound",
      ],
      "compares the verifier where there is one": [{ judgesVerifier: "when there is one" }, "BoundMeansBound"],
      "compares the verifier of public clients": [{ judgesVerifier: "for public clients" }, "BoundMeansBound"],
      "leaves the verifier to a handler that is not told the challenge": [
        { judgesVerifier: false, tells: { challenge: false } },
        "OnlyTheOwnerCanHarm BoundMeansBound",
      ],
      "leaves the redirect URI to a handler that is not told any": [
        { judgesRedirectUri: false, tells: { redirectUri: false } },
        "BoundMeansBound",
      ],
      "says that it judges, and does not look at the verifier": [
        { judgesVerifier: false, capabilities: { isJudge: true, isRefreshRetryable: false } },
        "OnlyTheOwnerCanHarm BoundMeansBound",
      ],
      "has scopes of its own, and more of them with every refresh": [
        { scopes: { known: ["mcp:tools", "mcp:admin"], others: "ignored" }, widens: true },
        "ScopeNeverGrows",
      ],
      "mints client ids, and registers over what it is given": [{ isOverwriting: true }, "ClientIdIsCreatedOnce"],
      "takes no loopback redirect URI, and registers over what is there": [
        { isOverwriting: true, takesRedirectUri: (uri) => uri.startsWith("https:") },
        "ClientIdIsCreatedOnce",
      ],
      "takes one resource, as a string, and gives any": [
        { resources: "one", isTargetFree: true },
        "AudienceNeverGrows",
      ],
      "takes its time between what it judges and what it writes": [
        { latencyMillis: 10, hasGap: true },
        "CodeIsSingleUse RotationIsLinear",
      ],
      "has access tokens that cannot be revoked, and does not say so": [
        { isStateless: true },
        "ReplayKillsGrant ReuseKillsGrant RevocationIsFinal",
      ],
      "says that access tokens cannot be revoked, and revokes no refresh token either": [
        { isStateless: true, limits: ["stateless-access-tokens"], isRevoking: false, endsReplayed: false },
        "ReplayKillsGrant ReuseKillsGrant RevocationIsFinal",
      ],
    }).map(([name, [tuning, broken]]) => [name, [tunedProvider(tuning), broken.split(" ")]]),
  )
