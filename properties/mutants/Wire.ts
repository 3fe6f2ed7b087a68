/** Mutants of the wire and of what stands around it: guards that no row of the contract asks for. */
import { edit, type Edit, type Mutant } from "./Mutant.ts"

const broken = (offends: string, name: string, test: string, title: string, one: Edit): Mutant => ({
  name,
  offends,
  edits: [one],
  tests: [test],
  titles: [title],
})

export const wireMutants: ReadonlyArray<Mutant> = [
  broken(
    "wire-local",
    "auto-approval is for whoever asks",
    "test/http/Authorize.test.ts",
    "nothing is approved without asking for who comes from another machine",
    edit("src/http/endpoints/Authorize.ts", "&& isFromThisMachine(request)", '&& request.method !== ""'),
  ),
  broken(
    "wire-head",
    "asking for headers alone opens a grant",
    "test/http/Authorize.test.ts",
    "asking for the headers alone opens no grant",
    edit(
      "src/http/Endpoints.ts",
      "route({ GET: authorize(server, flow, context, limits), ...postedRequests(server) }, { hasHead: false })",
      "route({ GET: authorize(server, flow, context, limits), ...postedRequests(server) }, { hasHead: true })",
    ),
  ),
  broken(
    "wire-length",
    "a redirect URI may grow by its port",
    "test/http/Authorize.test.ts",
    "a redirect URI that its port makes longer than any may be",
    edit("src/protocol/RedirectUri.ts", "if (presented.length > MAX_URI_CHARACTERS) return false", ""),
  ),
  broken(
    "wire-quota",
    "a burst of registrations gets past the quota",
    "test/http/Register.test.ts",
    "a burst of registrations does not get past the quota",
    edit("src/provider/ClientOperations.ts", "registering.withPermits(1)(", "("),
  ),
  broken(
    "wire-use",
    "a token that a client got for itself counts as use of its registration",
    "test/provider/UnusedClients.test.ts",
    "a token that a client got for itself does not count as use",
    edit("src/projection/Projection.ts", `&& first.basis._tag !== "ClientCredentials"`, ""),
  ),
  broken(
    "wire-eviction",
    "a registration is deleted although somebody approved it meanwhile",
    "test/provider/UnusedClients.test.ts",
    "an approval that is committed before the deletion wins",
    edit("src/provider/ClientOperations.ts", "rowChecks: [rowCheck],", "rowChecks: [],"),
  ),
  broken(
    "wire-retry",
    "a retry of a lost reply is counted",
    "test/http/token/TokenRate.test.ts",
    "no limit turns the retry of a lost reply into a reuse",
    edit("src/provider/TokenPace.ts", ` || issued === undefined`, ""),
  ),
  broken(
    "wire-growth",
    "registrations have no rate but that of each source",
    "test/http/StrangersGrowth.test.ts",
    "registers nobody whom it answers 429",
    edit("src/provider/ClientOperations.ts", "      admitRegistration,", "      Effect.void,"),
  ),
  broken(
    "wire-headers",
    "of two Authorization headers, the first counts",
    "test/http/token",
    "two Authorization headers are refused",
    edit("src/http/adapters/Node.ts", "`${headers[name]}, ${rawHeaders[index + 1]}`", "headers[name]!"),
  ),
  broken(
    "wire-lockout",
    "failures under a name keep its owner out",
    "test/http/Limits.test.ts",
    "never in the way of its right secret",
    edit(
      "src/http/Caller.ts",
      "Effect.catch(acted, (failure) =>",
      `Effect.catch(Effect.flatMap(limits.failedAuthentication(request.source, credentials.clientId), (seconds) =>
      seconds > 0 ? Effect.succeed(comeAgain(429, 12, "later")) : acted,
    ), (failure) =>`,
    ),
  ),
  broken(
    "wire-terminal",
    "what a client says about itself writes on the terminal",
    "test/cli",
    "is shown as",
    edit("properties/kit/render/Plain.ts", "[\\p{C}\\p{Zl}\\p{Zp}]", "[\\p{Co}]"),
  ),
  broken(
    "time-look",
    "after a sleep and a jump, time stands still",
    "test/provider/Timekeeper.test.ts",
    "after a sleep, a clock that then jumps is told how far",
    edit("src/provider/Timekeeper.ts", "Math.max(awake, asleepToo)", "awake"),
  ),
]
