/** Authorization details as the core keeps them: each by its canonical text (RFC 9396 2). */
import * as Schema from "effect/Schema"
import { MAX_DETAILS, MAX_DETAIL_CHARACTERS, isDetailText } from "../protocol/AuthorizationDetails.ts"

/** The canonical JSON of an object with a type, at most 2048 characters. */
export const DetailText = Schema.String.check(
  Schema.isMaxLength(MAX_DETAIL_CHARACTERS),
  Schema.makeFilter((text: string) => isDetailText(text) || "expected the canonical JSON of an object with a type"),
).pipe(Schema.brand("DetailText"))
export type DetailText = typeof DetailText.Type

/** At most 16. Where there are none, events and records have no list. */
export const DetailTexts = Schema.Array(DetailText).check(Schema.isMaxLength(MAX_DETAILS))
export type DetailTexts = typeof DetailTexts.Type
