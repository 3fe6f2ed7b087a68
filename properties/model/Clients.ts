/** The model's clients: registered once, suspended and resumed, deleted for good, and what a caller must be to act. */
import type { OAuthErrorCode } from "../../src/protocol/index.ts"
import {
  INVITATION_MILLIS,
  OVERLAP_MILLIS,
  done,
  endGrants,
  isProof,
  refuse,
  type ClientThing,
  type Expected,
  type Model,
} from "./Things.ts"
import type { Authentication, Flaw, Key, OperationOf, Presented, Profile, Ref } from "../Operation.ts"

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
  "keys-twice": "invalid_client_metadata",
  "keys-uri-bad": "invalid_client_metadata",
  "quota-exhausted": "access_denied",
}

const known = (model: Model, ref: Ref): ClientThing | undefined =>
  model.clients[ref]?.standing === "deleted" ? undefined : model.clients[ref]

/** RFC 7591 3: an initial access token lets one client register itself. */
export const invite = (model: Model): Expected =>
  done({
    ...model,
    invitations: [...model.invitations, { expiresAt: model.at + INVITATION_MILLIS, isUsed: false }],
  })

const isInvited = (model: Model, invitation: Presented | undefined): invitation is Ref => {
  const thing = model.invitations[typeof invitation === "number" ? invitation : -1]
  return thing !== undefined && !thing.isUsed && model.at < thing.expiresAt
}

export const register = (model: Model, operation: OperationOf<"Register">): Expected => {
  const { client, profile, flaw, invitation } = operation
  const isBidden = model.policy.isInvited === true && profile.isSelfRegistered
  if (isBidden && !isInvited(model, invitation)) return refuse(model, "invalid_token")
  if (client < model.clients.length) return refuse(model, "invalid_client_metadata")
  if (flaw !== null) return refuse(model, flawErrors[flaw])
  const used = (one: Model["invitations"][number]) => ({ ...one, isUsed: true })
  return {
    reply: { _tag: "Stored", client },
    model: {
      ...model,
      clients: [...model.clients, { profile, standing: "enabled" }],
      invitations: isBidden
        ? model.invitations.map((one, ref) => (ref === invitation ? used(one) : one))
        : model.invitations,
    },
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
  // A secret that came or went takes the one before with it.
  const { supersededEnd, ...others } = before
  const kept = before.profile.hasKeys === profile.hasKeys ? before : others
  return {
    reply: { _tag: "Stored", client },
    model: {
      ...model,
      clients: model.clients.with(client, {
        ...kept,
        profile: { ...profile, isSelfRegistered: before.profile.isSelfRegistered },
      }),
    },
  }
}

/** Of secrets that were replaced, one is good at most: the last, for a while, where that was asked for. */
export const rotateSecret = (model: Model, { client, hasOverlap }: OperationOf<"RotateSecret">): Expected => {
  const before = known(model, client)
  if (before === undefined) return refuse(model, "invalid_client")
  if (before.profile.isPublic || before.profile.hasKeys === true) return refuse(model, "invalid_client_metadata")
  const { supersededEnd, ...others } = before
  const reply = { _tag: "Stored", client } as const
  if (hasOverlap !== true && supersededEnd === undefined) return { reply, model }
  const rotated = hasOverlap === true ? { ...others, supersededEnd: model.at + OVERLAP_MILLIS } : others
  return { reply, model: { ...model, clients: model.clients.with(client, rotated) } }
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
  // A public client has nothing to prove itself with; showing something all the same is a mistake.
  if (!isProof(model, client, authentication)) return "invalid_client"
  if (client.standing === "disabled") return "unauthorized_client"
  return grantType === undefined || client.profile.grantTypes.includes(grantType) ? undefined : "unauthorized_client"
}

/** The same of who asks for a token: who wants no others than bound ones gets none without a key (RFC 9449 5.2). */
export const tokenObjection = (
  model: Model,
  operation: Parameters<typeof objection>[1] & { readonly key?: Key | null },
  grantType: Profile["grantTypes"][number],
): OAuthErrorCode | undefined => {
  const error = objection(model, operation, grantType)
  if (error !== undefined) return error
  const { isBound } = model.clients[operation.by]!.profile
  return isBound === true && (operation.key ?? null) === null ? "invalid_dpop_proof" : undefined
}
