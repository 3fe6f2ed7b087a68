/**
 * Two logins at the same time, of one client and of two: what is of the one is not of the other, whatever a provider keeps
 * between one step of a call and the next.
 *
 * The one is for less than the other and for another resource, so that a mix-up shows in what a token is good for; then
 * the one ends, so that it shows in what lives.
 */
import { approve, redeem, refresh, register, revoke, verify } from "../../../Drafting.ts"
import type { Draft } from "../../../Drafts.ts"
import { policy as wishes } from "../../../Opening.ts"
import { atOnce, together, type Start } from "../Plan.ts"
import { trial, type Trial } from "./Trial.ts"

const [one, two] = wishes.resources as readonly [string, string]

/** A mix-up needs no exact moment: what is kept too long is there for a while. */
const leads: ReadonlyArray<Start> = [atOnce, { turnCount: 1, isMacro: false }, { turnCount: 2, isMacro: true }]

const about = "ConsentComesFirst ScopeNeverGrows AudienceNeverGrows RevocationIsFinal"

const little = (client: number) => approve({ client, scopes: ["read"], resources: [one] })
const much = (client: number) => approve({ client, scopes: ["read", "write"], resources: [two] })

/** What is done before, at the same time, and after. */
interface Meeting {
  readonly before: ReadonlyArray<Draft>
  readonly calls: readonly [Draft, Draft]
  readonly after: ReadonlyArray<Draft>
}

const loginsOf = (left: number, right: number) => [little(left), redeem(), much(right), redeem()]

const meetings = (left: number, right: number): Readonly<Record<string, Meeting>> => ({
  approvals: { before: [], calls: [little(left), much(right)], after: [redeem({ back: 1 }), redeem()] },
  redemptions: { before: [little(left), much(right)], calls: [redeem({ back: 1 }), redeem()], after: [] },
  refreshes: { before: loginsOf(left, right), calls: [refresh(1), refresh()], after: [] },
  "a-refresh-and-a-redemption": {
    before: [little(left), redeem(), much(right)],
    calls: [refresh(), redeem()],
    after: [],
  },
  looks: { before: loginsOf(left, right), calls: [verify(1), verify()], after: [] },
})

/** What each is good for, and then the end of one. */
const ending = [verify(1), verify(), revoke("refresh", 1)] as const

const pairs = [
  [0, 0],
  [1, 2],
] as const

const meeting = (name: string, { before, calls, after }: Meeting): ReadonlyArray<Trial> =>
  leads.flatMap((lead, index) => {
    const told = (drafts: ReadonlyArray<Draft>, letter: string) =>
      trial(`${name}.${index}${letter}`, about, ...before, together(drafts, [atOnce, lead]), ...after, ...ending)
    return [told(calls, ""), told(calls.toReversed(), "r")]
  })

const many: ReadonlyArray<Trial> = leads.map(({ turnCount, isMacro }, index) => {
  const before = [little(0), redeem(), much(2), redeem(), little(1), much(0), little(2)]
  const calls = [redeem({ back: 2 }), redeem({ back: 1 }), redeem(), refresh(1), refresh(), verify(1), verify()]
  const starts = calls.map((_, place) => ({ turnCount: place * turnCount, isMacro }))
  return trial(`many-at-once.${index}`, about, ...before, together(calls, starts), revoke("refresh", 1))
})

/** An id that nobody has: several want it at the same time. What becomes of a taken one is seen first. */
const registrations: ReadonlyArray<Trial> = leads.flatMap(({ turnCount, isMacro }, index) =>
  [2, 4].map((count) => {
    const drafts = Array.from({ length: count }, () => register(3))
    const starts = drafts.map((_, place) => ({ turnCount: place * turnCount, isMacro }))
    return trial(
      `registered-at-once.${count}.${index}`,
      "ClientIdIsCreatedOnce",
      register(0),
      together(drafts, starts),
      register(3),
    )
  }),
)

export const twoGrantsTrials: ReadonlyArray<Trial> = [
  ...pairs.flatMap(([left, right]) =>
    Object.entries(meetings(left, right)).flatMap(([name, met]) => meeting(`two-${name}.${left}${right}`, met)),
  ),
  ...many,
  ...registrations,
]
