/** A certificate that nobody vouches for, for an https server of one test; a browser takes it when told to. */
import { generateKeyPairSync, sign } from "node:crypto"

/** One element of DER (X.690): tag, length, content. */
const der = (tag: number, ...contents: ReadonlyArray<Uint8Array>): Buffer => {
  const content = Buffer.concat(contents)
  const size = content.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

const sequence = (...contents: ReadonlyArray<Uint8Array>): Buffer => der(0x30, ...contents)
const hex = (digits: string): Buffer => Buffer.from(digits, "hex")

const ecdsaWithSha256 = sequence(der(0x06, hex("2a8648ce3d040302")))
/** `CN=localhost` */
const name = sequence(der(0x31, sequence(der(0x06, hex("550403")), der(0x0c, Buffer.from("localhost")))))
const utcTime = (text: string): Buffer => der(0x17, Buffer.from(text))
const bits = (content: Uint8Array): Buffer => der(0x03, hex("00"), content)

/** A key and its self-signed certificate (RFC 5280 4.1), in PEM. */
export const selfSigned = (): { readonly key: string; readonly cert: string } => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const version3 = der(0xa0, der(0x02, hex("02")))
  const serial = der(0x02, hex("01"))
  const validity = sequence(utcTime("200101000000Z"), utcTime("491231235959Z"))
  const spki = publicKey.export({ type: "spki", format: "der" })
  const body = sequence(version3, serial, ecdsaWithSha256, name, validity, name, spki)
  const certificate = sequence(body, ecdsaWithSha256, bits(sign("sha256", body, privateKey)))
  const lines = certificate.toString("base64").replaceAll(/.{64}/g, "$&\n")
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  }
}
