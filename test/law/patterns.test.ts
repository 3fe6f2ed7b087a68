/**
 * Every pattern takes time in proportion to the text: whoever writes the text must not be able to keep a program busy.
 *
 * All patterns that the source has are tried, whether what they read is foreign or not. One that starts over at every
 * character needs minutes for what the others do in milliseconds.
 */
import { expect, test } from "vitest"
import { sourceTexts } from "../../spec/trace/Sources.ts"

const LITERAL =
  /(?<=[(=,:[!&|?{};>\n][ ]*)\/((?:[^/\\[\n*]|\\.|\[(?:[^\]\\\n]|\\.)*\])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])*)\/([dgimsuvy]*)/g

/** The patterns that stand in a text of code; what only looks like one is tried as well. */
const patternsIn = (code: string): ReadonlyArray<RegExp> =>
  [...code.matchAll(LITERAL)].flatMap(([, source = "", flags]) => {
    try {
      return [new RegExp(source, flags)]
    } catch {
      return []
    }
  })

/** The same few characters for ever, and then one that does not fit. */
const units = [
  ...[" ", "\n", "\t \n", "a", "A", "1", "-", "_", "=", "/", ".", ",", ":", '"', "\\", "\\\\", '\\"', "%", "%20", "'"],
  ...["a ", " a", "a,", "a=", 'a="', 'a="b', "a=b,", "aa=aa ", "é", "\u0301", "\u202e", "gla_", "-eyJaaaaaaaa", ".eyJ"],
  ...[
    "a.",
    "a/",
    "//",
    "/.",
    "?",
    "&code=",
    "::",
    "1.",
    "[",
    "]",
    "+",
    "++",
    "; ",
    ";a=b",
    "`",
    "bearer ",
    "localhost",
  ],
]
const ends = ["", "\u0000", "x"]

/** What grows fast shows early; who takes long at one size is not asked at the next. */
const SIZES = [25, 1_000, 8_000, 20_000]

const goingOn = SIZES.map((size) =>
  units.flatMap((unit) => ends.map((end) => unit.repeat(Math.ceil(size / unit.length)) + end)),
)

/** Texts of one size that begin as the pattern does, or not, and go on in every way. */
const hostileTexts = (pattern: RegExp, texts: ReadonlyArray<string>): ReadonlyArray<string> => {
  const literal = /^\^?([\w "=:/-]*)/.exec(pattern.source.replaceAll("\\/", "/"))?.[1] ?? ""
  return literal === "" ? texts : [...texts, ...texts.map((text) => literal + text)]
}

/** Time of this thread on a core: what else the machine does is not counted. */
const millisOf = (body: () => unknown): number => {
  const before = process.threadCpuUsage()
  body()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

const use = (pattern: RegExp, text: string) => () => {
  const fresh = new RegExp(pattern.source, pattern.flags)
  return fresh.global ? text.replaceAll(fresh, "") : fresh.exec(text)
}

/** A linear pattern needs a hundredth of it, a quadratic one many times as much. */
const MANY_MILLIS = 50

/** The first text that keeps the pattern busy, tried again so that a collection of garbage is not its fault. */
const slownessOf = (pattern: RegExp): string | undefined => {
  for (const texts of goingOn) {
    const busy = hostileTexts(pattern, texts).find((text) =>
      [1, 2, 3].every(() => millisOf(use(pattern, text)) > MANY_MILLIS),
    )
    if (busy !== undefined) return JSON.stringify(busy.slice(0, 40))
  }
  return undefined
}

test("a pattern that starts over again and again is noticed", () => {
  for (const pattern of [/\s*\n\s*/g, /\s+$/, /=+$/, /eyJ[\w-]{8,}\./]) {
    expect(`${pattern} ${slownessOf(pattern) === undefined}`).toBe(`${pattern} false`)
  }
  expect(slownessOf(/^[a-z]+=*$/)).toBeUndefined()
  expect(patternsIn("const A = /a\\/[/]b/g, b = c / d / e").map(String)).toEqual(["/a\\/[/]b/g"])
})

test("no pattern of the source takes more than its share", () => {
  const found = sourceTexts("src", "properties/kit").flatMap(({ path, text }) =>
    path.endsWith(".test.ts") ? [] : patternsIn(text).map((pattern) => ({ path, pattern })),
  )
  expect(found.length).toBeGreaterThan(100)
  const slow = [...Map.groupBy(found, ({ pattern }) => String(pattern)).values()].flatMap((same) => {
    const text = slownessOf(same[0]!.pattern)
    return text === undefined ? [] : same.map(({ path, pattern }) => `${path} ${pattern} ${text}`)
  })
  expect(slow).toEqual([])
}, 240_000)

test("patterns that are put together from texts stand where they are tried by hand", () => {
  const paths = sourceTexts("src", "properties/kit")
    .filter(({ path, text }) => !path.endsWith(".test.ts") && text.includes("new RegExp("))
    .map(({ path }) => path)
  expect(paths).toEqual(["src/log/Sealed.ts", "src/protocol/Challenge.ts"])
})
