/**
 * Passwords hashed at the least cost there is, for tests that are about something else and sign in thousands of times.
 *
 * The real cost is asserted by `provider/Accounts`, and paid by whatever starts a server of its own.
 */
import type { Plugin } from "vitest/config"

const COST = "memory: 19_456, passes: 2"

export const cheapPasswords: Plugin = {
  name: "cheap-passwords",
  enforce: "pre",
  transform: (code, id) => {
    if (!id.endsWith("src/provider/Accounts.ts")) return null
    if (!code.includes(COST)) throw new Error(`the cost of a password is not written as \`${COST}\` any more`)
    return code.replace(COST, "memory: 8, passes: 1")
  },
}
