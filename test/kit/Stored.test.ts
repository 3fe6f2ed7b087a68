/** The rules of looking into a store: every text in it is seen, however it is held, and a secret in any usual form. */
import { describe, expect, it } from "vitest"
import { checkProvider, type KitReport } from "../../properties/index.ts"
import { storedSecret, textsIn } from "../../properties/kit/provider/Stored.ts"
import { inStillTime } from "./StillTime.ts"
import { approve, leaky, restart, sound, store } from "../examples/providers/withCompanions.ts"

inStillTime()

const TOKEN = "at_Zq8mJ2vXw4nT7bR1cK9s"

describe("a secret is found", () => {
  it.each<readonly [string, unknown]>([
    ["as it is", TOKEN],
    ["in the middle of a file", Buffer.from(`SQLite format 3\0\xff${TOKEN}\0`, "latin1")],
    ["in what a view shows of a buffer", new Uint8Array(Buffer.from(TOKEN))],
    ["as a key of a map", new Map([[TOKEN, 1]])],
    ["as a key of an object", { tokens: { [TOKEN]: true } }],
    ["in JSON, in a row, in a set", new Set([{ json: JSON.stringify({ token: TOKEN }) }])],
    ["in hexadecimal", [Buffer.from(TOKEN).toString("hex")]],
    ["in base64", [Buffer.from(TOKEN).toString("base64")]],
  ])("%s", (_, stored) => {
    expect(storedSecret(textsIn(stored), [{ name: "access token 0", text: TOKEN }])?.name).toBe("access token 0")
  })

  it("in pieces, where all of them are there", () => {
    const [id, secret] = ["5f0c6a1be2d34879aa01", "Zq8mJ2vXw4nT7bR1cK9s"]
    const secrets = [{ name: "refresh token 0", text: `${id}.${secret}` }]
    expect(storedSecret(textsIn({ id, secret }), secrets)?.name).toBe("refresh token 0")
    expect(storedSecret(textsIn({ id, digest: "3q2-7wAB" }), secrets)).toBeUndefined()
  })

  it("and what refers to itself is looked through once", () => {
    const row: Record<string, unknown> = { token: "another" }
    row["self"] = row
    expect(storedSecret(textsIn([row]), [{ name: "access token 0", text: TOKEN }])).toBeUndefined()
  })
})

const brokenIn = ({ results }: KitReport) =>
  results.flatMap(({ promise, verdict, reason }) => (verdict === "broken" ? [[promise, reason]] : []))

describe("a provider whose store is shown", () => {
  const options = { approve, restart, store, seedCount: 0 }

  it("keeps its secrets, or does not, and the story says which it was", async () => {
    const report = await checkProvider(leaky, options)
    expect(brokenIn(report)).toEqual([
      ["NoSecretIsStored", "what is stored has refresh token 1 in it, for whoever reads it to use"],
    ])
    const { counterexample } = report.results.find(({ promise }) => promise === "NoSecretIsStored")!
    expect(counterexample!.steps.slice(1).map(({ text }) => text)).toEqual([
      "subject 0 approves request 0 of client 0, scopes read",
      "client 0 redeems code 0",
      "client 0 refreshes with refresh token 0",
    ])
  })

  it("that has no fault is told that it kept them", async () => {
    const report = await checkProvider(sound, options)
    expect(brokenIn(report)).toEqual([])
    const verdicts = Object.fromEntries(report.results.map(({ promise, verdict }) => [promise, verdict]))
    expect(verdicts).toMatchObject({ NoSecretIsStored: "kept", RebuiltEqualsServed: "not tried" })
    expect(report.capabilities).toMatchObject({ restart: "yes", store: "looked into" })
  })
})
