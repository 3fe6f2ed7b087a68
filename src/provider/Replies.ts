/** Replies of the core as results: what was stored or issued, or the refusal in OAuth's words. */
import { Effect } from "effect"
import type { RegisteredClient, Reply } from "../core/index.ts"
import { oauthError, unavailable, type OAuthError, type Unavailable } from "./OAuthError.ts"

type ReplyOf<Tag extends Reply["_tag"]> = Extract<Reply, { _tag: Tag }>

/** The reply if it is of this kind; a refusal fails, and any other kind is a defect. */
export const replyOrFail = <Tag extends Reply["_tag"]>(
  reply: Reply,
  tag: Tag,
): Effect.Effect<ReplyOf<Tag>, OAuthError | Unavailable> => {
  if (reply._tag === tag) return Effect.succeed(reply as ReplyOf<Tag>)
  if (reply._tag !== "Refused") return Effect.die(new Error(`expected the reply ${tag}, got ${reply._tag}`))
  return reply.error === "temporarily_unavailable"
    ? Effect.fail(unavailable(reply.description, 30))
    : Effect.fail(oauthError(reply.error, reply.description))
}

export const doneOrFail = (reply: Reply): Effect.Effect<void, OAuthError | Unavailable> =>
  Effect.asVoid(replyOrFail(reply, "Done"))

export const storedOrFail = (reply: Reply): Effect.Effect<RegisteredClient, OAuthError | Unavailable> =>
  Effect.map(replyOrFail(reply, "ClientStored"), ({ client }) => client)
