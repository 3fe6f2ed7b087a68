/**
 * What every sequence starts with, and under which policy: the same for every engine, so that what one finds another
 * can be asked about.
 */
import { DEVICE_CODE_GRANT } from "../src/protocol/index.ts"
import { ordinary, registering } from "./Asking.ts"
import type { Policy } from "./Model.ts"
import { JWT_BEARER, TOKEN_EXCHANGE, type Operation, type Profile } from "./Operation.ts"

const SECOND = 1000

export const policy: Policy = {
  scopes: ["read", "write", "admin"],
  defaultScopes: ["read"],
  resources: ["https://one.example/", "https://two.example/mcp"],
  defaultResource: "https://one.example/",
  registrationGrants: ["authorization_code", "refresh_token"],
  public: {
    code: 60 * SECOND,
    accessToken: 600 * SECOND,
    refreshIdle: 3600 * SECOND,
    grant: 7200 * SECOND,
    retryWindow: 30 * SECOND,
  },
  confidential: {
    code: 60 * SECOND,
    accessToken: 600 * SECOND,
    refreshIdle: 3600 * SECOND,
    grant: 7200 * SECOND,
    retryWindow: 30 * SECOND,
  },
}

const everyGrant = ["authorization_code", "refresh_token", "client_credentials", TOKEN_EXCHANGE] as const

/**
 * Public; confidential, added by the operator; one that may neither refresh nor have everything; and one that was added
 * by nobody and says that it may have tokens of its own.
 */
export const profiles: ReadonlyArray<Profile> = [
  ordinary,
  { isPublic: false, isSelfRegistered: false, scopes: null, grantTypes: everyGrant },
  { isPublic: true, isSelfRegistered: true, scopes: ["read", "write", "unknown"], grantTypes: ["authorization_code"] },
  { isPublic: false, isSelfRegistered: true, scopes: null, grantTypes: everyGrant },
]

/** The client of the operator's that devices may ask for as well. */
export const DEVICE_CLIENT = 1
export const deviceProfile: Profile = {
  ...profiles[DEVICE_CLIENT]!,
  grantTypes: [...everyGrant, DEVICE_CODE_GRANT],
}

/** What every sequence starts with: an issuer, and a client of each profile. */
export const opening: ReadonlyArray<Operation> = [
  { _tag: "Initialize" },
  ...profiles.map((profile, client) => registering(client, client === DEVICE_CLIENT ? deviceProfile : profile)),
]

/** Under which policy a sequence goes on, what it starts with, and what clients may register as in it. */
export interface Start {
  readonly policy: Policy
  readonly opening: ReadonlyArray<Operation>
  readonly profiles: ReadonlyArray<Profile>
}

export const plainly: Start = { policy, opening, profiles }

/** Whether some client proves itself by keys: then there is all that goes with that. */
export const hasKeys = (start: Pick<Start, "profiles">): boolean => start.profiles.some((one) => one.hasKeys === true)

/** Confidential by keys of its own. */
const signing: Profile = { ...profiles[DEVICE_CLIENT]!, hasKeys: true }
const withSigning = [...profiles, signing]

/** The same, with a client that signs what it says of itself. */
export const withKeys: Start = {
  policy,
  opening: [...opening, registering(profiles.length, signing)],
  profiles: withSigning,
}

/** What only a server behind a wire has besides: invitations, and an identity provider that it believes. */
export const overWire: Start = {
  policy: { ...policy, isInvited: true },
  opening: invited([
    opening[0]!,
    ...withSigning.map((profile, client) => {
      const grantTypes = client === DEVICE_CLIENT ? deviceProfile.grantTypes : profile.grantTypes
      return registering(client, profile.isPublic ? profile : { ...profile, grantTypes: [...grantTypes, JWT_BEARER] })
    }),
  ]),
  profiles: withSigning,
}

/** Each client that registers itself with an invitation of its own, right before. */
function invited(operations: ReadonlyArray<Operation>): ReadonlyArray<Operation> {
  let count = 0
  return operations.flatMap((operation): ReadonlyArray<Operation> => {
    if (operation._tag !== "Register" || !operation.profile.isSelfRegistered) return [operation]
    const invitation = count++
    return [
      { _tag: "Invite", invitation },
      { ...operation, invitation },
    ]
  })
}
