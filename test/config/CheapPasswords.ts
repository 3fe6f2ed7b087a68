/**
 * Passwords hashed at the least cost there is, for tests that are about something else and sign in thousands of times.
 *
 * The real cost is asserted by `provider/Accounts`, and paid by whatever starts a server of its own.
 */
import type { Plugin } from "vitest/config"

export const cheapPasswords: Plugin = {
  name: "cheap-passwords",
  enforce: "pre",
  transform: (code, id) =>
    id.endsWith("src/provider/Accounts.ts") ? code.replace("memory: 19_456, passes: 2", "memory: 8, passes: 1") : null,
}
