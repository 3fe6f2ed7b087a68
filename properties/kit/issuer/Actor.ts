/**
 * Who acts in a trial: asks for one operation after the other, or for several at the same time, and writes down what
 * came. What cannot be seen on this server is left out of the account.
 */
import { approving, redeeming, revoking, type Changes } from "../../Asking.ts"
import type { Operation, Ref, Reply, Step } from "../../Operation.ts"
import { tellReply } from "../../linearize/Telling.ts"
import type { System } from "../../System.ts"
import { NotTried } from "../judging/Obstacles.ts"

/** One call, or calls that ran at the same time, in the order in which their answers came. */
export type Turn = ReadonlyArray<Step>

type Tokens = Extract<Reply, { readonly _tag: "Tokens" }>

export interface Session {
  readonly access: Ref
  readonly refresh: Ref
  /** Of the access token. */
  readonly expiresAt: number
}

export interface Actor {
  readonly act: (operation: Operation) => Promise<Reply>
  readonly together: (operations: ReadonlyArray<Operation>) => Promise<ReadonlyArray<Reply>>
  /** Whether the tokens are alive, one after the other, where that can be seen. */
  readonly look: (...tokens: ReadonlyArray<Ref>) => Promise<void>
  /** A revocation by client 0, or the trial ends here. */
  readonly revoke: (kind: "access" | "refresh", token: Ref) => Promise<void>
  readonly lookAtMadeUp: () => Promise<void>
  /** A code for client 0, or the trial ends here. */
  readonly code: (changes?: Changes<"Approve">) => Promise<Ref>
  /** A login of client 0 with both tokens, or the trial ends here. */
  readonly session: (changes?: Changes<"Approve">) => Promise<Session>
  /** Lets real time go by until then; the trial ends here if that takes longer than a check waits. */
  readonly waitUntil: (at: number) => Promise<void>
  readonly turns: () => ReadonlyArray<Turn>
}

/** Only a server whose tokens live for seconds is waited for. */
const MAX_WAIT_MILLIS = 5000

/** What of these answers are tokens that were not there before. */
export const tokensIn = (replies: ReadonlyArray<Reply>): ReadonlyArray<Tokens> =>
  replies.filter((reply) => reply._tag === "Tokens")

/** The numbers of all refresh tokens in these answers, once each. */
export const refreshTokensIn = (replies: ReadonlyArray<Reply>): ReadonlyArray<Ref> => [
  ...new Set(tokensIn(replies).flatMap(({ refresh }) => (refresh === null ? [] : [refresh]))),
]

export const makeActor = (system: System): Actor => {
  const turns: Array<Turn> = []
  let codeCount = 0
  const canLook = system.possible("Verify")

  const together = async (operations: ReadonlyArray<Operation>): Promise<ReadonlyArray<Reply>> => {
    const turn: Array<Step> = []
    turns.push(turn)
    return Promise.all(
      operations.map(async (operation) => {
        const startedAt = system.now()
        const reply = await system.run(operation)
        // The model lets time pass from when it began to.
        turn.push({ operation, reply, at: operation._tag === "Pass" ? startedAt : system.now() })
        return reply
      }),
    )
  }
  const act = async (operation: Operation): Promise<Reply> => (await together([operation]))[0]!

  const code = async (changes: Changes<"Approve"> = {}): Promise<Ref> => {
    const reply = await act(approving(codeCount, changes))
    if (reply._tag !== "Code") throw new NotTried("a login led to no code")
    codeCount += 1
    return reply.grant
  }
  return {
    act,
    together,
    look: async (...tokens) => {
      if (canLook) for (const token of tokens) await act({ _tag: "Verify", token })
    },
    revoke: async (kind, token) => {
      if (!system.possible("Revoke")) throw new NotTried("the server has no revocation endpoint")
      const reply = await act(revoking(kind, token))
      if (reply._tag !== "Done")
        throw new NotTried(`a revocation of one's own ${kind} token is answered: ${tellReply(reply)}`)
    },
    lookAtMadeUp: async () => {
      if (canLook) await act({ _tag: "Verify", token: "made up" })
    },
    code,
    session: async (changes) => {
      const by = changes?.client ?? 0
      const reply = await act(redeeming(await code(changes), { by }))
      if (reply._tag !== "Tokens") throw new NotTried("a login led to no tokens")
      if (reply.refresh === null) throw new NotTried("the server gives no refresh token")
      return { access: reply.access, refresh: reply.refresh, expiresAt: reply.expiresAt }
    },
    waitUntil: async (at) => {
      const millis = at - system.now()
      if (millis > MAX_WAIT_MILLIS) {
        throw new NotTried(`access tokens live longer than the ${MAX_WAIT_MILLIS / 1000} s that a check waits`)
      }
      await act({ _tag: "Pass", millis: Math.max(0, millis) })
    },
    turns: () => turns,
  }
}
