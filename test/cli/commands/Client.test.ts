/** `grantlog client …`: what is printed of the clients, and of what an operator does with one, for people and programs. */
import { beforeAll, afterAll, expect, it } from "vitest"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../../live/support/InProcess.ts"
import { ISSUER } from "../../support/TestServer.ts"

const folder = temporaryFolder()
const store = ["--store", `sqlite:${folder.at("grantlog.db")}`, "--issuer", ISSUER]
const client = (...args: ReadonlyArray<string>) => grantlogHere(["client", ...args, ...store])
const clientJson = <A = Readonly<Record<string, unknown>>>(...args: ReadonlyArray<string>) =>
  grantlogJsonHere<A>(["client", ...args, ...store])

/** What was printed by a call that ended well and told nothing. */
const printed = async (...args: ReadonlyArray<string>): Promise<string> => {
  const { code, stdout, stderr } = await client(...args)
  expect([code, stderr]).toEqual([0, ""])
  return stdout
}

beforeAll(async () => {
  await client("list")
})
afterAll(() => folder[Symbol.dispose]())

it("of none it says that there are none; then each has a line under one heading, or is one of `clients`", async () => {
  expect(await printed("list")).toBe("no clients yet\n")
  await client("add", "--name", "An app", "--client-id", "app")
  await client("add", "--name", "An API", "--client-id", "api", "--audience", "https://api.example")
  const { clients } = await clientJson<{ readonly clients: ReadonlyArray<Readonly<Record<string, string>>> }>("list")
  const [one, other] = clients.map(({ registered }) => registered)
  const same = { status: "enabled", method: "client_secret_basic", origin: "operator" }
  expect(clients).toEqual([
    { client_id: "api", name: "An API", ...same, audience: "https://api.example", registered: one },
    { client_id: "app", name: "An app", ...same, audience: null, registered: other },
  ])
  expect(await printed("list")).toBe(
    [
      "client_id  name    status   method               origin    audience             registered",
      `api        An API  enabled  client_secret_basic  operator  https://api.example  ${one}`,
      `app        An app  enabled  client_secret_basic  operator  -                    ${other}`,
      "",
    ].join("\n"),
  )
})

it("one is suspended, resumed and deleted under its name", async () => {
  await client("add", "--name", "Short-lived", "--client-id", "mayfly")
  expect(await printed("disable", "mayfly")).toBe('client mayfly ("Short-lived") is disabled\n')
  expect(await clientJson("enable", "mayfly")).toEqual({
    client_id: "mayfly",
    client_name: "Short-lived",
    done: "enabled",
  })
  expect(await printed("show", "mayfly")).toMatch(/^clientId +mayfly\nstatus +enabled\n/)
  expect(await clientJson("show", "mayfly")).toMatchObject({ clientId: "mayfly", client_name: "Short-lived" })
  expect(await printed("delete", "mayfly")).toBe('client mayfly ("Short-lived") is deleted\n')
})

it("a new secret is told once, and how long the old one is taken beside it", async () => {
  const { client_secret: first } = await clientJson("add", "--name", "Changing", "--client-id", "changing")
  const { client_secret: second } = await clientJson("rotate-secret", "changing", "--overlap", "60")
  expect(second).toMatch(/^gls_\w+$/)
  expect(second).not.toBe(first)
  const told = await printed("rotate-secret", "changing")
  expect(told).toMatch(/^client_id +changing\n(?:\w+ +.*\n)*client_secret +gls_\w+\n/)
})

it("an invitation is a token, and until when it is good: a day, or as long as --ttl says", async () => {
  const invited = async (...args: ReadonlyArray<string>) => {
    const asked = Date.now()
    const told = await clientJson<{ readonly expires: string }>("invite", ...args)
    expect(told).toEqual({ initial_access_token: expect.stringMatching(/^ey[\w.-]+$/), expires: expect.any(String) })
    const millis = Date.parse(told.expires)
    // Whole seconds are told, and some time passes between.
    return (seconds: number) => millis > asked + seconds * 1000 - 1000 && millis <= Date.now() + seconds * 1000
  }
  expect((await invited())(86_400)).toBe(true)
  expect((await invited("--ttl", "60"))(60)).toBe(true)
  expect(await printed("invite")).toMatch(/^initial_access_token {2}ey\S+\nexpires {15}\d{4}-\d\d-\d\dT\S+Z\n$/)
})
