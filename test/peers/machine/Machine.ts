/**
 * A machine as the operator's page has it, in a folder: its paths lead there, its host is this one, its ports are free.
 *
 * What is typed is run by bash as it stands on the page, with the names exchanged. What only root or a package manager
 * does is left out: users, owners, packages, and whom a certificate is from. Services are started as their units say.
 */
import { spawn } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { dirname, join } from "node:path"
import { text } from "node:stream/consumers"
import { setTimeout as pause } from "node:timers/promises"
import { repository } from "../../../spec/trace/Sources.ts"
import { selfSigned } from "../../browser/Certificate.ts"
import { NODE_COMPILE_CACHE } from "../../live/support/Command.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { freePort } from "../../support/FreePort.ts"
import { isRunning } from "./Running.ts"

export interface Machine extends AsyncDisposable {
  /** The path of something of the machine's, such as `/etc/grantlog`. */
  readonly at: (path: string) => string
  readonly issuer: string
  readonly certificate: string
  /** Types a block; gives what was printed, throws where a line of it failed. */
  readonly type: (block: string) => Promise<string>
  /** Writes a file whose first line says where. */
  readonly write: (block: string) => void
  /** Ends nginx, and starts Caddy, which is at `program`, in its place. */
  readonly changeToCaddy: (program: string) => Promise<void>
}

/** Commands that do here what they do there but for what takes root. */
const commands = (main: string): Readonly<Record<string, string>> => ({
  grantlog: `exec "${process.execPath}" "${main}" "$@"`,
  systemctl: `[ "$1" = daemon-reload ] && exit 0; exec "${process.execPath}" "${join(import.meta.dirname, "systemctl.ts")}" "$@"`,
  sudo: `[ "$1" = -u ] && shift 2; exec "$@"`,
  nginx: `exec "$NGINX_PROGRAM" -c "$MACHINE/nginx.conf" "$@"`,
  // Owners are left out.
  install: `args=(); while [ $# -gt 0 ]; do case "$1" in -o|-g) shift 2;; *) args+=("$1"); shift;; esac; done; exec /usr/bin/install "\${args[@]}"`,
  ...Object.fromEntries(["npm", "useradd", "apt-get", "certbot", "chown"].map((name) => [name, "exit 0"])),
})

const nginxConf = (at: Machine["at"]): string => `pid ${at("/run/nginx.pid")};
error_log ${at("/run/nginx.log")};
events {}
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${at(`/run/${kind}`)};`).join("\n  ")}
  include ${at("/etc/nginx/conf.d")}/*.conf;
}
`

export interface MachineOptions {
  readonly nginx?: string
  /** What else has another name here, such as the address of a database. */
  readonly names?: Readonly<Record<string, string>>
}

/** What a test needs besides the page's file: no port for orders, none but that of the site, and nobody to vouch for it. */
const caddyfile = (at: Machine["at"]): string => `{
  admin off
  auto_https disable_redirects
  skip_install_trust
}
import ${at("/etc/caddy/Caddyfile")}
`

/** Resolves once somebody takes connections there. */
const untilTaken = async (port: number): Promise<void> => {
  for (;;) {
    const socket = connect(port, "127.0.0.1")
    const isTaken = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false))
    })
    socket.destroy()
    if (isTaken) return
    await pause(20)
  }
}

const end = async (pid: number, signal: NodeJS.Signals): Promise<void> => {
  // Never 0, which is whoever asks.
  if (!(pid > 1) || !isRunning(pid)) return
  process.kill(pid, signal)
  while (isRunning(pid)) await pause(20)
}

export const startMachine = async ({ nginx, names: more = {} }: MachineOptions): Promise<Machine> => {
  const folder = temporaryFolder()
  const root = folder.at("root")
  const at = (path: string) => join(root, path)
  const [port, metricsPort, httpsPort] = [await freePort(), await freePort(), await freePort()]
  const issuer = `https://localhost:${httpsPort}`
  const { key, cert } = selfSigned()
  const exchanged: ReadonlyArray<readonly [string | RegExp, string]> = [
    ...Object.entries(more),
    [/(?<![\w.])\/(?=(?:etc|var)\/)/g, `${root}/`],
    ["https://id.example.com", issuer],
    [/^id\.example\.com \{$/gm, `${issuer} {\n  tls ${at("/cert.pem")} ${at("/key.pem")}`],
    ["/live/id.example.com/fullchain.pem", "/../../cert.pem"],
    ["/live/id.example.com/privkey.pem", "/../../key.pem"],
    ["id.example.com", "localhost"],
    [/\b4000\b/g, String(port)],
    [/\b9464\b/g, String(metricsPort)],
    [/\blisten 443\b/g, `listen ${httpsPort}`],
  ]
  const names = (said: string) => exchanged.reduce((now, [from, to]) => now.replaceAll(from, to), said)
  const put = (path: string, content: string, mode = 0o600) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    chmodSync(path, mode)
  }
  for (const [name, body] of Object.entries(commands(join(repository, "src/cli/main.ts")))) {
    put(at(`/bin/${name}`), `#!/bin/bash\n${body}\n`, 0o755)
  }
  put(at("/cert.pem"), cert)
  put(at("/key.pem"), key)
  for (const path of ["/run", "/etc/systemd/system", "/etc/nginx/conf.d", "/etc/letsencrypt"])
    mkdirSync(at(path), { recursive: true })
  put(at("/nginx.conf"), nginxConf(at))
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GRANTLOG_"))),
    PATH: `${at("/bin")}:${process.env["PATH"]}`,
    MACHINE: root,
    NGINX_PROGRAM: nginx ?? "",
    NODE_EXTRA_CA_CERTS: at("/cert.pem"),
    NODE_COMPILE_CACHE,
  }
  const pidIn = (name: string): number => {
    const path = at(`/run/${name}`)
    return existsSync(path) ? Number(readFileSync(path, "utf8")) : 0
  }
  return {
    at,
    issuer,
    certificate: cert,
    type: async (block) => {
      const child = spawn("bash", ["-euo", "pipefail", "-c", names(block)], {
        cwd: root,
        env,
        stdio: ["ignore", "pipe", "pipe"],
      })
      const ended = new Promise((resolve) => child.once("close", resolve))
      const [printed, complaints, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
      if (code !== 0) throw new Error(`${block}ended with ${String(code)}: ${printed}${complaints}`)
      return printed + complaints
    },
    write: (block) => {
      const [, path] = /^# (\/\S+)\n/.exec(block)!
      put(at(path!), names(block))
    },
    changeToCaddy: async (program) => {
      await end(pidIn("nginx.pid"), "SIGQUIT")
      put(at("/Caddyfile"), caddyfile(at))
      const args = ["run", "--adapter", "caddyfile", "--config", at("/Caddyfile")]
      const homes = { XDG_DATA_HOME: at("/caddy-data"), XDG_CONFIG_HOME: at("/caddy-config") }
      const log = openSync(at("/run/caddy.log"), "a")
      const child = spawn(program, args, { env: { ...env, ...homes }, stdio: ["ignore", log, log] })
      put(at("/run/caddy.pid"), String(child.pid))
      await untilTaken(httpsPort)
    },
    [Symbol.asyncDispose]: async () => {
      for (const name of readdirSync(at("/run")).filter((one) => one.endsWith(".pid"))) {
        await end(pidIn(name), name === "nginx.pid" ? "SIGQUIT" : "SIGTERM")
      }
      folder[Symbol.dispose]()
    },
  }
}
