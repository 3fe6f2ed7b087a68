/** A JWT access token that is asked about: read by what its `jti` names, and believed as far as it was checked. */
import { join } from "node:path"
import { generateKeyPair, SignJWT, decodeJwt, decodeProtectedHeader } from "jose"
import { describe, expect, it, onTestFinished } from "vitest"
import { openAudit } from "../../../src/entry/audit.ts"
import { authorizationServer, jwtAccessTokens, sqliteStore, standardFeatures } from "../../../src/entry/grantlog.ts"
import { introspectAt, jwtSentence, momentNow, type Explained, type NotOurs } from "../../../src/audit/index.ts"
import { ephemeralKeys, liveRandomness, memorySigningKeys, signatureOf } from "../../../src/provider/index.ts"
import { temporaryFolder } from "../../support/TestServer.ts"
import { RESOURCE, explained, logins, run } from "../Logins.ts"

const features = [...standardFeatures, jwtAccessTokens({ resources: [RESOURCE] })]

const world = async () => {
  const signingKeys = memorySigningKeys(ephemeralKeys(), liveRandomness)
  const made = await logins({ features, signingKeys })
  const { access_token: jwt, grantId } = await made.login()
  return { ...made, signingKeys, jwt, grantId, digest: String(decodeJwt(jwt).jti).split(".")[1]! }
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")

/** The same JWT with other claims, under the same signature. */
const altered = (jwt: string, over: object): string => {
  const [header, , signature] = jwt.split(".")
  return `${header}.${encoded({ ...decodeJwt(jwt), ...over })}.${signature}`
}

describe("a JWT", () => {
  it("is explained as the token that it names, with what was checked of it and its claims held against the log", async () => {
    const { jwt, digest, grantId, ...rest } = await world()
    const { kid } = decodeProtectedHeader(jwt)
    for (const pasted of [jwt, `Bearer ${jwt}`]) {
      const told = (await explained(rest, { pasted })) as Explained
      expect(told).toMatchObject({ isOurs: true, kind: "access token", id: digest, grantId })
      expect(told.jwt).toEqual({ kid, signature: "not checked", differing: [] })
      expect(told.standing.status).toBe("alive")
      expect(JSON.stringify(told)).not.toContain(jwt.split(".")[2])
    }
    await run(rest.native.revokeGrant(grantId, "operator"))
    expect((await explained(rest, { pasted: jwt })) as Explained).toMatchObject({ standing: { status: "dead" } })
  })

  it("that says anything else than the log is not ours, whatever token it names", async () => {
    const { jwt, digest, ...rest } = await world()
    const claims = decodeJwt(jwt)
    for (const [name, over] of Object.entries({
      scope: { scope: "admin" },
      sub: { sub: "sub_bob" },
      aud: { aud: [RESOURCE, "https://other.example"] },
      exp: { exp: claims.exp! + 1 },
      act: { act: { sub: "robot" } },
      iss: { iss: "https://other.example" },
    })) {
      const told = (await explained(rest, { pasted: altered(jwt, over) })) as NotOurs
      expect([name, told.isOurs, told.jwt?.differing]).toEqual([name, false, [name]])
      expect(told.sentence).toContain(`it says otherwise than the log of ${name}`)
      expect(told.next[0]?.command).toBe(`grantlog explain ${digest}`)
    }
    const unknown = altered(jwt, { jti: `${"A".repeat(22)}.${"B".repeat(43)}` })
    expect(await explained(rest, { pasted: unknown })).toMatchObject({ isOurs: false })
  })

  it("is introspected as of a moment like the token that it names, unless it says otherwise", async () => {
    const { jwt, store, clock } = await world()
    const moment = await run(momentNow(store, clock.now()))
    const { aud, scope } = decodeJwt(jwt)
    expect(await run(introspectAt(store, jwt, moment))).toMatchObject({
      answer: { active: true, aud, scope },
      jwt: { signature: "not checked", differing: [] },
    })
    expect(await run(introspectAt(store, altered(jwt, { scope: "admin" }), moment))).toMatchObject({
      answer: { active: false },
      jwt: { differing: ["scope"] },
    })
  })
})

it("a signature is by a key of the server, by one that is compromised, by none of them, or not to be told", async () => {
  const { jwt, native, signingKeys } = await world()
  const keys = () => run(signingKeys.list)
  const { kid } = decodeProtectedHeader(jwt)
  const { privateKey } = await generateKeyPair("ES256")
  const forged = await new SignJWT(decodeJwt(jwt))
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: kid! })
    .sign(privateKey)
  const unsigned = `${encoded({ alg: "none", typ: "at+jwt", kid })}.${jwt.split(".")[1]}.`
  const other = await native.serverContext.sign(decodeJwt(jwt), { typ: "JWT" })
  expect(await signatureOf(jwt, await keys())).toBe("verified")
  expect(await signatureOf(jwt, [])).toBe("not checked")
  for (const wrong of [forged, unsigned, other, altered(jwt, { scope: "admin" })]) {
    expect(await signatureOf(wrong, await keys())).toBe("wrong")
  }
  await run(signingKeys.retire(kid!, { now: native.now(), isCompromised: true }))
  expect(await signatureOf(jwt, await keys())).toBe("by a compromised key")
  const sentence = jwtSentence({ kid: kid!, signature: "by a compromised key", differing: [] })
  expect(sentence).toContain(`the key ${kid}, which is compromised`)
})

it("a server says whether its keys signed it, and an audit without keys that it did not look", async () => {
  const file = join(temporaryFolder(), "grantlog.db")
  const config = { issuer: "http://localhost:4000", resources: [RESOURCE] }
  const server = await authorizationServer({ store: sqliteStore(file), config, features })
  onTestFinished(() => server.close())
  const { client_id, client_secret } = await server.addClient({
    metadata: { redirect_uris: [], grant_types: ["client_credentials"] },
  })
  const credentials = { clientId: client_id, clientSecret: client_secret! }
  const { access_token: jwt } = await server.issueToken({ credentials })
  expect(await server.audit.explain(jwt)).toMatchObject({ isOurs: true, jwt: { signature: "verified", differing: [] } })
  expect(await server.audit.introspectAt(jwt)).toMatchObject({
    answer: { active: true },
    jwt: { signature: "verified" },
  })
  const [header, payload] = jwt.split(".")
  const forged = `${header}.${payload}.${"A".repeat(86)}`
  expect(await server.audit.explain(forged)).toMatchObject({ isOurs: false, jwt: { signature: "wrong" } })
  expect(await server.audit.introspectAt(forged)).toMatchObject({ answer: { active: false } })
  const audit = openAudit({ store: sqliteStore(file), issuer: config.issuer })
  onTestFinished(() => audit.close())
  expect(await audit.explain(jwt)).toMatchObject({ isOurs: true, jwt: { signature: "not checked" } })
})
