/**
 * Authorization details as people read them: in the words of their types.
 *
 * Whoever is asked is asked only what can be put into words. What was allowed is listed even where its type is served no
 * more, by the name of the type.
 */
import { detailOf, type AuthorizationDetail } from "../protocol/index.ts"
import type { OAuthError } from "../provider/index.ts"
import { detailsFault } from "../provider/features/details/ReadDetails.ts"
import type { Features } from "../provider/features/Features.ts"
import type { DetailView } from "./pages/Permissions.ts"
import { strings } from "./pages/Strings.ts"

type Types = Pick<Features, "authorizationDetailsTypes">

/** What somebody is asked; a refusal where one of the details is of a type that is not known here. */
//= RFC9396-5-unknown-type
export const detailViews = (
  { authorizationDetailsTypes: types }: Types,
  details: ReadonlyArray<AuthorizationDetail> = [],
): ReadonlyArray<DetailView> | OAuthError => {
  const views = details.map((detail) => ({ type: detail.type, words: types.get(detail.type)?.words(detail) }))
  const isKnown = (view: (typeof views)[number]): view is DetailView => view.words !== undefined
  return views.every(isKnown) ? views : detailsFault("a type of authorization details is not known here any more")
}

/** What was allowed, by the texts that a grant keeps. */
export const grantedViews = (
  { authorizationDetailsTypes: types }: Types,
  texts: ReadonlyArray<string> = [],
): ReadonlyArray<DetailView> =>
  texts.map((text) => {
    const detail = detailOf(text)
    return { type: detail.type, words: types.get(detail.type)?.words(detail) ?? strings.scopes.undescribed }
  })
