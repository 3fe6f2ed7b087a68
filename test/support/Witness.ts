/**
 * A witness by the words of C2SP tlog-witness and tlog-cosignature, sharing nothing with what it judges.
 *
 * It remembers the largest tree head it cosigned of each log, and cosigns what continues it. What the real ones do is
 * tried in `test/peers/Witnesses.test.ts`.
 */
import { createHash, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"

export type WitnessAlgorithm = "ed25519" | "ml-dsa-44"

export interface TestWitness extends AsyncDisposable {
  /** Its submission prefix. */
  readonly url: string
  /** Its verifier key. */
  readonly vkey: string
  /** Has it take checkpoints of this log, by the log's verifier key. */
  readonly trust: (vkey: string) => void
  /** How many entries it has seen of a log. */
  readonly sizeOf: (origin: string) => number
  /** The bodies that it was asked with, in order. */
  readonly asked: ReadonlyArray<string>
  /** Answers the next request in another way. */
  readonly answerNext: (answer: (response: ServerResponse) => void) => void
}

interface Head {
  readonly size: number
  readonly root: Buffer
}

const algorithms = { ed25519: 4, "ml-dsa-44": 6 } as const
const sha256 = (...parts: ReadonlyArray<Buffer>): Buffer => {
  const digest = createHash("sha256")
  for (const part of parts) digest.update(part)
  return digest.digest()
}
const node = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.from([1]), left, right)

/** RFC 9162 2.1.4.2, as it is written there. */
const isConsistent = (old: Head, head: Head, hashes: ReadonlyArray<Buffer>): boolean => {
  if (old.size === head.size) return hashes.length === 0 && old.root.equals(head.root)
  const isPower = Number.isInteger(Math.log2(old.size))
  const [seed, ...path] = isPower ? [old.root, ...hashes] : hashes
  if (seed === undefined) return false
  let [fn, sn] = [old.size - 1, head.size - 1]
  const halve = () => ([fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)])
  while (fn % 2 === 1) halve()
  let [fr, sr] = [seed, seed]
  for (const hash of path) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      ;[fr, sr] = [node(hash, fr), node(hash, sr)]
      while (fn % 2 === 0 && fn !== 0) halve()
    } else sr = node(sr, hash)
    halve()
  }
  return sn === 0 && fr.equals(old.root) && sr.equals(head.root)
}

const uint64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

/** Opens a note by the verifier key of a log: `undefined` unless one signature of that key is right, and all of them. */
const isSignedBy = (vkey: string, body: string, lines: ReadonlyArray<string>): boolean => {
  const [, name, id, key = ""] = /^([^+]+)\+([^+]+)\+(.+)$/.exec(vkey) ?? []
  const raw = Buffer.from(key, "base64").subarray(1)
  const publicKey = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") },
    format: "jwk",
  })
  const own = lines
    .map((line) => line.split(" "))
    .map(([, signer, encoded = ""]) => [signer, Buffer.from(encoded, "base64")] as const)
    .filter(([signer, bytes]) => signer === name && bytes.subarray(0, 4).toString("hex") === id)
  return own.length > 0 && own.every(([, bytes]) => verify(null, Buffer.from(body), publicKey, bytes.subarray(4)))
}

/** Signs as a cosigner does (C2SP tlog-cosignature): gives the line with its newline. */
export const cosigner = (name: string, algorithm: WitnessAlgorithm) => {
  const { publicKey, privateKey } =
    algorithm === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ml-dsa-44")
  const number = Buffer.from([algorithms[algorithm]])
  const spki = (key: KeyObject) => key.export({ format: "der", type: "spki" })
  const raw = spki(publicKey).subarray(algorithm === "ed25519" ? -32 : -1312)
  const id = sha256(Buffer.from(`${name}\n`), number, raw).subarray(0, 4)
  const prefixed = (value: string) => Buffer.concat([Buffer.from([Buffer.byteLength(value)]), Buffer.from(value)])
  const message = (body: string, seconds: number): Buffer => {
    if (algorithm === "ed25519") return Buffer.from(`cosignature/v1\ntime ${seconds}\n${body}`)
    const [origin = "", size = "", root = ""] = body.split("\n")
    const [label, hash] = [Buffer.from("subtree/v1\n\0"), Buffer.from(root, "base64")]
    const parts = [label, prefixed(name), uint64(seconds), prefixed(origin), uint64(0), uint64(Number(size)), hash]
    return Buffer.concat(parts)
  }
  return {
    vkey: `${name}+${id.toString("hex")}+${Buffer.concat([number, raw]).toString("base64")}`,
    sign: (body: string, seconds = Math.floor(Date.now() / 1000)): string => {
      const signature = sign(null, message(body, seconds), privateKey)
      return `— ${name} ${Buffer.concat([id, uint64(seconds), signature]).toString("base64")}\n`
    },
  }
}

export const openWitness = async (name: string, algorithm: WitnessAlgorithm = "ed25519"): Promise<TestWitness> => {
  const own = cosigner(name, algorithm)
  const trusted = new Map<string, string>()
  const heads = new Map<string, Head>()
  const asked: Array<string> = []
  let next: ((response: ServerResponse) => void) | undefined

  const answer = (request: string): readonly [status: number, body: string, type?: string] => {
    const cut = request.indexOf("\n\n")
    const [oldLine = "", ...proof] = request.slice(0, cut).split("\n")
    const checkpoint = request.slice(cut + 2)
    const end = checkpoint.lastIndexOf("\n\n")
    const [body, lines] = [
      checkpoint.slice(0, end + 1),
      checkpoint
        .slice(end + 2)
        .split("\n")
        .slice(0, -1),
    ]
    const [origin = "", sizeText = "", rootText = ""] = body.split("\n")
    const old = Number(/^old (0|[1-9]\d*)$/.exec(oldLine)?.[1])
    if (cut === -1 || end === -1 || Number.isNaN(old) || proof.length > 63) return [400, ""]
    const vkey = trusted.get(origin)
    if (vkey === undefined) return [404, ""]
    if (!isSignedBy(vkey, body, lines)) return [403, ""]
    const head = { size: Number(sizeText), root: Buffer.from(rootText, "base64") }
    if (old > head.size) return [400, ""]
    const known = heads.get(origin)
    if (old !== (known?.size ?? 0)) return [409, `${known?.size ?? 0}\n`, "text/x.tlog.size"]
    const hashes = proof.map((one) => Buffer.from(one, "base64"))
    const isRight = old === 0 ? hashes.length === 0 : isConsistent(known!, head, hashes)
    if (!isRight) return [422, ""]
    heads.set(origin, head)
    return [200, own.sign(body)]
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    if (request.method !== "POST" || request.url !== "/witness/add-checkpoint")
      return void response.writeHead(404).end()
    asked.push(body)
    const other = next
    next = undefined
    if (other !== undefined) return other(response)
    const [status, reply, type = "text/plain"] = answer(body)
    response.writeHead(status, { "content-type": type }).end(reply)
  }
  const http = createServer((request, response) => void serve(request, response).catch(() => response.destroy()))
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/witness`,
    vkey: own.vkey,
    trust: (vkey) => void trusted.set(vkey.split("+")[0]!, vkey),
    sizeOf: (origin) => heads.get(origin)?.size ?? 0,
    asked,
    answerNext: (one) => (next = one),
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}
