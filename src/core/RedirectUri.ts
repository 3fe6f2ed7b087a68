/** A redirect URI as the core keeps it: syntactically sound, by its type. */
import * as Schema from "effect/Schema"
import { MAX_URI_CHARACTERS, isUriText } from "../protocol/Uri.ts"

/** Which schemes are allowed is judged by `redirectUriFault`, at registration. */
export const RedirectUri = Schema.String.check(
  Schema.isMaxLength(MAX_URI_CHARACTERS),
  Schema.makeFilter((uri: string) => isUriText(uri) || "expected a URI"),
).pipe(Schema.brand("RedirectUri"))
export type RedirectUri = typeof RedirectUri.Type
