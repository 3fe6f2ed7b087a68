/** What an operator asks about clients, over a server that does as it is told: what it is asked, and what is answered. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import {
  addClient,
  deleteClient,
  disableClient,
  enableClient,
  inviteClient,
  listClients,
  rotateClientSecret,
  showClient,
} from "../../../../src/cli/admin/operations/Clients.ts"
import type { Client } from "../../../../src/core/index.ts"
import { OAuthError, Unavailable, type AuthorizationServer } from "../../../../src/provider/index.ts"
import { faultOf, notThere, placeOf } from "./PlaceHere.ts"

const run = Effect.runPromise

const registered = (clientId: string, more: object = {}, metadata: object = {}) =>
  ({
    _tag: "Registered",
    clientId,
    status: "enabled",
    epoch: 0,
    metadata: {
      client_name: `The ${clientId}`,
      redirect_uris: ["https://app.example/"],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code"],
      response_types: ["code"],
      ...metadata,
    },
    secret: null,
    audience: null,
    origin: "operator",
    registeredAt: 1_700_000_000_000,
    ...more,
  }) as unknown as Extract<Client, { _tag: "Registered" }>

const deleted = (clientId: string) => ({ _tag: "Deleted", clientId, epoch: 1 }) as unknown as Client

/** A server that has these clients, and says how it was read. */
const having = (clients: ReadonlyArray<Client>) => {
  const pages: Array<object> = []
  const server = {
    clients: (page: { readonly after?: string; readonly limit?: number } = {}) => {
      pages.push(page)
      const from = clients.findIndex((one) => one._tag !== "Absent" && one.clientId === page.after) + 1
      return Effect.succeed(clients.slice(from, from + (page.limit ?? 0)))
    },
  }
  return { pages, place: placeOf({ server }) }
}

describe("a list of clients", () => {
  const usual = { status: "enabled", method: "none", origin: "operator", audience: null }
  const registeredAt = "2023-11-14T22:13:20.000Z"

  it("says of each what it is, and leaves out who was deleted", async () => {
    const more = { status: "disabled", origin: "dynamic", audience: "https://rs.example/" }
    const { place } = having([
      registered("a"),
      deleted("b"),
      registered("c", more, { client_name: undefined, token_endpoint_auth_method: "client_secret_basic" }),
    ])
    expect(await run(listClients.run(place, {}))).toStrictEqual({
      clients: [
        { client_id: "a", name: "The a", ...usual, registered: registeredAt },
        { client_id: "c", ...usual, ...more, method: "client_secret_basic", registered: registeredAt },
      ],
      before: null,
      after: null,
    })
  })

  it("is read in parts until it has so many, or there are no more", async () => {
    const named = (count: number) => Array.from({ length: count }, (_, index) => `client-${index}`)
    // All but the last few of the first two parts were deleted.
    const clients = named(1100).map((id, index) => (index % 500 < 498 && index < 1000 ? deleted(id) : registered(id)))
    const { pages, place } = having(clients)
    const ids = async (asked: Parameters<typeof listClients.run>[1]) => {
      pages.splice(0)
      const { clients: rows, ...cursors } = await run(listClients.run(place, asked))
      return { ids: rows.map((row) => row.client_id), ...cursors }
    }
    const part = { isReversed: false, limit: 500 }
    expect(await ids({ limit: 5 })).toEqual({
      ids: ["client-498", "client-499", "client-998", "client-999", "client-1000"],
      before: null,
      after: "client-1000",
    })
    expect(pages).toEqual([part, { ...part, after: "client-499" }, { ...part, after: "client-999" }])
    expect((await ids({})).ids).toHaveLength(100)
    expect((await ids({ limit: 104 })).after).toBe(null)
    expect((await ids({ limit: 103 })).after).toBe("client-1098")
    expect((await ids({ limit: 2, after: "client-998" })).ids).toEqual(["client-999", "client-1000"])
    await ids({ limit: 1, reverse: true })
    expect(pages[0]).toEqual({ isReversed: true, limit: 500 })
    await ids({ limit: 1 })
    expect(pages).toEqual([part])
  })

  it("is read to the end of a part that is full", async () => {
    const { pages, place } = having(Array.from({ length: 500 }, (_, index) => registered(`client-${index}`)))
    expect((await run(listClients.run(place, { limit: 500 }))).clients).toHaveLength(500)
    expect(pages).toHaveLength(2)
  })
})

describe("a client that is shown", () => {
  const showing = (client: Client | undefined) =>
    placeOf({ server: { client: () => Effect.succeed(client) } as unknown as Partial<AuthorizationServer> })

  it("has no secret in it, and says whether it has one", async () => {
    const { metadata, secret, _tag, registeredAt, ...standing } = registered("a", { policy: "first-party" })
    const known = { ...standing, ...metadata, registeredAt: "2023-11-14T22:13:20.000Z" }
    expect(await run(showClient.run(showing(registered("a", { policy: "first-party" })), { client_id: "a" }))).toEqual({
      ...known,
      hasSecret: false,
    })
    const confidential = registered("a", { secret: { digest: "planted", expiresAt: null } })
    const shown = await run(showClient.run(showing(confidential), { client_id: "a" }))
    expect(shown.hasSecret).toBe(true)
    expect(JSON.stringify(shown)).not.toContain("planted")
  })

  it("is there, or said not to be", async () => {
    expect(await faultOf(showClient.run(showing(undefined), { client_id: "a" }))).toEqual(
      notThere("there is no client `a`"),
    )
  })
})

describe("a client that is added", () => {
  const adding = () => {
    const seen: Array<unknown> = []
    const addClient = (client: unknown) => {
      seen.push(client)
      return Effect.succeed({ client_id: "new", client_secret: "the secret", scope: "of the server" } as never)
    }
    return { seen, place: placeOf({ server: { addClient } }) }
  }

  it("is what was given and nothing else, and is answered with its secret and the scope it asked for", async () => {
    const { seen, place } = adding()
    const metadata = { client_name: "n", scope: "read" }
    const all = { metadata, policy: "first-party", audience: "https://rs.example/" } as const
    expect(await run(addClient.run(place, { ...all, client_id: "a" }))).toStrictEqual({
      ...{ client_id: "new", client_secret: "the secret", scope: "read", audience: "https://rs.example/" },
    })
    expect(await run(addClient.run(place, { metadata: { scope: 1 } }))).toStrictEqual({
      ...{ client_id: "new", client_secret: "the secret", scope: "of the server" },
    })
    expect(seen).toStrictEqual([{ ...all, clientId: "a" }, { metadata: { scope: 1 } }])
  })
})

describe("a client that something is done to", () => {
  type Doing = "disableClient" | "enableClient" | "deleteClient"
  const client = registered("a")
  const doing = (name: Doing, doing: ReturnType<AuthorizationServer["disableClient"]>, found: Client = client) => {
    const done: Array<string> = []
    const server = {
      client: () => Effect.succeed(found),
      [name]: (id: string) =>
        Effect.andThen(
          Effect.sync(() => done.push(id)),
          doing,
        ),
    }
    return { done, place: placeOf({ server: server as unknown as Partial<AuthorizationServer> }) }
  }
  const asked = { client_id: "a" }

  it.each([
    ["disableClient", disableClient, "disabled"],
    ["enableClient", enableClient, "enabled"],
    ["deleteClient", deleteClient, "deleted"],
  ] as const)("%s is answered with its name and what was done, once it was done", async (name, one, word) => {
    const { done, place } = doing(name, Effect.void)
    expect(await run(one.run(place, asked))).toEqual({ client_id: "a", client_name: "The a", done: word })
    expect(done).toEqual(["a"])
    const nameless = doing(name, Effect.void, registered("a", {}, { client_name: undefined }))
    expect(await run(one.run(nameless.place, asked))).toEqual({ client_id: "a", client_name: null, done: word })
    const failing = (failure: OAuthError | Unavailable) =>
      faultOf(one.run(doing(name, Effect.fail(failure)).place, asked))
    expect(await failing(new OAuthError({ error: "invalid_client", description: "gone" }))).toEqual(
      notThere("there is no client `a`"),
    )
    const other = { error: "invalid_request", description: "not so" } as const
    expect(await failing(new OAuthError(other))).toMatchObject({ _tag: "OAuthError" })
    expect(await failing(new Unavailable({ message: "late", retryAfterSeconds: 1 }))).toEqual({
      ...{ _tag: "Unavailable", message: "late" },
    })
  })
})

it.each([
  [undefined, "read", { overlapSeconds: 0 }, { client_id: "a", client_secret: "s", scope: "read" }],
  [60, undefined, { overlapSeconds: 60 }, { client_id: "a", client_secret: "s" }],
])("another secret is given with an overlap of %s, for the scope %s", async (overlap, scope, options, answer) => {
  const seen: Array<unknown> = []
  const server = {
    client: () => Effect.succeed(registered("a", {}, scope === undefined ? {} : { scope })),
    rotateClientSecret: (...given: ReadonlyArray<unknown>) => {
      seen.push(given)
      return Effect.succeed({ client_id: "a", client_secret: "s" })
    },
  }
  const asked = { client_id: "a", ...(overlap === undefined ? {} : { overlap_seconds: overlap }) }
  const place = placeOf({ server: server as unknown as Partial<AuthorizationServer> })
  expect(await run(rotateClientSecret.run(place, asked))).toStrictEqual(answer)
  expect(seen).toEqual([["a", options]])
})

it("an invitation is good for a day, or as long as was said", async () => {
  const seen: Array<unknown> = []
  const newInitialAccessToken = (options: unknown) => {
    seen.push(options)
    return Effect.succeed({ token: "gli_a", expiresAt: 1_700_000_000 } as never)
  }
  const place = placeOf({ server: { newInitialAccessToken } })
  expect(await run(inviteClient.run(place, {}))).toEqual({
    ...{ initial_access_token: "gli_a", expires: "2023-11-14T22:13:20.000Z" },
  })
  await run(inviteClient.run(place, { lifetime_seconds: 60 }))
  expect(seen).toEqual([{ lifetimeSeconds: 86_400 }, { lifetimeSeconds: 60 }])
})
