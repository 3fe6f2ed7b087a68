/** What is used once of OpenID Connect: by eight at once at two instances on one file, and by one that was restarted since. */
import { join } from "node:path"
import * as client from "openid-client"
import { describe, expect, it } from "vitest"
import { createKeyFile, dpop, sqliteStore } from "../../../src/provider/index.ts"
import { newDpopKey } from "../../support/DpopKey.ts"
import { CALLBACK, PARTY_ISSUER, startProvider, withOpenId } from "../../support/OpenIdParty.ts"
import { temporaryFolder } from "../../support/TestServer.ts"
import { formOf } from "../../support/WireClient.ts"

const features = [...withOpenId().features!, dpop()]

/** Two instances on one file, and a third that is started later. */
const startTwo = async () => {
  const file = join(temporaryFolder(), "grantlog.db")
  const keys = createKeyFile(`${file}.keys.json`)
  const first = await startProvider({ store: sqliteStore(file), keys, features })
  const another = () => startProvider({ store: sqliteStore(file), keys, clock: first.clock, features })
  return { first, second: await another(), another }
}

type Instance = Awaited<ReturnType<typeof startProvider>>

/** The same request eight times at once, in turn to both. */
const eightTimes = (instances: ReadonlyArray<Instance>, send: (to: Instance) => Promise<Response>) =>
  Promise.all(Array.from({ length: 8 }, (_, index) => send(instances[index % instances.length]!)))

const statusesOf = (answers: ReadonlyArray<Response>) => answers.map(({ status }) => status).toSorted()

//= OIDC-3.1.3.3-id-token
describe("the code of a request for openid", () => {
  it("gives one ID token, with the nonce of its request, and ends with its grant when it comes again", async () => {
    const { first, second, another } = await startTwo()
    const { config, clientId, secret } = await first.party()
    const { location, checks } = await first.codeFor(config, { nonce: "the-nonce" })
    const form = formOf({
      grant_type: "authorization_code",
      code: location.searchParams.get("code")!,
      redirect_uri: CALLBACK,
      code_verifier: checks.pkceCodeVerifier,
    })
    const headers = {
      authorization: `Basic ${btoa(`${clientId}:${secret}`)}`,
      "content-type": "application/x-www-form-urlencoded",
    }
    const redeem = (to: Instance) => to.carry(new URL("/token", PARTY_ISSUER), { method: "POST", body: form, headers })
    const answers = await eightTimes([first, second], redeem)
    expect(statusesOf(answers)).toEqual([200, ...Array<number>(7).fill(400)])
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as ReadonlyArray<Record<string, string>>
    const given = bodies.flatMap(({ id_token }) => id_token ?? [])
    expect(given).toHaveLength(1)
    expect(JSON.parse(Buffer.from(given[0]!.split(".")[1]!, "base64url").toString())).toMatchObject({
      nonce: "the-nonce",
      aud: clientId,
    })
    const restarted = await another()
    const late = await redeem(restarted)
    expect([late.status, await late.json()]).toMatchObject([400, { error: "invalid_grant" }])
    // Whoever holds code and verifier twice holds nothing any more.
    const { access_token: token = "" } = bodies.find(({ id_token }) => id_token !== undefined)!
    const userInfo = await restarted.carry(new URL("/userinfo", PARTY_ISSUER), {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(userInfo.status).toBe(401)
  })
})

//= OIDC-5.3.3-errors
describe("a proof of a key at UserInfo", () => {
  it("is good once", async () => {
    const { first, second, another } = await startTwo()
    const { config } = await first.party()
    const key = await newDpopKey()
    const pair = {
      publicKey: await crypto.subtle.importKey(
        "jwk",
        key.publicJwk as JsonWebKey,
        { name: "ECDSA", namedCurve: "P-256" },
        true,
        ["verify"],
      ),
      privateKey: key.privateKey,
    } as client.CryptoKeyPair
    const DPoP = client.getDPoPHandle(config, pair)
    const { location, checks } = await first.codeFor(config, { nonce: "n" })
    const tokens = await client.authorizationCodeGrant(config, location, { ...checks, expectedNonce: "n" }, undefined, {
      DPoP,
    })
    const { access_token: token } = tokens
    const proof = await key.proof("GET", `${PARTY_ISSUER}/userinfo`, { token, now: first.clock.now() })
    const ask = (to: Instance) =>
      to.carry(new URL("/userinfo", PARTY_ISSUER), { headers: { authorization: `DPoP ${token}`, dpop: proof } })
    const answers = await eightTimes([first, second], ask)
    expect(statusesOf(answers)).toEqual([200, ...Array<number>(7).fill(401)])
    expect((await ask(await another())).status).toBe(401)
  })
})
