/**
 * The Dockerfile, without Docker: its grammar by a linter, and what a container of it does by doing it here: the command
 * that it starts with its variables, the health check beside it, and the signal that stops it.
 *
 * What an image is built from is tried where the package is: `test/peers/Package.test.ts` packs and installs it.
 */
import { spawn } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { DockerfileParser } from "dockerfile-ast"
import { validate } from "dockerfile-utils"
import { expect, it, onTestFinished } from "vitest"
import { repository } from "../../spec/trace/Sources.ts"
import { freePort } from "../support/FreePort.ts"
import { endOf, startGrantlog } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"

const text = readFileSync(join(repository, "src/cli/container/Dockerfile"), "utf8")
const dockerfile = DockerfileParser.parse(text)
const instructions = dockerfile.getInstructions()
const last = (keyword: string) => instructions.findLast((one) => one.getKeyword() === keyword)!
/** What an instruction, behind its options, has as a list. */
const words = (keyword: string): ReadonlyArray<string> =>
  JSON.parse(/\[.*\]$/s.exec(last(keyword).getArgumentsContent()!)![0]) as ReadonlyArray<string>

it("is one that a builder takes, and one that changed is not", () => {
  expect(validate(text)).toEqual([])
  expect(validate(text.replace("STOPSIGNAL SIGTERM", "STOPSIGNAL"))).toHaveLength(1)
  expect(validate(text.replace("\nENTRYPOINT", "\nENTRYPIONT"))).toHaveLength(1)
})

it("runs as nobody special, writes to its volumes alone, and starts from what was packed", () => {
  expect(last("USER").getArgumentsContent()).toBe("node")
  const folders = words("VOLUME")
  expect(folders).toContain(last("WORKDIR").getArgumentsContent())
  const paths = dockerfile.getENVs().flatMap((one) => /(\/\S+)\/[^/]+$/.exec(one.getArgumentsContent()!)?.[1] ?? [])
  expect(paths.length).toBeGreaterThan(1)
  for (const path of paths) expect(folders).toContain(path)
  const stages = dockerfile.getFROMs()
  expect(stages).toHaveLength(2)
  expect(text.slice(text.lastIndexOf("\nFROM")).match(/^COPY .*$/gm)).toEqual(["COPY --from=build /package /package"])
})

it("is healthy while it serves, is not before and after, and ends well by its signal", async () => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  const ports: Record<string, string> = { "4000": String(await freePort()), "9464": String(await freePort()) }
  const here = (said: string) =>
    said
      .replaceAll(/\/(?:var\/lib|etc)\/grantlog/g, folder.at("."))
      .replaceAll(/\b(?:4000|9464)\b/g, (port) => ports[port]!)
      .replaceAll("0.0.0.0", "127.0.0.1")
  const variables = dockerfile.getENVs().flatMap((one) => one.getProperties())
  const env = Object.fromEntries(variables.map((one) => [one.getName(), here(one.getValue()!)]))
  const [check, ...args] = words("HEALTHCHECK")
  expect(check).toBe("node")
  const health = () =>
    new Promise((resolve) => spawn(process.execPath, args.map(here), { stdio: "ignore" }).once("exit", resolve))

  expect(await health()).toBe(1)
  const [command, ...flags] = [...words("ENTRYPOINT"), ...words("CMD")]
  expect(command).toBe("grantlog")
  const server = startGrantlog(flags, { ...env, GRANTLOG_ISSUER: "http://localhost:4000" }, folder.at("."))
  server.stdin.end()
  await expect.poll(health).toBe(0)
  expect(readdirSync(folder.at("."))).toEqual(expect.arrayContaining(["grantlog.db", "keys.json"]))
  server.kill(last("STOPSIGNAL").getArgumentsContent() as NodeJS.Signals)
  expect(await endOf(server)).toBe(0)
  expect(await health()).toBe(1)
})
