/** The one way to the terminal: what was written by others is lines of what can be seen, and colours are ours alone. */
import { afterEach, describe, expect, it, vi } from "vitest"
import {
  askFor,
  emphasised,
  ignoreGoneReaders,
  isColoured,
  isTerminal,
  jsonText,
  oneLine,
  overwrite,
  tell,
  terminalWidth,
  visibleJson,
  writeOut,
} from "../../src/cli/Terminal.ts"
import { keptStream, saidBy, withStreams } from "./SaidHere.ts"

const ESCAPE = "\u001b["

/** A terminal of 256 colours, and what it was given. */
const terminal = (columns?: number) =>
  keptStream({ isTTY: true, columns, getColorDepth: () => 8, hasColors: () => true })

afterEach(() => void vi.unstubAllEnvs())

/** Nothing in the environment says anything about colours. */
const withColoursByStream = () => {
  for (const name of ["FORCE_COLOR", "NO_COLOR", "NODE_DISABLE_COLORS"]) vi.stubEnv(name, undefined)
}

const writtenTo = async (stream: ReturnType<typeof keptStream>, text: string): Promise<string> => {
  await withStreams({ stdout: stream.stream }, () => writeOut(text, () => {}))
  return stream.text()
}

describe("a message", () => {
  it.each([
    ["is one line", "a\nb\r\nc", "a b c"],
    ["has no spaces around its lines and no empty ones", "  a  \n\n \r  b ", "a b"],
    ["shows what cannot be seen", "a\u001b[2Jb", "a?[2Jb"],
    ["is whole up to 4000 characters", "x".repeat(4000), "x".repeat(4000)],
    ["is cut behind 4000 characters", "x".repeat(4001), `${"x".repeat(3999)}…`],
  ])("%s", (_, given, line) => expect(oneLine(given)).toBe(line))
})

describe("JSON", () => {
  it("has what cannot be seen escaped, so that it means the same", () => {
    const value = { a: "\u009b\u202e\u2028\u2029\u{e0001}é 東", b: ["\u0007"] }
    const text = jsonText(value)
    expect(text).toBe(String.raw`{"a":"\u009b\u202e\u2028\u2029\udb40\udc01é 東","b":["\u0007"]}`)
    expect(JSON.parse(text)).toEqual(value)
  })

  it("keeps the lines that it is written in", () => {
    expect(jsonText({ a: 1 }, 2)).toBe('{\n  "a": 1\n}')
    expect(visibleJson('"\t"\n"\r"\n')).toBe('"\\u0009"\n"\\u000d"\n')
  })
})

describe("what is told on standard error", () => {
  it("is lines, in which nothing acts", async () => {
    expect(await saidBy(() => tell("one\ntwo\u0007"))).toEqual({ stdout: "", stderr: "one\ntwo?\n" })
  })

  it.each([
    ["postgres://u:s3cret@host/db", "postgres://u@host/db"],
    ["`postgres://u:s3:c@r@host/db`, https://:p@b and c", "`postgres://u@host/db`, https://@b and c"],
    ["https://host:80/a@b", "https://host:80/a@b"],
    ["https://user@host", "https://user@host"],
    ["https://a:b c@d", "https://a:b c@d"],
    ["https://a`:b@d", "https://a`:b@d"],
    ["https://a b:c@d", "https://a b:c@d"],
    ["at ://a:b@c", "at ://a:b@c"],
  ])("has no password: %s", async (given, told) => {
    expect((await saidBy(() => tell(given))).stderr).toBe(`${told}\n`)
  })

  it("may be a question, behind which the cursor stays", async () => {
    expect(await saidBy(() => askFor("name\u0007: "))).toEqual({ stdout: "", stderr: "name?: " })
  })

  it("may be a line in the place of the one before, as long as the terminal is wide", async () => {
    const written = async (columns: number | undefined, line: string) => {
      const { stream, text } = terminal(columns)
      await withStreams({ stderr: stream }, () => overwrite(line))
      return text()
    }
    expect(await written(5, "ab\u0007defg")).toBe(`\r${ESCAPE}2Kab?d`)
    expect(await written(undefined, "x".repeat(99))).toBe(`\r${ESCAPE}2K${"x".repeat(79)}`)
  })
})

describe("colours", () => {
  it("are set where the stream shows them", async () => {
    withColoursByStream()
    await withStreams({ stdout: terminal().stream }, () => {
      expect(isColoured()).toBe(true)
      expect(emphasised("a\u0007", "red")).toBe(`${ESCAPE}1m${ESCAPE}31ma?${ESCAPE}39m${ESCAPE}22m`)
    })
    await withStreams({ stdout: keptStream().stream }, () => {
      expect(isColoured()).toBe(false)
      expect(isColoured(terminal().stream)).toBe(true)
      expect(emphasised("a\u0007", "green")).toBe("a?")
    })
  })

  it("stay in what is written there, and nothing else that begins as they do", async () => {
    withColoursByStream()
    const text = `a\u0007${ESCAPE}31mb\u0007${ESCAPE}0mc${ESCAPE}2Jd${ESCAPE}123me${ESCAPE}xx1m`
    expect(await writtenTo(terminal(), `${text}\nz`)).toBe(`a?${ESCAPE}31mb?${ESCAPE}0mc?[2Jd?[123me?[xx1m\nz`)
    expect(await writtenTo(keptStream(), `${ESCAPE}31ma\n${ESCAPE}0mb`)).toBe("?[31ma\n?[0mb")
  })
})

describe("a stream", () => {
  it("is a terminal or none, and has so many columns", async () => {
    await withStreams({ stdout: terminal(40).stream, stderr: keptStream({ columns: 0 }).stream }, () => {
      expect(isTerminal("stdout")).toBe(true)
      expect(isTerminal("stderr")).toBe(false)
      expect(terminalWidth()).toBe(40)
    })
    await withStreams({ stdout: keptStream({ columns: 0 }).stream }, () => expect(terminalWidth()).toBeUndefined())
  })

  it("whose reader goes away says so to the write that failed, and to nobody else", async () => {
    const fault = new Error("gone")
    const { stream } = keptStream({}, fault)
    stream.removeAllListeners("error")
    const told = await withStreams({ stdout: stream }, () => {
      ignoreGoneReaders()
      return new Promise((resolve) => writeOut("a", resolve))
    })
    expect(told).toBe(fault)
    expect(stream.listenerCount("error")).toBe(1)
  })
})
