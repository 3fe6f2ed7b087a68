/** What somebody can do to a line of an export: each a way to change an entry, from clumsy to thorough. */
import { leafHash } from "../../../src/log/index.ts"
import { parsed } from "./ExportedLog.ts"

export interface Tampering {
  readonly name: string
  /** Whether the line that the fault names is the one that was changed, or one that it is told by. */
  readonly names: "line" | "next line" | "somewhere"
  /** Changes the lines at an entry's line, `undefined` where this cannot be done there. */
  readonly apply: (lines: Array<string>, at: number, pick: number) => Array<string> | undefined
}

const changed = (lines: Array<string>, at: number, line: string) => lines.with(at, line)
export const flip = (text: string, at: number) =>
  text.slice(0, at) + (text[at] === "x" ? "y" : "x") + text.slice(at + 1)

/** What somebody does to the line of a readable entry, from clumsy to thorough. */
export const tamperings: ReadonlyArray<Tampering> = [
  {
    name: "a character of the line is another",
    names: "line",
    apply: (lines, at, pick) => changed(lines, at, flip(lines[at]!, pick % lines[at]!.length)),
  },
  {
    name: "a character of the bytes is another",
    names: "line",
    apply: (lines, at, pick) => {
      const { bytes, ...rest } = parsed(lines[at]!)
      const text = String(bytes)
      return changed(lines, at, JSON.stringify({ ...rest, bytes: flip(text, pick % text.length) }))
    },
  },
  {
    name: "the line is spelled otherwise",
    names: "line",
    apply: (lines, at, pick) => {
      const line = lines[at]!
      const spellings = [
        ` ${line}`,
        `${line}\r`,
        line.replace("{", `{"bytes":"",`),
        line.replace("entry", "\\u0065ntry"),
      ]
      const spelling = spellings[pick % spellings.length]!
      return spelling === line ? undefined : changed(lines, at, spelling)
    },
  },
  { name: "the line is taken out", names: "line", apply: (lines, at) => lines.toSpliced(at, 1) },
  { name: "the line is there twice", names: "next line", apply: (lines, at) => lines.toSpliced(at, 0, lines[at]!) },
  {
    name: "the line is of another entry",
    names: "line",
    apply: (lines, at, pick) => {
      const other = 1 + (pick % (lines.length - 2))
      return other === at ? undefined : changed(lines, at, lines[other]!)
    },
  },
  {
    name: "the entry is another, and hashed anew",
    names: "somewhere",
    apply: (lines, at) => {
      const { position, bytes } = parsed(lines[at]!)
      const text = String(bytes).replace(/"correlationId":"/, "$&x")
      return changed(lines, at, JSON.stringify({ position, leaf: leafHash(text), bytes: text }))
    },
  },
  {
    name: "the entry is made another that is only hashed",
    names: "somewhere",
    apply: (lines, at) => {
      const { position } = parsed(lines[at]!)
      return changed(lines, at, JSON.stringify({ position, leaf: leafHash("another"), redacted: {} }))
    },
  },
]
