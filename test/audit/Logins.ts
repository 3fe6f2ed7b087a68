/** Clients, logins and thefts on a server of its own, for what the audit says of them. Its clock stands still. */
import { Effect } from "effect"
import type { CodeChallenge, EpochMillis, RedirectUri, Resources, Scopes, SubjectId } from "../../src/core/index.ts"
import { explain, momentNow, openAuditIndex, pastedQuestion, questionOf, type Audit } from "../../src/audit/index.ts"
import type { Explanation, Moment } from "../../src/audit/index.ts"
import { memoryStore, type OAuthToken } from "../../src/provider/index.ts"
import { VERIFIER } from "../support/TenMethods.ts"
import { serverOver, type Setting } from "../support/TestServer.ts"
import { challengeOf } from "../support/WireClient.ts"

export const run = Effect.runPromise
export const ALICE = "sub_alice" as SubjectId
export const RESOURCE = "https://api.example/mcp"
const REDIRECT_URI = "http://127.0.0.1:8123/callback" as RedirectUri

export type RefreshedToken = OAuthToken & { readonly refresh_token: string }

/** A server on which people log in; the retry window is 30 s. */
export const logins = async (setting: Setting = {}) => {
  const { native, store, keys, clock } = await serverOver({ store: memoryStore(), ...setting })
  const addClient = (clientId: string) =>
    run(
      native.addClient({
        clientId,
        metadata: {
          client_name: clientId,
          redirect_uris: [REDIRECT_URI],
          token_endpoint_auth_method: "none",
          grant_types: ["authorization_code", "refresh_token"],
          response_types: ["code"],
        },
      }),
    )
  await addClient("app")
  const approve = (clientId = "app", subjectId: SubjectId = ALICE) =>
    run(
      native.openGrant({
        clientId,
        approval: { _tag: "User", subjectId, approvedAt: clock.now() as EpochMillis },
        request: {
          redirectUri: REDIRECT_URI,
          redirectUriProvidedExplicitly: true,
          codeChallenge: challengeOf(VERIFIER) as CodeChallenge,
          jkt: null,
        },
        scopes: null as Scopes | null,
        resources: [RESOURCE] as unknown as Resources,
      }),
    )
  const redeem = async (code: string, clientId = "app") =>
    (await run(native.redeemCode({ credentials: { clientId }, code, codeVerifier: VERIFIER }))) as RefreshedToken
  const refresh = async (refreshToken: string, clientId = "app") =>
    (await run(native.refresh({ credentials: { clientId }, refreshToken }))) as RefreshedToken
  return {
    native,
    store,
    keys,
    clock,
    addClient,
    approve,
    redeem,
    refresh,
    login: async (clientId = "app", subjectId: SubjectId = ALICE) => {
      const { code, grantId } = await approve(clientId, subjectId)
      return { code, grantId, ...(await redeem(code, clientId)) }
    },
    /** A presentation that is refused. */
    refused: <A, E>(effect: Effect.Effect<A, E>) => run(Effect.flip(effect)),
  }
}

export type Logins = Awaited<ReturnType<typeof logins>>

/** The log with an index in memory, up to date. */
export const auditOf = async ({ store }: Pick<Logins, "store">): Promise<Audit> => {
  const index = openAuditIndex(store, undefined)
  await run(index.catchUp())
  return { log: store, index }
}

/** Explains an id, or what is pasted, as of a moment or now. */
export const explained = async (
  { store, clock }: Pick<Logins, "store" | "clock">,
  about: { readonly id: string } | { readonly pasted: string },
  moment?: Moment,
): Promise<Explanation> => {
  const question = "id" in about ? questionOf(about.id) : pastedQuestion(about.pasted)
  const audit = await auditOf({ store })
  return run(explain(audit, question, moment ?? (await run(momentNow(store, clock.now())))))
}
