/** Denying: the subject said no; the request is answered, once and for good. */
import type { CommandOf } from "../Command.ts"
import { isRegisteredRedirect } from "../Client.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import type { State } from "../State.ts"

export const denyGrant = (state: State, command: CommandOf<"DenyGrant">): Decision => {
  const { grantId, clientId, subjectId, redirectUri, at } = command
  // INVARIANT: approved or denied, never both, never twice (RequestIsAnsweredOnce).
  if (state.grant._tag !== "Absent") return deny("request-answered")
  if (state.client._tag !== "Registered") return deny("client-unknown")
  if (!isRegisteredRedirect(state.client, redirectUri)) return deny("redirect-uri-unregistered")
  return accept([{ _tag: "GrantDenied", grantId, clientId, subjectId, redirectUri, deniedAt: at }])
}
