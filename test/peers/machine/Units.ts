/** What systemd makes of the unit files of the operator's page, as far as they say it: names, variables, what is started. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

export interface Unit {
  readonly name: string
  readonly isOneshot: boolean
  readonly environment: Readonly<Record<string, string>>
  readonly workingDirectory: string
  /** As a shell takes it. */
  readonly command: string
}

/** The settings of one section, in their order. */
const settingsOf = (text: string, section: string): ReadonlyArray<readonly [name: string, value: string]> => {
  const lines = text.split("\n")
  const begin = lines.indexOf(`[${section}]`)
  const rest = lines.slice(begin + 1)
  const end = rest.findIndex((line) => line.startsWith("["))
  return rest
    .slice(0, end < 0 ? rest.length : end)
    .flatMap((line) => (/^\w+=/.test(line) ? [line.split(/=(.*)/s).slice(0, 2) as [string, string]] : []))
}

/** Reads the unit of that name, or the template that it is an instance of; throws where there is none. */
export const readUnit = (folder: string, name: string): Unit => {
  const [template, instance] = name.split("@")
  const file = join(folder, instance === undefined ? `${name}.service` : `${template}@.service`)
  if (!existsSync(file)) throw new Error(`Unit ${name}.service could not be found.`)
  const settings = settingsOf(readFileSync(file, "utf8"), "Service")
  const filled = (value: string) => value.replaceAll(/%([i%])/g, (_, letter) => (letter === "%" ? "%" : instance!))
  const all = (wanted: string) => settings.filter(([one]) => one === wanted).map(([, value]) => filled(value))
  const variables = all("Environment").flatMap((line) => line.split(" "))
  return {
    name,
    isOneshot: all("Type").includes("oneshot"),
    environment: Object.fromEntries(variables.map((one) => one.split(/=(.*)/s).slice(0, 2))),
    workingDirectory: all("WorkingDirectory")[0]!,
    command: all("ExecStart")[0]!.replaceAll("$$", "$"),
  }
}
