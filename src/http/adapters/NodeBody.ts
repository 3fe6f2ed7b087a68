/**
 * The body of a node:http request, whether or not somebody in front has read it.
 *
 * A request is a stream that can be read once. What a body parser read is taken from `request.body`, where all of them
 * leave it, and is made the text again that was parsed. A body that was read and left nowhere is told at once: nothing
 * waits for what has come already.
 */
import type { IncomingMessage } from "node:http"
import { bodyTaken, tooLarge } from "../Endpoints.ts"
import { isForm } from "../../provider/features/Form.ts"
import { MAX_BODY_BYTES, type WireReply } from "../../provider/features/Wire.ts"

/** A request, with what parsers and routers in front may have put there. */
export type NodeRequest = IncomingMessage & { readonly body?: unknown; readonly originalUrl?: unknown }

/** What came: the text, the reply to what is none that can be had, or nothing before the connection ended. */
export type NodeBody = string | WireReply | undefined

const closing: WireReply = { ...tooLarge, headers: { ...tooLarge.headers, connection: "close" } }

/** What still comes after this is not waited for: whoever sends so much does not read an answer. */
const MAX_DISCARDED_BYTES = 32 * 1024 * 1024

/** No text of a form or of JSON that is longer has nothing in it. */
const MAX_EMPTY_BYTES = 2

/** Tells `done` what came, at once if somebody has read the body before; the connection may end after a refusal. */
export const takeBody = (message: NodeRequest, done: (body: NodeBody) => void): void => {
  if (message.readableDidRead || message.readableEnded) return done(textOf(parsed(message)))
  if (message.destroyed) return done(undefined)
  const chunks: Array<Buffer> = []
  let size = 0
  message.on("data", (data: Buffer | string) => {
    // Whoever set an encoding gets text.
    const chunk = typeof data === "string" ? Buffer.from(data, message.readableEncoding ?? "utf8") : data
    const wasTooLarge = size > MAX_BODY_BYTES
    size += chunk.byteLength
    if (size <= MAX_BODY_BYTES) chunks.push(chunk)
    else if (size > MAX_DISCARDED_BYTES) message.destroy()
    // What still comes is thrown away, so that a client that is still sending gets to read the answer.
    else if (!wasTooLarge) done(closing)
  })
  message.on("end", () => {
    const whole = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
    if (size <= MAX_BODY_BYTES) done(whole.toString("utf8"))
  })
  message.on("error", () => done(undefined))
  // Somebody may have paused it.
  message.resume()
}

const textOf = (text: string | undefined): NodeBody => {
  if (text === undefined) return bodyTaken
  return Buffer.byteLength(text) > MAX_BODY_BYTES ? closing : text
}

/** The text that was parsed; `undefined` where it is not to be had. */
const parsed = ({ body, headers, readableDidRead }: NodeRequest): string | undefined => {
  if (!readableDidRead) return ""
  if (typeof body === "string") return body
  if (body instanceof Uint8Array) return Buffer.from(body).toString("utf8")
  if (typeof body !== "object" || body === null) return undefined
  // Some parsers leave an empty object where they have parsed nothing.
  if (Object.keys(body).length === 0 && Number(headers["content-length"]) > MAX_EMPTY_BYTES) return undefined
  try {
    return isForm(headers["content-type"]) ? formOf(body) : JSON.stringify(body)
  } catch {
    // What is nested too deep to be written was no form and no registration.
    return undefined
  }
}

const formOf = (body: object): string =>
  new URLSearchParams(Object.entries(body).flatMap(([name, value]) => pairsOf(name, value))).toString()

/** A list is a repeated parameter; what stands in brackets gets its brackets back, and is then no parameter of ours. */
const pairsOf = (name: string, value: unknown): Array<[string, string]> => {
  if (Array.isArray(value)) return value.flatMap((one) => pairsOf(name, one))
  if (typeof value !== "object" || value === null) return [[name, String(value ?? "")]]
  // A long list may come as an object with its numbers as names.
  return Object.entries(value).flatMap(([key, one]) => pairsOf(/^\d+$/.test(key) ? name : `${name}[${key}]`, one))
}
