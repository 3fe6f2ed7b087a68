/**
 * The operator's page in one sitting: every block of it that takes somebody from nothing to two instances, typed from
 * the page on a machine of its own, with the nginx and the PostgreSQL that others made. Then a login goes through it,
 * and one instance after the other is started again while requests go on.
 */
import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { getCACertificates, setDefaultCACertificates } from "node:tls"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { databases, hasPostgres } from "../live/support/Databases.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantOf } from "../live/support/Wire.ts"
import { stepsOf, type Step } from "../support/Pages.ts"
import { actionOf, authorizeUrl, newBrowser, VERIFIER } from "../support/FrontDoor.ts"
import { REDIRECT_URI } from "../support/WireClient.ts"
import { debianProgram, onPath } from "./machine/Debian.ts"
import { send, startLoad, type Sent } from "./machine/Load.ts"
import { startMachine, type Machine } from "./machine/Machine.ts"

const nginx = debianProgram("nginx", "usr/sbin/nginx")
const caddy = debianProgram("caddy", "usr/bin/caddy")

const steps = stepsOf("src/cli/README.md", "From nothing to two instances")
const step = (title: string): Step => steps.find((one) => one.title === title)!

/** Steps that are taken in the order of the page before anything is asked of what runs. */
const [TLS, BACKUP, TWO, ROLLING, CADDY] = [
  "A certificate, and nginx",
  "A backup every night",
  "Two instances",
  "One after the other",
  "Caddy instead of nginx",
] as const

it("the page has the steps that are typed here, and no others", () => {
  expect(steps.map(({ title }) => title)).toEqual([
    "The command, and a user for it",
    "A service",
    TLS,
    "Metrics",
    BACKUP,
    TWO,
    ROLLING,
    CADDY,
    "A container instead of a service",
  ])
  expect(steps.at(-1)!.blocks).toEqual([])
})

const { make, drop } = databases()
let machine: Machine
/** What the commands of each step printed. */
const printed = new Map<string, string>()

const take = async (title: string): Promise<void> => {
  let said = ""
  for (const { language, text } of step(title).blocks) {
    if (language === "sh") said += await machine.type(text)
    else machine.write(text)
  }
  printed.set(title, said)
}

interface Login {
  readonly access_token: string
  readonly refresh_token: string
}

const clients: Record<string, { readonly client_id: string; readonly client_secret: string }> = {}

/** Adds a client by the command, as the page's user does. */
const addClient = async (name: string, flags: string): Promise<void> => {
  const added = await machine.type(
    `sudo -u grantlog grantlog client add --name ${name} ${flags} --json --config /etc/grantlog/grantlog.yaml\n`,
  )
  clients[name] = JSON.parse(added) as (typeof clients)[string]
}

const basic = (name: string) => {
  const { client_id: id, client_secret: secret } = clients[name]!
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` }
}

const post = (path: string, form: Readonly<Record<string, string>>, headers?: Readonly<Record<string, string>>) =>
  send(`${machine.issuer}${path}`, machine.certificate, form, headers)

const jsonOf = <A>({ status, body }: Sent): A => {
  expect([status, body]).toEqual([200, expect.stringMatching(/^\{/)])
  return JSON.parse(body) as A
}

/** alice signs in at the proxy's address, as seen from there, and allows the app what it asks for. */
const logIn = async (from = "203.0.113.7"): Promise<Login> => {
  const browser = newBrowser(machine.issuer, (url, { headers, ...request }) =>
    fetch(url, { ...request, headers: { ...(headers as Record<string, string>), "x-forwarded-for": from } }),
  )
  const password = readFileSync(machine.at("/alice.password"), "utf8").trim()
  const page = await browser.walk(authorizeUrl(clients["app"]!.client_id), "alice", password)
  const sent = await browser.submit(page, actionOf(page, "/consent")!, { decision: "allow" })
  const code = new URL(sent.location!).searchParams.get("code")!
  const form = { grant_type: "authorization_code", code, code_verifier: VERIFIER, redirect_uri: REDIRECT_URI }
  return jsonOf(await post("/token", { ...form, client_id: clients["app"]!.client_id }))
}

const refresh = (token: string) =>
  post("/token", { grant_type: "refresh_token", refresh_token: token, client_id: clients["app"]!.client_id })

const introspect = (token: string) => post("/introspect", { token }, basic("rs"))

/** What goes on while instances are started again: questions, metadata, and one session that refreshes now and then. */
const goOn = (login: Login) => {
  let current = login.refresh_token
  return startLoad([
    () => introspect(login.access_token),
    () => introspect(login.access_token),
    () => send(`${machine.issuer}/.well-known/oauth-authorization-server`, machine.certificate),
    async (count) => {
      if (count % 20 !== 0) return introspect(login.access_token)
      const answer = await refresh(current)
      if (answer.status === 200) current = (JSON.parse(answer.body) as Login).refresh_token
      return answer
    },
  ])
}

const processIds = () =>
  ["grantlog@1", "grantlog@2"].map((name) => readFileSync(machine.at(`/run/${name}.pid`), "utf8"))

const systemdAnalyze = onPath("systemd-analyze")

it.skipIf(systemdAnalyze === undefined)("systemd finds nothing wrong with the units of the page", () => {
  using folder = temporaryFolder()
  const units = steps.flatMap(({ blocks }) => blocks.filter(({ language }) => language === "ini"))
  const files = units.map(({ text }) => {
    const [, name] = /^# \/etc\/systemd\/system\/(\S+)\n/.exec(text)!
    // A user that is not here, and a command that is where npm puts it.
    const here = text.replace("User=grantlog", "User=root").replace(/\/usr\/bin\/env grantlog/, process.execPath)
    writeFileSync(folder.at(name!), here)
    return folder.at(name!)
  })
  expect(files).toHaveLength(3)
  const { status, stderr } = spawnSync(systemdAnalyze!, ["verify", ...files], { encoding: "utf8" })
  const about = stderr.split("\n").filter((line) => /grantlog/.test(line))
  expect([status, about]).toEqual([0, []])
})

describe.skipIf(nginx === undefined || !hasPostgres)("the page in one sitting", () => {
  const authorities = getCACertificates("default")
  let onFile: Login

  beforeAll(async () => {
    const [store, beside] = [await make(), await make()]
    machine = await startMachine({
      nginx: nginx!,
      names: {
        "postgres://grantlog:PASSWORD@other.internal/grantlog_beside": beside,
        "postgres://grantlog:PASSWORD@db.internal/grantlog": store,
      },
    })
    setDefaultCACertificates([...authorities, machine.certificate])
    for (const { title } of steps.slice(0, steps.indexOf(step(TLS)) + 1)) await take(title)
    await addClient("app", `--redirect-uri ${REDIRECT_URI} --public`)
    await addClient("rs", `--audience ${machine.issuer}/mcp`)
    onFile = await logIn()
    for (const title of ["Metrics", BACKUP, TWO]) await take(title)
  }, 900_000)

  afterAll(async () => {
    setDefaultCACertificates(authorities)
    await machine[Symbol.asyncDispose]()
    await drop()
  })

  it("gives a doctor nothing to change, behind TLS, alone and by twos", () => {
    for (const title of [TLS, TWO]) {
      expect(printed.get(title)).toContain("ok      issuer: it answers with its own metadata")
      expect(printed.get(title)).not.toMatch(/^(?:fault|advice)/m)
    }
    expect(printed.get("Metrics")).toMatch(/^grantlog_\w+/m)
    expect(printed.get(BACKUP)).toContain("backup.json")
  })

  it("keeps whoever logged in at one instance logged in at two, and answers for whom it names", async () => {
    expect(jsonOf(await introspect(onFile.access_token))).toMatchObject({ active: true, iss: machine.issuer })
    const next = jsonOf<Login>(await refresh(onFile.refresh_token))
    expect(jsonOf(await introspect(next.access_token))).toMatchObject({ active: true })
    const log = readFileSync(machine.at("/var/lib/grantlog/access.log"), "utf8")
    expect(log).toContain('"endpoint"')
  })

  it("knows people by the addresses that the proxy names, for whom it trusts as the page has it", async () => {
    const { refresh_token: token } = await logIn("198.51.100.23")
    const asked = `grantlog explain ${grantOf(token)} --request-origin --json --config /etc/grantlog/grantlog.yaml`
    expect(await machine.type(`sudo -u grantlog ${asked}\n`)).toContain("198.51.100.23")
  })

  it("starts one instance after the other again without one failed request", async () => {
    const before = processIds()
    const load = goOn(await logIn())
    await take(ROLLING)
    const { answeredCount, failures } = await load.end()
    expect(failures).toEqual([])
    expect(answeredCount).toBeGreaterThan(20)
    const after = processIds()
    expect(after.filter((id) => before.includes(id))).toEqual([])
    expect(readFileSync(machine.at("/etc/nginx/conf.d/grantlog.conf"), "utf8")).not.toContain("down")
  })

  it.skipIf(caddy === undefined)(
    "does the same behind Caddy, which asks each instance whether it is ready",
    async () => {
      const [file, restarts] = step(CADDY).blocks
      machine.write(file!.text)
      await machine.changeToCaddy(caddy!)
      const before = processIds()
      const load = goOn(await logIn())
      await machine.type(restarts!.text)
      const { answeredCount, failures } = await load.end()
      expect(failures).toEqual([])
      expect(answeredCount).toBeGreaterThan(20)
      expect(processIds().filter((id) => before.includes(id))).toEqual([])
    },
  )
})
