/**
 * Who asks, with what proof and for what, as it stands in commands of every kind.
 *
 * Lookups, no rules.
 */
import type { CommandOf, EpochMillis, Lifetimes, Offer, Resources, Scopes } from "../../src/core/index.ts"
import type { Authentication, Detail, OperationOf, Ref } from "../Operation.ts"
import type { Machine } from "./State.ts"
import { NO_GRANT, clientIdOf, digestOf, grantIdOf, subjectIdOf } from "./Names.ts"

/** How long a request for approval may lie about. */
export const REQUEST_MILLIS = 600_000

const isPublic = (machine: Machine, ref: Ref): boolean => {
  const client = machine.clients[ref]
  return client?._tag === "Registered" && client.metadata.token_endpoint_auth_method === "none"
}

/** A secret that was replaced is known as that only where the client still has it. */
const factOf = (machine: Machine, by: Ref, shown: Authentication): CommandOf<"Refresh">["authentication"] => {
  if (shown === "absent") return "none"
  const client = machine.clients[by]
  const isReplaced = client?._tag === "Registered" && client.replacedSecret !== undefined
  if (shown === "superseded" && isReplaced) return "superseded"
  if (shown !== "right") return "failed"
  return isPublic(machine, by) ? "none" : "verified"
}

type DetailTexts = NonNullable<CommandOf<"RedeemCode">["authorizationDetails"]>

const detailTexts: Readonly<Record<Detail, string>> = {
  payments: '{"actions":["list","pay"],"type":"payments"}',
  "some payments": '{"actions":["list"],"type":"payments"}',
  accounts: '{"type":"accounts"}',
}

/** Authorization details as the core has them; nothing where none are named. */
export const detailsOf = (
  details: ReadonlyArray<Detail> | undefined,
): { readonly authorizationDetails?: DetailTexts } =>
  details === undefined
    ? {}
    : { authorizationDetails: details.map((one) => detailTexts[one]) as unknown as DetailTexts }

export const callerOf = (machine: Machine, { by, authentication }: { by: Ref; authentication: Authentication }) => ({
  clientId: clientIdOf(by),
  authentication: factOf(machine, by, authentication),
  lifetimes: lifetimesOf(machine, by),
})

export const lifetimesOf = (machine: Machine, by: Ref): Lifetimes => {
  const { policy } = machine
  return { request: REQUEST_MILLIS, ...(isPublic(machine, by) ? policy.public : policy.confidential) } as Lifetimes
}

export const offerOf = ({ policy }: Machine): Offer => {
  const { scopes, defaultScopes, resources, defaultResource, registrationGrants } = policy
  return {
    scopes,
    defaultScopes,
    resources: resources ?? [],
    isAnyResourceOffered: resources === null,
    defaultResource: defaultResource ?? null,
    registrationGrants,
  } as Offer
}

export const documentDigest = (document: number) => digestOf(`document ${document}`)

export const grantIdFor = (ref: Ref | undefined) => (ref === undefined ? NO_GRANT : grantIdOf(ref))

/** What is the same whether a browser or a device asked. */
export const approvalOf = (machine: Machine, operation: OperationOf<"Approve">, at: EpochMillis) => {
  const { grant, client, subject, basis, scopes, resources, isLate } = operation
  const approval = { subjectId: subjectIdOf(subject), approvedAt: at }
  return {
    clientId: clientIdOf(client),
    grantId: grantIdOf(grant),
    basis: basis === "Policy" ? { _tag: basis, ...approval, policy: "tests" } : { _tag: basis, ...approval },
    scopes: scopes as Scopes | null,
    resources: (resources ?? []) as Resources,
    offer: offerOf(machine),
    metadataDigest: operation.document === undefined ? null : documentDigest(operation.document),
    requestedAt: (isLate ? at - REQUEST_MILLIS : at) as EpochMillis,
    code: digestOf(`code ${grant}`),
    lifetimes: lifetimesOf(machine, client),
    at,
  }
}

/** No rule reads it: it is copied from the command into the event. */
export const versioned = { afterVersion: 0 }
