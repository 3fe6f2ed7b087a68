/** What an operator or a subject does, by the server's own operations: HTTP has no way to, and wants none. */
import { Cause, Effect, Exit } from "effect"
import type { Operation, Ref, Reply } from "../../../properties/Operation.ts"
import type { AuthorizationServer, Failure, OAuthClientInformationFull } from "../../../src/provider/index.ts"
import { metadataFor, type Holder } from "./Holder.ts"

export const done: Reply = { _tag: "Done" }

/** The reply that an effect comes to; what is neither refusal nor "come again" is a fault. */
export const replyOf = async (effect: Effect.Effect<Reply, Failure>): Promise<Reply> => {
  const exit = await Effect.runPromiseExit(effect)
  if (Exit.isSuccess(exit)) return exit.value
  const failure = Cause.findErrorOption(exit.cause)
  if (failure._tag === "None") return { _tag: "Fault", message: Cause.pretty(exit.cause) }
  return failure.value._tag === "OAuthError" ? { _tag: "Refused", error: failure.value.error } : { _tag: "Unavailable" }
}

/** `undefined` for what is not the operator's. */
export const operate = (
  server: AuthorizationServer,
  holder: Holder,
  operation: Operation,
): Effect.Effect<Reply, Failure> | undefined => {
  const as = (effect: Effect.Effect<void, Failure>) => Effect.as(effect, done)
  const stored = (client: Ref, effect: Effect.Effect<OAuthClientInformationFull, Failure>) =>
    Effect.map(effect, ({ client_secret }): Reply => {
      holder.keepSecret(client, client_secret)
      return { _tag: "Stored", client }
    })
  switch (operation._tag) {
    // A server knows its issuer from when it is made.
    case "Initialize":
      return Effect.succeed(done)
    case "Update":
      return stored(
        operation.client,
        server.updateClient(holder.clientId(operation.client), metadataFor(operation.profile)),
      )
    case "RotateSecret":
      return stored(operation.client, server.rotateClientSecret(holder.clientId(operation.client)))
    case "DisableClient":
      return as(server.disableClient(holder.clientId(operation.client)))
    case "EnableClient":
      return as(server.enableClient(holder.clientId(operation.client)))
    case "DeleteClient":
      return as(server.deleteClient(holder.clientId(operation.client)))
    case "RevokeGrant": {
      const by = operation.subject === "operator" ? "operator" : holder.subjectId(operation.subject)
      return as(server.revokeGrant(holder.grantId(operation.grant), by))
    }
    case "EndSessions":
      return as(server.revokeSubjectSessions(holder.subjectId(operation.subject)))
    case "DisableSubject":
      return as(server.disableSubject(holder.subjectId(operation.subject)))
    case "EnableSubject":
      return as(server.enableSubject(holder.subjectId(operation.subject)))
    case "ForgetSubject":
      return as(server.forgetSubject(holder.subjectId(operation.subject)))
    case "RaiseIssuerEpoch":
      return as(server.raiseIssuerEpoch("a restored backup"))
    default:
      return undefined
  }
}
