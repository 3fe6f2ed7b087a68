/** The rules of what the process warns of where nobody said how the operator is told. */
import { expect, onTestFinished, test, vi } from "vitest"
import { protectResource, warnOnce } from "../../src/resource/index.ts"
import { RESOURCE, verifierOf } from "./Protected.ts"

/** What the process warned of since. */
const warnings = (): ReadonlyArray<ReadonlyArray<unknown>> => {
  const emit = vi.spyOn(process, "emitWarning").mockImplementation(() => {})
  onTestFinished(() => emit.mockRestore())
  return emit.mock.calls
}

test("each sentence is one warning, however often it is told", () => {
  const seen = warnings()
  const warn = warnOnce()
  for (const sentence of ["one", "two", "one", "two"]) warn(sentence)
  expect(seen).toEqual([
    ["one", "TokenVerificationWarning"],
    ["two", "TokenVerificationWarning"],
  ])
})

test("after a hundred sentences there is silence", () => {
  const seen = warnings()
  const warn = warnOnce()
  for (let number = 1; number <= 200; number++) warn(`sentence ${number}`)
  expect(seen.map(([sentence]) => sentence)).toEqual(Array.from({ length: 100 }, (_, index) => `sentence ${index + 1}`))
})

test("it is how operators are told by default", async () => {
  const seen = warnings()
  const { authenticate } = protectResource({
    verifier: verifierOf([]),
    resource: RESOURCE,
    authorizationServers: ["https://id.example.com"],
  })
  for (const token of ["down", "down", "broken"]) {
    await expect(authenticate(`Bearer ${token}`)).rejects.toMatchObject({ code: "temporarily_unavailable" })
  }
  expect(seen.map(([sentence]) => sentence)).toEqual([
    "see the server",
    "the verifier failed: see the cause, and let it reject with `VerifierUnavailable`",
  ])
})
