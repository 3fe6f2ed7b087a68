/**
 * A grant that is opened with its one access token: nobody is asked, no code leads to it, and nothing refreshes it.
 *
 * Whether it may be opened is judged before. It lives exactly as long as its token.
 */
import { accept, type Decision } from "../Decision.ts"
import type { AccessToken, Event } from "../Event.ts"
import type { Generation } from "../Ids.ts"
import { issueAccessToken, type Access } from "./Access.ts"

type GrantOpened = Extract<Event, { _tag: "GrantOpened" }>

/** What differs from one to another. */
export type DirectGrant = Pick<GrantOpened, "grantId" | "clientId" | "subjectId" | "basis" | "epochs" | "descent"> &
  Pick<AccessToken, "digest" | "parent" | "jkt" | "issuedAt" | "expiresAt">

export const openedWithToken = (
  { grantId, clientId, subjectId, basis, epochs, descent, ...issued }: DirectGrant,
  access: Access,
): Decision => {
  const { issuedAt, expiresAt } = issued
  const token: AccessToken = { generation: 0 as Generation, ...issued, ...access }
  const descending = descent === undefined ? {} : { descent }
  return accept(
    [
      {
        _tag: "GrantOpened",
        grantId,
        clientId,
        subjectId,
        basis,
        request: null,
        ...access,
        refreshable: false,
        metadataDigest: null,
        epochs,
        openedAt: issuedAt,
        expiresAt,
        ...descending,
      },
      ...issueAccessToken(grantId, [], token),
    ],
    { _tag: "TokensIssued", accessToken: token, refreshToken: null, isRetry: false, ...descending },
  )
}
