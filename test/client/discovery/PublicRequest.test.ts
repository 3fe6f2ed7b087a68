/** Getting public documents: along few redirects, none of them off TLS. */
import { expect, test } from "vitest"
import { getPublic } from "../../../src/client/discovery/PublicRequest.ts"
import { checkIfAuthRequired } from "../../../src/client/index.ts"
import { json, makeWorld } from "../support/World.ts"

const ORIGIN = "https://mcp.example.com"

const leading = (ways: Readonly<Record<string, string>>, status = 302) => {
  const world = makeWorld()
  for (const url of [...Object.keys(ways), ...Object.values(ways)]) {
    const target = URL.parse(url, ORIGIN)
    if (target === null) continue
    world.servers.set(target.origin, (request) => {
      const to = ways[request.url]
      return to === undefined ? json({ at: request.url }) : new Response(null, { status, headers: { location: to } })
    })
  }
  return world
}

const asked = ({ sent }: ReturnType<typeof makeWorld>) => sent.map(({ origin, path }) => origin + path)

test.each([300, 301, 302, 303, 307, 308, 399])(
  "a public document is followed along a %s, also to another host",
  async (status) => {
    const world = leading({ [`${ORIGIN}/a`]: "/b", [`${ORIGIN}/b`]: "https://id.example.com/c" }, status)
    const response = await getPublic(world.fetch, `${ORIGIN}/a`)
    expect(await response.json()).toEqual({ at: "https://id.example.com/c" })
    expect(world.sent.every(({ headers }) => headers.get("accept") === "application/json")).toBe(true)
  },
)

test.each([
  "http://mcp.example.com/b",
  "http://id.example.com/",
  "ftp://mcp.example.com/",
  "javascript:alert(1)",
  "https://",
])("a redirect to `%s` is not followed, and what it leads from counts as an error", async (place) => {
  const world = leading({ [`${ORIGIN}/a`]: place })
  expect((await getPublic(world.fetch, `${ORIGIN}/a`)).type).toBe("error")
  expect(asked(world)).toEqual([`${ORIGIN}/a`])
})

test("a redirect off TLS is noticed at every hop, and by whoever asks the resource itself", async () => {
  const world = leading({ [`${ORIGIN}/a`]: "/b", [`${ORIGIN}/b`]: "http://mcp.example.com/c" })
  expect((await getPublic(world.fetch, `${ORIGIN}/a`)).type).toBe("error")
  expect(await checkIfAuthRequired(`${ORIGIN}/a`, world.fetch)).toBe(false)
  expect(asked(world)).toEqual([`${ORIGIN}/a`, `${ORIGIN}/b`, `${ORIGIN}/a`, `${ORIGIN}/b`])
})

test("three redirects are followed and no fourth; loopback may lead to loopback without TLS", async () => {
  const chain = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`http://localhost:1/${index}`, `http://localhost:1/${index + 1}`]),
    )
  const three = leading(chain(3))
  expect(await (await getPublic(three.fetch, "http://localhost:1/0")).json()).toEqual({ at: "http://localhost:1/3" })
  const four = leading(chain(4))
  expect((await getPublic(four.fetch, "http://localhost:1/0")).type).toBe("error")
  expect(four.sent).toHaveLength(4)
})

test.each([200, 204, 400, 404, 500])("an answer of %s is one, wherever it points", async (status) => {
  const world = leading({ [`${ORIGIN}/a`]: `${ORIGIN}/b` }, status)
  expect((await getPublic(world.fetch, `${ORIGIN}/a`)).status).toBe(status)
  expect(world.sent).toHaveLength(1)
})

test("a redirect that leads nowhere is an answer", async () => {
  const world = makeWorld()
  world.servers.set(ORIGIN, () => new Response(null, { status: 302 }))
  expect((await getPublic(world.fetch, `${ORIGIN}/a`)).status).toBe(302)
})

test("the body of a redirect is let go of", async () => {
  const world = makeWorld()
  let isCancelled = false
  world.servers.set(ORIGIN, ({ url }) => {
    if (!url.endsWith("/a")) return json({})
    const body = new ReadableStream({ cancel: () => void (isCancelled = true) })
    return new Response(body, { status: 302, headers: { location: "/b" } })
  })
  expect((await getPublic(world.fetch, `${ORIGIN}/a`)).status).toBe(200)
  expect(isCancelled).toBe(true)
})
