/**
 * The production machine, driven by operations: `decide` and `evolve` with every stream's state at hand.
 *
 * It does what the provider does, without secrets, storage or randomness: numbers become ids and digests, facts are
 * looked up, the command is decided against the slice it is about. It is immutable, so a search can branch from it, and
 * never judges. Times are milliseconds since the epoch.
 */
import {
  absentClient,
  absentGrant,
  ancestorsOf,
  decide,
  evolve,
  initialIssuer,
  initialSubject,
  isGrantAlive,
  isLive,
  isUnsuspended,
  lifecycleOf,
  type Ancestor,
  type AncestorState,
  type Command,
  type Decision,
  type Digest,
  type EpochMillis,
  type Event,
  type State,
} from "../src/core/index.ts"
import { commandFor, namedBy } from "./machine/CommandFor.ts"
import type { Issued, Machine } from "./machine/State.ts"
import type { Policy } from "./Model.ts"
import type { Operation, Presented, Ref, Reply } from "./Operation.ts"

export type { IssuedAccess, IssuedRefresh, Machine } from "./machine/State.ts"

/** What an operation led to; `command` and what follows from it are absent where nothing had to be decided. */
export interface Move {
  readonly machine: Machine
  readonly reply: Reply
  readonly decided?: { readonly command: Command; readonly state: State; readonly decision: Decision }
}

export const newMachine = (policy: Policy, at: number): Machine => ({
  policy,
  at,
  issuer: initialIssuer,
  clients: [],
  subjects: [],
  grants: [],
  refreshTokens: [],
  accessTokens: [],
})

export const move = (machine: Machine, operation: Operation): Move => {
  if (operation._tag === "Pass") {
    return { machine: { ...machine, at: machine.at + operation.millis }, reply: { _tag: "Done" } }
  }
  if (operation._tag === "Verify") return { machine, reply: lookAt(machine, operation.token) }
  const command = commandFor(machine, operation)
  if (command === undefined) return { machine, reply: { _tag: "Unavailable" } }
  const about = aboutOf(machine, operation)
  const state = sliceOf(machine, about)
  const decision = decide(state, command)
  const after = decision.events.reduce((before, event) => fold(before, about, event), machine)
  return { machine: after, reply: replyOf(after, about, decision.reply), decided: { command, state, decision } }
}

/** Which client, subject and grant a command is about. */
interface About {
  readonly client: Ref | undefined
  readonly subject: Ref | undefined
  readonly grant: Ref | undefined
  /** The access tokens that are presented for another. */
  readonly presented?: ReadonlyArray<Ancestor>
}

const aboutOf = (machine: Machine, operation: Operation): About => {
  const grant = grantOf(machine, operation)
  if (operation._tag === "Exchange") {
    const { token, actor, by } = operation
    const presented = [token, ...(actor === null ? [] : [actor])].map((one) => namedBy(machine, one))
    const [from] = ancestryOf(machine, presented)
    const giver = from === undefined || from.grant._tag === "Absent" ? null : from.grant.subjectId
    return { client: by, subject: numberOf(giver ?? undefined), grant, presented }
  }
  const owner = grant === undefined ? undefined : machine.grants[grant]
  const known = owner === undefined || owner._tag === "Absent" ? undefined : owner
  const client = "client" in operation ? operation.client : "by" in operation ? operation.by : numberOf(known?.clientId)
  const asked = "subject" in operation && operation._tag !== "RevokeGrant" ? operation.subject : undefined
  return { client, subject: asked ?? numberOf(known?.subjectId ?? undefined), grant }
}

/** The number in a name of `Names.ts`. */
const numberOf = (name: string | undefined): Ref | undefined =>
  name === undefined ? undefined : Number(/\d+$/.exec(name)?.[0])

const grantOf = (machine: Machine, operation: Operation): Ref | undefined => {
  const issuedBy = (tokens: ReadonlyArray<Issued>, token: Presented) =>
    token === "made up" ? undefined : tokens[token]?.grant
  switch (operation._tag) {
    case "Approve":
    case "Deny":
    case "RevokeGrant":
      return operation.grant
    case "Redeem":
      return operation.code === "made up" ? undefined : operation.code
    case "Refresh":
      return issuedBy(machine.refreshTokens, operation.token)
    case "Revoke":
      return issuedBy(operation.kind === "access" ? machine.accessTokens : machine.refreshTokens, operation.token)
    case "ClientCredentials":
    case "Exchange":
      return machine.grants.length
    default:
      return undefined
  }
}

const sliceOf = (machine: Machine, { client, subject, grant, presented = nothing }: About): State => {
  const own = machine.grants[grant ?? -1] ?? absentGrant
  const named = own._tag === "Open" ? [...presented, ...ancestorsOf(own)] : presented
  return {
    issuer: machine.issuer,
    client: machine.clients[client ?? -1] ?? absentClient,
    subject: machine.subjects[subject ?? -1] ?? initialSubject,
    grant: own,
    ancestors: named.length === 0 ? nobody : ancestryOf(machine, named),
  }
}

const nothing: ReadonlyArray<Ancestor> = []
const nobody: ReadonlyArray<AncestorState> = []

/** These tokens and all that they came of. */
const ancestryOf = (machine: Machine, named: ReadonlyArray<Ancestor>): ReadonlyArray<AncestorState> =>
  named.flatMap((one) => {
    const grant = machine.grants[Number(one.grantId)] ?? absentGrant
    const { clientId, subjectId } = grant._tag === "Absent" ? { clientId: undefined, subjectId: null } : grant
    const issued = machine.accessTokens.find(({ digest }) => digest === one.digest)
    const own: AncestorState = {
      named: one,
      grant,
      client: machine.clients[numberOf(clientId) ?? -1] ?? absentClient,
      subject: machine.subjects[numberOf(subjectId ?? undefined) ?? -1] ?? initialSubject,
      token: issued?.token ?? null,
    }
    return [own, ...(grant._tag === "Open" ? ancestryOf(machine, ancestorsOf(grant)) : nobody)]
  })

/** `list` with `item` at `ref`; what lies between is what has not come into being. */
const put = <A>(list: ReadonlyArray<A>, ref: Ref, item: A, absent: A): ReadonlyArray<A> =>
  ref < list.length ? list.with(ref, item) : [...list, ...Array.from({ length: ref - list.length }, () => absent), item]

const fold = (machine: Machine, about: About, event: Event): Machine => {
  const after = evolve(sliceOf(machine, about), event)
  switch (lifecycleOf(event)) {
    case "issuer":
      return { ...machine, issuer: after.issuer }
    case "client":
      return { ...machine, clients: put(machine.clients, about.client!, after.client, absentClient) }
    case "subject":
      return { ...machine, subjects: put(machine.subjects, about.subject!, after.subject, initialSubject) }
    case "grant": {
      const grants = put(machine.grants, about.grant!, after.grant, absentGrant)
      return { ...machine, grants, ...withIssued(machine, about.grant!, event) }
    }
  }
}

const withIssued = (machine: Machine, grant: Ref, event: Event): Partial<Machine> => {
  switch (event._tag) {
    case "AccessTokenIssued": {
      const { _tag, grantId, ...token } = event
      return { accessTokens: [...machine.accessTokens, { grant, digest: token.digest, token }] }
    }
    case "RefreshTokenIssued":
    case "RefreshTokenRotated": {
      const { digest, generation, jkt } = event
      return { refreshTokens: [...machine.refreshTokens, { grant, digest, generation, jkt }] }
    }
    default:
      return {}
  }
}

const replyOf = (machine: Machine, about: About, reply: Decision["reply"]): Reply => {
  switch (reply._tag) {
    case "Done":
      return reply
    case "Refused":
      return { _tag: "Refused", error: reply.error }
    case "ClientStored":
      return { _tag: "Stored", client: about.client! }
    case "CodeIssued":
      return { _tag: "Code", grant: about.grant! }
    case "TokensIssued": {
      const { accessToken, refreshToken } = reply
      const numberIn = (tokens: ReadonlyArray<Issued>, digest: Digest) =>
        tokens.findIndex((token) => token.digest === digest)
      return {
        _tag: "Tokens",
        access: numberIn(machine.accessTokens, accessToken.digest),
        refresh: refreshToken === null ? null : numberIn(machine.refreshTokens, refreshToken.digest),
        scopes: accessToken.scopes,
        expiresAt: accessToken.expiresAt,
      }
    }
  }
}

/** What `verify` answers: alive iff the grant is, its client is enabled, and the token is one of those it has alive. */
const lookAt = (machine: Machine, presented: Presented): Reply => {
  const issued = presented === "made up" ? undefined : machine.accessTokens[presented]
  const grant = issued === undefined ? undefined : machine.grants[issued.grant]
  if (issued === undefined || grant?._tag !== "Open") return { _tag: "Inactive" }
  const client = numberOf(grant.clientId)!
  const subject = numberOf(grant.subjectId ?? undefined)
  const state = sliceOf(machine, { client, subject, grant: issued.grant })
  const at = machine.at as EpochMillis
  const live = grant.accessTokens.find((one) => one.digest === issued.digest)
  if (live === undefined || !isLive(at, live.expiresAt)) return { _tag: "Inactive" }
  if (!isGrantAlive(state, at) || !isUnsuspended(state)) return { _tag: "Inactive" }
  const { scopes, resources, expiresAt } = issued.token
  return { _tag: "Active", client, subject: subject ?? null, scopes, resources, expiresAt }
}
