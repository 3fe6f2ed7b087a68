/**
 * What was never handed out as what it is shown for: things of another kind, changed, re-signed and unsigned tokens, and
 * words. None of it is taken, and none of it harms what is real.
 */
import { approve, redeem, refresh, verify } from "../../../Drafting.ts"
import type { Draft } from "../../../Drafts.ts"
import { forgeryNames } from "../Forgery.ts"
import { odd, type Phase } from "../Plan.ts"
import { login, trial, type Trial } from "./Trial.ts"

const inEveryWay = (draft: Draft): ReadonlyArray<Phase> => forgeryNames.map((name) => odd(draft, name))

const about = "ConsentComesFirst OnlyTheOwnerCanHarm"

/** A code beside the tokens of another login. */
const withCode = [...login, approve()] as const

export const forgedTrials: ReadonlyArray<Trial> = [
  trial("forged-access", about, ...withCode, ...inEveryWay(verify("made up"))),
  trial("forged-refresh", about, ...withCode, ...inEveryWay(refresh("made up"))),
  trial("forged-code", about, ...withCode, ...inEveryWay(redeem({ back: "made up" })), redeem()),
  trial("forged-code-unproven", about, ...withCode, ...inEveryWay(redeem({ back: "made up", verifier: "absent" }))),
  // What was spent is of another kind still.
  trial(
    "spent-as-another",
    about,
    ...login,
    refresh(),
    odd(verify("made up"), "namely the latest code"),
    odd(verify("made up"), "namely the latest refresh token"),
    odd(refresh("made up"), "namely the latest code"),
    odd(refresh("made up"), "namely the latest access token"),
    odd(redeem({ back: "made up" }), "namely the latest refresh token"),
    odd(redeem({ back: "made up" }), "namely the latest access token"),
  ),
]
