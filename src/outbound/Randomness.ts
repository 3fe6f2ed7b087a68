/**
 * Chance, for whoever runs without Effect and makes something that is to be had once.
 *
 * The one place that throws the dice there. Nothing secret is made of it.
 */
import { randomUUID } from "node:crypto"

/** An identifier that nobody made before (RFC 9562: a UUID of version 4). */
export const freshIdentifier = (): string => randomUUID()
