/** What an operator asks about accounts, over a server that does as it is told: what it is asked, and what is answered. */
import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import * as accounts from "../../../../src/cli/admin/operations/Accounts.ts"
import type { SubjectId } from "../../../../src/core/index.ts"
import { OAuthError, Unavailable, type Account, type Passkey } from "../../../../src/provider/index.ts"
import { faultOf, notThere, placeOf, type Given } from "./PlaceHere.ts"

const run = Effect.runPromise
const AT = 1_700_000_000_000
const TIME = "2023-11-14T22:13:20.000Z"

const eve: Account = {
  name: "eve",
  subjectId: "sub_eve" as SubjectId,
  displayName: "Eve",
  hasPassword: true,
  createdAt: AT,
}

type Server = NonNullable<Given["server"]>

/** A server that knows eve. */
const knowing = (more: Server = {}, found: Account | undefined = eve) => {
  const { accounts: own, ...rest } = more
  return placeOf({ server: { ...rest, accounts: { find: () => Effect.succeed(found), ...own } } })
}
const nobody = placeOf({ server: { accounts: { find: () => Effect.undefined } } })
const noEve = notThere("there is no account `eve`")
const asked = { name: "eve" }

it("a list says of each account whose it is, and whether somebody can sign in to it", async () => {
  const bob = { ...eve, name: "bob", subjectId: "sub_bob" as SubjectId, hasPassword: false }
  const readings: Array<unknown> = []
  const place = placeOf({
    server: {
      accounts: {
        list: (page) => {
          readings.push(page)
          return Effect.succeed([bob, eve])
        },
      },
      isSubjectDisabled: (subjectId) => Effect.succeed(subjectId === "sub_bob"),
    },
  })
  expect(await run(accounts.listAccounts.run(place, { reverse: true }))).toEqual({
    accounts: [
      { name: "bob", subject: "sub_bob", status: "disabled", password: "none", created: TIME },
      { name: "eve", subject: "sub_eve", status: "enabled", password: "set", created: TIME },
    ],
    before: null,
    after: null,
  })
  expect(readings).toEqual([{ isReversed: true, limit: 101 }])
  expect(await run(accounts.listAccounts.run(place, { limit: 1 }))).toMatchObject({ before: null, after: "bob" })
})

it("an account is shown as it is", async () => {
  expect(await run(accounts.showAccount.run(knowing(), asked))).toEqual(eve)
})

describe("an account that is added", () => {
  const adding = (added: Account | undefined) => {
    const seen: Array<unknown> = []
    const add = (...given: ReadonlyArray<unknown>) => {
      seen.push(given)
      return Effect.succeed(added)
    }
    return { seen, place: placeOf({ server: { accounts: { add }, now: () => AT } as unknown as Server }) }
  }

  it("is answered as it is, made now", async () => {
    const { seen, place } = adding(eve)
    expect(await run(accounts.addAccount.run(place, { name: "eve", password: "long enough" }))).toEqual(eve)
    expect(seen).toEqual([["eve", "long enough", AT]])
  })

  it("is refused where its name is taken", async () => {
    expect(await faultOf(accounts.addAccount.run(adding(undefined).place, asked))).toEqual({
      _tag: "CommandFault",
      message: "the name `eve` is taken",
    })
  })

  it.each(["a name", "a", "x".repeat(128), "jürgen / ?#%"])("may be called %s", (name) => {
    expect(
      Schema.is(Schema.Struct(accounts.showAccount.fields as { readonly name: Schema.Codec<unknown> }))({ name }),
    ).toBe(true)
  })

  it.each([
    [{ name: " eve" }, '["name"]'],
    [{ name: "eve", password: "abc" }, '["password"]'],
  ])("is not %o", async (given, way) => {
    const fault = await run(Effect.flip(accounts.addAccount.carryOut(nobody, given)))
    expect(fault).toMatchObject({ _tag: "SchemaError", message: expect.stringContaining(way) as string })
    expect(fault.message).not.toContain("abc")
  })
})

describe("a password that is set", () => {
  const setting = (set: Account | undefined) => {
    const seen: Array<unknown> = []
    const setPassword = (...given: ReadonlyArray<unknown>) => {
      seen.push(given)
      return Effect.succeed(set)
    }
    const list = (subjectId: string) => Effect.succeed(subjectId === "sub_eve" ? [{}, {}] : [])
    return { seen, place: knowing({ accounts: { setPassword }, passkeys: { list } } as unknown as Server) }
  }
  const given = { name: "eve", password: "long enough" }

  it("is the account's, and it is told how many passkeys there are besides", async () => {
    const { seen, place } = setting(eve)
    expect(await run(accounts.setPassword.run(place, given))).toEqual({
      ...{ name: "eve", done: "password set", passkeyCount: 2 },
    })
    expect(seen).toEqual([["eve", "long enough"]])
  })

  it("is nobody's where the account went meanwhile", async () => {
    expect(await faultOf(accounts.setPassword.run(setting(undefined).place, given))).toEqual(noEve)
  })
})

describe.each([
  ["disableSubject", accounts.disableAccount, "disabled"],
  ["enableSubject", accounts.enableAccount, "enabled"],
] as const)("%s", (name, one, word) => {
  const doing = (doing: Effect.Effect<void, OAuthError | Unavailable>) => {
    const seen: Array<string> = []
    const act = (subjectId: string) =>
      Effect.andThen(
        Effect.sync(() => seen.push(subjectId)),
        doing,
      )
    return { seen, place: knowing({ [name]: act } as unknown as Server) }
  }

  it("is done to the subject of the account", async () => {
    const { seen, place } = doing(Effect.void)
    expect(await run(one.run(place, asked))).toEqual({ name: "eve", done: word })
    expect(seen).toEqual(["sub_eve"])
  })

  it("finds nobody who was forgotten meanwhile, and tells of any other failure as it is", async () => {
    const failing = (failure: OAuthError | Unavailable) => faultOf(one.run(doing(Effect.fail(failure)).place, asked))
    expect(await failing(new OAuthError({ error: "access_denied", description: "forgotten" }))).toEqual(noEve)
    expect(await failing(new OAuthError({ error: "invalid_grant", description: "no" }))).toMatchObject({
      ...{ _tag: "OAuthError" },
    })
    expect(await failing(new Unavailable({ message: "late", retryAfterSeconds: 1 }))).toMatchObject({
      ...{ _tag: "Unavailable" },
    })
  })
})

describe("passkeys of an account", () => {
  const passkey: Passkey = { id: "1", name: "a phone", isSynced: true, createdAt: AT, usedAt: null, wentBackAt: null }
  const removed: Array<unknown> = []
  const place = knowing({
    passkeys: {
      list: () => Effect.succeed([passkey, { ...passkey, id: "2", isSynced: false, usedAt: AT, wentBackAt: 0 }]),
      remove: (...given: ReadonlyArray<unknown>) => {
        removed.push(given)
        return Effect.succeed(given[1] === "1" ? "removed" : "absent")
      },
      removeAll: (subjectId: string) => Effect.succeed(subjectId === "sub_eve" ? 2 : 0),
    },
  } as unknown as Server)

  it("are listed with where they are kept, and when they were used", async () => {
    const listed = { id: "1", name: "a phone", kept: "synced", added: TIME, used: null, wentBack: null }
    expect(await run(accounts.listPasskeys.run(place, asked))).toEqual({
      passkeys: [listed, { ...listed, id: "2", kept: "one device", used: TIME, wentBack: "1970-01-01T00:00:00.000Z" }],
    })
  })

  it("are removed one by one, or all", async () => {
    expect(await run(accounts.removePasskey.run(place, { name: "eve", id: "1" }))).toEqual({
      ...{ name: "eve", removedCount: 1 },
    })
    expect(await faultOf(accounts.removePasskey.run(place, { name: "eve", id: "9" }))).toEqual(
      notThere("eve has no passkey `9`"),
    )
    expect(removed).toEqual([
      ["sub_eve", "1"],
      ["sub_eve", "9"],
    ])
    expect(await run(accounts.removePasskeys.run(place, asked))).toEqual({ name: "eve", removedCount: 2 })
  })
})

it("nothing is asked of an account that is not there", async () => {
  const all = [
    accounts.showAccount.run(nobody, asked),
    accounts.setPassword.run(nobody, { name: "eve", password: "long enough" }),
    accounts.disableAccount.run(nobody, asked),
    accounts.enableAccount.run(nobody, asked),
    accounts.listPasskeys.run(nobody, asked),
    accounts.removePasskey.run(nobody, { name: "eve", id: "1" }),
    accounts.removePasskeys.run(nobody, asked),
  ]
  expect(await Promise.all(all.map(faultOf))).toEqual(all.map(() => noEve))
})
