/** Calls at the same time that no order explains: what is broken alone, and what only beside another promise. */
import { expect, it } from "vitest"
import { explain } from "../../properties/kit/provider/Explain.ts"
import { atOnce } from "../../properties/kit/provider/Plan.ts"
import type { Made } from "../../properties/kit/provider/Stage.ts"
import { followedBy } from "../../properties/kit/judging/Judge.ts"
import { approving, redeeming, revoking } from "../../properties/Asking.ts"
import { emptyModel, type Model } from "../../properties/Model.ts"
import type { Operation, Reply } from "../../properties/Operation.ts"

const AT = Date.UTC(2033, 0, 1)
const HOUR = 3_600_000
const habits = { endsBySpentRefresh: false, endsByAccess: false, endsByOlderAccess: false }
const lifetimes = { code: HOUR, accessToken: HOUR, refreshIdle: HOUR, grant: Infinity, retryWindow: 0 }

const opening: Model = followedBy(
  habits,
  {
    ...emptyModel(
      {
        scopes: ["read"],
        defaultScopes: ["read"],
        resources: null,
        registrationGrants: ["authorization_code", "refresh_token"],
        public: lifetimes,
        confidential: lifetimes,
        isGuessed: true,
      },
      AT,
    ),
    isInitialized: true,
  },
  {
    operation: {
      _tag: "Register",
      client: 0,
      profile: {
        isPublic: true,
        isSelfRegistered: true,
        scopes: null,
        grantTypes: ["authorization_code", "refresh_token"],
      },
      flaw: null,
    },
    reply: { _tag: "Stored", client: 0 },
    at: AT,
  },
)

const made = (operation: Operation, reply: Reply, invokedAt: number, returnedAt: number): Made => ({
  call: { draft: { _tag: "Verify", back: 0 }, start: atOnce },
  step: { operation, reply, at: AT },
  phase: 0,
  isAfterRestart: false,
  invokedAt,
  returnedAt,
})

const tokens: Reply = { _tag: "Tokens", access: 0, refresh: 0, scopes: ["read"], expiresAt: AT + HOUR }
const active: Reply = { _tag: "Active", client: 0, subject: 0, scopes: ["read"], resources: [], expiresAt: AT + HOUR }

/** A replay and a revocation at the same time, of which neither ended anything. */
const bothLost: ReadonlyArray<Made> = [
  made(approving(0, { scopes: ["read"] }), { _tag: "Code", grant: 0 }, 0, 1),
  made(redeeming(0), tokens, 2, 3),
  made(redeeming(0), { _tag: "Refused", error: "invalid_grant" }, 4, 6),
  made(revoking("access", 0, { cascade: true }), { _tag: "Done" }, 5, 7),
  made({ _tag: "Verify", token: 0 }, active, 8, 9),
]

const explained = (isWanted: (promise: string) => boolean) =>
  explain({ abilities: { habits } as never, isWanted, tally: new Map() }, opening, bothLost)

it("what no order keeps together is broken beside the fewest others, and is seen again with them", () => {
  const [found] = explained(() => true)
  expect(found).toMatchObject({ promise: "ReplayKillsGrant", beside: ["RevocationIsFinal"] })
  expect(explained((name) => name === "ReplayKillsGrant")).toEqual([])
  const needed = [found!.promise, ...found!.beside!]
  expect(explained((name) => needed.includes(name))).toEqual([found])
})
