/** What `client add` is told of a client that signs people in, and what the server is told by it. */
import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { optional } from "./Flags.ts"

export const openIdFlags = {
  firstParty: Flag.Boolean("first-party").pipe(
    Flag.withDescription("it is your own: who is signed in is not asked what it may"),
    Flag.withDefault(false),
  ),
  postLogoutUri: Flag.String("post-logout-redirect-uri").pipe(
    Flag.withDescription("where the browser may go after signing out; may be given several times"),
    Flag.atLeast(0),
  ),
  backchannelUri: Flag.String("backchannel-logout-uri").pipe(
    Flag.withDescription("where it is told that somebody signed out"),
    Flag.optional,
  ),
}

type OpenIdFlags = Command.Command.Config.Infer<typeof openIdFlags>

/** Members of its metadata. */
export const openIdMetadata = ({ postLogoutUri, backchannelUri }: OpenIdFlags) => ({
  ...(postLogoutUri.length === 0 ? {} : { post_logout_redirect_uris: postLogoutUri }),
  ...optional("backchannel_logout_uri", backchannelUri),
})

/** What it is let do that others are not. */
export const policyOf = ({ firstParty }: OpenIdFlags) => (firstParty ? { policy: "first-party" as const } : {})
