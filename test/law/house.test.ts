/**
 * What several need is written once, in `properties` and in `src`; the kit's two halves need nothing of each other.
 *
 * Every rule is first shown to catch a made-up file that breaks it, then held against the repository.
 */
import { describe, expect, it } from "vitest"
import { sourceTexts, type SourceText } from "../../spec/trace/Sources.ts"

/** A thing that is written once, what gives it away, among what it is looked for, and where it stands. */
const rules = [
  {
    among: "engines",
    title: "an operation is asked for as `Asking.ts` says",
    sign: /_tag: "(?:Approve|Redeem|Refresh|Revoke|ClientCredentials)",/,
    // What the core is asked has a tag of the same name.
    places: ["properties/Asking.ts", "properties/machine/CommandFor.ts", "test/core/support/Facts.ts"],
    broken: `const operation = { _tag: "Redeem", code: 0 }`,
  },
  {
    among: "engines",
    title: "a story is laid out as `Story.ts` does",
    sign: /≠/,
    places: ["properties/Story.ts"],
    broken: "const line = `      ≠ ${answer}`",
  },
  {
    among: "engines",
    title: "what is shown for a code is looked up in `Holder.ts`",
    sign: /malformed: "short"/,
    places: ["properties/Holder.ts"],
    broken: `const verifiers = { right, wrong, malformed: "short", absent: undefined }`,
  },
  {
    among: "source",
    title: "a page is the document of `Document.ts`",
    sign: /<!doctype html>/i,
    // The client has a page of its own and imports no server; it is shown once, when a login comes back.
    places: ["src/client/authorization/CallbackPage.ts", "src/http/pages/Document.ts"],
    broken: "const page = html`<!doctype html><title>${title}</title>`",
  },
  {
    among: "source",
    title: "a small file is made to last by `SmallFile.ts`",
    sign: /\b(?:fsync|writeFileSync|writeFileAtomic)\b|fsyncSync/,
    // The client's storage asks the same library, and waits for it; the page of a check need not outlive a power cut.
    places: ["src/cli/check/Files.ts", "src/client/storage/FileKeyValue.ts", "src/files/SmallFile.ts"],
    broken: "fsyncSync(file)",
  },
  {
    among: "source",
    title: "how many rows SQLite gives is bound as in `SqliteRows.ts`, lest each statement be prepared twice",
    sign: /LIMIT (?:0 \+ )?\?/,
    places: ["src/log/sql/SqliteRows.ts"],
    broken: "const sql = `SELECT position FROM entries ORDER BY position LIMIT ?`",
  },
  {
    among: "source",
    title: "of jose a part is loaded by its own path, for the whole is half of all files that a command loads",
    sign: /import (?!type )[^"]*from "jose"|import\("jose"\)/,
    places: [],
    broken: `import { decodeJwt, type JWTPayload } from "jose"`,
  },
] as const

const isTest = ({ path }: SourceText): boolean => path.endsWith(".test.ts")

const placesOf = (sign: RegExp, sources: readonly SourceText[]): readonly string[] =>
  sources.filter(({ text }) => sign.test(text)).map(({ path }) => path)

/** Files of one half of the kit that import the other. */
const strays = (sources: readonly SourceText[]): readonly string[] =>
  sources
    .filter(({ path, text }) => {
      const half = /^properties\/kit\/(issuer|provider)\//.exec(path)?.[1]
      const other = half === "issuer" ? "provider" : "issuer"
      return half !== undefined && new RegExp(`from "(?:\\.\\./)+${other}/`).test(text)
    })
    .map(({ path }) => path)

const sources = {
  engines: sourceTexts("properties", "test").filter((source) => !isTest(source)),
  source: sourceTexts("src"),
}

describe.each(rules)("$title", ({ among, sign, places, broken }) => {
  it("and nowhere else", () => {
    expect(placesOf(sign, [{ path: "properties/Other.ts", text: broken }])).toEqual(["properties/Other.ts"])
    expect(placesOf(sign, sources[among])).toEqual(places)
  })
})

it("the halves of the kit share a room, and import nothing of each other", () => {
  const text = `import { CannotCheck } from "../issuer/Wire.ts"`
  expect(strays([{ path: "properties/kit/provider/Probe.ts", text }])).toEqual(["properties/kit/provider/Probe.ts"])
  expect(strays(sources.engines)).toEqual([])
})
