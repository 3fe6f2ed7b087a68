/**
 * Arbitrary operations on devices: asked for, approved, denied, and asked with until then.
 *
 * Systems without the device grant are asked for none of them.
 */
import fc, { type Arbitrary } from "fast-check"
import { approving, denying, redeemingDevice } from "./Asking.ts"
import type { Model } from "./Model.ts"
import { DEVICE_CLIENT } from "./Opening.ts"
import type { Operation, OperationOf, Ref } from "./Operation.ts"
import { ownerOf, tagged, type Back, type By } from "./Relative.ts"

export type DeviceDraft =
  | (Pick<OperationOf<"Approve">, "client" | "subject" | "basis" | "scopes" | "resources"> & {
      readonly _tag: "ApproveDevice"
      readonly isReplay: boolean
    })
  | (Pick<OperationOf<"Deny">, "client" | "subject"> & { readonly _tag: "DenyDevice"; readonly isReplay: boolean })
  /** With the code of the request of a device that is so many before the latest. */
  | (Pick<OperationOf<"Redeem">, "authentication" | "resources" | "key"> & {
      readonly _tag: "RedeemDevice"
      readonly back: Back
      readonly by: By
    })
  /** With the code of what this client asked for and nobody has answered. */
  | (Pick<OperationOf<"Redeem">, "authentication"> & {
      readonly _tag: "PollDevice"
      readonly client: Ref
      readonly by: By
      /** Whether it asks twice at once, and is answered the second time. */
      readonly isHasty: boolean
    })

/** What only a system with the device grant can be asked. */
export const deviceDrafts = { ApproveDevice: true, DenyDevice: true, RedeemDevice: true, PollDevice: true } as const

/** What the drafts of every kind are made of. */
export interface Parts {
  readonly client: Arbitrary<Ref>
  readonly subject: Arbitrary<Ref>
  readonly by: Arbitrary<By>
  readonly back: Arbitrary<Back>
  readonly key: Arbitrary<OperationOf<"Redeem">["key"]>
  readonly authentication: Arbitrary<OperationOf<"Redeem">["authentication"]>
  readonly scopes: Arbitrary<OperationOf<"Approve">["scopes"]>
  readonly resources: Arbitrary<OperationOf<"Approve">["resources"]>
  readonly mostly: <A>(usual: A, ...others: ReadonlyArray<A>) => Arbitrary<A>
}

type Drafts = {
  readonly [Tag in DeviceDraft["_tag"]]: readonly [weight: number, Arbitrary<Extract<DeviceDraft, { _tag: Tag }>>]
}

/** One arbitrary for each kind, and how often it is drawn against the others; `canBeHasty`: whether devices ask twice at once. */
export const deviceDraftsOf = (parts: Parts, canBeHasty: boolean): Drafts => {
  const { client, subject, by, back, key, authentication, scopes, resources, mostly } = parts
  return {
    ApproveDevice: [
      3,
      tagged("ApproveDevice", {
        client: fc.oneof({ weight: 4, arbitrary: fc.constant(DEVICE_CLIENT) }, { weight: 1, arbitrary: client }),
        subject,
        basis: mostly<"User" | "Auto" | "Policy">("User", "Auto", "Policy"),
        scopes,
        resources,
        isReplay: mostly(false, true),
      }),
    ],
    DenyDevice: [1, tagged("DenyDevice", { client: fc.constant(DEVICE_CLIENT), subject, isReplay: fc.boolean() })],
    RedeemDevice: [4, tagged("RedeemDevice", { back, by, authentication, resources, key })],
    PollDevice: [
      canBeHasty ? 2 : 1,
      tagged("PollDevice", {
        client: fc.constant(DEVICE_CLIENT),
        by,
        authentication,
        isHasty: canBeHasty ? fc.boolean() : fc.constant(false),
      }),
    ],
  }
}

/** What `draft` means to `model`. */
export const resolveDevice = (model: Model, draft: DeviceDraft): Operation => {
  switch (draft._tag) {
    case "ApproveDevice":
    case "DenyDevice": {
      const { isReplay, ...changes } = draft
      const grant = Math.max(0, model.grants.length - (isReplay ? 1 : 0))
      return draft._tag === "ApproveDevice"
        ? approving(grant, { ...withoutTag(changes), isDevice: true })
        : denying(grant, { ...withoutTag(changes), isDevice: true })
    }
    case "RedeemDevice": {
      const { back, by, _tag, ...changes } = draft
      const ofDevices = [...model.grants.keys()].filter((ref) => model.grants[ref]!.isDevice === true)
      const code = back === "made up" ? back : (ofDevices.at(-1 - back) ?? "made up")
      return redeemingDevice(code, { ...changes, by: ownerOf(model, by, code === "made up" ? undefined : code) })
    }
    case "PollDevice": {
      const { client, by, authentication, isHasty } = draft
      const waits = { client, isLate: false, ...(isHasty ? { isHasty } : {}) }
      return redeemingDevice("made up", { authentication, by: by === "owner" ? client : by, waits })
    }
  }
}

const withoutTag = <A extends { readonly _tag: string }>({ _tag, ...rest }: A): Omit<A, "_tag"> => rest
