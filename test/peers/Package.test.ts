/**
 * The package as its users get it: packed, installed into an empty project, imported, type-checked, run.
 *
 * On the Node of this project, on the oldest that a server runs on, and, for what runs without one, on the oldest that
 * `engines` allows; these are brought along from the registry.
 */
import { execFile } from "node:child_process"
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core"
import { publint } from "publint"
import { formatMessage } from "publint/utils"
import { beforeAll, describe, expect, it } from "vitest"
import { joinedPackages } from "../config/bundleCommand.ts"
import { blocksOf, linksOf, pages } from "../support/Pages.ts"
import { JOBS_PAGE } from "../support/Snippets.ts"
import { temporaryFolder } from "../live/support/Folder.ts"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const SERVER_NODE = "24.21.0"
const OLD_NODE = "20.19.5"
const INSTALL_MILLIS = 900_000

const run = promisify(execFile)
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly version: string
  readonly engines: { readonly node: string }
  readonly exports: Readonly<Record<string, unknown>>
  readonly bin: Readonly<Record<"grantlog", string>>
}
const LIBRARY_NODE = manifest.engines.node.replace(">=", "")
const entryPoints = Object.keys(manifest.exports).map((path) => path.replace(/^\./, "grantlog"))
/** What needs no server. */
const parts = ["core", "client", "resource", "mcp", "properties"].map((name) => `grantlog/${name}`)

const versionOf = (name: string): string =>
  (JSON.parse(readFileSync(join(ROOT, "node_modules", name, "package.json"), "utf8")) as { readonly version: string })
    .version

/** A snippet with this is no program but part of somebody's test, and needs their provider. */
const A_TEST = "grantlog/properties"

/** The programs on the pages, each known by the entry point that it is about; `Snippets.test.ts` runs those of the jobs. */
const snippets = pages
  .filter(({ path }) => path !== JOBS_PAGE)
  .flatMap(({ text }) => blocksOf(text, "ts"))
  .flatMap((text) => {
    const uses = [...text.matchAll(/from "(grantlog[^"]*)"/g)].at(-1)?.[1]
    return uses === undefined || uses === A_TEST ? [] : [{ text, uses }]
  })

/** What shows that a snippet does what it says. */
const endings: Readonly<Record<string, string>> = {
  grantlog: `const { createHandler: handlerOf } = await import("grantlog")
const answer = typeof handle === "undefined" ? handlerOf(server) : handle
const { status } = await answer(new Request("https://id.example.com/healthz"))
if (status === 200) console.log("as promised")
await server.close()`,
  "grantlog/resource": `const { protectResource: protect } = await import("grantlog/resource")
const address = { resource: "https://mcp.example.com/mcp", authorizationServers: ["https://id.example.com"] }
const answer = typeof serve === "undefined" ? protect({ ...address, verifier }).fetch(() => new Response()) : serve
const refused = await answer(new Request("https://mcp.example.com/mcp"))
const challenge = refused.headers.get("www-authenticate")
if (refused.status === 401 && challenge.includes("resource_metadata=")) console.log("as promised")`,
  "grantlog/client": `const isAsPromised = typeof connect === "function" ? client.transport === undefined : typeof login === "function"
if (isAsPromised) console.log("as promised")`,
}

const folder = temporaryFolder()
const project = folder.at("project")
const npm = (args: ReadonlyArray<string>, cwd: string) =>
  run("npm", [...args, "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"], { cwd })

/** Many processes load the same. */
const env = { ...process.env, NODE_COMPILE_CACHE: folder.at("compiled") }

/** Runs a program in the project that installed the package. */
const inProject = async (node: string, name: string, text: string) => {
  writeFileSync(join(project, name), text)
  return (await run(node, [name], { cwd: project, env })).stdout
}

/** A Node that is brought along from the registry. */
const nodeOf = (version: string): string => join(folder.at("nodes"), "node_modules", version, "bin/node")
const [serverNode, libraryNode, oldNode] = [nodeOf(SERVER_NODE), nodeOf(LIBRARY_NODE), nodeOf(OLD_NODE)]

const command = join(project, "node_modules/grantlog", manifest.bin.grantlog)

interface Packed {
  readonly filename: string
  readonly files: ReadonlyArray<{ readonly path: string }>
}

/** What is packed: the file, and the paths in it. */
let tarball: Buffer
let paths: ReadonlyArray<string>

beforeAll(async () => {
  mkdirSync(project)
  await run("npm", ["run", "--silent", "prepare"], { cwd: ROOT })
  const { stdout } = await npm(["pack", "--json", "--silent", "--pack-destination", folder.at(".")], ROOT)
  const [{ filename, files }] = JSON.parse(stdout.slice(stdout.indexOf("["))) as [Packed]
  tarball = readFileSync(folder.at(filename))
  paths = files.map(({ path }) => path)
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "a-user", type: "module", private: true }))
  const sdks = ["sdk", "server"].map((name) => `@modelcontextprotocol/${name}`)
  await npm(["install", folder.at(filename), ...sdks.map((name) => `${name}@${versionOf(name)}`)], project)
  mkdirSync(folder.at("nodes"))
  const node = `npm:node-${process.platform}-${process.arch}`
  const nodes = [SERVER_NODE, LIBRARY_NODE, OLD_NODE].map((version) => `${version}@${node}@${version}`)
  await npm(["install", "--prefix", folder.at("nodes"), ...nodes], folder.at("nodes"))
  return () => folder[Symbol.dispose]()
}, INSTALL_MILLIS)

const nodes = [
  ["the Node of this project", process.execPath],
  [`Node ${SERVER_NODE}`, serverNode],
] as const

describe.each(nodes)("on %s", (_, node) => {
  it("every entry point can be imported from plain JavaScript", async () => {
    const text = entryPoints.map((name) => `console.log(Object.keys(await import("${name}")).length > 0)`).join("\n")
    expect(await inProject(node, "imports.js", text)).toBe("true\n".repeat(entryPoints.length))
  })

  it.each(snippets.map(({ uses, text }) => ({ uses, text })))(
    "README's snippet with $uses runs, and runs again",
    async ({ uses, text }) => {
      for (const file of readdirSync(project)) if (file.startsWith("grantlog.db")) rmSync(join(project, file))
      for (const time of ["first", "second"]) {
        const printed = await inProject(node, `${uses.replaceAll("/", "-")}.js`, `${text}\n${endings[uses] ?? ""}`)
        expect(printed, `the ${time} time`).toBe(uses in endings ? "as promised\n" : "")
      }
    },
  )

  it("the command says its version", async () => {
    expect((await run(node, [command, "--version"], { cwd: project, env })).stdout).toContain(manifest.version)
  })
})

describe(`on Node ${LIBRARY_NODE}, the oldest that \`engines\` allows`, () => {
  it.each(parts)("%s can be imported, in silence", async (name) => {
    const text = `console.log(Object.keys(await import("${name}")).length > 0)`
    const args = ["--input-type=module", "--eval", text]
    expect(await run(libraryNode, args, { cwd: project, env })).toEqual({ stdout: "true\n", stderr: "" })
  })

  it.each(snippets.filter(({ uses }) => parts.includes(uses)).map(({ uses, text }) => ({ uses, text })))(
    "README's snippet with $uses runs",
    async ({ uses, text }) => {
      const printed = await inProject(libraryNode, "snippet.js", `${text}\n${endings[uses] ?? ""}`)
      expect(printed).toBe("as promised\n")
    },
  )

  it("a server says which Node it needs", async () => {
    const text = `import { authorizationServer, ephemeralKeys, memoryStore } from "grantlog"
const config = { issuer: "http://localhost:4000" }
await authorizationServer({ store: memoryStore(), keys: ephemeralKeys(), config }).catch((fault) => console.log(fault.message))`
    expect(await inProject(libraryNode, "server.js", text)).toMatch(
      new RegExp(
        `^a server hashes passwords by the argon2 of Node \\d+\\.\\d+ or newer, and this is ${LIBRARY_NODE}: .+\n$`,
      ),
    )
  })
})

it("on a Node that is too old, the command says so in one sentence", async () => {
  const refused = run(oldNode, [command, "--version"], { cwd: project })
  await expect(refused).rejects.toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(
      new RegExp(`^grantlog needs Node \\d+\\.\\d+ or newer, and this is ${OLD_NODE}: install a newer one\n$`),
    ),
  })
})

it("what the standards ask is told from what the build wrote down", async () => {
  const { stdout } = await run(process.execPath, [command, "spec", "RFC6749-3.3-scope-syntax"], { cwd: project })
  expect(stdout).toMatch(/^enforced at\n {2}src\/\S+\.ts:\d+$/m)
  expect(stdout).toMatch(/^tried by\n {2}\S/m)
})

it("what is started in Python comes along, and says its sentence", async () => {
  const interpreter = join(project, "an-interpreter")
  // `python -X utf8 bridge.py module name`: it is told where the bridge lies.
  writeFileSync(interpreter, '#!/bin/sh\nfolder=$(dirname "$3")\nls "$folder" >&2\nexit 3\n', { mode: 0o755 })
  const refused = run(process.execPath, [command, "check", "python:auth:make", "--python", interpreter], {
    cwd: project,
  })
  await expect(refused).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/grantlog_clock.py\n(?:.*\n)*grantlog: Python ended with code 3: .+\n$/),
  })
})

it("its types are right for a strict TypeScript program", async () => {
  const text = `${entryPoints.map((name, index) => `import * as m${index} from "${name}"\nvoid m${index}`).join("\n")}
import { authorizationServer, ephemeralKeys, memoryStore, type EmbeddedServer } from "grantlog"
const server: EmbeddedServer = await authorizationServer({
  store: memoryStore(),
  keys: ephemeralKeys(),
  config: { issuer: "http://localhost:4000" },
})
await server.close()
`
  writeFileSync(join(project, "program.ts"), text)
  for (const [index, snippet] of snippets.entries()) writeFileSync(join(project, `snippet${index}.ts`), snippet.text)
  const files = ["program.ts", ...snippets.map((_, index) => `snippet${index}.ts`)]
  const options = { strict: true, noEmit: true, module: "nodenext", target: "es2024", types: [], skipLibCheck: true }
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files }))
  const { stdout } = await run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", project])
  expect(stdout).toBe("")
})

it("the core brings no I/O along", async () => {
  const text = `const before = new Set(process.moduleLoadList)
await import("grantlog/core")
const io = process.moduleLoadList.filter((name) => !before.has(name) && /(?:http|net|tls|sqlite|dgram|child_process)$/.test(name))
console.log(JSON.stringify(io))`
  expect(await inProject(process.execPath, "core.js", text)).toBe("[]\n")
})

it("nothing but what users need is in the package", () => {
  const folders = new Set(paths.map((path) => path.split("/")[0]))
  const belonging = ["LICENSE", "README.md", "dist", "package.json", "properties", "spec", "src", "test"]
  expect([...folders].toSorted()).toEqual(belonging)
  const reading =
    /^(?:spec\/(?:decisions|exceptions)\/.*\.md|spec\/(?:CHANGELOG|FEATURES|LICENCES|REPORT)\.md|test\/bench\/README\.md|test\/examples\/.*|test\/browser\/screenshots\/.*\.png)$/
  const ours = paths.filter((path) => /^(?:spec|test)\//.test(path))
  expect(ours.filter((path) => !reading.test(path))).toEqual([])
  expect(paths.filter((path) => /\.test\./.test(path))).toEqual([])
})

it("nothing in the package says where it was made", () => {
  const installed = join(project, "node_modules/grantlog")
  const tells = (path: string): boolean => readFileSync(join(installed, path)).includes(ROOT.replace(/\/$/, ""))
  writeFileSync(join(installed, "made"), `in ${ROOT}`)
  expect(tells("made")).toBe(true)
  expect(paths.length).toBeGreaterThan(1000)
  expect(paths.filter(tells)).toEqual([])
})

it("publint finds nothing to say about it", async () => {
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer }, strict: true })
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
})

it("the types of every entry point resolve for whoever imports it as a module", async () => {
  const checked = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)))
  if (checked.types === false) throw new Error("it has no types")
  // It is for `import` alone: not for TypeScript's resolution before `exports`, nor for `require` of an old Node.
  const about = ({ problems }: typeof checked) =>
    problems.filter((problem) => {
      const way =
        "resolutionKind" in problem
          ? problem.resolutionKind
          : "resolutionOption" in problem
            ? problem.resolutionOption
            : "any"
      return way !== "node10" && way !== "node16-cjs"
    })
  expect(Object.keys(checked.entrypoints).length).toBe(entryPoints.length)
  expect(about(checked)).toEqual([])
})

it("the command comes with the notices of what is joined into it", () => {
  const notices = readFileSync(join(project, "node_modules/grantlog/dist/command/LICENSES.txt"), "utf8")
  for (const name of joinedPackages) expect(notices).toMatch(new RegExp(`^${name}\n\n.*Licen[cs]e`, "m"))
})

it("every link of README, and of every page that it leads to, resolves inside the package", () => {
  const isPacked = (link: string): boolean => paths.some((path) => path === link || path.startsWith(`${link}/`))
  const [seen, left, dead] = [new Set<string>(), ["README.md"], new Array<string>()]
  for (let page = left.pop(); page !== undefined; page = left.pop()) {
    if (seen.has(page)) continue
    seen.add(page)
    const links = linksOf({ path: page, text: readFileSync(join(ROOT, page), "utf8") })
    dead.push(...links.filter((link) => !isPacked(link)).map((link) => `${page}: ${link}`))
    left.push(...links.filter((link) => link.endsWith(".md") && isPacked(link)))
  }
  expect(dead).toEqual([])
  expect(seen.size).toBeGreaterThan(60)
})
