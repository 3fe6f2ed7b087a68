/**
 * What of each type stands in a key, field by field.
 *
 * Nothing is decided here but what two states may differ in and still be the same; why that is sound, `Key.ts` says.
 */
import type { AccessToken, Client, Issuer, OpenGrant, Subject } from "../../src/core/index.ts"
import type { IssuedAccess, IssuedRefresh } from "../Machine.ts"
import type { AccessThing, ClientThing, GrantThing, RefreshThing } from "../Model.ts"
import {
  accessPlace,
  elsewhere,
  end,
  exact,
  fields,
  generation,
  isThere,
  key,
  names,
  orNone,
  refreshPlace,
  since,
  thumbprint,
  unread,
  whole,
} from "./Encoding.ts"

type Registered = Extract<Client, { _tag: "Registered" }>
type Refresh = NonNullable<OpenGrant["refresh"]>
type Previous = NonNullable<Refresh["previous"]>

export const issuer = fields<Extract<Issuer, { _tag: "Initialized" }>>({
  _tag: elsewhere,
  issuer: exact,
  epoch: elsewhere,
})
export const registered = fields<Registered>({
  _tag: elsewhere,
  clientId: elsewhere,
  status: exact,
  epoch: elsewhere,
  metadata: whole,
  secret: whole,
  replacedSecret: (secret, view) =>
    secret === undefined ? "-" : `${secret.digest}${end(secret.expiresAt ?? 0, view)}`,
  audience: exact,
  origin: exact,
  policy: (policy?: string) => policy ?? "-",
  registrationToken: (digest?: string) => digest ?? "-",
  metadataDigest: (digest?: string) => digest ?? "-",
  registeredAt: unread,
})
export const subject = fields<Subject>({ status: exact, epoch: elsewhere })
export const clientThing = fields<ClientThing>({
  profile: whole,
  standing: exact,
  supersededEnd: (at, view) => (at === undefined ? "-" : end(at, view)),
})

const details = (texts?: ReadonlyArray<string>): string => texts?.join("+") ?? "-"

const accessToken = fields<AccessToken>({
  digest: accessPlace,
  generation,
  parent: unread,
  scopes: names,
  resources: names,
  authorizationDetails: details,
  jkt: thumbprint,
  issuedAt: unread,
  expiresAt: end,
})
const previousRefresh = fields<Previous>({
  digest: elsewhere,
  generation,
  jkt: thumbprint,
  issuedAt: unread,
  rotatedAt: since,
  expiresAt: end,
  keyId: exact,
  retryCount: exact,
  answers: (answers, view) => answers.map((answer) => accessToken(answer, view)).join("+"),
})
export const openGrant = fields<OpenGrant>({
  _tag: elsewhere,
  grantId: elsewhere,
  clientId: elsewhere,
  subjectId: elsewhere,
  basis: ({ _tag }) => _tag,
  request: orNone(
    fields<NonNullable<OpenGrant["request"]>>({
      redirectUri: exact,
      redirectUriProvidedExplicitly: exact,
      codeChallenge: exact,
      jkt: thumbprint,
      nonce: (nonce?: string) => nonce ?? "-",
    }),
  ),
  scopes: names,
  resources: names,
  authorizationDetails: details,
  refreshable: exact,
  epochs: elsewhere,
  openedAt: unread,
  expiresAt: end,
  // What it came of stands beside it, by place.
  descent: elsewhere,
  code: orNone(
    fields({ digest: elsewhere, issuedAt: unread, expiresAt: end, redeemedAt: isThere, refusedCount: exact }),
  ),
  refresh: orNone(
    fields<Refresh>({
      current: fields({ digest: elsewhere, generation, jkt: thumbprint, issuedAt: unread, expiresAt: end }),
      previous: orNone(previousRefresh),
    }),
  ),
  // INVARIANT: an expired token in this list is read by no rule, so that only those alive are told apart.
  accessTokens: (tokens, view) =>
    tokens
      .filter((token) => view.at < token.expiresAt)
      .map((token) => `${accessPlace(token.digest, view)}:${end(token.expiresAt, view)}`)
      .join("+"),
})
export const grantThing = fields<GrantThing>({
  client: elsewhere,
  subject: elsewhere,
  scopes: names,
  resources: names,
  details,
  key,
  hasRefresh: exact,
  code: exact,
  isDevice: (isDevice) => (isDevice === true ? "device" : ""),
  codeExpiresAt: end,
  expiresAt: end,
  end: exact,
  from: elsewhere,
  mayAct: elsewhere,
})
export const issuedAccess = fields<IssuedAccess>({ grant: elsewhere, digest: elsewhere, token: accessToken })

export const refreshThing = fields<RefreshThing>({
  grant: elsewhere,
  key,
  expiresAt: end,
  spentAt: orNone(since),
  successor: orNone(refreshPlace),
  retryCount: exact,
})
export const accessThing = fields<AccessThing>({
  grant: elsewhere,
  from: orNone(refreshPlace),
  scopes: names,
  resources: names,
  details,
  key,
  expiresAt: end,
  isRevoked: exact,
})

export const issuedRefresh = fields<IssuedRefresh>({ grant: elsewhere, digest: elsewhere, generation, jkt: thumbprint })
