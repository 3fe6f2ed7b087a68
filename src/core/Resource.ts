/** Resources as the core keeps them: only what is well-formed, by its type (RFC 8707). */
import * as Schema from "effect/Schema"
import { isResource } from "../protocol/Resource.ts"
import { MAX_URI_CHARACTERS } from "../protocol/Uri.ts"

/** An absolute URI without fragment and user information, at most 2048 characters. */
export const Resource = Schema.String.check(
  Schema.isMaxLength(MAX_URI_CHARACTERS),
  Schema.makeFilter(
    (uri: string) => isResource(uri) || "expected an absolute URI without fragment and user information",
  ),
).pipe(Schema.brand("Resource"))
export type Resource = typeof Resource.Type

/** Every event and record has a list of them, of at most 16. */
export const Resources = Schema.Array(Resource).check(Schema.isMaxLength(16))
export type Resources = typeof Resources.Type
