/**
 * Annotations cite the catalogue: a requirement named in the code is one that a document makes.
 */
import { expect, it } from "vitest"
import { requirements } from "../../spec/requirements/index.ts"
import { annotationsOf, unknownAnnotations } from "../../spec/trace/Annotations.ts"
import { sourceTexts } from "../../spec/trace/Sources.ts"

const known: ReadonlySet<string> = new Set(requirements.map((requirement) => requirement.id))

it("a requirement has an id of its own", () => {
  expect(known.size).toBe(requirements.length)
})

it("an annotation names a requirement of the catalogue, and nothing besides", () => {
  const text = [
    "//= OAUTH21-4.3-rt-client-binding",
    "if (other) return deny() //= OAUTH21-4.3-no-such-rule",
    "  //= OAUTH21-4.3-rt-client-binding, more or less",
    "//=",
    'const url = "https://=/"',
  ].join("\n")
  const fed = [{ path: "src/core/Fed.ts", text }]
  expect(annotationsOf(fed)).toHaveLength(4)
  expect(unknownAnnotations(fed, known)).toEqual([
    "src/core/Fed.ts:2 OAUTH21-4.3-no-such-rule",
    "src/core/Fed.ts:3 OAUTH21-4.3-rt-client-binding, more or less",
    "src/core/Fed.ts:4 ",
  ])
  expect(unknownAnnotations(sourceTexts("src", "properties"), known)).toEqual([])
})

it("a protocol feature answers the requirements that it lists, which are of the catalogue too", () => {
  const text = '  requirements: ["OAUTH21-2.4.1-secret-in-body", "OAUTH21-2.4-no-such-rule"],\n'
  const fed = [{ path: "src/provider/features/Fed.ts", text }]
  expect(annotationsOf(fed).map(({ id }) => id)).toEqual(["OAUTH21-2.4.1-secret-in-body", "OAUTH21-2.4-no-such-rule"])
  expect(unknownAnnotations(fed, known)).toEqual(["src/provider/features/Fed.ts:1 OAUTH21-2.4-no-such-rule"])
  expect(annotationsOf([{ path: "src/core/Fed.ts", text }])).toEqual([])
})
