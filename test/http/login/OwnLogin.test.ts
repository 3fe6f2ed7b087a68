/** A program's own session as the login: two plain functions, and whose mistake it is when one is wrong. */
import { expect, test } from "vitest"
import {
  authorizationServer,
  createHandler,
  ephemeralKeys,
  memoryStore,
  ownLogin,
  type OwnSession,
} from "../../../src/entry/grantlog.ts"

const issuer = "https://id.example.com"

/** What the account page answers to somebody with this session, and what the operator is told. */
const accountPage = async (sessionOf: () => Promise<OwnSession | undefined> | OwnSession | undefined) => {
  const server = await authorizationServer({ store: memoryStore(), keys: ephemeralKeys(), config: { issuer } })
  const defects: Array<unknown> = []
  const login = ownLogin({ sessionOf, signInAt: async (returnTo) => `/sign-in?next=${encodeURIComponent(returnTo)}` })
  const handle = createHandler(server, { login, onDefect: (defect) => defects.push(defect) })
  const response = await handle(new Request(`${issuer}/account`))
  return { response, text: await response.text(), defects, server }
}

test("somebody who is signed in is shown under the name that the program gives, and has an account without a password", async () => {
  const { text, server } = await accountPage(async () => ({ user: "u-17", displayName: "Maria", since: 1 }))
  expect(text).toContain("Maria")
  expect(await server.accounts.find("u-17")).toMatchObject({ displayName: "Maria", hasPassword: false })
})

test("nobody is sent to the program's own page, which leads back", async () => {
  const { response } = await accountPage(() => undefined)
  expect([response.status, response.headers.get("location")]).toEqual([303, "/sign-in?next=%2Faccount"])
  expect(response.headers.get("cache-control")).toBe("no-store")
})

test.each<[string, () => Promise<OwnSession> | OwnSession, RegExp]>([
  ["a name that nobody could see", () => ({ user: " ", since: 1 }), /`user`/],
  ["a time that is none", () => ({ user: "maria", since: Number.NaN }), /`since`/],
  ["a session store that is down", () => Promise.reject(new Error("the session store is down")), /store is down/],
])("%s is the program's own mistake: the operator is told, the browser is not", async (_, sessionOf, sentence) => {
  const { response, text, defects } = await accountPage(sessionOf)
  expect(response.status).toBe(500)
  expect(text).not.toMatch(sentence)
  expect(String(defects[0])).toMatch(sentence)
})
