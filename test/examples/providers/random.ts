/** What every provider here hands out: a string nobody can guess, behind a prefix that says what it is for. */
import { randomBytes } from "node:crypto"

export const randomToken = (prefix: string): string => prefix + randomBytes(32).toString("base64url")
