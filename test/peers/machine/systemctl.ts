/**
 * Stands in for `systemctl` on the machine of a test: starts what unit files say, and nginx, and stops it by SIGTERM.
 *
 *     MACHINE=FOLDER NGINX_PROGRAM=PROGRAM node test/peers/machine/systemctl.ts enable --now grantlog@1
 */
import { execFileSync, spawn } from "node:child_process"
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { isRunning } from "./Running.ts"
import { readUnit } from "./Units.ts"

const machine = process.env["MACHINE"]!
const nginx = process.env["NGINX_PROGRAM"]
const units = join(machine, "etc/systemd/system")
const pidFile = (name: string) => join(machine, "run", `${name}.pid`)

const start = (name: string): void => {
  const { isOneshot, environment, workingDirectory, command } = readUnit(units, name)
  const env = { ...process.env, ...environment }
  if (isOneshot) {
    execFileSync("/bin/sh", ["-c", command], { cwd: workingDirectory, env, stdio: "inherit" })
    return
  }
  const log = openSync(join(machine, "run", `${name}.log`), "a")
  const stdio = ["ignore", log, log] as const
  const child = spawn("/bin/sh", ["-c", `exec ${command}`], {
    cwd: workingDirectory,
    env,
    detached: true,
    stdio: [...stdio],
  })
  writeFileSync(pidFile(name), String(child.pid))
  child.unref()
}

const stop = (name: string): void => {
  if (!existsSync(pidFile(name))) return
  const pid = Number(readFileSync(pidFile(name), "utf8"))
  process.kill(pid, "SIGTERM")
  const ticks = new Int32Array(new SharedArrayBuffer(4))
  while (isRunning(pid)) Atomics.wait(ticks, 0, 0, 20)
  rmSync(pidFile(name))
}

const reloadNginx = (): void => {
  const args = ["-c", join(machine, "nginx.conf")]
  // Looking at its settings leaves an empty one.
  const isUp = existsSync(pidFile("nginx")) && Number(readFileSync(pidFile("nginx"), "utf8")) > 1
  execFileSync(nginx!, isUp ? [...args, "-s", "reload"] : args, { stdio: "inherit" })
}

const [verb = "", ...rest] = process.argv.slice(2)
const names = rest.filter((one) => !one.startsWith("--"))
for (const name of names) {
  if (name === "nginx") reloadNginx()
  else if (name.endsWith(".timer")) readFileSync(join(units, name))
  else if (verb === "start" || verb === "enable") start(name)
  else if (verb === "stop") stop(name)
  else if (verb === "restart") {
    stop(name)
    start(name)
  } else throw new Error(`Unknown command verb ${verb}.`)
}
