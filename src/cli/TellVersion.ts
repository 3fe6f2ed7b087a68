/**
 * `grantlog --version` as a process. It runs by being loaded, which `main.ts` does where nothing else is asked for: the
 * parser, which answers `--version` beside other flags, takes longer to load than the answer takes.
 */
import { ignoreGoneReaders, writeOut } from "./Terminal.ts"
import { versionLine } from "./Version.ts"

ignoreGoneReaders()

writeOut(versionLine(), () => {})
