/**
 * Arbitrary operations that only a server behind a wire has: pushed requests, invitations, assertions of an identity
 * provider.
 *
 * Systems without them are asked for none.
 */
import fc, { type Arbitrary } from "fast-check"
import { approving, asserting, pushing, registering } from "./Asking.ts"
import type { Parts } from "./DeviceDrafts.ts"
import type { Model } from "./Model.ts"
import type { Assertion, Operation, OperationOf, Profile, Ref } from "./Operation.ts"
import { latest, tagged, type Back, type By } from "./Relative.ts"

export type WireDraft =
  | (Omit<OperationOf<"Push">, "_tag" | "request"> & { readonly _tag: "Push" })
  /** What was pushed so many before the latest, opened by its client or another. */
  | { readonly _tag: "OpenPushed"; readonly back: Back; readonly by: By }
  | { readonly _tag: "Invite" }
  /** With the invitation that is so many before the latest. */
  | { readonly _tag: "RegisterInvited"; readonly profile: Profile; readonly back: Back }
  | (Pick<OperationOf<"ClientCredentials">, "by" | "authentication" | "scopes" | "resources"> & {
      readonly _tag: "Assert"
      readonly assertion: Assertion
    })

const wireTags: Readonly<Record<WireDraft["_tag"], true>> = {
  Push: true,
  OpenPushed: true,
  Invite: true,
  RegisterInvited: true,
  Assert: true,
}

export const isOverWire = (tag: string): tag is WireDraft["_tag"] => tag in wireTags

/** Whom the identity provider speaks for. */
export const ASSERTED_SUBJECT: Ref = 1

type Drafts = {
  readonly [Tag in WireDraft["_tag"]]: readonly [weight: number, Arbitrary<Extract<WireDraft, { _tag: Tag }>>]
}

/** One arbitrary for each kind, and how often it is drawn against the others. */
export const wireDraftsOf = (parts: Parts, profiles: ReadonlyArray<Profile>): Drafts => {
  const { client, by, back, key, authentication, scopes, resources, mostly } = parts
  return {
    Push: [
      8,
      tagged("Push", {
        by: client,
        authentication,
        redirectUri: mostly<"loopback" | "app" | "unregistered">("loopback", "app", "unregistered"),
        key,
        scopes,
        resources,
      }),
    ],
    OpenPushed: [12, tagged("OpenPushed", { back, by })],
    Invite: [2, fc.constant({ _tag: "Invite" })],
    RegisterInvited: [3, tagged("RegisterInvited", { profile: fc.constantFrom(...profiles), back })],
    Assert: [
      6,
      tagged("Assert", {
        by: mostly<Ref>(1, 0, 2, 3, 4),
        authentication,
        assertion: fc.oneof(
          { weight: 3, arbitrary: fc.constant<Assertion>("right") },
          { weight: 1, arbitrary: fc.constant<Assertion>("replayed") },
          {
            weight: 1,
            arbitrary: fc.constantFrom<Array<Assertion>>(
              "expired",
              "misdirected",
              "of another client",
              "of another kind",
            ),
          },
        ),
        scopes,
        resources,
      }),
    ],
  }
}

/** What `draft` means to `model`. */
export const resolveOverWire = (model: Model, draft: WireDraft): Operation => {
  switch (draft._tag) {
    case "Push": {
      const { _tag, ...changes } = draft
      return pushing(model.pushed.length, changes)
    }
    case "OpenPushed": {
      const pushed = latest(model.pushed, draft.back)
      const thing = pushed === "made up" ? undefined : model.pushed[pushed]
      const { client: owner = 0, redirectUri, key, scopes, resources } = thing ?? {}
      const client = draft.by === "owner" ? owner : draft.by
      const asked =
        thing === undefined ? {} : { redirectUri: redirectUri!, key: key!, scopes: scopes!, resources: resources! }
      return approving(model.grants.length, { client, pushed, ...asked })
    }
    case "Invite":
      return { _tag: "Invite", invitation: model.invitations.length }
    case "RegisterInvited":
      return {
        ...registering(model.clients.length, draft.profile),
        invitation: latest(model.invitations, draft.back),
      }
    case "Assert": {
      const { _tag, by, ...changes } = draft
      return asserting(by, ASSERTED_SUBJECT, changes)
    }
  }
}
