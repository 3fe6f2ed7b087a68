/**
 * The client lifecycle: registered once, disabled and enabled as often as needed, deleted for good.
 *
 * Disabling suspends and enabling resumes; deleting raises the epoch, which ends every grant, and blocks the id.
 */
import * as Schema from "effect/Schema"
import { detailOf } from "../protocol/AuthorizationDetails.ts"
import { redirectUriMatches } from "../protocol/RedirectUri.ts"
import type { DetailText } from "./AuthorizationDetails.ts"
import { ClientMetadata, ClientOrigin, ClientPolicy, ClientSecret, type GrantType } from "./ClientMetadata.ts"
import { ClientId, Digest, Epoch, firstEpoch, nextEpoch } from "./Ids.ts"
import { Resource } from "./Resource.ts"
import { parseScopes, type Scopes } from "./Scope.ts"
import { EpochMillis, isLive } from "./Time.ts"
import type { ClientEvent } from "./Event.ts"

/** The state of one client: absent, registered, or deleted for good. */
export const Client = Schema.TaggedUnion({
  Absent: {},
  Registered: {
    clientId: ClientId,
    status: Schema.Literals(["enabled", "disabled"]),
    epoch: Epoch,
    metadata: ClientMetadata,
    secret: Schema.NullOr(ClientSecret),
    /** The secret before, as long as it is taken as well. */
    replacedSecret: Schema.optionalKey(ClientSecret),
    /** Of what the client reads and changes its registration with, where it got such a token. */
    registrationToken: Schema.optionalKey(Digest),
    audience: Schema.NullOr(Resource),
    origin: ClientOrigin,
    /** The named policy by which it is let do what others are not, if the operator gave it one. */
    policy: Schema.optionalKey(ClientPolicy),
    /** The document that the metadata is of, for a client that one describes. */
    metadataDigest: Schema.optionalKey(Digest),
    registeredAt: EpochMillis,
  },
  Deleted: { clientId: ClientId, epoch: Epoch },
})
export type Client = typeof Client.Type

/** A client that is registered, enabled or disabled. */
export type RegisteredClient = Extract<Client, { _tag: "Registered" }>

export const absentClient: Client = { _tag: "Absent" }

//= OAUTH21-2.1-record-client-type
export const isPublic = (client: RegisteredClient): boolean => client.metadata.token_endpoint_auth_method === "none"

/** Whether the operator answers for it as for the server itself, so that people need not be asked what it may. */
export const isFirstParty = ({ policy }: RegisteredClient): boolean => policy === "first-party"

/** Whether it registered to get no token but those that are bound to a key (RFC 9449 5.2). */
export const isBoundAlone = ({ metadata }: RegisteredClient): boolean => metadata.dpop_bound_access_tokens === true

export const mayUse = (client: RegisteredClient, grantType: GrantType): boolean =>
  client.metadata.grant_types.includes(grantType)

/**
 * Whether the server has this grant type for such a client now. Who registered or described itself was vouched for by
 * nobody, and stays so whatever its metadata came to say since.
 */
export const isOfferedTo = (
  client: RegisteredClient,
  grantType: GrantType,
  { registrationGrants }: { readonly registrationGrants: ReadonlyArray<GrantType> },
): boolean => client.origin === "operator" || registrationGrants.includes(grantType)

export const isRegisteredRedirect = (client: RegisteredClient, redirectUri: string): boolean =>
  client.metadata.redirect_uris.some((uri) => redirectUriMatches(uri, redirectUri))

/** The scopes a client named when it registered, known here or not; `undefined` when it named none. */
export const registeredScopes = ({ metadata }: Pick<RegisteredClient, "metadata">): Scopes | undefined =>
  metadata.scope === undefined ? undefined : parseScopes(metadata.scope)

/**
 * Those scopes of a client that this server has, or the default if it has none of them; all scopes for a client that
 * named none.
 */
export const usableScopes = (
  client: Pick<RegisteredClient, "metadata">,
  { scopes, defaultScopes }: { readonly scopes: Scopes; readonly defaultScopes: Scopes },
): Scopes => {
  const registered = registeredScopes(client)
  if (registered === undefined) return scopes
  const known = registered.filter((scope) => scopes.includes(scope))
  return known.length > 0 ? known : defaultScopes
}

/** What the client proved about itself: nothing, that it has the right secret or keys, the secret before, or a wrong one. */
export const Authentication = Schema.Literals(["none", "verified", "superseded", "failed"])
export type Authentication = typeof Authentication.Type

/** Whether `fact` is enough for this client at `now`. */
//= OAUTH21-3.2.2-confidential-must-auth
//= OAUTH21-2.2-client-id-not-auth
export const isAuthenticated = (client: RegisteredClient, fact: Authentication, now: EpochMillis): boolean =>
  isPublic(client) ? fact === "none" : isProof(client, fact, now)

const isProof = (client: RegisteredClient, fact: Authentication, now: EpochMillis): boolean => {
  switch (fact) {
    case "verified":
      // A client without a secret proves itself by its keys, which do not expire here.
      return client.secret === null || isSecretLive(client.secret, now)
    case "superseded":
      return client.replacedSecret !== undefined && isSecretLive(client.replacedSecret, now)
    default:
      return false
  }
}

const isSecretLive = ({ expiresAt }: ClientSecret, now: EpochMillis): boolean =>
  expiresAt === null || isLive(now, expiresAt)

/** The secret after a rotation, and the one before for as long as both are taken. */
const rotated = (
  { replacedSecret, ...client }: RegisteredClient,
  { secret, overlapUntil }: Extract<ClientEvent, { _tag: "ClientSecretRotated" }>,
): RegisteredClient => {
  if (overlapUntil === undefined || client.secret === null) return { ...client, secret }
  const { digest, expiresAt } = client.secret
  const until = expiresAt === null || overlapUntil < expiresAt ? overlapUntil : expiresAt
  return { ...client, secret, replacedSecret: { digest, expiresAt: until } }
}

/**
 * What an update makes of a client. One that had to prove itself and need not any more is another one: what was granted
 * to who proves itself is nothing for everybody who knows the name.
 */
const updated = (
  client: RegisteredClient,
  { metadata, metadataDigest, secret = client.secret }: Extract<ClientEvent, { _tag: "ClientUpdated" }>,
): Pick<RegisteredClient, "metadata" | "secret" | "epoch" | "metadataDigest"> => ({
  metadata,
  secret,
  epoch: !isPublic(client) && metadata.token_endpoint_auth_method === "none" ? nextEpoch(client.epoch) : client.epoch,
  ...(metadataDigest === undefined ? {} : { metadataDigest }),
})

/** Whether a client registered for details of this type (RFC 9396 10); `undefined` where it registered for none. */
export const isRegisteredForDetail = ({ metadata }: RegisteredClient, text: DetailText): boolean | undefined =>
  metadata.authorization_details_types?.includes(detailOf(text).type)

/** What a document says of a client, and which document that is. */
export interface ClientDescription {
  readonly clientId: ClientId
  readonly metadata: ClientMetadata
  readonly metadataDigest: Digest
}

/**
 * A client as its document describes it at `at`: what it would be if somebody approved a request of it now. One that was
 * deleted stays deleted, and one that is registered otherwise is what it was registered as.
 */
export const describedClient = (client: Client, document: ClientDescription, at: EpochMillis): Client => {
  if (client._tag === "Absent") {
    const registration = { secret: null, audience: null, origin: "document", registeredAt: at } as const
    return evolveClient(client, { _tag: "ClientRegistered", ...document, ...registration })
  }
  return client._tag === "Registered" && client.origin === "document"
    ? evolveClient(client, { _tag: "ClientUpdated", ...document, updatedAt: at })
    : client
}

export const evolveClient = (client: Client, event: ClientEvent): Client => {
  if (event._tag === "ClientRegistered") {
    if (client._tag !== "Absent") return client
    const { clientId, metadata, secret, audience, origin, policy, metadataDigest, registrationToken, registeredAt } =
      event
    const epoch = firstEpoch
    return {
      _tag: "Registered",
      clientId,
      status: "enabled",
      epoch,
      metadata,
      secret,
      audience,
      origin,
      ...(policy === undefined ? {} : { policy }),
      ...(metadataDigest === undefined ? {} : { metadataDigest }),
      ...(registrationToken === undefined ? {} : { registrationToken }),
      registeredAt,
    }
  }
  if (client._tag !== "Registered") return client
  switch (event._tag) {
    case "ClientUpdated": {
      // A secret that came or went takes the one before with it.
      const { replacedSecret, ...others } = client
      return { ...(event.secret === undefined ? client : others), ...updated(client, event) }
    }
    case "ClientSecretRotated":
      return rotated(client, event)
    case "ClientDisabled":
      return { ...client, status: "disabled" }
    case "ClientEnabled":
      return { ...client, status: "enabled" }
    case "ClientDeleted":
      return { _tag: "Deleted", clientId: client.clientId, epoch: nextEpoch(client.epoch) }
    default:
      return event satisfies never
  }
}
