import { defineConfig } from "vitest/config"
import { LongFirst } from "./LongFirst.ts"

/** A test that asserts nothing is no test: one that returns before its first assertion fails. What is waited for comes
 * when it comes, as late as on a machine that is busy with other things. */
const shared = {
  pool: "threads" as const,
  isolate: false,
  // Loaded by Node as everywhere else: through Vite's runner whatever was imported is looked up each time that it is used.
  experimental: { viteModuleRunner: false, nodeLoader: false },
  setupFiles: ["test/config/KeepCompiled.ts", "test/config/SameDraws.ts", "test/config/InMemory.ts"],
  expect: { requireAssertions: true, poll: { timeout: 60_000 } },
}

/** No test is about time: this only ends one that hangs, also on a machine that is busy with other things. */
const patience = { testTimeout: 600_000, hookTimeout: 600_000 } as const

/** What mostly waits goes first, more of it at a time than there are cores; then what computes. Servers, browsers and
 * commands are waited for longer. */
const waiting = {
  maxWorkers: 6,
  sequence: { groupOrder: 0 },
  expect: { ...shared.expect, poll: { timeout: 240_000 } },
} as const
const computing = { maxWorkers: 4, sequence: { groupOrder: 1 } } as const

/** What passwords cost to hash is asserted where they do. */
const REAL_PASSWORDS = "test/provider/Accounts.test.ts"

/** law: what the tree promises about itself. unit: in process. live: real servers, clients, kills and second processes.
 * browser: real pages in a real browser.
 * conformance: judges that npm brings, for `npm run conformance` alone.
 * peers: other people's servers, clients and Nodes; most need more than npm. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    projects: [
      { test: { ...shared, ...patience, ...computing, name: "law", include: ["test/law/**/*.test.ts"] } },
      {
        test: {
          ...shared,
          setupFiles: [...shared.setupFiles, "test/config/InUnit.ts"],
          ...patience,
          ...computing,
          name: "unit",
          include: ["test/**/*.test.ts", "properties/**/*.test.ts"],
          exclude: [
            "test/live/**",
            "test/law/**",
            "test/peers/**",
            "test/browser/**",
            "test/conformance/**",
            REAL_PASSWORDS,
          ],
          globalSetup: "test/config/PostgresOfRun.ts",
        },
      },
      {
        test: {
          ...shared,
          ...patience,
          ...waiting,
          name: "live",
          include: ["test/live/**/*.test.ts", REAL_PASSWORDS],
          globalSetup: ["test/live/support/BundledCommand.ts", "test/config/PostgresOfRun.ts"],
        },
      },
      {
        test: {
          ...shared,
          setupFiles: [...shared.setupFiles, "test/config/InBrowser.ts"],
          ...patience,
          ...waiting,
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          globalSetup: "test/browser/Chromium.ts",
        },
      },
      {
        test: {
          ...shared,
          ...patience,
          ...waiting,
          name: "conformance",
          include: ["test/conformance/**/*.test.ts"],
        },
      },
      {
        test: {
          ...shared,
          // Some packages have their source for Node's condition "development", which Node cannot load below node_modules.
          experimental: { viteModuleRunner: true },
          ...patience,
          ...waiting,
          name: "peers",
          include: ["test/peers/**/*.test.ts"],
          globalSetup: ["test/peers/Environment.ts", "test/config/PostgresOfRun.ts"],
        },
      },
    ],
  },
})
