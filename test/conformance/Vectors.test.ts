/**
 * Signatures that RFC 7515 prints, by the library that signs and verifies everything here; and that none of them, well
 * signed as they are, passes for a token. Keys and texts are those of the document.
 */
import { compactVerify, type JWK } from "jose"
import { expect, it } from "vitest"
import { jwtVerifier } from "../../src/resource/index.ts"

const PAYLOAD = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

const examples: ReadonlyArray<readonly [name: string, alg: "RS256" | "ES256", jwk: JWK, jws: string]> = [
  [
    "A.2, RS256",
    "RS256",
    {
      kty: "RSA",
      n: "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
      e: "AQAB",
    },
    `eyJhbGciOiJSUzI1NiJ9.${PAYLOAD}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw`,
  ],
  [
    "A.3, ES256",
    "ES256",
    {
      kty: "EC",
      crv: "P-256",
      x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
      y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    },
    `eyJhbGciOiJFUzI1NiJ9.${PAYLOAD}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`,
  ],
]

/** Takes tokens of `joe`, who has these keys, in the days when they were valid. */
const verifierWith = (keys: ReadonlyArray<JWK>) =>
  jwtVerifier({
    issuer: "https://joe.example",
    jwksUri: "https://joe.example/jwks",
    fetch: async () => Response.json({ keys }),
    now: () => 1_300_819_000_000,
  })

//= JWS-7515-A
it.each(examples)("RFC 7515, appendix A: %s", async (_, alg, jwk, jws) => {
  const { payload } = await compactVerify(jws, jwk, { algorithms: [alg] })
  expect(JSON.parse(new TextDecoder().decode(payload))).toMatchObject({ iss: "joe", exp: 1_300_819_380 })
  const [header, , signature = ""] = jws.split(".")
  const forged = `${header}.${PAYLOAD}.${signature[0] === "A" ? "B" : "A"}${signature.slice(1)}`
  await expect(compactVerify(forged, jwk, { algorithms: [alg] })).rejects.toThrow()
  expect(await verifierWith([{ ...jwk, alg }]).verify(jws)).toBeFalsy()
})

//= JWS-7515-A
it("RFC 7515, appendix E: an extension that is critical and unknown is refused", async () => {
  const jws =
    "eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0.RkFJTA."
  await expect(compactVerify(jws, examples[1]![2])).rejects.toThrow()
  expect(await verifierWith([examples[1]![2]]).verify(jws)).toBeFalsy()
})
