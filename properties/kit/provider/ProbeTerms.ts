/**
 * On what terms a provider takes clients and requests: everything that the kit would ask for, or less of it.
 *
 * Less is asked for only where more was refused, so that a provider is tried as widely as it can be. Nothing is judged.
 */
import { policy as wishes } from "../../Opening.ts"
import { tellReply } from "../../linearize/Telling.ts"
import type { Policy } from "../../Model.ts"
import type { Operation, Ref, Reply } from "../../Operation.ts"
import { approving } from "../../Asking.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import { unknownAbilities, type Terms } from "./Abilities.ts"
import { isSilence } from "./Calls.ts"
import type { ProviderSystem } from "./ProviderSystem.ts"
import { open, Unregistered, type Opening } from "./Stage.ts"

type Registering = Pick<Terms, "redirectUris" | "clients" | "scopes">
type Asking = Pick<Terms, "scopes" | "resources">

/** What is registered, from everything to little. */
const registerings: ReadonlyArray<Registering> = (["registered and asked", "asked"] as const).flatMap((scopes) =>
  (["both", "app", "loopback"] as const).flatMap((redirectUris) =>
    (["both", "public", "confidential"] as const).map((clients) => ({ redirectUris, clients, scopes })),
  ),
)

/** What is asked for by who is registered like that, from everything to nothing. */
const askingsOf = ({ scopes }: Registering): ReadonlyArray<Asking> =>
  [scopes, "none" as const].flatMap((named) =>
    (["several", "one", "none"] as const).map((resources) => ({ scopes: named, resources })),
  )

/** A fresh provider with a code. */
export interface Login {
  readonly system: ProviderSystem
  readonly act: (operation: Operation) => Promise<Reply>
}

export type Unknowing = Omit<Opening, "abilities">

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const DAY = 86_400 * SECOND

/** Any window for lost replies is a policy: one that is too long to be wrong about. */
const RETRY_WINDOW = 15 * MINUTE
/** What a code is taken to live that does not say. */
export const CODE_LIFETIME = 5 * MINUTE

/** What a provider is taken to give that shows so much of it. */
export const policyOf = (
  code: number,
  accessToken: number,
  refreshIdle: number,
  scopes: ReadonlyArray<string>,
  defaultScopes: ReadonlyArray<string>,
): Policy => {
  const lifetimes = { code, accessToken, refreshIdle, grant: Infinity, retryWindow: RETRY_WINDOW }
  return {
    scopes: [...new Set([...scopes, ...defaultScopes])],
    defaultScopes,
    resources: null,
    registrationGrants: ["authorization_code", "refresh_token"],
    public: lifetimes,
    confidential: lifetimes,
    isGuessed: true,
  }
}

const nothingKnown = policyOf(CODE_LIFETIME, Infinity, Infinity, wishes.scopes, wishes.defaultScopes)

const [one] = wishes.resources as readonly [string]

/** The request that is made on such terms. */
export const asked = ({ scopes, resources, redirectUris }: Terms, grant: Ref, client: Ref = 0) =>
  approving(grant, {
    client,
    redirectUri: redirectUris === "app" ? "app" : "loopback",
    scopes: scopes === "none" ? null : ["read", "write"],
    resources: resources === "none" ? null : [one],
  })

/** What came of it where there is no code: the reply, and whether it was the registration that was refused. */
interface Failure {
  readonly reply: Reply
  readonly isUnregistered: boolean
}

const signIn = async (opening: Unknowing, terms: Terms, clientCount: number): Promise<Login | Failure> => {
  const abilities = unknownAbilities(nothingKnown, terms)
  const opened = await open({ ...opening, abilities }, clientCount).catch((cause: unknown) => {
    if (cause instanceof Unregistered) return { reply: cause.reply, isUnregistered: true }
    throw cause
  })
  if ("reply" in opened) return opened
  const { system } = opened
  const act = async (operation: Operation) => {
    opening.onOperation()
    return system.run(operation)
  }
  const reply = await act(asked(terms, 0, Number.isFinite(clientCount) ? clientCount - 1 : 0))
  return reply._tag === "Code" ? { system, act } : { reply, isUnregistered: false }
}

/** What an honest client may be told to do about a refusal. */
const hints: Readonly<Partial<Record<string, string>>> = {
  invalid_scope: ": name scopes that it knows with `scopes`",
  invalid_target: ": name resources that it knows with `resources`",
  invalid_redirect_uri: ": name redirect URIs that it takes with `redirectUris`",
}

const failing = ({ reply, isUnregistered }: Failure): CannotCheck => {
  const told = `${tellReply(reply)}${reply._tag === "Refused" ? (hints[reply.error] ?? "") : ""}`
  const what = isUnregistered ? "an honest client cannot be registered" : "an honest client gets no code"
  return new CannotCheck(`${what}: ${told}`)
}

/** The SDK's handlers know one resource. */
const oneOf = ({ resources }: Terms) => (resources === "none" ? "none" : "one")

/** The widest terms on which a client gets a code. */
export const findTerms = async (opening: Unknowing): Promise<Terms> => {
  let first: Failure | undefined
  for (const registering of registerings) {
    for (const asking of askingsOf(registering)) {
      const terms = { ...registering, ...asking }
      const login = await signIn(opening, terms, Infinity)
      if ("act" in login) return login.system.handled === undefined ? terms : { ...terms, resources: oneOf(terms) }
      if (isSilence(login.reply)) throw failing(login)
      // Who gets as far as to ask was registered: what it is told then says more than what others were told before.
      if (first === undefined || (first.isUnregistered && !login.isUnregistered)) first = login
      if (login.isUnregistered) break
    }
  }
  throw failing(first!)
}

/** A code for a client, on terms that are known to be taken. */
export const signInOn = async (opening: Unknowing, terms: Terms, client: Ref = 0): Promise<Login> => {
  const login = await signIn(opening, terms, client + 1)
  if ("act" in login) return login
  throw new CannotCheck(`a second login leads to no code: ${tellReply(login.reply)}`)
}
