/**
 * Which calls of the provider are under way, and what goes wrong outside of all of them: hangs, rejections that nobody
 * handles, errors that nobody catches.
 *
 * What it notes is no verdict. It says why the verdicts of a check cannot be relied on, and names the call. One check
 * runs at a time in a process (`Clock.ts`), so that there is one watch.
 */
import { AsyncLocalStorage } from "node:async_hooks"

/** A call, for as long as anything that it set off may run. */
interface Call {
  readonly name: string
  isOver: boolean
}

/** Told the calls that are under way each time that they change; the one before where there is none. */
export type OnCalls = (underWay: ReadonlyArray<string>, last: string | undefined) => void

export interface Watch extends Disposable {
  /** What was noted first, in a sentence. */
  readonly failure: () => string | undefined
}

const origin = new AsyncLocalStorage<Call>()
const underWay: Array<Call> = []
let last: string | undefined
let failure: string | undefined
let onCalls: OnCalls | undefined

/** Notes why the check cannot be relied on; the first reason stays. */
export const noteFailure = (sentence: string): void => {
  failure ??= sentence
}

/** A method by its name alone becomes one of the provider's; what is no method is called by words. */
export const nameOf = (call: string): string => (call.includes(" ") ? call : `\`${call}\` of the provider`)

const tellCalls = (): void =>
  onCalls?.(
    underWay.map(({ name }) => name),
    last,
  )

/** Runs `body` as the call `name`; whatever it sets off is told to come from it. */
export const asCall = async <A>(name: string, body: () => Promise<A>): Promise<A> => {
  const call: Call = { name, isOver: false }
  underWay.push(call)
  tellCalls()
  try {
    return await origin.run(call, body)
  } finally {
    call.isOver = true
    underWay.splice(underWay.indexOf(call), 1)
    last = name
    tellCalls()
  }
}

/** Where a stray error comes from. An old Node does not say: then it is what is under way, or what was last. */
const placeOf = (): string => {
  const known = origin.getStore()
  if (known !== undefined) return `${known.isOver ? "after" : "during"} ${nameOf(known.name)}`
  if (underWay.length > 0) return `during ${[...new Set(underWay.map(({ name }) => nameOf(name)))].join(" or ")}`
  return last === undefined ? "before anything was called" : `after ${nameOf(last)}`
}

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const onRejection = (cause: unknown): void => noteFailure(`an unhandled rejection ${placeOf()}: ${textOf(cause)}`)
const onException = (cause: unknown): void => noteFailure(`an error that nobody caught ${placeOf()}: ${textOf(cause)}`)

/** Watches until it is disposed of. */
export const watch = (told?: OnCalls): Watch => {
  failure = undefined
  onCalls = told
  process.on("unhandledRejection", onRejection)
  process.on("uncaughtException", onException)
  return {
    failure: () => failure,
    [Symbol.dispose]: () => {
      process.off("unhandledRejection", onRejection)
      process.off("uncaughtException", onException)
      onCalls = undefined
    },
  }
}
