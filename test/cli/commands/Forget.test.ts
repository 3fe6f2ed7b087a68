/** `grantlog forget`: whom it takes for whom, what it says that it would do, and what it did. */
import { beforeAll, expect, it } from "vitest"
import { namedStore, type NamedStore } from "../../live/support/NamedStore.ts"

let store: NamedStore

beforeAll(async () => {
  store = await namedStore()
  await store.ask("forget", "--nothing")
  return () => store[Symbol.dispose]()
})

it("wants one of both: an account or subject, or the name of an account", async () => {
  for (const args of [[], ["demo", "--user", "demo"]]) {
    expect(await store.ask("forget", ...args), args.join(" ")).toEqual({
      code: 2,
      stdout: "",
      stderr: "grantlog: name whom to forget: an account or subject, or --user NAME\n",
    })
  }
})

it("takes --user for a name alone", async () => {
  expect(await store.ask("forget", "--user", store.demo)).toEqual({
    code: 1,
    stdout: "",
    stderr: `grantlog: there is no account \`${store.demo}\`\n`,
  })
  const named = await store.json("forget", "--user", "demo")
  expect(named).toEqual({
    subject: store.demo,
    account: "demo",
    browserSessionCount: 0,
    liveGrantCount: 1,
    isKeyDestroyed: false,
    forgotten: null,
    done: "nothing: --yes does it",
  })
  expect(await store.json("forget", store.demo)).toEqual(named)
})

it("says what it would do without --yes, and what it did with it", async () => {
  expect(await store.ask("forget", "demo")).toEqual({
    code: 0,
    stdout: [
      `subject              ${store.demo}`,
      "account              demo",
      "browserSessionCount  0",
      "liveGrantCount       1",
      "isKeyDestroyed       false",
      "",
    ].join("\n"),
    stderr:
      "\nnothing was done: --yes ends every grant of this subject and removes account, sessions and key for good\n",
  })
  expect(await store.ask("forget", "demo", "--yes")).toEqual({
    code: 0,
    stdout: `subject ${store.demo} is forgotten: account, sessions and key are gone, and nothing of it is alive\n`,
    stderr: "",
  })
  expect(await store.json("forget", store.demo, "--yes")).toMatchObject({ subject: store.demo })
})
