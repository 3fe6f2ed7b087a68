/** The digest by which somebody asks about an event who holds a code or token. */
import { issuedDigest, type Event } from "../../core/index.ts"

/** That of what the event brought into being, or of the device code that it refused. */
export const askedDigest = (event: Event): string | undefined =>
  issuedDigest(event) ?? (event._tag === "GrantDenied" ? event.deviceCode : undefined)
