/**
 * Passwords hashed at the least cost there is, for tests that are about something else and sign in thousands of times.
 *
 * The real cost is asserted by `provider/Accounts`, and paid by whatever starts a server of its own.
 */
import type { Rewriting } from "./Rewritten.ts"

export const cheapPasswords: Rewriting = {
  what: "the cost of a password",
  file: "src/provider/Accounts.ts",
  written: "memory: 19_456, passes: 2",
  instead: "memory: 8, passes: 1",
}
