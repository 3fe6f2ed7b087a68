/** The rules of randomness: enough of it in everything that is minted, and none of it twice. */
import { expect, test } from "vitest"
import type { EpochMillis, GrantId } from "../../src/core/index.ts"
import {
  liveRandomness,
  mintClientId,
  mintClientSecret,
  mintEventId,
  mintGrantId,
  mintRequestId,
  mintSubjectId,
  mintToken,
  type Randomness,
} from "../../src/provider/Randomness.ts"

const grantId = "0".repeat(22) as GrantId

const minted: Readonly<Record<string, (randomness: Randomness) => string>> = {
  "access token": (randomness) => mintToken(randomness, "access", grantId),
  "refresh token": (randomness) => mintToken(randomness, "refresh", grantId),
  code: (randomness) => mintToken(randomness, "code", grantId),
  "client secret": mintClientSecret,
  "client id": mintClientId,
  "subject id": mintSubjectId,
  "request id": mintRequestId,
}

//= OAUTH21-7.7-entropy
test.each(Object.entries(minted))("a %s is drawn from 128 bits or more, and each of them matters", (_, mint) => {
  const drawnWith = (changed: number) => {
    let drawn = 0
    const randomness: Randomness = {
      bytes: (size) => Uint8Array.from({ length: size }, () => (drawn++ === changed ? 1 : 0)),
      upMillis: () => 0,
    }
    return { text: mint(randomness), drawn }
  }
  const { drawn } = drawnWith(-1)
  expect(drawn).toBeGreaterThanOrEqual(16)
  const texts = Array.from({ length: drawn + 1 }, (_value, index) => drawnWith(index - 1).text)
  expect(new Set(texts).size).toBe(drawn + 1)
})

//= OAUTH21-7.7-entropy
test("what is drawn in pieces is never drawn twice, and is not all alike", () => {
  const draws = Array.from({ length: 2000 }, () => Buffer.from(liveRandomness.bytes(16)).toString("hex"))
  expect(new Set(draws).size).toBe(draws.length)
  expect(new Set(draws.map((draw) => draw.slice(0, 2))).size).toBeGreaterThan(200)
  expect(liveRandomness.bytes(5000)).toHaveLength(5000)
})

test.each([
  ["event", mintEventId],
  ["grant", mintGrantId],
])("%s ids sort as they were minted, and two of one moment differ", (_, mint) => {
  const moments = [0, 61, 62, 1.8e12, 1.8e12 + 1, 2 ** 48 - 1].map((millis) => millis as EpochMillis)
  const ids = moments.map((at) => mint(liveRandomness, at))
  expect(ids.toSorted()).toEqual(ids)
  expect(ids.every((id) => /^[0-9A-Za-z]{22}$/.test(id))).toBe(true)
  const at = moments[3]!
  expect(new Set(Array.from({ length: 2000 }, () => mint(liveRandomness, at))).size).toBe(2000)
})
