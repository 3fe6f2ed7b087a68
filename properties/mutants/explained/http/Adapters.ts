/** Why mutants of Stryker in `src/http` may live: what carries requests and replies. */
import { at, type Explanation } from "../../Explanation.ts"

export const adapters: ReadonlyArray<Explanation> = [
  {
    why: "the same: every path of ours begins with a slash, so that what has a scheme only further on is at none, with its host or without",
    places: [at("adapters/Node.ts", "/^https?:\\/\\/[^/?]*/i", "/https?:\\/\\/[^/?]*/i")],
  },
  {
    why: "for the compiler alone: a request that a server of Node got has a target and a method",
    places: [at("adapters/Node.ts", '"/"', '""'), at("adapters/Node.ts", '"GET"', '""')],
  },
  {
    why: "for the compiler alone: who gets text has set an encoding",
    places: [at("adapters/NodeBody.ts", '"utf8"', '""')],
  },
  {
    why: "the same but for one byte of 32 MiB that nobody reads",
    places: [at("adapters/NodeBody.ts", "size > MAX_DISCARDED_BYTES", "size >= MAX_DISCARDED_BYTES")],
  },
  {
    why: "the same: Node leaves the body out of its answer to HEAD, whoever gives it one",
    places: [at("adapters/Node.ts", 'method === "HEAD"', "false"), at("adapters/Node.ts", '"HEAD"', '""')],
  },
  {
    why: "the same with one copy more: bytes made of bytes, or put together from one piece, are equal to them",
    places: [
      at("adapters/NodeBody.ts", 'typeof data === "string"', "true"),
      at("adapters/NodeBody.ts", "chunks.length === 1", "false"),
    ],
  },
  {
    why: "the same: a function that goes on to its end gives `undefined`, too",
    places: [
      at(
        "adapters/NodeBody.ts",
        "{ // What is nested too deep to be written was no form and no registration. retu…",
        "{}",
      ),
    ],
  },
  {
    why: "the same: a list is an object with its numbers as names",
    places: [at("adapters/NodeBody.ts", "Array.isArray(value)", "false")],
  },
]
