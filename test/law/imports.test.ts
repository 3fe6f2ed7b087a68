/**
 * The import table holds, no files need one another in a circle, and protocol and core touch nothing of the outside world.
 *
 * Every rule is first shown to catch a made-up file that breaks it, then held against the repository.
 */
import { afterAll, describe, expect, it } from "vitest"
import { sourceTexts } from "../../spec/trace/Sources.ts"
import { cycles } from "./Cycles.ts"
import { importTable, violations } from "./ImportTable.ts"
import { type Module, openReader } from "./Module.ts"
import { impurities } from "./Purity.ts"

const reader = openReader()
afterAll(() => reader.close())

/** What a rule objects to, one line for each objection. */
const told = (found: readonly { readonly path: string; readonly line: number; readonly message: string }[]) =>
  found.map(({ path, line, message }) => `${path}:${line} ${message}`)

const read = (texts: Readonly<Record<string, string>>): readonly Module[] =>
  reader.read(Object.entries(texts).map(([path, text]) => ({ path, text })))

const modules = reader.read(sourceTexts("src", "properties", "spec"))

describe("the reader", () => {
  const tricky = `#!/usr/bin/env node
/** import "./comment.ts" — {@link Date} */
import {
  type A,
  b as c,
} from "./lines.ts"
import type D from './single.ts'
import * as E from "./star.ts"
import f, { g } from "./both.ts"
import "./bare.ts"; export * from "./all.ts"
export { default as h, i } from "./some.ts"
export type { J } from "./type.ts"
const k = 'import "./string.ts"', l = \`import("./template.ts") \${await import("./inner.ts")}\`, m = /import "x"/
type N = import("./query.ts").O.P | typeof import("./whole.ts")
// import "./line.ts"
const q = await import(\`./fixed.ts\`), r = await import("./" + k)
console.log(c, E, f, g, l, m, q, r); export type S = A | D | N; export { k }
`
  const [module] = read({ "src/log/Tricky.ts": tricky })

  it("sees every form of import, and none in a comment, a string or a pattern", () => {
    expect(
      module?.imports.map(({ line, specifier, typeOnly, names }) => [line, specifier, typeOnly, names.join()]),
    ).toEqual([
      [3, "./lines.ts", false, "A,b"],
      [7, "./single.ts", true, "default"],
      [8, "./star.ts", false, "*"],
      [9, "./both.ts", false, "default,g"],
      [10, "./bare.ts", false, ""],
      [10, "./all.ts", false, "*"],
      [11, "./some.ts", false, "default,i"],
      [12, "./type.ts", true, "J"],
      [13, "./inner.ts", false, "*"],
      [14, "./query.ts", true, "O"],
      [14, "./whole.ts", true, "*"],
      [16, "./fixed.ts", false, "*"],
      [16, undefined, false, "*"],
    ])
  })

  it("takes a name for a mention only where the code uses it", () => {
    const [use] = read({
      "src/log/Uses.ts": `/** Date */
const shape = { Date: 1, fetch() {}, process: "Date" } // Date
const own = shape.Date + shape["fetch"].length
interface Own { Date: number; console(): void }
export const used = [{ setTimeout }, Math["random"], own satisfies Own["Date"], new Date()]
const { now, parse: read } = Date`,
    })
    const names = use?.mentions.map(({ name, line }) => `${line} ${name}`)
    expect(names).not.toContain("2 Date")
    expect(names).toEqual(
      expect.arrayContaining(["3 shape.Date", "3 .fetch", "5 setTimeout", "5 Math.random", "5 new Date()", "5 Date"]),
    )
    expect(names).toEqual(expect.arrayContaining(["6 Date.now", "6 Date.parse"]))
    expect(names?.filter((name) => / (console|fetch|process)$/.test(name))).toEqual([])
  })
})

describe("an import", () => {
  it("is refused where the table does not grant it", () => {
    const fed = read({
      "src/protocol/Brands.ts": `import * as Schema from "effect/Schema"\nimport { hash } from "node:crypto"`,
      "src/protocol/Leans.ts": `import type { Scopes } from "../core/Scope.ts"`,
      "src/core/Reaches.ts": `import type { Log } from "../log/EventLog.ts"\nexport type { Log }`,
      "src/core/Loads.ts": `export const log = () => import("../log/EventLog.ts")`,
      "src/core/Digests.ts": `import { createHash } from "node:crypto"`,
      "src/core/Depends.ts": `import canonicalize from "canonicalize"`,
      "src/core/Effects.ts": `import { Effect, Schema } from "effect"\nimport * as Layer from "effect/Layer"\nimport * as all from "effect"\nexport * from "effect/unstable/http"`,
      "src/log/Looks.ts": `export { x } from "../provider/Keys.ts"`,
      "src/log/Serves.ts": `import { Hono } from "hono"`,
      "src/projection/Opens.ts": `import "node:sqlite"`,
      "src/provider/Mounts.ts": `import { handler } from "../http/index.ts"`,
      "src/http/Decides.ts": `import { decide } from "../core/Decider.ts"\nimport { type Grant } from "../core/Grant.ts"`,
      "src/http/Stores.ts": `import type { } from "../log/EventLog.ts"`,
      "src/resource/Calls.ts": `import { provider } from "../provider/OAuthProvider.ts"`,
      "src/resource/Brands.ts": `import type { Scopes } from "../core/Scope.ts"\nimport * as Schema from "effect/Schema"\nimport { makeGuard } from "../outbound/Guard.ts"`,
      "src/client/Shares.ts": `import { challenge } from "../resource/Challenges.ts"`,
      "src/mcp/Skips.ts": `import type { Grant } from "../core/Grant.ts"`,
      "src/audit/Acts.ts": `import { authorizationServer } from "../provider/AuthorizationServer.ts"`,
      "src/audit/Runs.ts": `import { main } from "../cli/main.ts"`,
      "src/cli/Tests.ts": `import { kit } from "../../test/support/Kit.ts"`,
      "src/cli/Enters.ts": `import { authorizationServer } from "../entry/grantlog.ts"`,
      "src/audit/Enters.ts": `import type { Config } from "../entry/grantlog.ts"`,
      "src/entry/core.ts": `export { decide } from "../core/Decider.ts"\nexport type { State } from "../core/State.ts"`,
      "src/entry/extra.ts": `import * as Effect from "effect/Effect"\nexport { main } from "../cli/main.ts"`,
      "src/core/index.ts": `export * from "../http/Endpoints.ts"`,
      "src/log/Packages.ts": `import { core } from "grantlog/core"\nexport const any = (path: string) => import(path)`,
      "src/log/Cites.ts": `import { requirements } from "../../spec/requirements/index.ts"`,
      "src/plugins/New.ts": `export {}`,
      "properties/simulate/Wires.ts": `import { SqliteLog } from "../../src/log/SqliteLog.ts"`,
      "properties/explore/Serves.ts": `import { endpoints } from "../../src/http/Endpoints.ts"`,
      "spec/requirements/Reads.ts": `import { readFileSync } from "node:fs"\nimport { repository } from "../trace/Sources.ts"`,
      "spec/trace/Decides.ts": `import { decide } from "../../src/core/Decider.ts"\nimport { model } from "../../properties/Model.ts"`,
    })
    expect(told(violations(fed))).toEqual([
      "src/protocol/Brands.ts:1 protocol may not import Schema from effect",
      "src/protocol/Brands.ts:2 protocol may not import the package `node:crypto`",
      "src/protocol/Leans.ts:1 protocol may not import core",
      "src/core/Reaches.ts:1 core may not import log",
      "src/core/Loads.ts:1 core may not import log",
      "src/core/Digests.ts:1 core may not import the package `node:crypto`",
      "src/core/Depends.ts:1 core may not import the package `canonicalize`",
      "src/core/Effects.ts:1 core may not import Effect from effect",
      "src/core/Effects.ts:2 core may not import Layer from effect",
      "src/core/Effects.ts:3 core may not import * from effect",
      "src/core/Effects.ts:4 core may not import unstable/http from effect",
      "src/log/Looks.ts:1 log may not import provider",
      "src/log/Serves.ts:1 log may not import the package `hono`",
      "src/projection/Opens.ts:1 projection may not import the package `node:sqlite`",
      "src/provider/Mounts.ts:1 provider may not import http",
      "src/http/Decides.ts:1 http may import only types from `src/core/Decider.ts` (`import type`)",
      "src/http/Decides.ts:2 http may import only types from `src/core/Grant.ts` (`import type`)",
      "src/http/Stores.ts:1 http may not import log",
      "src/resource/Calls.ts:1 resource may not import provider",
      "src/resource/Brands.ts:1 resource may not import core",
      "src/resource/Brands.ts:2 resource may not import Schema from effect",
      "src/resource/Brands.ts:3 resource may import only types from `src/outbound/Guard.ts` (`import type`)",
      "src/client/Shares.ts:1 client may not import resource",
      "src/mcp/Skips.ts:1 mcp may not import core",
      "src/audit/Acts.ts:1 audit may import only types from `src/provider/AuthorizationServer.ts` (`import type`)",
      "src/audit/Runs.ts:1 audit may not import cli",
      "src/cli/Tests.ts:1 cli may not import `test/support/Kit.ts`",
      "src/cli/Enters.ts:1 cli may not import entry",
      "src/audit/Enters.ts:1 audit may not import entry",
      "src/entry/core.ts:1 entry may import only types from `src/core/Decider.ts` (`import type`)",
      "src/entry/extra.ts:1 entry may not import Effect from effect",
      "src/entry/extra.ts:2 entry may not import cli",
      "src/core/index.ts:1 core may not import http",
      "src/log/Packages.ts:1 log may not import the package `grantlog/core`",
      "src/log/Packages.ts:2 log may not import a computed module",
      "src/log/Cites.ts:1 log may not import spec",
      "src/plugins/New.ts:1 lies in a folder that the table does not know",
      "properties/simulate/Wires.ts:1 properties may import only types from `src/log/SqliteLog.ts` (`import type`)",
      "properties/explore/Serves.ts:1 properties may not import http",
      "spec/requirements/Reads.ts:1 spec may not import the package `node:fs`",
      "spec/requirements/Reads.ts:2 spec may not import specTrace",
      "spec/trace/Decides.ts:1 specTrace may not import core",
      "spec/trace/Decides.ts:2 specTrace may import only types from `properties/Model.ts` (`import type`)",
    ])
  })

  it("is granted where the table grants it", () => {
    const fed = read({
      "src/core/decide/Refresh.ts": `import { Result, Schema } from "effect"\nimport * as Option from "effect/Option"\nimport type { Grant } from "../Grant.ts"\nimport { isSubset } from "../../protocol/Scope.ts"`,
      "src/log/SqliteLog.ts": `import { DatabaseSync } from "node:sqlite"\nimport { Effect } from "effect"\nimport { scope } from "../core/Scope.ts"\nexport const other = () => import("better-sqlite3")`,
      "src/http/endpoints/Token.ts": `import { Hono } from "hono/tiny"\nimport type { Grant } from "../../core/Grant.ts"\nimport { server } from "../../provider/AuthorizationServer.ts"`,
      "src/http/index.ts": `export * from "./Endpoints.ts"`,
      "src/entry/grantlog.ts": `export { createHandler } from "../http/index.ts"\nexport type { State } from "../core/State.ts"`,
      "src/cli/commands/Check.ts": `export const load = (path: string) => import(path)\nexport { run } from "../../../properties/Kit.ts"\nexport { serve } from "../../http/index.ts"`,
      "properties/Model.ts": `import { MemoryLog } from "../src/log/MemoryLog.ts"\nimport type { SqliteLog } from "../src/log/SqliteLog.ts"\nimport fc from "fast-check"`,
      "spec/trace/Fed.ts": `import { html } from "hono/html"\nimport { requirements } from "../requirements/index.ts"\nimport { promises } from "../../properties/invariants/index.ts"`,
      "properties/simulate/Race.test.ts": `import { SqliteLog } from "../../src/log/SqliteLog.ts"\nimport { kit } from "../../test/support/Kit.ts"`,
    })
    expect(told(violations(fed))).toEqual([])
  })

  it("of protocol is granted to everybody who speaks OAuth, and leads nowhere else", () => {
    const others = Object.entries(importTable).filter(
      ([, { places }]) => places !== "all" && places.protocol === undefined,
    )
    expect(others.map(([place]) => place)).toEqual(["protocol", "files", "proof", "log", "spec", "specTrace"])
    expect(importTable.protocol).toEqual({ places: {}, packages: [], effect: [] })
  })

  it("of http or cli is granted to cli and the entry points alone", () => {
    const readers = Object.entries(importTable).filter(
      ([, { places }]) => places === "all" || places.http !== undefined || places.cli !== undefined,
    )
    expect(readers.map(([place]) => place)).toEqual(["cli", "entry", "propertyTests"])
  })

  it("keeps to the table everywhere in src, properties and spec", () => {
    expect(told(violations(modules))).toEqual([])
  })
})

describe("a file", () => {
  it("never needs itself, by whatever way and be it for types", () => {
    const fed = read({
      "src/core/A.ts": `import { b } from "./B.ts"`,
      "src/core/B.ts": `import type { C } from "./decide/C.ts"`,
      "src/core/decide/C.ts": `export * from "../A.ts"\nexport * from "../D.ts"`,
      "src/core/D.ts": `export const d = 1`,
      "src/core/E.ts": `export type E = import("./E.ts").E | import("./A.ts").A`,
    })
    expect(cycles(fed)).toEqual([
      "src/core/A.ts → src/core/B.ts → src/core/decide/C.ts → src/core/A.ts",
      "src/core/E.ts → src/core/E.ts",
    ])
    expect(cycles(modules)).toEqual([])
  })
})

describe.each(["protocol", "core"])("%s", (folder) => {
  it("touches no clock, no randomness, no process, no network, no timer and no console", () => {
    const touches: Readonly<Record<string, string>> = {
      "Date.now()": "Date, Date.now",
      "new Date(0)": "Date",
      "Math.random()": "Math.random",
      "crypto.randomUUID()": "crypto, .randomUUID",
      "performance.now()": "performance",
      "process.env": "process",
      'fetch("/")': "fetch",
      "setTimeout(f, 1)": "setTimeout",
      'console.log("x")': "console",
      'globalThis["Date"]': "globalThis",
      'a.localeCompare("b")': ".localeCompare",
    }
    const fed = read(
      Object.fromEntries(
        Object.keys(touches).map((code, index) => [`src/${folder}/T${index}.ts`, `export const x = ${code}`]),
      ),
    )
    const found = impurities(fed)
    for (const [index, names] of Object.values(touches).entries()) {
      const messages = found.filter(({ path }) => path === `src/${folder}/T${index}.ts`).map(({ message }) => message)
      expect(messages.toSorted()).toEqual(
        names
          .split(", ")
          .map((name) => `${folder} touches \`${name}\``)
          .toSorted(),
      )
    }
  })

  it("may say such words in comments, strings and members", () => {
    const fed = read({
      [`src/${folder}/Words.ts`]: `/** Date.now() */\nexport const command = { Date: "new Date()", fetch: 1 } // Math.random()\nexport const at = command.Date`,
    })
    expect(told(impurities(fed))).toEqual([])
  })
})

describe("clocks and randomness", () => {
  it("stand only in the secrets of the provider and in the command line", () => {
    const code = `import { randomBytes as bytes } from "node:crypto"\nimport { Random } from "effect"\nexport const now = [Date.now(), new Date(), new Date(0), Math.random(), bytes]`
    const fed = read({ "src/log/Now.ts": code, "src/provider/Randomness.ts": code, "src/cli/commands/Serve.ts": code })
    expect(told(impurities(fed))).toEqual([
      "src/log/Now.ts:1 `randomBytes` stands outside the edges",
      "src/log/Now.ts:2 `effect's Random` stands outside the edges",
      "src/log/Now.ts:3 `Date.now` stands outside the edges",
      "src/log/Now.ts:3 `new Date()` stands outside the edges",
      "src/log/Now.ts:3 `Math.random` stands outside the edges",
    ])
    expect(told(impurities(modules))).toEqual([])
  })
})
