/**
 * Who acts in a trial: asks for one operation after the other, or for several at the same time, and writes down what
 * came. What cannot be seen on this server is left out of the account.
 */
import { approving, looking, passing, redeeming, revoking, type Changes } from "../../Asking.ts"
import type { Operation, Ref, Reply, Step } from "../../Operation.ts"
import { tellReply } from "../../linearize/Telling.ts"
import { NotTried } from "../judging/Obstacles.ts"
import type { HttpSystem } from "./HttpSystem.ts"
import { tellComeAgain } from "./Patience.ts"

/** One call, or calls that ran at the same time, in the order in which their answers came. */
export type Turn = ReadonlyArray<Step>

type Tokens = Extract<Reply, { readonly _tag: "Tokens" }>

/** What a login led to. */
export interface Outcome {
  readonly access: Ref
  /** `null` where the server gives none. */
  readonly refresh: Ref | null
  /** Of the access token. */
  readonly expiresAt: number
}

export interface Session extends Outcome {
  readonly refresh: Ref
}

export interface Actor {
  /** Whether client 0, which most is tried with, has no secret. */
  readonly isPublic: boolean
  readonly act: (operation: Operation) => Promise<Reply>
  /** The same, where the server has any way to ask for it. */
  readonly attempt: (operation: Operation) => Promise<void>
  readonly together: (operations: ReadonlyArray<Operation>) => Promise<ReadonlyArray<Reply>>
  /** Whether the tokens are alive, one after the other, where that can be seen. */
  readonly look: (...tokens: ReadonlyArray<Ref>) => Promise<void>
  /** A revocation by client 0, or the trial ends here. */
  readonly revoke: (kind: "access" | "refresh", token: Ref) => Promise<void>
  readonly lookAtMadeUp: () => Promise<void>
  /** A code for client 0, or the trial ends here. */
  readonly code: (changes?: Changes<"Approve">) => Promise<Ref>
  /** A login of client 0 with its tokens, or the trial ends here. */
  readonly login: (changes?: Changes<"Approve">) => Promise<Outcome>
  /** One with both tokens. */
  readonly session: (changes?: Changes<"Approve">) => Promise<Session>
  /** Lets real time go by until then; the trial ends here if that takes longer than a check waits. */
  readonly waitUntil: (at: number) => Promise<void>
  readonly turns: () => ReadonlyArray<Turn>
}

/** Why what takes a refresh token is not tried. */
export const NO_REFRESH = "the server gives no refresh token"

/** Only a server whose tokens live for seconds is waited for. */
const MAX_WAIT_MILLIS = 5000

/** What of these answers are tokens that were not there before. */
export const tokensIn = (replies: ReadonlyArray<Reply>): ReadonlyArray<Tokens> =>
  replies.filter((reply) => reply._tag === "Tokens")

/** The numbers of all refresh tokens in these answers, once each. */
export const refreshTokensIn = (replies: ReadonlyArray<Reply>): ReadonlyArray<Ref> => [
  ...new Set(tokensIn(replies).flatMap(({ refresh }) => (refresh === null ? [] : [refresh]))),
]

export const makeActor = (system: HttpSystem): Actor => {
  const turns: Array<Turn> = []
  let codeCount = 0
  const together = async (operations: ReadonlyArray<Operation>): Promise<ReadonlyArray<Reply>> => {
    const turn: Array<Step> = []
    turns.push(turn)
    const replies = await Promise.all(
      operations.map(async (operation) => {
        const startedAt = system.now()
        const reply = await system.run(operation)
        // The model lets time pass from when it began to.
        turn.push({ operation, reply, at: operation._tag === "Pass" ? startedAt : system.now() })
        return reply
      }),
    )
    // Who is asked to come again was answered nothing, and what would follow from it shows nothing.
    const [first] = replies
    if (first !== undefined && replies.every(({ _tag }) => _tag === "Unavailable")) {
      throw new NotTried(tellComeAgain(system.exchangeOf(first)?.answer ?? "no answer"))
    }
    return replies
  }
  const act = async (operation: Operation): Promise<Reply> => (await together([operation]))[0]!

  const attempt = async (operation: Operation): Promise<void> => {
    if (system.accepts(operation)) await act(operation)
  }

  const code = async (changes: Changes<"Approve"> = {}): Promise<Ref> => {
    const reply = await act(approving(codeCount, changes))
    if (reply._tag !== "Code") throw new NotTried("a login led to no code")
    codeCount += 1
    return reply.grant
  }
  const login = async (changes: Changes<"Approve"> = {}): Promise<Outcome> => {
    const reply = await act(redeeming(await code(changes), { by: changes.client ?? 0 }))
    if (reply._tag !== "Tokens") throw new NotTried("a login led to no tokens")
    const { access, refresh, expiresAt } = reply
    return { access, refresh, expiresAt }
  }
  return {
    isPublic: system.isPublic(0),
    act,
    attempt,
    together,
    look: async (...tokens) => {
      for (const token of tokens) await attempt(looking(token))
    },
    revoke: async (kind, token) => {
      if (!system.possible("Revoke")) throw new NotTried("the server has no revocation endpoint")
      const reply = await act(revoking(kind, token))
      if (reply._tag !== "Done")
        throw new NotTried(`a revocation of one's own ${kind} token is answered: ${tellReply(reply)}`)
    },
    lookAtMadeUp: async () => {
      await attempt(looking("made up"))
    },
    code,
    login,
    session: async (changes) => {
      const { refresh, ...others } = await login(changes)
      if (refresh === null) throw new NotTried(NO_REFRESH)
      return { ...others, refresh }
    },
    waitUntil: async (at) => {
      const millis = at - system.now()
      if (millis > MAX_WAIT_MILLIS) {
        throw new NotTried(`access tokens live longer than the ${MAX_WAIT_MILLIS / 1000} s that a check waits`)
      }
      await act(passing(Math.max(0, millis)))
    },
    turns: () => turns,
  }
}
