/** What is asked and answered about devices without a browser (RFC 8628), in words. */
import type * as Effect from "effect/Effect"
import type { Approval, GrantId, Resources, Scopes } from "../core/index.ts"
import type { Unavailable } from "./OAuthError.ts"
import type { OAuthToken } from "./Records.ts"
import type { DeviceRequest, Failure, RedeemDeviceCodeRequest } from "./TokenRequests.ts"

/** What a device is told to show and to ask with (RFC 8628 section 3.2). */
export interface DeviceAuthorization {
  readonly deviceCode: string
  /** Eight letters, as they are looked up. */
  readonly userCode: string
  /** Seconds until both expire. */
  readonly expiresIn: number
}

/** A request of a device that waits for an answer. Times in milliseconds since the epoch. */
export interface WaitingDevice {
  readonly userCode: string
  /** The grant that an approval opens. */
  readonly grantId: GrantId
  readonly clientId: string
  /** `null` stands for the default scopes. */
  readonly scopes: ReadonlyArray<string> | null
  readonly resources: ReadonlyArray<string>
  readonly requestedAt: number
  readonly expiresAt: number
  /** The address that it was asked from; `null` where none is recorded. */
  readonly address: string | null
}

/** An answer: what somebody was shown of a request, and who says yes to it. */
export interface DeviceApproval {
  readonly userCode: string
  readonly approval: typeof Approval.Encoded
  readonly scopes: ReadonlyArray<string> | null
  readonly resources: ReadonlyArray<string>
}

/** What the server does for devices, and for whoever answers for them. */
export interface DeviceOperations {
  readonly requestDevice: (request: DeviceRequest) => Effect.Effect<DeviceAuthorization, Failure>
  readonly redeemDeviceCode: (request: RedeemDeviceCodeRequest) => Effect.Effect<OAuthToken, Failure>
  readonly devices: {
    /** What waits under a user code, however it is typed; `undefined` where nothing does. Changes nothing. */
    readonly waiting: (userCode: string) => Effect.Effect<WaitingDevice | undefined, Unavailable>
    /** What {@link approve} would grant now, or why it would not. Changes nothing. */
    readonly preview: (
      request: DeviceApproval,
    ) => Effect.Effect<{ readonly scopes: Scopes; readonly resources: Resources }, Failure>
    readonly approve: (request: DeviceApproval) => Effect.Effect<{ readonly grantId: string }, Failure>
    readonly deny: (request: { readonly userCode: string; readonly subjectId: string }) => Effect.Effect<void, Failure>
  }
}
