/**
 * A ten-method provider, tried with operations: each becomes the calls that a protocol handler makes for it.
 *
 * Nothing is judged on the provider's behalf but what it was found to leave to its handler (`Handler.ts`). What the ten
 * methods cannot express is not accepted (`Abilities.ts`).
 */
import type { Secret } from "../../Holder.ts"
import type { Operation, OperationTag, Reply } from "../../Operation.ts"
import { seenInFull, type System } from "../../System.ts"
import type { Objected } from "../judging/Judge.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import { approveOn } from "./Approving.ts"
import { isOfLoading, isSilence, LITTLE_PATIENCE_MILLIS, replyTo } from "./Calls.ts"
import { connect, type Connected } from "./Connected.ts"
import type { Connection } from "./Connection.ts"
import { dealingsWith, type Known } from "./Dealings.ts"
import { exchangesOn } from "./Exchanging.ts"
import type { AnyFactory } from "./Factory.ts"
import { isForgery } from "./Forgery.ts"
import { forgerOn } from "./Forging.ts"
import { limitsIn, type Limit } from "./Limits.ts"
import { lookingAt, type Looking } from "./Looking.ts"
import type { Manner } from "./Manner.ts"
import { members } from "./Members.ts"
import { TURNS, waitFor, type Start, type Turning } from "./Plan.ts"
import type { Remark } from "./Records.ts"
import { registerOn } from "./Registering.ts"
import { revokeOn } from "./Revoking.ts"
import type { Handled } from "./SdkProvider.ts"
import { tokensOf } from "./Tokens.ts"
import { verifyOn } from "./Verifying.ts"

/** A reply, and what else is wrong with what was given or done meanwhile. */
export interface Answer {
  readonly reply: Reply
  readonly remarks: ReadonlyArray<Objected>
}

export interface ProviderSystem extends System, Looking, Pick<Connected, "made" | "restart" | "stored"> {
  readonly perform: (operation: Operation, manner?: Manner) => Promise<Answer>
  /** Lets others get ahead of the next call. */
  readonly waitFor: (start: Start) => Promise<void>
  /** Whether the provider says that it judges all that comes with a code or token itself. */
  readonly isJudge: boolean
  /** What its handler does for it, where it is one of the MCP SDK's. */
  readonly handled: Handled | undefined
  readonly limits: ReadonlyArray<Limit>
  /** Everything so far that only its owner should have. */
  readonly secrets: () => ReadonlyArray<Secret>
}

const possibleTags: ReadonlySet<OperationTag> = new Set<OperationTag>([
  "Register",
  "Approve",
  "Redeem",
  "Refresh",
  "Revoke",
  "Verify",
  "Pass",
])

export const makeProviderSystem = async (
  factory: AnyFactory,
  connection: Connection,
  known: Known,
  isKeeping = false,
): Promise<ProviderSystem> => {
  const { clock, patience } = connection
  const connected = await connect(factory, connection)
  const { provider, made, restart, stored, close } = connected
  const dealings = dealingsWith(connected, connection, known, isKeeping)
  const { clientAt, holder, ours } = dealings
  const tokens = tokensOf(dealings)
  const register = registerOn(dealings)
  const approve = approveOn(dealings, connection.approve)
  const { redeem, refresh } = exchangesOn(dealings, tokens)
  const verify = verifyOn(dealings)
  const revoke = revokeOn(dealings)
  const forge = forgerOn({
    provider,
    clientAt,
    textsOf: (kind) => Array.from({ length: holder.countOf(kind) }, (_, ref) => holder.textOf(kind, ref)),
    idToken: tokens.idToken,
    tokens: (given, record) => tokens.take(given, "", ours(members(record)["scopes"]), () => {}),
  })

  const performed = async (operation: Operation, manner: Manner | undefined, remark: Remark): Promise<Reply> => {
    if (isForgery(manner)) return forge(operation, manner)
    switch (operation._tag) {
      case "Register":
        return register(operation)
      case "Approve":
        return approve(operation, manner, remark)
      case "Redeem":
        return redeem(operation, manner, remark)
      case "Refresh":
        return refresh(operation, manner, remark)
      case "Verify":
        return verify(operation, manner, remark)
      case "Revoke":
        return revoke(operation, remark)
      case "Pass":
        clock.pass(operation.millis)
        return { _tag: "Done" }
      default:
        throw new CannotCheck(`\`${operation._tag}\` is nothing that ten methods can do`)
    }
  }

  const rejected = (operation: Operation, thrown: unknown): Reply => {
    if (thrown instanceof CannotCheck) throw thrown
    const reply = replyTo(thrown, operation._tag === "Register" ? "invalid_client_metadata" : "invalid_grant")
    if (isSilence(reply)) patience.millis = Math.min(patience.millis, LITTLE_PATIENCE_MILLIS)
    if (isOfLoading(thrown) && reply._tag === "Refused") return { ...reply, by: "load" }
    return operation._tag === "Verify" && reply._tag === "Refused" ? { _tag: "Inactive" } : reply
  }

  const perform: ProviderSystem["perform"] = async (operation, manner) => {
    const remarks: Array<Objected> = []
    const remark: Remark = (promise, objection) => void remarks.push({ promise, objection })
    const reply = await performed(operation, manner, remark).catch((thrown: unknown) => rejected(operation, thrown))
    return { reply, remarks }
  }

  return {
    ...lookingAt(dealings),
    name: "the provider",
    possible: (tag) => possibleTags.has(tag) && (tag !== "Pass" || clock.isTurned),
    accepts: (operation) => possibleTags.has(operation._tag),
    sees: seenInFull,
    now: clock.now,
    perform,
    run: async (operation) => (await perform(operation)).reply,
    made,
    restart,
    stored,
    close,
    secrets: holder.secrets,
    waitFor: (start) => ((provider() as Partial<Turning>)[TURNS] ?? waitFor)(start),
    isJudge: provider().capabilities?.isJudge === true,
    handled: provider().handled,
    limits: limitsIn((made() as { readonly limits?: unknown }).limits),
  }
}
