/**
 * What every sequence starts with, and under which policy: the same for every engine, so that what one finds another
 * can be asked about.
 */
import { DEVICE_CODE_GRANT } from "../src/protocol/index.ts"
import { ordinary, registering } from "./Asking.ts"
import type { Policy } from "./Model.ts"
import { TOKEN_EXCHANGE, type Operation, type Profile } from "./Operation.ts"

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
