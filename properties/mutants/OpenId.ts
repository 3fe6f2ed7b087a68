/** Mutants of OpenID Connect, and of what a client's assertion is for: each is noticed by a test of its own. */
import { edit, type Edit, type Mutant } from "./Mutant.ts"

const broken = (offends: string, name: string, test: string, title: string, one: Edit): Mutant => ({
  name,
  offends,
  edits: [one],
  tests: [test],
  titles: [title],
})

const USER_INFO = "test/http/openid/UserInfo.test.ts"
const LOGOUT = "test/http/openid/Logout.test.ts"
const FIRST_PARTY = "test/http/openid/FirstParty.test.ts"
const END_SESSION = "src/http/endpoints/EndSession.ts"
const PAIRWISE = "src/provider/features/openid/Pairwise.ts"
const ASSERTION = "src/provider/features/authentication/ClientAssertion.ts"
const ASSERTION_TEST = "test/provider/features/authentication/ClientAssertion.test.ts"

export const openIdMutants: ReadonlyArray<Mutant> = [
  broken(
    "openid",
    "UserInfo takes a bound token with the proof of any key",
    USER_INFO,
    "that is bound to a key is worth nothing without a proof of it, and each proof is good once",
    edit("src/http/endpoints/UserInfo.ts", "return proven.jkt === jkt", "return proven.jkt !== undefined"),
  ),
  broken(
    "openid",
    "an ID token of anybody signs out whoever is signed in",
    LOGOUT,
    "with the ID token of somebody else ends nothing of who is signed in",
    edit(END_SESSION, "(sub) => sub === hint.sub", "(sub) => sub !== undefined"),
  ),
  broken(
    "openid",
    "a browser goes wherever an address begins with a registered one",
    LOGOUT,
    "leads nowhere that it did not register, and shows no token of another",
    edit(END_SESSION, "some((one) => one === uri)", "some((one) => uri.startsWith(one))"),
  ),
  broken(
    "openid",
    "an ID token of another client says where to sign out",
    LOGOUT,
    "leads nowhere that it did not register, and shows no token of another",
    edit(
      END_SESSION,
      "if (hint !== undefined && clientId !== hint.clientId)",
      "if (hint !== undefined && clientId === undefined)",
    ),
  ),
  broken(
    "openid",
    "an ID token of another client says who is meant",
    FIRST_PARTY,
    "is one of its own, or nothing",
    edit("src/http/endpoints/Authorize.ts", "hint?.clientId === clientId", "hint !== undefined"),
  ),
  broken(
    "openid",
    "whoever is signed in is taken for whom the client means",
    FIRST_PARTY,
    "says who has to be signed in, also when it has expired",
    edit("src/http/FirstParty.ts", "(sub) => sub !== subjectHint", "(sub) => sub === undefined"),
  ),
  broken(
    "openid",
    "clients of two sites know somebody by one id",
    USER_INFO,
    "knows somebody by an id of its own, the same everywhere it is told and after a restart, and another site by another",
    edit(PAIRWISE, "`${sectorOf(metadata)}\\0${subjectId}`", "subjectId"),
  ),
  broken(
    "openid",
    "a client of several sites belongs to the first of them",
    USER_INFO,
    "is of one site, or is not registered",
    edit(PAIRWISE, 'others.length === 0 && sector !== ""', 'others.length >= 0 && sector !== ""'),
  ),
  broken(
    "assertion",
    "an assertion of a client is taken that is for others as well",
    ASSERTION_TEST,
    "is refused",
    edit(ASSERTION, "audience.length === 1 && audience[0] === issuer", "audience.includes(issuer)"),
  ),
  broken(
    "assertion",
    "an assertion for a list of issuers is taken where only a string will do",
    ASSERTION_TEST,
    "is for the issuer as a text or as a list of it alone; where that is asked, as a text alone",
    edit(ASSERTION, "(!isAudienceString && Array.isArray(audience)", "(Array.isArray(audience)"),
  ),
]
