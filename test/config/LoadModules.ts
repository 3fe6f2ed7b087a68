/**
 * Loads every module of `src/cli` before any test runs. Most are loaded when a command is named or needs them, and what
 * Stryker breaks in what runs then would be tried by the one test that happened to need them first.
 */
import { globSync } from "node:fs"

/** They run when they are loaded: each is a process of its own. */
const PROGRAMS = new Set(["main.ts", "Grantlog.ts", "TellVersion.ts", "check/Child.ts"])

const modules = globSync("**/*.ts", { cwd: "src/cli" }).filter((path) => !PROGRAMS.has(path))
// What cannot be loaded is for the tests to tell.
await Promise.all(modules.map((path) => import(`../../src/cli/${path}`).catch(() => {})))
