/** What `grantlog doctor` says of the files of a store, word for word. */
import { mkdirSync, writeFileSync } from "node:fs"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { fileFindings, ownerFault, spaceFinding } from "../../../src/cli/doctor/Files.ts"
import { advice, fault, good } from "../../../src/cli/doctor/Finding.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

describe("of files", () => {
  const made = (path: string, mode = 0o600) => {
    writeFileSync(path, "", { mode })
    return path
  }
  const found = (file: string, keyFile?: string, elsewhere?: string) => {
    const findings = fileFindings({ name: "", file, database: undefined, keyFile, isKeyFileGiven: false }, elsewhere)
    expect(findings.at(-1)?.about).toBe("disk")
    return findings.slice(0, -1)
  }
  /** As another user would be told; `undefined` where there are no users. */
  const as = (user: number | undefined) => {
    const own = Object.getOwnPropertyDescriptor(process, "getuid")!
    const getuid = user === undefined ? undefined : () => user
    Object.defineProperty(process, "getuid", { ...own, value: getuid })
    onTestFinished(() => void Object.defineProperty(process, "getuid", own))
  }
  const owner = process.getuid?.() ?? 0

  it("nothing is said where there are none: no file, no folder, or nothing in it", () => {
    expect(
      fileFindings({
        name: "memory:",
        file: undefined,
        database: undefined,
        keyFile: undefined,
        isKeyFileGiven: false,
      }),
    ).toEqual([])
    expect(
      fileFindings({
        name: "",
        file: folder.at("no", "a.db"),
        database: undefined,
        keyFile: folder.at("ring"),
        isKeyFileGiven: true,
      }),
    ).toEqual([])
    as(owner + 1)
    expect(found(folder.at("nothing.db"))).toEqual([])
    expect(found(folder.at("nothing.db"), folder.at("nothing.json"))).toEqual([])
  })

  it("they are counted, each once, the key ring too wherever it is", () => {
    const file = made(folder.at("a.db"))
    const ring = made(`${file}.keys.json`)
    made(folder.at("b.db"))
    const elsewhere = made(folder.at("ring.json"))
    const sound = (count: number) => [good("files", `${count}, for their owner alone`)]
    for (const user of [owner, 0, undefined]) {
      as(user)
      expect(found(file)).toEqual(sound(2))
    }
    expect(found(file, ring)).toEqual(sound(2))
    expect(found(file, elsewhere)).toEqual(sound(3))
  })

  it("whoever else can reach them is told, but for those of which something else tells", () => {
    mkdirSync(folder.at("open"))
    const file = made(folder.at("open", "a.db"), 0o644)
    const credential = made(`${file}.admin-credential`, 0o640)
    const ring = made(folder.at("open-ring.json"), 0o604)
    const reached = (path: string, mode: string) =>
      fault("files", `other users can reach \`${path}\` (mode ${mode}): chmod 600 it`)
    const [first, second, third] = [reached(file, "644"), reached(credential, "640"), reached(ring, "604")]
    expect(found(file, ring)).toEqual([first, second, third])
    expect(found(file, ring, credential)).toEqual([first, third])
    expect(found(file, ring, folder.at("open", "..", "open", "a.db"))).toEqual([second, third])
  })

  it("they belong to who asks, or the superuser looks after them", () => {
    const file = made(folder.at("owned.db"))
    as(owner + 1)
    expect(found(file, undefined, file)).toEqual([
      fault("files", `\`${file}\` belongs to another user (${owner}): ask as the user that serves, or chown it`),
    ])
    const told = fault("files", "`a` belongs to another user (7): ask as the user that serves, or chown it")
    for (const [user, faults] of [
      [7, []],
      [8, [told]],
      [0, []],
      [undefined, []],
    ] as const)
      expect(ownerFault({ path: "a", owner: 7 }, user)).toEqual(faults)
  })

  it("the disk has room for as much again, and half a gigabyte at least", () => {
    const MEGABYTE = 1_000_000
    const full = (free: number, used: number) =>
      advice(
        "disk",
        `${free} MB are free, and the store has ${used} MB: make room, for a store that cannot grow answers 503`,
      )
    expect(spaceFinding(500 * MEGABYTE, 1)).toEqual(good("disk", "500 MB are free, and the store has 0 MB"))
    expect(spaceFinding(500 * MEGABYTE - 1, 0)).toEqual(full(500, 0))
    expect(spaceFinding(800 * MEGABYTE, 800 * MEGABYTE)).toEqual(
      good("disk", "800 MB are free, and the store has 800 MB"),
    )
    expect(spaceFinding(800 * MEGABYTE, 800.6 * MEGABYTE)).toEqual(full(800, 801))
    writeFileSync(folder.at("large.db"), Buffer.alloc(3 * MEGABYTE))
    const large = {
      name: "",
      file: folder.at("large.db"),
      database: undefined,
      keyFile: undefined,
      isKeyFileGiven: false,
    }
    expect(fileFindings(large).at(-1)).toMatchObject({
      about: "disk",
      message: expect.stringMatching(/^\d+ MB are free, and the store has 3 MB/),
    })
  })
})
