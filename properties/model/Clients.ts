/** The model's clients: registered once, suspended and resumed, deleted for good, and what a caller must be to act. */
import type { OAuthErrorCode } from "../../src/protocol/index.ts"
import { done, endGrants, refuse, type ClientThing, type Expected, type Model } from "./Things.ts"
import type { Authentication, Flaw, OperationOf, Profile, Ref } from "../Operation.ts"

/** RFC 7591 3.2.2 has two codes for metadata; a full house is not the metadata's fault. */
const flawErrors: Readonly<Record<Flaw, OAuthErrorCode>> = {
  "metadata-too-large": "invalid_client_metadata",
  "redirect-uri-bad": "invalid_redirect_uri",
  "redirect-uri-missing": "invalid_redirect_uri",
  "response-type-mismatch": "invalid_client_metadata",
  "refresh-without-code": "invalid_client_metadata",
  "public-with-secret": "invalid_client_metadata",
  "confidential-without-secret": "invalid_client_metadata",
  "public-for-itself": "invalid_client_metadata",
  "scope-bad": "invalid_client_metadata",
  "quota-exhausted": "access_denied",
}

const known = (model: Model, ref: Ref): ClientThing | undefined =>
  model.clients[ref]?.standing === "deleted" ? undefined : model.clients[ref]

export const register = (model: Model, { client, profile, flaw }: OperationOf<"Register">): Expected => {
  if (client < model.clients.length) return refuse(model, "invalid_client_metadata")
  if (flaw !== null) return refuse(model, flawErrors[flaw])
  return {
    reply: { _tag: "Stored", client },
    model: { ...model, clients: [...model.clients, { profile, standing: "enabled" }] },
  }
}

/**
 * What was granted stays granted; a public client does not become confidential, nor the other way round, and who
 * registered itself stays somebody that nobody vouched for.
 */
export const update = (model: Model, { client, profile, flaw }: OperationOf<"Update">): Expected => {
  const before = known(model, client)
  if (before === undefined) return refuse(model, "invalid_client")
  if (flaw !== null) return refuse(model, flawErrors[flaw])
  const isDescribed = before.profile.document !== undefined
  if (isDescribed !== (profile.document !== undefined)) return refuse(model, "invalid_client_metadata")
  if (!isDescribed && before.profile.isPublic !== profile.isPublic) return refuse(model, "invalid_client_metadata")
  return {
    reply: { _tag: "Stored", client },
    model: {
      ...model,
      clients: model.clients.with(client, {
        ...before,
        profile: { ...profile, isSelfRegistered: before.profile.isSelfRegistered },
      }),
    },
  }
}

export const rotateSecret = (model: Model, { client }: OperationOf<"RotateSecret">): Expected => {
  const before = known(model, client)
  if (before === undefined) return refuse(model, "invalid_client")
  return before.profile.isPublic
    ? refuse(model, "invalid_client_metadata")
    : { reply: { _tag: "Stored", client }, model }
}

/** Suspending keeps the grants, deleting ends them; deleting twice is deleting. */
export const setStanding = (model: Model, client: Ref, standing: ClientThing["standing"]): Expected => {
  const before = model.clients[client]
  if (before === undefined) return refuse(model, "invalid_client")
  if (before.standing === "deleted") return standing === "deleted" ? done(model) : refuse(model, "invalid_client")
  const changed = { ...model, clients: model.clients.with(client, { ...before, standing }) }
  return done(
    standing === "deleted" ? endGrants(changed, (grant) => grant.client === client, "client deleted") : changed,
  )
}

/** Whether the server has this grant type for such a client. */
export const isOfferedTo = (
  { policy }: Model,
  { profile }: ClientThing,
  grantType: Profile["grantTypes"][number],
): boolean => !profile.isSelfRegistered || policy.registrationGrants.includes(grantType)

/** Why a client may not act now; `undefined` when it may. RFC 6749 5.2. */
export const objection = (
  model: Model,
  { by, authentication }: { readonly by: Ref; readonly authentication: Authentication },
  grantType?: Profile["grantTypes"][number],
): OAuthErrorCode | undefined => {
  const client = known(model, by)
  if (client === undefined) return "invalid_client"
  // A public client has nothing to prove itself with; showing a secret all the same is a mistake.
  if (client.profile.isPublic ? authentication === "wrong" : authentication !== "right") return "invalid_client"
  if (client.standing === "disabled") return "unauthorized_client"
  return grantType === undefined || client.profile.grantTypes.includes(grantType) ? undefined : "unauthorized_client"
}
