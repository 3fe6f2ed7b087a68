/**
 * A real Chromium for one run: unpacked once into a folder of its own, served to every test, gone with its folder.
 *
 * It is started as people start theirs, not with the arguments that its package suggests: those switch off the web's
 * security, and every refusal tried here would be for nothing. Where there is no binary, the tests say so and skip.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import packaged, { inflate } from "@sparticuz/chromium"
import { chromium } from "playwright-core"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the run's Chromium listens; `undefined` where there is none. */
    readonly chromium: string | undefined
  }
}

/** How long a browser may take for anything, also on a machine that is busy with other things. */
export const PATIENCE_MILLIS = 240_000

/** The platform of the one binary that is packaged. */
export const isPackaged = process.platform === "linux" && process.arch === "x64"

/** The binary, its fonts and its libraries in `folder`; the package knows no other way to be told where than `TMPDIR`. */
const unpack = async (folder: string): Promise<string> => {
  const before = process.env["TMPDIR"]
  process.env["TMPDIR"] = folder
  try {
    const binaries = join(dirname(findPackageJSON("@sparticuz/chromium", import.meta.url)!), "bin")
    const [executablePath] = await Promise.all([packaged.executablePath(), inflate(join(binaries, "al2023.tar.br"))])
    return executablePath
  } finally {
    if (before === undefined) delete process.env["TMPDIR"]
    else process.env["TMPDIR"] = before
  }
}

/** Letters look alike on every machine; what the packaged font lacks comes from the machine. */
const fontsIn = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${folder}/fonts/fonts</dir>
  <cachedir>${folder}/font-cache</cachedir>
${["sans", "sans-serif", "system-ui"]
  .map(
    (family) =>
      `  <alias binding="strong"><family>${family}</family><prefer><family>Open Sans</family></prefer></alias>`,
  )
  .join("\n")}
</fontconfig>
`

/** Starts a Chromium that others connect to, and gives its address and the way to end it. */
export const serveChromium = async () => {
  const folder = mkdtempSync(join(tmpdir(), "grantlog-chromium-"))
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  try {
    const executablePath = await unpack(folder)
    const fonts = join(folder, "fonts.conf")
    writeFileSync(fonts, fontsIn(folder))
    const server = await chromium.launchServer({
      executablePath,
      host: "127.0.0.1",
      timeout: PATIENCE_MILLIS,
      // Only with privileges that tests do not have could it keep its own pages apart from the machine.
      chromiumSandbox: false,
      env: {
        ...process.env,
        TMPDIR: folder,
        HOME: folder,
        FONTCONFIG_FILE: fonts,
        LD_LIBRARY_PATH: join(folder, "al2023", "lib"),
      },
    })
    const close = async () => {
      await server.close()
      remove()
    }
    return { endpoint: server.wsEndpoint(), close }
  } catch (cause) {
    remove()
    throw cause
  }
}

/** Before the first test of a run, and after the last. */
const setup = async (project: TestProject) => {
  if (!isPackaged) {
    console.warn(
      `\n!!! no Chromium is packaged for ${process.platform} ${process.arch}: the pages are NOT tried here\n`,
    )
    project.provide("chromium", undefined)
    return () => {}
  }
  const { endpoint, close } = await serveChromium()
  project.provide("chromium", endpoint)
  return close
}

export default setup
