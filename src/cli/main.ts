#!/usr/bin/env node
/**
 * Where the `grantlog` command starts: it asks how old Node is before anything is loaded that an old one cannot read.
 *
 * A static import here would be loaded first, and the answer would be a stack of whatever is missing; so there is none, and
 * nothing is written in words younger than modules are.
 */

/** That of `engines` in `package.json`. */
const [MAJOR, MINOR] = [24, 7]

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)

if (major > MAJOR || (major === MAJOR && minor >= MINOR)) {
  void import("./Grantlog.ts")
} else {
  const found = process.versions.node
  process.stderr.write(`grantlog needs Node ${MAJOR}.${MINOR} or newer, and this is ${found}: install a newer one\n`)
  process.exitCode = 1
}
