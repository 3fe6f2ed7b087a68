/** Replies of the core as results: what was stored or issued, or the refusal in OAuth's words. */
import * as Effect from "effect/Effect"
import type { Access, Refused, RegisteredClient, Reply } from "../core/index.ts"
import { oauthError, unavailable, type OAuthError, type Unavailable } from "./OAuthError.ts"

type ReplyOf<Tag extends Reply["_tag"]> = Extract<Reply, { _tag: Tag }>

const isReply = <Tag extends Reply["_tag"]>(reply: Reply, tag: Tag): reply is ReplyOf<Tag> => reply._tag === tag

const failed = ({ error, description }: Refused): Effect.Effect<never, OAuthError | Unavailable> =>
  error === "temporarily_unavailable"
    ? Effect.fail(unavailable(description, 30))
    : Effect.fail(oauthError(error, description))

/** The reply if it is of this kind; a refusal fails, and any other kind is a defect. */
export const replyOrFail = <Tag extends Reply["_tag"]>(
  reply: Reply,
  tag: Tag,
): Effect.Effect<ReplyOf<Tag>, OAuthError | Unavailable> => {
  if (isReply(reply, tag)) return Effect.succeed(reply)
  return reply._tag === "Refused"
    ? failed(reply)
    : Effect.die(new Error(`expected the reply ${tag}, got ${reply._tag}`))
}

export const accessOrFail = (judged: Access | Refused): Effect.Effect<Access, OAuthError | Unavailable> =>
  "_tag" in judged ? failed(judged) : Effect.succeed(judged)

export const doneOrFail = (reply: Reply): Effect.Effect<void, OAuthError | Unavailable> =>
  Effect.asVoid(replyOrFail(reply, "Done"))

export const storedOrFail = (reply: Reply): Effect.Effect<RegisteredClient, OAuthError | Unavailable> =>
  Effect.map(replyOrFail(reply, "ClientStored"), ({ client }) => client)
