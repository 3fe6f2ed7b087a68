/** Where many lines go: a file takes its name when it is whole, and one that is there is replaced by force alone. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Option } from "effect"
import { describe, expect, it } from "vitest"
import { checkReplaceable, force, outputTo, ReaderGone, type Output } from "../../src/cli/Output.ts"
import { temporaryFolder } from "../support/TestServer.ts"
import { gotOf, saidOf } from "./FlagsHere.ts"
import { keptStream, saidIn, withStreams } from "./SaidHere.ts"

/** Uses the output for this path, forced or not, and gives how that ended: `done`, or the tag and the message. */
const into = (path: string | undefined, isForced: boolean, use: (output: Output) => Effect.Effect<void, unknown>) =>
  Effect.runPromise(
    outputTo(Option.fromUndefinedOr(path), isForced).pipe(
      Effect.flatMap(use),
      Effect.scoped,
      Effect.match({
        onSuccess: () => "done",
        onFailure: (fault) => `${(fault as { _tag: string })._tag}: ${(fault as Error).message}`,
      }),
    ),
  )

const whole = ({ write, finish }: Output) => Effect.andThen(write("one\n"), Effect.andThen(write("two\n"), finish))

describe("standard output", () => {
  it("gets each write, and needs no end", async () => {
    const written = Effect.flatMap(outputTo(Option.none(), false), whole)
    expect(await saidIn(Effect.scoped(written))).toEqual({ stdout: "one\ntwo\n", stderr: "" })
  })

  it.each([
    ["EPIPE", "ReaderGone: "],
    ["EIO", "CommandFault: standard output cannot be written (EIO)"],
    [undefined, "CommandFault: standard output cannot be written (Error: gone)"],
  ])("that ends with %s ends so: %s", async (code, ending) => {
    const fault = Object.assign(new Error("gone"), { code })
    const { stream } = keptStream({}, fault)
    expect(await withStreams({ stdout: stream }, () => into(undefined, false, whole))).toBe(ending)
  })

  it("of which the reader has gone is no fault of a command", () => {
    expect(new ReaderGone()).toMatchObject({ _tag: "ReaderGone" })
  })
})

describe("a file", () => {
  it("has its name when it is whole, is for its owner, and leaves nothing beside it", async () => {
    const folder = temporaryFolder()
    const path = join(folder, "a")
    const seen: Array<ReadonlyArray<string>> = []
    const looked = (output: Output) =>
      Effect.andThen(
        output.write("x"),
        Effect.andThen(
          Effect.sync(() => seen.push(readdirSync(folder))),
          output.finish,
        ),
      )
    expect(await into(path, false, looked)).toBe("done")
    expect(seen).toEqual([[`a.${process.pid}.next`]])
    expect(readdirSync(folder)).toEqual(["a"])
    expect(readFileSync(path, "utf8")).toBe("x")
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it("that was not finished is gone", async () => {
    const folder = temporaryFolder()
    expect(await into(join(folder, "a"), false, ({ write }) => write("x"))).toBe("done")
    expect(readdirSync(folder)).toEqual([])
  })

  it("that was not finished, and is gone already, is no fault", async () => {
    const folder = temporaryFolder()
    const cleared = (output: Output) =>
      Effect.andThen(
        output.write("x"),
        Effect.sync(() => readdirSync(folder).forEach((name) => rmSync(join(folder, name)))),
      )
    expect(await into(join(folder, "a"), false, cleared)).toBe("done")
  })

  it("that is there is kept, but for who replaces it", async () => {
    const folder = temporaryFolder()
    const path = join(folder, "a")
    writeFileSync(path, "before")
    expect(await into(path, false, whole)).toBe(`UsageFault: \`${path}\` is there already: --force replaces it`)
    expect(readFileSync(path, "utf8")).toBe("before")
    expect(await into(path, true, whole)).toBe("done")
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\n")
    expect(readdirSync(folder)).toEqual(["a"])
  })

  it("that somebody else made in the meantime is kept", async () => {
    const folder = temporaryFolder()
    const path = join(folder, "a")
    const late = (output: Output) =>
      Effect.andThen(
        Effect.sync(() => writeFileSync(path, "theirs")),
        whole(output),
      )
    expect(await into(path, false, late)).toBe(`UsageFault: \`${path}\` is there already: --force replaces it`)
    expect(readFileSync(path, "utf8")).toBe("theirs")
    expect(readdirSync(folder)).toEqual(["a"])
  })

  it("that cannot be written, or take its name, is told by its own name and a code", async () => {
    const folder = temporaryFolder()
    const nowhere = join(folder, "no", "a")
    expect(await into(nowhere, false, whole)).toBe(`CommandFault: \`${nowhere}\` cannot be written (ENOENT)`)
    const path = join(folder, "a")
    const blocked = (output: Output) =>
      Effect.andThen(
        Effect.sync(() => mkdirSync(path)),
        whole(output),
      )
    expect(await into(path, true, blocked)).toBe(`CommandFault: \`${path}\` cannot be written (EISDIR)`)
    expect(readdirSync(folder)).toEqual(["a"])
  })

  it("that is none, such as a device, is written as it stands, and stays", async () => {
    const folder = temporaryFolder()
    const device = join(folder, "device")
    symlinkSync("/dev/null", device)
    const looked = (output: Output) =>
      Effect.andThen(
        Effect.sync(() => expect(readdirSync(folder)).toEqual(["device"])),
        whole(output),
      )
    expect(await into(device, false, looked)).toBe("done")
    expect(readdirSync(folder)).toEqual(["device"])
  })
})

it("whether it is replaced is said by a flag", async () => {
  expect(await saidOf({ force })).toEqual({ force: "replace a file that is there" })
  expect(await gotOf({ force })).toEqual({ force: false })
  expect(await gotOf({ force }, "--force")).toEqual({ force: true })
})

describe("before anything is written", () => {
  const checked = (path: string, isForced: boolean) =>
    Effect.runSync(
      Effect.match(checkReplaceable(path, isForced), { onSuccess: () => "may", onFailure: ({ message }) => message }),
    )

  it("what is there is refused, a name that leads nowhere too, and what is no file is not", () => {
    const folder = temporaryFolder()
    const at = (name: string) => join(folder, name)
    writeFileSync(at("file"), "")
    symlinkSync(at("nowhere"), at("link"))
    const refused = (name: string) => `\`${at(name)}\` is there already: --force replaces it`
    expect(checked(at("file"), false)).toBe(refused("file"))
    expect(checked(at("file"), true)).toBe("may")
    expect(checked(at("none"), false)).toBe("may")
    expect(checked(at("link"), false)).toBe(refused("link"))
    expect(checked("/dev/null", false)).toBe("may")
    expect(checked(folder, false)).toBe("may")
  })
})
