/**
 * Nothing foreign reaches the core by a cast.
 *
 * The rule is first shown to catch made-up files that break it, then held against the repository.
 */
import { afterAll, expect, it } from "vitest"
import { sourceTexts } from "../../spec/trace/Sources.ts"
import { foreignCasts, makers } from "./Casts.ts"
import { openReader, type Module } from "./Module.ts"

const reader = openReader()
afterAll(() => reader.close())

const read = (texts: Readonly<Record<string, string>>): readonly Module[] =>
  reader.read(Object.entries(texts).map(([path, text]) => ({ path, text })))
const told = (modules: readonly Module[]) =>
  foreignCasts(modules).map(({ path, line, message }) => `${path}:${line} ${message.split(",")[0]}`)

const core = {
  "src/core/Ids.ts": `export type ClientId = string & { brand: 1 }\nexport const first = "x" as ClientId\nexport type Scopes = ReadonlyArray<string>`,
  "src/core/index.ts": `export * from "./Ids.ts"`,
}

it("a cast to a type of the core, or to one that is made of it, is seen in every form outside the core", () => {
  const fed = read({
    ...core,
    "src/http/Consent.ts": `import type { ClientId, Scopes } from "../core/index.ts"; import type { Grant, Pending, Wrapped } from "./Pending.ts"
const a = asked as ClientId
const b = (asked ?? []) as unknown as ReadonlyArray<Scopes>
const c = asked as NonNullable<Grant["request"]>["clientId"]
const d = <ClientId>asked
const e = decrypted as Pending | undefined
const f = asked as Wrapped<string>
import * as all from "../core/index.ts"
const g = asked as all.Scopes`,
    "src/http/Pending.ts": `import type { ClientId } from "../core/Ids.ts"\nexport interface Pending { readonly clientId: ClientId }\nexport type Grant = { request: { of: Pending } }\nexport type Wrapped<A> = [A, Grant]`,
  })
  expect(told(fed)).toEqual([
    "src/http/Consent.ts:2 casts to `ClientId`",
    "src/http/Consent.ts:3 casts to `Scopes`",
    "src/http/Consent.ts:4 casts to `Grant`",
    "src/http/Consent.ts:5 casts to `ClientId`",
    "src/http/Consent.ts:6 casts to `Pending`",
    "src/http/Consent.ts:7 casts to `Wrapped`",
    "src/http/Consent.ts:9 casts to `Scopes`",
  ])
})

it("a comment, `as const`, `satisfies` and a type of somebody else's are no such cast", () => {
  const fed = read({
    ...core,
    "src/http/Fine.ts": `// x as ClientId\nimport type { ClientId } from "../core/Ids.ts"\nimport * as theirs from "theirs"\nconst c = ["a"] as const\nconst d = c satisfies Scopes\nconst e = "as ClientId", f = x as Record<string, unknown>, g = x as theirs.Scopes`,
    "src/http/Namesake.ts": `export interface Scopes { readonly all: string }\nexport const a = x as Scopes`,
  })
  expect(told(fed)).toEqual([])
})

it("who makes a thing may say so, of that thing alone", () => {
  const [path = "", [made] = []] = Object.entries(makers)[0]!
  const text = (type: string) => `import type { ${type} } from "../core/Ids.ts"\nexport const a = made as ${type}`
  const types = { "src/core/Ids.ts": `export type ${made} = string\nexport type RedirectUri = string` }
  expect(told(read({ ...types, [path]: text(made!) }))).toEqual([])
  expect(told(read({ ...types, [path]: text("RedirectUri") }))).toEqual([`${path}:2 casts to \`RedirectUri\``])
  expect(told(read({ ...types, "src/http/Other.ts": text(made!) }))).toHaveLength(1)
})

it("nothing in src, outside the core, casts to what only the core can say that it is", () => {
  expect(told(reader.read(sourceTexts("src")))).toEqual([])
})
