/**
 * Under which licences the code stands that comes with this package: what npm installs with it, and what its command holds.
 *
 * Read from the lock file alone, which names the licence of every package; so the page is the same wherever it is written.
 * `npm run licences` writes it. Never looks at what is only used to build or test.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { repository } from "../../spec/trace/Sources.ts"
import { joinedPackages } from "../config/bundleCommand.ts"

export const LICENCES_PAGE = "spec/LICENCES.md"

/** Licences that ask for nothing but their own text to be kept. */
export const allowedLicences: ReadonlyArray<string> = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "ISC",
  "MIT",
  "Unlicense",
]

interface Locked {
  readonly version?: string
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export interface Lock {
  readonly packages: Readonly<Record<string, Locked>>
}

export interface Licensed {
  readonly name: string
  readonly version: string
  readonly licence: string
  readonly how: "installed" | "joined"
}

/** Where npm put a package that another needs: in that one's folder, or in one further out. */
const placeOf = ({ packages }: Lock, from: string, name: string): string | undefined => {
  const inside = `${from === "" ? "" : `${from}/`}node_modules/${name}`
  if (Object.hasOwn(packages, inside)) return inside
  return from === "" ? undefined : placeOf({ packages }, from.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/, ""), name)
}

const namesIn = ({ dependencies, optionalDependencies }: Locked): ReadonlyArray<string> =>
  Object.keys({ ...dependencies, ...optionalDependencies })

const nameOf = (place: string): string => place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length)

/** All that is installed with the package, and all that is joined into its command, by name. */
export const licensed = (lock: Lock, joinedNames: ReadonlyArray<string> = joinedPackages): ReadonlyArray<Licensed> => {
  const found = new Set<string>()
  const visit = (from: string, name: string): void => {
    const place = placeOf(lock, from, name)
    if (place === undefined) {
      const isOptional = lock.packages[from]?.optionalDependencies?.[name] !== undefined
      if (isOptional) return
      throw new Error(`${name} is not in the lock file: run npm install`)
    }
    if (found.has(place)) return
    found.add(place)
    for (const needed of namesIn(lock.packages[place]!)) visit(place, needed)
  }
  for (const name of namesIn(lock.packages[""]!)) visit("", name)
  const line =
    (how: Licensed["how"]) =>
    (place: string): Licensed => {
      const { version = "", license = "none named" } = lock.packages[place]!
      return { name: nameOf(place), version, licence: license, how }
    }
  const joined = joinedNames.map((name) => `node_modules/${name}`).filter((place) => !found.has(place))
  return [...[...found].map(line("installed")), ...joined.map(line("joined"))].toSorted(
    (left, right) => left.name.localeCompare(right.name, "en") || left.version.localeCompare(right.version, "en"),
  )
}

/** Those whose licence is none that may be used here. */
export const strangers = (packages: ReadonlyArray<Licensed>): ReadonlyArray<string> =>
  packages
    .filter(({ licence }) => !allowedLicences.includes(licence))
    .map(({ name, version, licence }) => `${name} ${version}: ${licence}`)

export const licencesPage = (packages: ReadonlyArray<Licensed>): string => `# Licences of dependencies

\`npm run licences\` writes this page from the lock file. Installed is what npm installs with grantlog. Joined is what the command holds besides (\`dist/command\`, with its notices in \`LICENSES.txt\` there). A licence that is none of ${allowedLicences.join(", ")} fails a test.

<!-- prettier-ignore -->
| package | version | licence | how it comes |
| --- | --- | --- | --- |
${packages.map(({ name, version, licence, how }) => `| ${name} | ${version} | ${licence} | ${how} |`).join("\n")}
`

export const readLock = (): Lock => JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8")) as Lock

if (import.meta.main) writeFileSync(join(repository, LICENCES_PAGE), licencesPage(licensed(readLock())))
