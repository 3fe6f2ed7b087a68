/** A clock of Effect's that goes on only where a test says so, and says nothing of being left alone. */
import { TestClock } from "effect/testing"

export const standingClock = TestClock.layer({ warningDelay: "1 day" })
