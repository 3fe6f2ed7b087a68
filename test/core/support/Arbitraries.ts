/**
 * Commands of a world so small that they meet: two clients, two grants, two subjects, a few tokens and times.
 *
 * For histories by fast-check. What no history reaches is left to the arbitraries that effect derives from the schemas.
 */
import fc from "fast-check"
import type { Command, CommandOf, CommandType } from "../../../src/core/index.ts"
import {
  FILES,
  MAIL,
  actForItself,
  again,
  alice,
  app,
  approveDevice,
  at,
  challenge,
  denyDevice,
  digest,
  exchange,
  grantId,
  initialize,
  jkt,
  lifetimes,
  login,
  metadata,
  minutes,
  older,
  open,
  raiseEpoch,
  redeem,
  redeemDevice,
  refresh,
  refuseConsent,
  register,
  registerService,
  resources,
  revoke,
  revokeGrant,
  rotateSecret,
  scopes,
  service,
  subjectId,
  television,
  toClient,
  toSubject,
  update,
} from "./Facts.ts"

const pick = fc.constantFrom
/** Seldom anything but the first. */
const mostly = <A>(usual: A, ...others: ReadonlyArray<A>) =>
  fc.oneof({ weight: 6, arbitrary: pick(usual) }, { weight: 1, arbitrary: pick(usual, ...others) })

const when = pick(at(0), at(0, 1), at(0.5), at(1, -1), at(1), at(1.5, -1), at(1.5), at(2), at(10), at(60), at(300))
const clientIds = mostly(app, service)
const deviceClients = mostly(television, app)
const grantIds = mostly(login, grantId("second"))
const subjectIds = mostly(alice, subjectId("bob"))
const digests = pick(...["access-1", "access-2", "access-3", "refresh-1"].map(digest))
const someScopes = mostly(null, scopes("read"), scopes("write read"), scopes("admin"), [])
const someResources = mostly(null, resources(FILES), resources(MAIL, FILES), resources("https://x.example"), [])
const keys = mostly(null, jkt("key"))
const times = mostly(
  lifetimes,
  { ...lifetimes, retryWindow: minutes(0) },
  { ...lifetimes, accessToken: minutes(0), code: minutes(0) },
  { ...lifetimes, grant: minutes(1) },
)

/** Members of a command to vary; the rest is as in `Facts.ts`. */
const varied = <Type extends CommandType>(
  make: (over: Partial<Omit<CommandOf<Type>, "_tag">>) => Command,
  members: { readonly [Key in keyof CommandOf<Type>]?: fc.Arbitrary<CommandOf<Type>[Key]> },
): fc.Arbitrary<Command> =>
  fc.record({ at: when, ...members }).map((over) => make(over as Partial<Omit<CommandOf<Type>, "_tag">>))

const asking = {
  clientId: clientIds,
  grantId: grantIds,
  authentication: mostly("none" as const, "verified" as const, "failed" as const),
}
const tokens = { ...asking, scopes: someScopes, resources: someResources, jkt: keys, lifetimes: times }

/** A command without an arbitrary does not compile. */
const commands: Readonly<Record<CommandType, fc.Arbitrary<Command>>> = {
  InitializeIssuer: varied(initialize, {}),
  RaiseIssuerEpoch: varied(raiseEpoch, {}),
  RegisterClient: fc.oneof(
    varied(register, {}),
    varied(registerService, { isQuotaLeft: fc.boolean(), origin: mostly("operator" as const, "dynamic" as const) }),
  ),
  UpdateClient: varied(update, {
    clientId: clientIds,
    metadata: pick(metadata, { ...metadata, redirect_uris: [] }, { ...metadata, scope: "read" }),
  }),
  RotateClientSecret: varied(rotateSecret, { clientId: clientIds }),
  DisableClient: varied<"DisableClient">((over) => toClient("DisableClient", over), { clientId: clientIds }),
  EnableClient: varied<"EnableClient">((over) => toClient("EnableClient", over), { clientId: clientIds }),
  DeleteClient: varied<"DeleteClient">((over) => toClient("DeleteClient", over), { clientId: clientIds }),
  OpenGrant: varied(open, {
    clientId: clientIds,
    grantId: grantIds,
    basis: fc
      .record({ _tag: mostly("User" as const, "Auto" as const), subjectId: subjectIds })
      .map((approval) => ({ ...approval, approvedAt: at(0) })),
    scopes: someScopes,
    lifetimes: times,
  }),
  DenyGrant: varied(refuseConsent, { clientId: clientIds, grantId: grantIds, subjectId: subjectIds }),
  ApproveDevice: varied(approveDevice, {
    clientId: deviceClients,
    grantId: grantIds,
    basis: fc
      .record({ _tag: mostly("User" as const, "Auto" as const), subjectId: subjectIds })
      .map((approval) => ({ ...approval, approvedAt: at(0) })),
    scopes: someScopes,
    lifetimes: times,
  }),
  DenyDevice: varied(denyDevice, { clientId: deviceClients, grantId: grantIds, subjectId: subjectIds }),
  RedeemDeviceCode: varied(redeemDevice, {
    clientId: deviceClients,
    grantId: grantIds,
    authentication: tokens.authentication,
    resources: tokens.resources,
    jkt: tokens.jkt,
    lifetimes: tokens.lifetimes,
    isCodeKnown: mostly(true, false),
    waiting: mostly<CommandOf<"RedeemDeviceCode">["waiting"]>(
      null,
      { clientId: television, expiresAt: at(5) },
      { clientId: app, expiresAt: at(5) },
    ),
  }),
  RedeemCode: varied(redeem, {
    clientId: tokens.clientId,
    grantId: tokens.grantId,
    authentication: tokens.authentication,
    resources: tokens.resources,
    jkt: tokens.jkt,
    lifetimes: tokens.lifetimes,
    isCodeKnown: mostly(true, false),
    verifier: mostly<CommandOf<"RedeemCode">["verifier"]>(
      { wellFormed: true, challenge: challenge("challenge") },
      { wellFormed: true, challenge: challenge("other") },
      null,
    ),
  }),
  Refresh: fc.oneof(
    ...[1, 2, 3].map((generation) => varied<"Refresh">((over) => refresh(generation, over), tokens)),
    ...["access-2", "access-3", null].map((name) => varied<"Refresh">((over) => again(name, over), tokens)),
    varied<"Refresh">((over) => older(1, over), tokens),
    varied<"Refresh">((over) => refresh(1, { ...over, presented: { _tag: "Unknown" } }), tokens),
  ),
  RevokeToken: varied(revoke, {
    ...asking,
    cascade: mostly(false, true),
    presented: fc.oneof(
      digests.map((one) => ({ _tag: "AccessToken" as const, digest: one })),
      pick({ _tag: "RefreshToken" as const }, { _tag: "Unknown" as const }),
    ),
  }),
  RevokeGrant: varied(revokeGrant, { grantId: grantIds, subjectId: fc.oneof(subjectIds, pick(null)) }),
  IssueToken: varied(actForItself, {
    clientId: mostly(service, app),
    grantId: mostly(grantId("second"), login),
    authentication: mostly("verified" as const, "none" as const),
    scopes: someScopes,
    jkt: keys,
    lifetimes: times,
  }),
  ExchangeToken: varied(exchange, {
    clientId: mostly(service, app),
    grantId: mostly(grantId("second"), login),
    subject: digests.map((one) => ({ grantId: login, digest: one })),
    scopes: someScopes,
    jkt: keys,
    lifetimes: times,
  }),
  RevokeSubjectSessions: varied<"RevokeSubjectSessions">((over) => toSubject("RevokeSubjectSessions", over), {
    subjectId: subjectIds,
  }),
  DisableSubject: varied<"DisableSubject">((over) => toSubject("DisableSubject", over), { subjectId: subjectIds }),
  EnableSubject: varied<"EnableSubject">((over) => toSubject("EnableSubject", over), { subjectId: subjectIds }),
  ForgetSubject: varied<"ForgetSubject">((over) => toSubject("ForgetSubject", over), { subjectId: subjectIds }),
}

/** Most often a command about tokens, so that histories get somewhere. */
export const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.oneof(...Object.values(commands)) },
  { weight: 2, arbitrary: commands.OpenGrant },
  { weight: 2, arbitrary: commands.RedeemCode },
  { weight: 1, arbitrary: commands.ApproveDevice },
  { weight: 1, arbitrary: commands.RedeemDeviceCode },
  { weight: 6, arbitrary: commands.Refresh },
)
