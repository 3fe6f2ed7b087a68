/**
 * Who calls: the credentials of a request, by exactly one of the methods that are switched on (RFC 6749 2.3).
 *
 * Finds the method and has it read them; whether they are right is judged where the client is known. Nothing is taken
 * from the query.
 */
import { OAuthError, oauthError, type Credentials } from "../provider/index.ts"
import type { FeatureAnswer, ClientAuthentication, FeatureContext } from "../provider/features/Feature.ts"
import type { Parameters } from "../provider/features/Form.ts"
import type { WireRequest } from "../provider/features/Wire.ts"

type Proof = Exclude<ClientAuthentication["reads"], "client_id">

/** How a client authenticates by each part of a request, and where that part is. */
const words: Readonly<Record<Proof, readonly [how: string, where: string]>> = {
  client_assertion: ["by an assertion", "assertion"],
  authorization: ["in the header", "Authorization header"],
  client_secret: ["in the body", "body"],
}

/** The parts of a request that hold a proof, as far as it has them. */
const proofsIn = ({ headers }: WireRequest, form: Parameters): ReadonlyArray<Proof> => {
  const parts: Array<Proof> = []
  if (form.get("client_assertion") !== undefined) parts.push("client_assertion")
  if (headers["authorization"] !== undefined) parts.push("authorization")
  if (form.get("client_secret") !== undefined) parts.push("client_secret")
  return parts
}

/** Those that prove something first. */
const remedyOf = (methods: ReadonlyArray<ClientAuthentication>): string => {
  const names = methods.toSorted((one, other) => Number(other.isProof) - Number(one.isProof)).map(({ name }) => name)
  return `use ${names.join(", ").replace(/, ([^,]*)$/, " or $1")}`
}

/**
 * The credentials of a request. `isProofNeeded`: no credentials are bad credentials, where everybody has to prove itself
 * (RFC 6749 5.2).
 */
export const readCredentials = (
  request: WireRequest,
  form: Parameters,
  methods: ReadonlyArray<ClientAuthentication>,
  context: FeatureContext,
  isProofNeeded = false,
): FeatureAnswer<Credentials> => {
  //= OAUTH21-2.4.1-secret-not-in-uri
  if (/(?:^|&)client_secret=/.test(request.query)) {
    return oauthError("invalid_request", "a client secret does not belong in the URL")
  }
  const proofs = proofsIn(request, form)
  const methodFor = (part: ClientAuthentication["reads"]) => methods.find(({ reads }) => reads === part)
  const unread = proofs.find((part) => methodFor(part) === undefined)
  if (unread !== undefined) return oauthError("invalid_client", `${unread} is not supported; ${remedyOf(methods)}`)
  //= OAUTH21-2.4-one-auth-method
  if (proofs.length > 1) {
    const ways = proofs.map((part) => words[part][0])
    return oauthError("invalid_request", `the client authenticates ${ways.join(" and ")}`)
  }
  const named = form.get("client_id")
  const method = methodFor(proofs[0] ?? "client_id")
  if (method === undefined)
    return oauthError("invalid_client", `the client does not authenticate; ${remedyOf(methods)}`)
  const judged = (read: Credentials | OAuthError | undefined): Credentials | OAuthError => {
    if (read === undefined) {
      const error = isProofNeeded ? "invalid_client" : "invalid_request"
      return oauthError(error, "client_id is missing, and there is no Authorization header")
    }
    return read instanceof OAuthError || named === undefined || named === read.clientId
      ? read
      : oauthError("invalid_request", `client_id in the body is not the one in the ${words[proofs[0]!][1]}`)
  }
  const read = method.read(request, form, context)
  return read instanceof Promise ? read.then(judged) : judged(read)
}
