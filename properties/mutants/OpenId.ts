/** Mutants of OpenID Connect, and of what a client's assertion is for: each is noticed by a test of its own. */
import { noticed } from "./Engines.ts"
import { edit, type Mutant } from "./Mutant.ts"

const USER_INFO = "test/http/openid/UserInfo.test.ts"
const LOGOUT = "test/http/openid/Logout.test.ts"
const FIRST_PARTY = "test/http/openid/FirstParty.test.ts"
const END_SESSION = "src/http/endpoints/EndSession.ts"
const PAIRWISE = "src/provider/features/openid/Pairwise.ts"
const ASSERTION = "src/provider/features/authentication/ClientAssertion.ts"
const ASSERTION_TEST = "test/provider/features/authentication/ClientAssertion.test.ts"

export const openIdMutants: ReadonlyArray<Mutant> = [
  noticed(
    "openid",
    USER_INFO,
    "that is bound to a key is worth nothing without a proof of it, and each proof is good once",
    "UserInfo takes a bound token with the proof of any key",
    edit("src/http/endpoints/UserInfo.ts", "return proven.jkt === jkt", "return proven.jkt !== undefined"),
  ),
  noticed(
    "openid",
    LOGOUT,
    "with the ID token of somebody else ends nothing of who is signed in",
    "an ID token of anybody signs out whoever is signed in",
    edit(END_SESSION, "(sub) => sub === hint.sub", "(sub) => sub !== undefined"),
  ),
  noticed(
    "openid",
    LOGOUT,
    "leads nowhere that it did not register, and shows no token of another",
    "a browser goes wherever an address begins with a registered one",
    edit(END_SESSION, "some((one) => one === uri)", "some((one) => uri.startsWith(one))"),
  ),
  noticed(
    "openid",
    LOGOUT,
    "leads nowhere that it did not register, and shows no token of another",
    "an ID token of another client says where to sign out",
    edit(
      END_SESSION,
      "if (hint !== undefined && clientId !== hint.clientId)",
      "if (hint !== undefined && clientId === undefined)",
    ),
  ),
  noticed(
    "openid",
    FIRST_PARTY,
    "is one of its own, or nothing",
    "an ID token of another client says who is meant",
    edit("src/http/endpoints/Authorize.ts", "hint?.clientId === clientId", "hint !== undefined"),
  ),
  noticed(
    "openid",
    FIRST_PARTY,
    "says who has to be signed in, also when it has expired",
    "whoever is signed in is taken for whom the client means",
    edit("src/http/FirstParty.ts", "(sub) => sub !== subjectHint", "(sub) => sub === undefined"),
  ),
  noticed(
    "openid",
    USER_INFO,
    "knows somebody by an id of its own, the same everywhere it is told and after a restart, and another site by another",
    "clients of two sites know somebody by one id",
    edit(PAIRWISE, "`${sectorOf(metadata)}\\0${subjectId}`", "subjectId"),
  ),
  noticed(
    "openid",
    USER_INFO,
    "is of one site, or is not registered",
    "a client of several sites belongs to the first of them",
    edit(PAIRWISE, 'others.length === 0 && sector !== ""', 'others.length >= 0 && sector !== ""'),
  ),
  noticed(
    "assertion",
    ASSERTION_TEST,
    "is refused",
    "an assertion of a client is taken that is for others as well",
    edit(ASSERTION, "audience.length === 1 && audience[0] === issuer", "audience.includes(issuer)"),
  ),
  noticed(
    "assertion",
    ASSERTION_TEST,
    "is for the issuer as a text or as a list of it alone; where that is asked, as a text alone",
    "an assertion for a list of issuers is taken where only a string will do",
    edit(ASSERTION, "(!isAudienceString && Array.isArray(audience)", "(Array.isArray(audience)"),
  ),
]
