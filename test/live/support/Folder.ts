/** A temporary folder of one test: there while it is in scope, then removed with everything in it. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface Folder extends Disposable {
  /** The path of something in it. */
  readonly at: (...names: ReadonlyArray<string>) => string
}

const remove = (path: string): void => rmSync(path, { recursive: true, force: true })

/** What is left when this process ends before its time. */
const paths = new Set<string>()
process.once("exit", () => paths.forEach(remove))

export const temporaryFolder = (): Folder => {
  const path = mkdtempSync(join(tmpdir(), "grantlog-live-"))
  paths.add(path)
  return {
    at: (...names) => join(path, ...names),
    [Symbol.dispose]: () => {
      remove(path)
      paths.delete(path)
    },
  }
}
