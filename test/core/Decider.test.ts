/**
 * The rules of the machine, command by command, and that together they reach all of it.
 *
 * Every rule is data in `decide/`: told once as a test, and once more to see which reasons to refuse, events
 * and commands the rules bring about.
 */
import { describe, expect, it } from "vitest"
import { commandTypes, decide, eventTypes, refusalReasons, type CommandType } from "../../src/core/index.ts"
import { rotateClientSecret, updateClient } from "./decide/ClientChanges.ts"
import { deleteClient, disableClient, enableClient } from "./decide/ClientStanding.ts"
import { initializeIssuer, raiseIssuerEpoch } from "./decide/Issuer.ts"
import { disableSubject, enableSubject, forgetSubject, revokeSubjectSessions } from "./decide/SubjectStanding.ts"
import { issueDocument, openDocument, registerDocument, updateDocument } from "./decide/DocumentClient.ts"
import { approvingDevices, denyingDevices } from "./decide/ApproveDevice.ts"
import { denyGrant } from "./decide/DenyGrant.ts"
import { exchangeToken } from "./decide/ExchangeToken.ts"
import { issueToken } from "./decide/IssueToken.ts"
import { openGrant } from "./decide/OpenGrant.ts"
import { redeemCode } from "./decide/RedeemCode.ts"
import { redeemCodeAgain } from "./decide/RedeemCodeAgain.ts"
import { redeemingDeviceCodes } from "./decide/RedeemDeviceCode.ts"
import { rotation } from "./decide/Refresh.ts"
import { registerClient } from "./decide/RegisterClient.ts"
import { retry } from "./decide/Retry.ts"
import { revokeGrant } from "./decide/RevokeGrant.ts"
import { revokeToken } from "./decide/RevokeToken.ts"
import { storiesOf, type Rules } from "./support/Rules.ts"

/** A command without rules does not compile. */
const rules: Readonly<Record<CommandType, ReadonlyArray<Rules>>> = {
  InitializeIssuer: [initializeIssuer],
  RaiseIssuerEpoch: [raiseIssuerEpoch],
  RegisterClient: [registerClient, registerDocument],
  UpdateClient: [updateClient, updateDocument],
  RotateClientSecret: [rotateClientSecret],
  DisableClient: [disableClient],
  EnableClient: [enableClient],
  DeleteClient: [deleteClient],
  OpenGrant: [openGrant, openDocument],
  DenyGrant: [denyGrant],
  ApproveDevice: [approvingDevices],
  DenyDevice: [denyingDevices],
  RedeemDeviceCode: [redeemingDeviceCodes],
  RedeemCode: [redeemCode, redeemCodeAgain],
  Refresh: [rotation, retry],
  RevokeToken: [revokeToken],
  RevokeGrant: [revokeGrant],
  IssueToken: [issueToken, issueDocument],
  ExchangeToken: [exchangeToken],
  RevokeSubjectSessions: [revokeSubjectSessions],
  DisableSubject: [disableSubject],
  EnableSubject: [enableSubject],
  ForgetSubject: [forgetSubject],
}

for (const command of commandTypes) {
  describe(command, () => {
    for (const [title, rule] of rules[command].flatMap((table) => Object.entries(table))) {
      it(title, () => {
        const stories = [rule()].flat()
        // A story that asks nothing would show nothing; and what was asked is answered alike whenever it is asked.
        expect(stories.map(({ steps }) => steps.length)).not.toContain(0)
        for (const { command: asked, state, decision } of stories.flatMap(({ steps }) => steps)) {
          expect(decide(state, asked)).toEqual(decision)
        }
      })
    }
  })
}

describe("all rules together", () => {
  const stepsOf = (command: CommandType) => rules[command].flatMap(storiesOf).flatMap((story) => story.steps)
  const allSteps = () => commandTypes.flatMap(stepsOf)

  it("refuse for every reason there is", () => {
    const reasons = allSteps().flatMap(({ decision: { reply } }) => (reply._tag === "Refused" ? [reply.reason] : []))
    expect([...new Set(reasons)].toSorted()).toEqual(refusalReasons.toSorted())
  })

  it("let every event happen", () => {
    const types = allSteps().flatMap(({ decision }) => decision.events.map((event) => event._tag))
    expect([...new Set(types)].toSorted()).toEqual(eventTypes.toSorted())
  })

  it("ask every command under its own name", () => {
    const told = commandTypes.filter((command) => stepsOf(command).some((step) => step.command._tag === command))
    expect(told).toEqual(commandTypes)
  })
})
