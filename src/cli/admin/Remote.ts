/**
 * Asking a server's admin API: a request for each operation, and its answer held against the operation's own schema.
 *
 * The credential goes to https addresses and to this machine alone, follows no redirect, and is in no message. What went
 * wrong is told as the command would tell it over the store.
 */
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { guardedFetch, makeGuard } from "../../outbound/index.ts"
import { addressFault, boundedText } from "../../protocol/index.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { shownCredential } from "./Credential.ts"
import { placesOf, type AnyOperation, type Operation } from "./Operation.ts"

/** However much a server has to read for an answer, it is there by then. */
const MAX_WAIT_SECONDS = 120

/** No answer of one operation is as long. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024

const ErrorBody = Schema.Struct({ error: Schema.String, error_description: Schema.String })
const isErrorBody = Schema.is(ErrorBody)

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Why nothing came, in a word of the platform. */
const reasonOf = (cause: unknown): string => {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return inner instanceof Error ? ((inner as NodeJS.ErrnoException).code ?? inner.message) : String(inner)
}

const parsed = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? "")
  } catch {
    return undefined
  }
}

/** The request of an operation: its address below the base, and its body. */
const requestOf = (one: AnyOperation, asked: object) => {
  const { params, query, body } = placesOf(one)
  const valuesOf = (fields: object) => Object.entries(asked).filter(([name]) => Object.hasOwn(fields, name))
  const path = valuesOf(params).reduce(
    (whole, [name, value]) => whole.replace(`{${name}}`, encodeURIComponent(String(value))),
    one.path as string,
  )
  const search = new URLSearchParams(valuesOf(query).map(([name, value]) => [name, String(value)]))
  const members = valuesOf(body)
  return {
    target: path + (search.size === 0 ? "" : `?${search}`),
    ...(members.length === 0 ? {} : { body: JSON.stringify(Object.fromEntries(members)) }),
  }
}

const failureOf = ({ status, body }: Answer, origin: string): CommandFault | UsageFault => {
  if (status === 401 || status === 429)
    return new CommandFault({
      message: `the admin API at \`${origin}\` does not take this credential${status === 429 ? ", and counts those that are wrong: try again in a minute" : ": give the one that its server has"}`,
    })
  if (!isErrorBody(body))
    return new CommandFault({ message: `what answers at \`${origin}\` is no admin API of grantlog (${status})` })
  const message = body.error_description
  return status === 400 ? new UsageFault({ message }) : new CommandFault({ message, isAbsence: status === 404 })
}

/** Nothing came in time. Whether something was done all the same, only the server knows. */
const silent = ({ origin }: URL, { method }: AnyOperation): CommandFault => {
  const what = method === "GET" ? "look at the server" : "it may have been done all the same: look before asking again"
  return new CommandFault({ message: `\`${origin}\` gave no answer within ${MAX_WAIT_SECONDS} seconds: ${what}` })
}

/** Every address drops such a segment, escaped or not (WHATWG URL, RFC 3986 5.2.4). */
const isDots = (value: unknown): boolean => value === "." || value === ".."
const unaddressable = new UsageFault({ message: "`.` and `..` cannot stand in an address: ask over the store instead" })

export interface RemoteFlags {
  readonly adminCredentialFile: Option.Option<string>
}

/** Asks by operations at this address; fails with a usage fault for one that a credential cannot be sent to. */
export const remoteAt = Effect.fnUntraced(function* (address: string, { adminCredentialFile }: RemoteFlags) {
  const fault = addressFault(address)
  if (fault !== undefined) return yield* new UsageFault({ message: `--admin \`${address}\` ${fault}` })
  const target = new URL(address)
  /** Put together as text: `//` at the start of a path that is resolved would be another host's name. */
  const base = [target.origin, ...target.pathname.split("/").filter((part) => part !== "")].join("/")
  const credential = yield* shownCredential(adminCredentialFile)
  const reach = guardedFetch(makeGuard({ target }))
  const headers = { accept: "application/json", authorization: `Bearer ${credential}` }

  const send = (one: AnyOperation, asked: object) =>
    Effect.tryPromise({
      try: async (signal): Promise<Answer> => {
        const { target: place, body } = requestOf(one, asked)
        const response = await reach(new URL(base + place), {
          method: one.method,
          redirect: "manual",
          signal,
          headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
          ...(body === undefined ? {} : { body }),
        })
        return { status: response.status, body: parsed(await boundedText(response.body, MAX_ANSWER_BYTES)) }
      },
      catch: (cause) =>
        new CommandFault({
          message: `nothing answers at \`${target.origin}\` (${reasonOf(cause)}): is it --admin-port?`,
        }),
    }).pipe(Effect.timeoutOrElse({ duration: MAX_WAIT_SECONDS * 1000, orElse: () => Effect.fail(silent(target, one)) }))

  return <Asked extends object, Answered>(
    one: Operation<Asked, Answered> & AnyOperation,
    asked: Asked,
  ): Effect.Effect<Answered, CommandFault | UsageFault> => {
    if (Object.values(asked).some(isDots)) return Effect.fail(unaddressable)
    return Effect.flatMap(send(one, asked), (answer) => {
      if (answer.status !== one.status) return Effect.fail(failureOf(answer, target.origin))
      // As it came, so that it is printed in the order in which it was written.
      const isAnswer = Schema.is(one.answer)
      return isAnswer(answer.body)
        ? Effect.succeed(answer.body)
        : Effect.fail(
            new CommandFault({
              message: `the admin API at \`${target.origin}\` is of another version: ask with that one`,
            }),
          )
    })
  }
})
