/** Authorization requests over the wire: in the address, or pushed before by their client (RFC 9126). */
import { parseToken } from "../../../../src/provider/index.ts"
import { policy } from "../../../../properties/Opening.ts"
import type { Key, OperationOf, Reply } from "../../../../properties/Operation.ts"
import { redirectUris } from "../../../../properties/perform/Requests.ts"
import { openUrl } from "../../Pushing.ts"
import { challengeOf, type Answer } from "../../WireClient.ts"
import { asClient, refusal, WATCHED, type Caller } from "./Caller.ts"

/** One that names none names the default one here, for it names what is watched. */
const resourceOf = (resources: ReadonlyArray<string> | null): ReadonlyArray<string> => [
  ...(resources ?? [policy.defaultResource!]),
  WATCHED,
]

const boundTo = ({ keys }: Caller, key: Key | null) => (key === null ? undefined : keys[key].jkt)

export const push = async (caller: Caller, operation: OperationOf<"Push">): Promise<Reply> => {
  const { holder } = caller
  const { request, by, redirectUri, scopes, resources } = operation
  const verifier = holder.textOf("verifier", "made up")
  const answer = await asClient(caller, "/par", operation, {
    response_type: "code",
    client_id: holder.textOf("client", by),
    redirect_uri: redirectUris[redirectUri],
    scope: scopes?.join(" "),
    resource: resourceOf(resources),
    code_challenge: challengeOf(verifier),
    code_challenge_method: "S256",
  })
  if (answer.status !== 201) return refusal(answer)
  const reference = String(answer.body["request_uri"])
  holder.put("pushed", request, reference)
  caller.verifiers.set(reference, verifier)
  caller.pushedAt.set(request, caller.running.clock.now())
  return { _tag: "Done" }
}

export const approve = async (caller: Caller, operation: OperationOf<"Approve">): Promise<Reply> => {
  const { wire, holder } = caller
  const { client, scopes, resources, pushed, grant } = operation
  const redirectUri = redirectUris[operation.redirectUri]
  const clientId = holder.textOf("client", client)
  if (pushed !== undefined) {
    const reference = holder.textOf("pushed", pushed)
    const verifier = caller.verifiers.get(reference) ?? holder.textOf("verifier", "made up")
    return arrived(caller, operation, verifier, await caller.open(openUrl(clientId, reference)))
  }
  const verifier = holder.textOf("verifier", grant)
  const answer = await wire.authorize(
    { clientId, redirectUri },
    {
      code_challenge: challengeOf(verifier),
      scope: scopes?.join(" "),
      dpop_jkt: boundTo(caller, operation.key),
      resource: resourceOf(resources),
    },
  )
  return arrived(caller, operation, verifier, answer)
}

const arrived = (
  { holder }: Caller,
  { redirectUri, scopes }: OperationOf<"Approve">,
  verifier: string,
  { headers, status, text }: Answer,
): Reply => {
  const code = new URL(headers.get("location") ?? "about:blank").searchParams.get("code")
  if (code === null) {
    return status < 500 ? { _tag: "Refused", error: "access_denied" } : { _tag: "Fault", message: `${status} ${text}` }
  }
  const grant = holder.numberOf("grant", parseToken(code)!.grantId)
  holder.keepCode(grant, { code, verifier, redirectUri: redirectUris[redirectUri], scopes })
  return { _tag: "Code", grant }
}
