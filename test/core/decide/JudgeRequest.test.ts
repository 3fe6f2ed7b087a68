/** What a request would get is judged before anybody approves it, and as it will be then. */
import { expect, it } from "vitest"
import { judgeRequest } from "../../../src/core/index.ts"
import { storiesOf } from "../support/Rules.ts"
import { openGrant } from "./OpenGrant.ts"

/** What lies with whoever approves, and not with the request. */
const OF_APPROVAL = [
  "request-answered",
  "subject-disabled",
  "subject-forgotten",
  "issuer-not-initialized",
  "auto-approval-off-loopback",
]

it("a request is judged as it is answered when it is approved, in every story of an approval", () => {
  const steps = storiesOf(openGrant).flatMap((story) => story.steps)
  const judged = steps.flatMap(({ command, state, decision: { reply } }) =>
    command._tag !== "OpenGrant" || (reply._tag === "Refused" && OF_APPROVAL.includes(reply.reason))
      ? []
      : [{ reply, judgement: judgeRequest(state, command) }],
  )
  const kinds = new Set(judged.map(({ reply }) => reply._tag))
  expect([...kinds].toSorted()).toEqual(["CodeIssued", "Refused"])
  for (const { reply, judgement } of judged) {
    expect(reply._tag === "Refused" ? judgement : { ...judgement, _tag: reply._tag }).toMatchObject(
      reply._tag === "CodeIssued" ? { scopes: reply.scopes, resources: reply.resources } : reply,
    )
  }
})
