/** The keys that a running server signs with, as an operator sees and changes them. */
import { decodeProtectedHeader } from "jose"
import { expect, onTestFinished, test } from "vitest"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "./support/InProcess.ts"
import { serve } from "./support/ServeProcess.ts"
import { introspect, login, refresh, register, type Client } from "./support/Wire.ts"

const MCP = "http://localhost:9999/mcp"

interface Shown {
  readonly kid: string
  readonly alg: string
  readonly state: string
  readonly successor?: string
}

test("a key is listed, handed over and ended while the server runs, and a compromised one ends its tokens", async () => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  const file = folder.at("grantlog.db")
  const at = ["--store", `sqlite:${file}`]
  const { url, stop } = await serve(file, "--jwt-access-tokens", MCP, "--signed-introspection")
  onTestFinished(async () => void (await stop()))
  const watcher = await grantlogJsonHere<Client>(["client", "add", "--name", "rs", "--audience", MCP, ...at])
  const keysNow = async () =>
    (await grantlogJsonHere<{ readonly keys: ReadonlyArray<Shown> }>(["key", "list", ...at])).keys
  const app = await register(url)
  const kidOf = (token: string) => decodeProtectedHeader(token).kid
  const isActive = async (token: string) => (await introspect(url, watcher, token)).body.active
  const publishedKids = async () => {
    const { keys } = (await (await fetch(`${url}/jwks`)).json()) as { readonly keys: ReadonlyArray<Shown> }
    return keys.map(({ kid }) => kid)
  }

  const first = await login(url, app, { resource: MCP })
  const old = kidOf(first.access_token)!
  expect(await keysNow()).toContainEqual(expect.objectContaining({ kid: old, alg: "ES256", state: "active" }))

  const next = await grantlogJsonHere<Shown>(["key", "rotate", ...at])
  expect(next.state).toBe("next")
  expect(await publishedKids()).toEqual(expect.arrayContaining([old, next.kid]))
  expect(kidOf((await login(url, app, { resource: MCP })).access_token)).toBe(old)

  const explained = await grantlogHere(["explain", ...at], { input: first.access_token })
  expect(explained.stdout).toContain(
    `a JWT: it was signed by the key ${old} of this server; what it says is what the log`,
  )

  const ended = await grantlogJsonHere<Shown>(["key", "retire", old, "--compromised", ...at])
  expect(ended).toMatchObject({ state: "compromised", successor: next.kid })
  expect(await isActive(first.access_token)).toBe(false)
  expect(await publishedKids()).not.toContain(old)
  const { body } = await refresh(url, app, first.refresh_token)
  expect(kidOf(body.access_token)).toBe(next.kid)
  expect(await isActive(body.access_token)).toBe(true)
  expect((await keysNow()).map(({ kid, state }) => [kid, state])).toEqual(
    expect.arrayContaining([
      [old, "compromised"],
      [next.kid, "active"],
    ]),
  )
  await expect(grantlogJsonHere(["key", "retire", "nobody", ...at])).rejects.toThrow("there is no key `nobody`")
})
