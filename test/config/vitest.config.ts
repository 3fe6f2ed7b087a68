import { defineConfig } from "vitest/config"

const shared = { pool: "threads", isolate: false } as const

/** law: what the tree promises about itself. unit: in process. live: real servers, clients, kills and second processes. */
export default defineConfig({
  test: {
    projects: [
      { test: { ...shared, name: "law", include: ["test/law/**/*.test.ts"] } },
      {
        test: {
          ...shared,
          name: "unit",
          include: ["test/**/*.test.ts", "properties/**/*.test.ts"],
          exclude: ["test/live/**", "test/law/**"],
        },
      },
      { test: { ...shared, name: "live", include: ["test/live/**/*.test.ts"], testTimeout: 60_000 } },
    ],
  },
})
