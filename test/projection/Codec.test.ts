/** A row is decoded once for each text that it has, and has one text for each state. */
import { describe, expect, it } from "vitest"
import { decide, evolve, initial, type Client, type State } from "../../src/core/index.ts"
import { readCanonical } from "../../src/log/index.ts"
import { clientCodec } from "../../src/projection/Codec.ts"
import { initialize, register } from "../core/support/Facts.ts"

const client = (): Client => {
  const { client } = [initialize(), register()].reduce<State>(
    (state, command) => decide(state, command).events.reduce(evolve, state),
    initial,
  )
  return client
}

describe("the text of a row", () => {
  it("means what was encoded, and the same for everybody", () => {
    const text = JSON.stringify(JSON.parse(clientCodec.encode(client())), undefined, 1)
    expect(clientCodec.decode(text)).toEqual(client())
    expect(clientCodec.decode(text)).toBe(clientCodec.decode(text))
  })

  it("that was made of a state means that very state, without being read again", () => {
    const state = client()
    expect(clientCodec.decode(clientCodec.encode(state))).toBe(state)
  })

  it("is one for one state, in whatever order its members came to stand", () => {
    const backwards = Object.fromEntries(Object.entries(client()).toReversed()) as unknown as Client
    expect(clientCodec.encode(backwards)).toBe(clientCodec.encode(client()))
    expect(readCanonical(clientCodec.encode(client()))).toEqual(client())
  })

  it("is refused each time when it means nothing", () => {
    for (const text of ["", "{}", null, 1]) {
      expect(() => clientCodec.decode(text)).toThrow("a row is damaged: run grantlog rebuild")
      expect(() => clientCodec.decode(text)).toThrow("a row is damaged: run grantlog rebuild")
    }
  })
})
