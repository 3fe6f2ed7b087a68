/** Every promise: those of a grant in the order of its life, then those of clients and of the store. */
import type { Invariant } from "./Invariant.ts"
import { CodeIsSingleUse } from "./CodeIsSingleUse.ts"
import { ReplayKillsGrant } from "./ReplayKillsGrant.ts"
import { OnlyTheOwnerCanHarm } from "./OnlyTheOwnerCanHarm.ts"
import { RotationIsLinear } from "./RotationIsLinear.ts"
import { RetryIsIdempotent } from "./RetryIsIdempotent.ts"
import { ReuseKillsGrant } from "./ReuseKillsGrant.ts"
import { ScopeNeverGrows } from "./ScopeNeverGrows.ts"
import { AudienceNeverGrows } from "./AudienceNeverGrows.ts"
import { LifetimeNeverGrows } from "./LifetimeNeverGrows.ts"
import { AncestorsBound } from "./AncestorsBound.ts"
import { RevocationIsFinal } from "./RevocationIsFinal.ts"
import { ReadsChangeNothing } from "./ReadsChangeNothing.ts"
import { ExpiryIsExact } from "./ExpiryIsExact.ts"
import { ConsentComesFirst } from "./ConsentComesFirst.ts"
import { RequestIsAnsweredOnce } from "./RequestIsAnsweredOnce.ts"
import { BoundMeansBound } from "./BoundMeansBound.ts"
import { ClientIdIsCreatedOnce } from "./ClientIdIsCreatedOnce.ts"
import { NoSecretIsStored } from "./NoSecretIsStored.ts"
import { OutsidersCannotGrowTheLog } from "./OutsidersCannotGrowTheLog.ts"
import { RebuiltEqualsServed } from "./RebuiltEqualsServed.ts"
import { StateIsBounded } from "./StateIsBounded.ts"

export const promises: ReadonlyArray<Invariant> = [
  CodeIsSingleUse,
  ReplayKillsGrant,
  OnlyTheOwnerCanHarm,
  RotationIsLinear,
  RetryIsIdempotent,
  ReuseKillsGrant,
  ScopeNeverGrows,
  AudienceNeverGrows,
  LifetimeNeverGrows,
  AncestorsBound,
  RevocationIsFinal,
  ReadsChangeNothing,
  ExpiryIsExact,
  ConsentComesFirst,
  RequestIsAnsweredOnce,
  BoundMeansBound,
  ClientIdIsCreatedOnce,
  NoSecretIsStored,
  OutsidersCannotGrowTheLog,
  RebuiltEqualsServed,
  StateIsBounded,
]
