#!/usr/bin/env node
/**
 * Where the `grantlog` command starts: it asks how old Node is before anything is loaded that an old one cannot read.
 *
 * A static import of the command would be loaded first, and the answer would be a stack of whatever is missing. So nothing
 * of ours is imported here, not even what writes to the terminal, and every word is one that old Nodes know.
 */
import { writeSync } from "node:fs"

/** What a server needs; parts of the library run on older ones, which `engines` in `package.json` names. */
const [MAJOR, MINOR] = [24, 7]
const STANDARD_ERROR = 2

const found = process.versions.node
const [major = 0, minor = 0] = found.split(".").map(Number)

const [first = "", ...others] = process.argv.slice(2)
const asksForVersionAlone = others.length === 0 && ["--version", "-v"].includes(first)

if (major > MAJOR || (major === MAJOR && minor >= MINOR)) {
  void (asksForVersionAlone ? import("./TellVersion.ts") : import("./Grantlog.ts"))
} else {
  const sentence = `grantlog needs Node ${MAJOR}.${MINOR} or newer, and this is ${found}: install a newer one`
  writeSync(STANDARD_ERROR, `${sentence}\n`)
  process.exitCode = 1
}
