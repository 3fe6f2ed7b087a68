/**
 * What all calls to one provider share: how it is reached, who its clients are, and what it has handed out so far.
 *
 * Kept in one place because what one call brings to light is what the next one shows. It calls nothing itself, and never
 * says what is alive.
 */
import { randomBytes } from "node:crypto"
import type { OAuthClientInformationFull } from "../../../src/provider/index.ts"
import { mintFor, newHolder, type Holder } from "../../Holder.ts"
import type { OperationOf, Ref } from "../../Operation.ts"
import type { Abilities } from "./Abilities.ts"
import type { KitClock } from "./Clock.ts"
import type { Connected } from "./Connected.ts"
import type { Connection } from "./Connection.ts"
import { APP_URI, FOREIGN_URI, LOOPBACK_URI } from "./Login.ts"
import { textsIn } from "./Members.ts"
import { makeRecords, type Records } from "./Records.ts"
import type { Words } from "./Words.ts"

/** How a token came to be: what its grant is, and until when it was said to live. */
export interface Origin {
  readonly grant: string
  readonly expiresAt: number
}

/** Whose a code is, what it is redeemed with, and when it came. */
export interface Issued {
  readonly owner: OAuthClientInformationFull
  readonly verifier: string
  readonly at: number
}

/** What has to be known of a provider before it is dealt with. */
export type Known = Pick<Abilities, "terms" | "duties" | "policy">

export interface Dealings extends Connected, Known {
  readonly clock: KitClock
  readonly words: Words
  /** Scopes or resources in the provider's words. */
  readonly theirs: (list: ReadonlyArray<string> | null) => ReadonlyArray<string> | undefined
  /** Those that it names, in the kit's. */
  readonly ours: (value: unknown) => ReadonlyArray<string>
  /** Whether a resource is one string. */
  readonly hasOneResource: boolean
  /** The id that a client of this name asks for; nobody else's clients have it. */
  readonly idOf: (name: string) => string
  readonly clients: Map<Ref, OAuthClientInformationFull>
  readonly clientAt: (ref: Ref) => OAuthClientInformationFull
  readonly uris: Readonly<Record<OperationOf<"Approve">["redirectUri"], string>>
  /** Where clients wait for codes. */
  readonly registered: ReadonlyArray<string>
  /** Whether these are its author's, and none of the kit's own are taken. */
  readonly hasOwnUris: boolean
  readonly holder: Holder
  readonly records: Records
  /** By code. */
  readonly issued: Map<string, Issued>
  /** By token. */
  readonly origins: Map<string, Origin>
}

/** `isKeeping`: records are loaded as soon as what they are of is handed out. */
export const dealingsWith = (
  connected: Connected,
  { clock, words, redirectUris }: Connection,
  known: Known,
  isKeeping: boolean,
): Dealings => {
  const { terms } = known
  const suffix = randomBytes(6).toString("hex")
  const clients = new Map<Ref, OAuthClientInformationFull>()
  const [loopback, app] = redirectUris ?? [LOOPBACK_URI, APP_URI]
  const uris = { loopback: loopback!, app: app ?? loopback!, unregistered: FOREIGN_URI }
  return {
    ...connected,
    ...known,
    clock,
    words,
    theirs: (list) => list?.map(words.theirs),
    ours: (value) => textsIn(value).map(words.ours),
    hasOneResource: terms.resources === "one" || connected.provider().handled !== undefined,
    idOf: (name) => `kit-${suffix}-${name}`,
    clients,
    clientAt: (ref) => clients.get(ref)!,
    uris,
    registered: terms.redirectUris === "both" ? [uris.loopback, uris.app] : [uris[terms.redirectUris]],
    hasOwnUris: redirectUris !== undefined,
    holder: newHolder(mintFor(uris.loopback)),
    records: makeRecords(connected.provider, connected.ask, isKeeping),
    issued: new Map(),
    origins: new Map(),
  }
}
