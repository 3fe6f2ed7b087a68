/** Mutants of the wire and of what stands around it: guards that no row of the contract asks for. */
import { noticed } from "./Engines.ts"
import { edit, type Mutant } from "./Mutant.ts"

export const wireMutants: ReadonlyArray<Mutant> = [
  noticed(
    "wire-local",
    "test/http/Authorize.test.ts",
    "nothing is approved without asking for who comes from another machine",
    "auto-approval is for whoever asks",
    edit("src/http/endpoints/Authorize.ts", "&& isFromThisMachine(request)", '&& request.method !== ""'),
  ),
  noticed(
    "wire-head",
    "test/http/Authorize.test.ts",
    "asking for the headers alone opens no grant",
    "asking for headers alone opens a grant",
    edit(
      "src/http/Endpoints.ts",
      "route({ GET: authorize(server, flow, context, limits), ...postedRequests(server) }, { hasHead: false })",
      "route({ GET: authorize(server, flow, context, limits), ...postedRequests(server) }, { hasHead: true })",
    ),
  ),
  noticed(
    "wire-length",
    "test/http/Authorize.test.ts",
    "a redirect URI that its port makes longer than any may be",
    "a redirect URI may grow by its port",
    edit("src/protocol/RedirectUri.ts", "if (presented.length > MAX_URI_CHARACTERS) return false", ""),
  ),
  noticed(
    "wire-quota",
    "test/http/Register.test.ts",
    "a burst of registrations does not get past the quota",
    "a burst of registrations gets past the quota",
    edit("src/provider/ClientOperations.ts", "registering.withPermits(1)(", "("),
  ),
  noticed(
    "wire-use",
    "test/provider/UnusedClients.test.ts",
    "a token that a client got for itself does not count as use",
    "a token that a client got for itself counts as use of its registration",
    edit("src/projection/Projection.ts", `&& first.basis._tag !== "ClientCredentials"`, ""),
  ),
  noticed(
    "wire-eviction",
    "test/provider/UnusedClients.test.ts",
    "an approval that is committed before the deletion wins",
    "a registration is deleted although somebody approved it meanwhile",
    edit("src/provider/ClientOperations.ts", "rowChecks: [rowCheck],", "rowChecks: [],"),
  ),
  noticed(
    "wire-retry",
    "test/http/token/TokenRate.test.ts",
    "no limit turns the retry of a lost reply into a reuse",
    "a retry of a lost reply is counted",
    edit("src/provider/TokenPace.ts", ` || issued === undefined`, ""),
  ),
  noticed(
    "wire-growth",
    "test/http/StrangersGrowth.test.ts",
    "registers nobody whom it answers 429",
    "registrations have no rate but that of each source",
    edit("src/provider/ClientOperations.ts", "      admitRegistration,", "      Effect.void,"),
  ),
  noticed(
    "wire-headers",
    "test/http/token",
    "two Authorization headers are refused",
    "of two Authorization headers, the first counts",
    edit("src/http/adapters/Node.ts", "`${headers[name]}, ${rawHeaders[index + 1]}`", "headers[name]!"),
  ),
  noticed(
    "wire-lockout",
    "test/http/Limits.test.ts",
    "never in the way of its right secret",
    "failures under a name keep its owner out",
    edit(
      "src/http/Caller.ts",
      "Effect.catch(acted, (failure) =>",
      `Effect.catch(Effect.flatMap(limits.failedAuthentication(request.source, credentials.clientId), (seconds) =>
      seconds > 0 ? Effect.succeed(comeAgain(429, 12, "later")) : acted,
    ), (failure) =>`,
    ),
  ),
  noticed(
    "wire-terminal",
    "test/cli",
    "is shown as",
    "what a client says about itself writes on the terminal",
    edit("properties/kit/render/Plain.ts", "[\\p{C}\\p{Zl}\\p{Zp}]", "[\\p{Co}]"),
  ),
  noticed(
    "time-look",
    "test/provider/Timekeeper.test.ts",
    "after a sleep, a clock that then jumps is told how far",
    "after a sleep and a jump, time stands still",
    edit("src/provider/Timekeeper.ts", "Math.max(awake, asleepToo)", "awake"),
  ),
]
