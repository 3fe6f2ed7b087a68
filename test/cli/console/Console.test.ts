/** The console at its door and on its pages: who gets in, what is shown, and that nothing is changed or given away. */
import { hash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { Readable } from "node:stream"
import { text as textOf } from "node:stream/consumers"
import { Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import { verifyExport } from "../../../src/audit/index.ts"
import { consolePassword } from "../../../src/cli/console/Password.ts"
import { makeEndpoints, nodeListener, type WireReply } from "../../../src/http/index.ts"
import { leafHash, parseProof, verifyProof } from "../../../src/log/index.ts"
import { ISSUER, overMemory } from "../../support/TestServer.ts"
import { basic } from "../../support/WireClient.ts"
import { consoleUnderTest, PASSWORD, PUBLIC } from "./ConsoleUnderTest.ts"
import { ALICE, run } from "../../audit/Logins.ts"

const digestOf = (token: string): string => hash("sha256", token, "base64url")
const saved = ({ headers }: WireReply): string => headers["content-disposition"] ?? "shown"

describe("the door", () => {
  it("is not there unless the console is mounted", async () => {
    const { url, native } = await overMemory.start()
    expect((await fetch(`${url}/console`)).status).toBe(404)
    expect((await fetch(`${url}/console/login`, { method: "POST", body: `password=${PASSWORD}` })).status).toBe(404)
    const { endpoints } = await consoleUnderTest()
    expect(nodeListener(native, { mounted: endpoints })).toBeTypeOf("function")
  })

  it("takes a password of 16 characters or more, and makes one up on a loopback issuer alone", async () => {
    const refused = (issuer: string, given: string) => run(Effect.flip(consolePassword(issuer, given)))
    expect((await refused("https://id.example", "fifteen letters")).message).toMatch(/at least 16 characters/)
    expect((await refused("https://id.example", "")).message).toMatch(/set GRANTLOG_CONSOLE_PASSWORD/)
    expect((await refused("http://localhost:4000", "short")).message).toMatch(/too short/)
    expect(await run(consolePassword("https://id.example", PASSWORD))).toEqual({ password: PASSWORD, isNew: false })
    const made = await run(consolePassword("http://localhost:4000", ""))
    expect(made).toMatchObject({ isNew: true, password: expect.stringMatching(/^\w{16}$/) })
  })

  it("shows nothing of the log to whoever is not signed in, on any page", async () => {
    const { endpoints, get, stolen } = await consoleUnderTest()
    const pages = endpoints.filter(([method, path]) => method === "GET" && !path.endsWith(".js"))
    expect(pages.length).toBe(3)
    for (const [, path] of pages) {
      const reply = await get(`${path}?about=${stolen.grantId}&position=3&from=0`)
      expect(reply.status).toBe(403)
      expect(saved(reply)).toBe("shown")
      expect(reply.body).toContain("Console password")
      expect(reply.body).not.toMatch(/sub_alice|Entries|generation/)
    }
  })

  it("opens for its password, leads on to the page that was asked for, and to no other site", async () => {
    const { signIn, get, stolen } = await consoleUnderTest()
    const opened = await signIn(PASSWORD, {}, `/console?about=${stolen.grantId}`)
    expect(opened).toMatchObject({ status: 303, headers: { location: expect.stringContaining(stolen.grantId) } })
    expect(opened.cookies?.[0]).toMatch(/^__Host-grantlog-console=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/)
    expect((await get("/console")).status).toBe(200)
    for (const to of ["https://evil.example/console", "//evil.example", "/account", "/console/logout", ""]) {
      expect((await signIn(PASSWORD, {}, to)).headers["location"]).toBe(`${PUBLIC}/console`)
    }
  })

  it("refuses a wrong password, and slows who goes on guessing, from that source alone", async () => {
    const { signIn } = await consoleUnderTest({ loginsPerMinute: 3 })
    for (let count = 0; count < 3; count++) expect((await signIn("not the password at all")).status).toBe(403)
    const slowed = await signIn()
    expect(slowed).toMatchObject({ status: 429, headers: { "retry-after": "20" } })
    expect(slowed.cookies).toBeUndefined()
    expect((await signIn(PASSWORD, { source: "198.51.100.7" })).status).toBe(303)
  })

  it("closes after half an hour of doing nothing, after twelve hours in any case, and when somebody leaves", async () => {
    const { signIn, get, send, clock } = await consoleUnderTest()
    await signIn()
    clock.pass(29 * 60)
    expect((await get("/console")).status).toBe(200)
    clock.pass(30 * 60)
    expect((await get("/console")).status).toBe(403)
    await signIn()
    for (let minutes = 0; minutes < 12 * 60; minutes += 20) {
      expect((await get("/console")).status).toBe(200)
      clock.pass(20 * 60)
    }
    expect((await get("/console")).status).toBe(403)
    const opened = await signIn()
    expect((await send("POST", "/console/logout")).status).toBe(303)
    const again = await get("/console", { headers: { cookie: opened.cookies![0]!.split(";")[0]! } })
    expect(again.status).toBe(403)
  })

  it("takes no form of another site, and answers by the issuer's own name alone", async () => {
    const { signIn, get } = await consoleUnderTest()
    expect((await signIn(PASSWORD, { headers: { origin: "https://evil.example" } })).status).toBe(403)
    expect((await signIn(PASSWORD, { headers: { "sec-fetch-site": "cross-site" } })).status).toBe(403)
    expect((await get("/console", { headers: { host: "evil.example" } })).status).toBe(421)
  })
})

describe("the door on this machine's own host, where cookies are no secret", () => {
  const shown = { headers: basic("operator", PASSWORD) }

  it("asks for the password by HTTP authentication on every page, and knows no session", async () => {
    const { endpoints, get, stolen } = await consoleUnderTest({ issuer: ISSUER })
    expect(endpoints.every(([method]) => method === "GET")).toBe(true)
    for (const [, path] of endpoints.filter(([, one]) => !one.endsWith(".js"))) {
      const url = `${path}?about=${stolen.grantId}&position=3&from=0`
      for (const headers of [{}, { cookie: `grantlog-console-4000=${"a".repeat(43)}` }]) {
        const reply = await get(url, { headers })
        expect([path, reply.status, saved(reply)]).toEqual([path, 401, "shown"])
        expect(reply.headers["www-authenticate"]).toBe('Basic realm="grantlog console", charset="UTF-8"')
        expect(reply.body).not.toMatch(/sub_alice|Entries|generation/)
      }
    }
    const page = await get("/console", shown)
    expect([page.status, page.cookies]).toEqual([200, undefined])
    expect(page.body).not.toContain("Sign out")
  })

  it("opens for the password whatever the user name, and for nothing else that is sent", async () => {
    const { get } = await consoleUnderTest({ issuer: ISSUER, loginsPerMinute: 100 })
    for (const user of ["", "operator", "anybody at all"]) {
      expect((await get("/console", { headers: basic(user, PASSWORD) })).status).toBe(200)
    }
    const encoded = (text: string) => Buffer.from(text).toString("base64")
    for (const authorization of [
      "Basic",
      "Basic !",
      `Bearer ${encoded(`a:${PASSWORD}`)}`,
      `Basic ${encoded(PASSWORD)}`,
      `Basic ${encoded(`a:${PASSWORD}x`)}`,
      `Basic ${encoded(`a:${PASSWORD.slice(0, -1)}`)}`,
      `Basic ${encoded("a:")}`,
    ]) {
      expect([authorization, (await get("/console", { headers: { authorization } })).status]).toEqual([
        authorization,
        401,
      ])
    }
  })

  it("slows who goes on guessing, from that source alone; the right password costs nothing", async () => {
    const { get } = await consoleUnderTest({ issuer: ISSUER, loginsPerMinute: 3 })
    for (let count = 0; count < 9; count++) expect((await get("/console", shown)).status).toBe(200)
    const guess = { headers: basic("operator", "not the password at all") }
    for (let count = 0; count < 3; count++) expect((await get("/console", guess)).status).toBe(401)
    for (const sent of [guess, shown]) {
      expect(await get("/console", sent)).toMatchObject({ status: 429, headers: { "retry-after": "20" } })
    }
    expect((await get("/console", { ...shown, source: "198.51.100.7" })).status).toBe(200)
  })
})

describe("a page", () => {
  it("says all that is known of a token by its hash, of its grant, its client and its subject", async () => {
    const { signIn, get, stolen } = await consoleUnderTest()
    await signIn()
    for (const [about, title] of [
      [digestOf(stolen.presented), "Refresh token"],
      [Buffer.from(digestOf(stolen.presented), "base64url").toString("hex"), "Refresh token"],
      [digestOf(stolen.code), "Code"],
      [digestOf(stolen.access_token), "Access token"],
      [stolen.grantId, "Grant"],
      ["app", "Client"],
      [ALICE, "Subject"],
    ] as const) {
      const reply = await get(`/console?about=${about}`)
      expect(reply.status, about).toBe(200)
      expect(reply.body).toContain(`<h1>${title} `)
    }
  })

  it("tells the stolen token from the spent, the dead and the living by a word", async () => {
    const { signIn, get, stolen, living } = await consoleUnderTest()
    await signIn()
    const fatesIn = ({ body }: WireReply) =>
      [...body.matchAll(/<li class="member (\w+)"/g)].map(([, fate]) => fate).toSorted()
    const words = ({ body }: WireReply) => new Set([...body.matchAll(/<\/svg>(\w+)<\/span>/g)].map(([, word]) => word))
    const dead = await get(`/console?about=${stolen.grantId}`)
    expect(fatesIn(dead)).toEqual(["dead", "dead", "dead", "dead", "spent", "spent", "stolen"])
    for (const word of ["dead", "spent", "stolen"]) expect(words(dead)).toContain(word)
    const alive = await get(`/console?about=${living.grantId}`)
    expect(fatesIn(alive)).toEqual(["live", "live", "spent"])
    expect(words(alive)).toContain("live")
  })

  it("is of the moment in its address: a position, a time, or a span", async () => {
    const { signIn, get, stolen, clock } = await consoleUnderTest()
    await signIn()
    const past = await get(`/console?about=${stolen.grantId}&at=6`)
    expect(past.body).toContain("when the log had 7 entries")
    expect(past.body).not.toContain('class="member stolen"')
    expect(past.body).toMatch(/events came later/)
    const moment = new Date(clock.now() - 900_000).toISOString()
    expect((await get(`/console?about=${stolen.grantId}&at=${moment}`)).body).not.toContain('class="member stolen"')
    expect((await get(`/console?about=${stolen.grantId}&at=0s`)).body).toContain('class="member stolen"')
    const early = await get(`/console?about=${stolen.grantId}&at=0`)
    expect(early.status).toBe(404)
    expect(early.body).toContain("Event after (#2)")
  })

  it("has one group for each request in its timeline", async () => {
    const { signIn, get, living, store } = await consoleUnderTest()
    await signIn()
    const { body } = await get(`/console?about=${living.grantId}`)
    const entries = await run(store.readStream(`grant-${living.grantId}`))
    const requests = new Set(entries.map(({ correlationId }) => correlationId))
    expect(requests.size).toBe(2)
    expect(body.match(/<li class="request"/g)).toHaveLength(requests.size)
  })

  it.each([
    ["/console?about=nobody", 404, "Nothing of that name|nothing of that name"],
    ["/console?about=a&about=b", 400, "appears more than once"],
    ["/console?about=app&at=yesterday", 400, "a time is like"],
    ["/console?about=app&at=999", 400, "none at position 999"],
    [`/console?about=${"x".repeat(2049)}`, 400, "at most 2048 characters"],
    ["/console/proof?position=-1", 404, "A position is a number"],
    ["/console/proof?position=999", 404, "No checkpoint covers entry 999"],
    ["/console/export?from=999", 404, "No checkpoint covers entry 999"],
    ["/console/export", 404, "A position is a number"],
  ])("says what is wrong with %.40s", async (url, status, sentence) => {
    const { signIn, get } = await consoleUnderTest()
    await signIn()
    const reply = await get(url)
    expect(reply.status).toBe(status)
    expect(reply.body).toMatch(new RegExp(sentence))
    expect(reply.headers["content-type"]).toBe("text/html; charset=utf-8")
  })

  it("escapes what it was asked about", async () => {
    const { signIn, get } = await consoleUnderTest()
    await signIn()
    const reply = await get(`/console?about=${encodeURIComponent('"><script>alert(1)</script>')}&at=0`)
    expect(reply.body).not.toContain("<script>")
    expect(reply.body).toContain("&lt;script&gt;")
  })

  it("holds no token, code or password, signed in or not, even when it is sent one", async () => {
    const { signIn, get, stolen, living } = await consoleUnderTest()
    const secrets = [stolen.code, stolen.presented, stolen.access_token, living.refresh_token, PASSWORD]
    const urls = ["/console", `/console?about=${stolen.grantId}`, "/console/export?from=0", "/console/proof?position=4"]
    const leaks = secrets.map((secret) => `/console?about=${secret}`)
    for (const isSignedIn of [false, true]) {
      if (isSignedIn) await signIn()
      for (const url of [...urls, ...leaks.slice(0, 4)]) {
        const { body, headers } = await get(url)
        const said = body + JSON.stringify(headers)
        for (const secret of secrets) expect(said.includes(secret), url.slice(0, 20)).toBe(false)
      }
      expect((await get(leaks[0]!)).status).toBe(400)
      expect((await get(`${leaks[0]!.replace("gl", "%67l")}&at=%`)).status).toBe(400)
    }
  })

  it("cannot be framed or kept, loads nothing but its script, and tells nobody where somebody came from", async () => {
    const { signIn, get, stolen } = await consoleUnderTest()
    await signIn()
    for (const url of ["/console", `/console?about=${stolen.grantId}`, "/console?about=a&about=b"]) {
      const { headers, body } = await get(url)
      expect(headers).toMatchObject({
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
      })
      const policy = headers["content-security-policy"]!
      for (const part of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"]) {
        expect(policy.split("; ")).toContain(part)
      }
      expect(policy).not.toMatch(/unsafe|\*|data:/)
      expect(policy).toContain(`script-src ${PUBLIC}/console/hash.js`)
      expect(body.match(/<script[^>]*>/g)).toEqual(['<script src="/console/hash.js" defer>'])
      expect(body).not.toMatch(/ style=| on\w+="/)
    }
  })

  it("changes nothing, whoever asks for whatever", async () => {
    const { signIn, get, send, endpoints, stolen, store } = await consoleUnderTest()
    expect(endpoints.filter(([method]) => method === "POST").map(([, path]) => path)).toEqual([
      "/console/login",
      "/console/logout",
    ])
    const before = await run(store.head)
    await signIn()
    for (const [, path] of endpoints.filter(([method]) => method === "GET")) {
      await get(`${path}?about=${stolen.grantId}&position=3&from=0`)
    }
    await send("POST", "/console/logout")
    expect(await run(store.head)).toEqual(before)
  })
})

describe("a page that says what went wrong", () => {
  it("leads back to the console by the issuer's own name, and names the request", async () => {
    const { native, endpoints, get } = await consoleUnderTest()
    const answer = makeEndpoints(native, { mounted: endpoints })
    const asked = {
      method: "GET",
      path: "/console",
      query: "",
      headers: { host: "evil.example" },
      body: "",
      source: "",
    }
    const { status, body } = await run(answer(asked, "request-1"))
    expect(status).toBe(421)
    expect(body).toContain(`<a href="${PUBLIC}/console">Back to the console</a>`)
    expect(body).toContain("request <code>request-1</code>")
    const unnamed = await get("/console?about=gla_0")
    expect(unnamed.body).not.toContain('<p class="small quiet">request')
  })
})

describe("the header", () => {
  it("says how large the log is, what its root is, and that it agrees with the last checkpoint", async () => {
    const { signIn, get, store, notePath, login } = await consoleUnderTest()
    await signIn()
    const { size } = await run(store.head)
    const fresh = (await get("/console")).body
    expect(fresh).toContain(`<dd>${size}</dd>`)
    expect(fresh).toContain(`of ${size} entries`)
    expect(fresh).toMatch(/<span class="fate chip live"[^>]*><svg[^]*?<\/svg>\s*consistent/)
    expect(fresh).toMatch(new RegExp(`<details>\\s*<summary>${size} entries <span class="fate chip live"`))
    await login()
    expect((await get("/console")).body).toContain("5 entries behind it")
    writeFileSync(notePath, readFileSync(notePath, "utf8").replace("\n\n", "\nmore\n\n"))
    expect((await get("/console")).body).toContain("unreadable")
  })

  it("says so where the log contradicts its checkpoint, and proves nothing then", async () => {
    const other = await consoleUnderTest()
    const { signIn, get } = await consoleUnderTest({ kept: { storage: other.storage, key: other.key } })
    await signIn()
    const { body } = await get("/console")
    expect(body).toContain("INCONSISTENT")
    // What is wrong is not folded up, however small the screen.
    expect(body).toMatch(/<details open>\s*<summary>\d+ entries <span class="fate chip stolen"/)
    expect((await get("/console/proof?position=1")).body).toContain("contradicts its last checkpoint")
  })

  it("says so where no checkpoint is kept", async () => {
    const { signIn, get } = await consoleUnderTest({}, false)
    await signIn()
    expect((await get("/console")).body).toContain("none kept")
    expect((await get("/console/proof?position=1")).body).toContain("No checkpoint is kept")
  })
})

describe("a download", () => {
  it("is a proof that holds with the verifier key and nothing else", async () => {
    const { signIn, get, key } = await consoleUnderTest()
    await signIn()
    const reply = await get("/console/proof?position=4")
    expect(saved(reply)).toBe('attachment; filename="4.tlog-proof"')
    const head = Result.flatMap(parseProof(reply.body), (proof) => verifyProof(proof, key, leafHash))
    expect(Result.isSuccess(head)).toBe(true)
  })

  it("is an export that holds, without the digests of tokens", async () => {
    const { signIn, get, key, stolen } = await consoleUnderTest()
    await signIn()
    const reply = await get("/console/export?from=2")
    expect(saved(reply)).toMatch(/^attachment; filename="grantlog-2-\d+\.jsonl"$/)
    const text = await textOf(Readable.from(reply.pieces!))
    const verified = await verifyExport(Readable.from([Buffer.from(text)]), key)
    expect(Result.isSuccess(verified) && verified.success.from).toBe(2)
    expect(text).not.toContain(digestOf(stolen.presented))
  })
})

describe("item 19: names on the console", () => {
  const named = async () => {
    const world = await consoleUnderTest()
    const account = await run(world.native.accounts.add("demo person", undefined, world.native.now()))
    await world.signIn()
    return { ...world, subjectId: account!.subjectId }
  }

  it("an account's name leads to its subject, at the moment that was asked for, and stays in no address", async () => {
    const { get, login, subjectId } = await named()
    await login("app", subjectId)
    const to = `${PUBLIC}/console?about=${subjectId}`
    expect(await get("/console?about=demo+person")).toMatchObject({ status: 303, headers: { location: to } })
    expect((await get("/console?about=+demo+person+&at=1h")).headers["location"]).toBe(`${to}&at=1h`)
    const page = await get(to)
    expect(page.status).toBe(200)
    expect(page.body).not.toContain("demo person")
    expect((await get("/console?about=nobody+at+all")).status).toBe(404)
  })

  it("a name of which nothing is recorded, or that is an id as well, is said to be so, and not repeated", async () => {
    const { get, native, subjectId } = await named()
    const unused = await get("/console?about=demo+person")
    expect([unused.status, unused.body]).toEqual([400, expect.stringContaining("nothing is recorded yet")])
    const both = await run(native.accounts.add("app", undefined, native.now()))
    const ambiguous = await get("/console?about=app")
    expect(ambiguous.status).toBe(400)
    expect(ambiguous.body).toContain("the id of a client, and the name of an account, too")
    expect(ambiguous.body).toContain(both!.subjectId)
    for (const { body } of [unused, ambiguous]) expect(body).not.toContain("demo person")
    expect((await get("/console?about=id:app")).body).toMatch(/<h1>Client app/)
    expect(subjectId).not.toBe(both!.subjectId)
  })

  it("whoever was forgotten has none", async () => {
    const { get, native, login, subjectId } = await named()
    await login("app", subjectId)
    await run(native.forgetSubject(subjectId))
    const page = await get("/console?about=demo+person")
    expect([page.status, page.body]).toEqual([404, expect.not.stringContaining(subjectId)])
  })

  it("a client's name stands beside its id: of a grant, in its timeline and where it began", async () => {
    const { get, native, login } = await named()
    const metadata = {
      client_name: "Example <app>",
      redirect_uris: ["http://127.0.0.1:8123/callback"],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
    }
    await run(native.addClient({ clientId: "desk", metadata }))
    const { grantId } = await login("desk")
    const beside = "desk (&quot;Example &lt;app&gt;&quot;)"
    const [grant, client, subject, home] = await Promise.all(
      [`?about=${grantId}`, "?about=desk", `?about=${ALICE}`, ""].map(
        async (query) => (await get(`/console${query}`)).body,
      ),
    )
    expect(grant).toContain(`<dt>Client</dt><dd><a href="/console?about=desk"><code>${beside}</code></a></dd>`)
    expect(grant).toContain(`approved client ${beside}, for read`)
    expect(grant).toContain(`by ${beside}`)
    expect(client).toContain(`<h1>Client ${beside}</h1>`)
    expect(subject).toContain(` · ${beside} · `)
    expect(home).toContain(`by ${beside}`)
  })
})
