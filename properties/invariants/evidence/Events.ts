/** What the machine wrote down in one move. */
import type { Event, EventType, State } from "../../../src/core/index.ts"
import type { Move } from "../../Machine.ts"

type EventOf<Type extends EventType> = Extract<Event, { readonly _tag: Type }>

const none: ReadonlyArray<Event> = []

export const eventsOf = ({ decided }: Move): ReadonlyArray<Event> => decided?.decision.events ?? none

export const eventsOfType = <Type extends EventType>(
  move: Move,
  ...types: ReadonlyArray<Type>
): ReadonlyArray<EventOf<Type>> =>
  eventsOf(move).filter((event): event is EventOf<Type> => (types as ReadonlyArray<EventType>).includes(event._tag))

/** The grant that was decided about, as it was before; `undefined` unless it was open. */
export const openGrantBefore = ({ decided }: Move): Extract<State["grant"], { readonly _tag: "Open" }> | undefined =>
  decided?.state.grant._tag === "Open" ? decided.state.grant : undefined
