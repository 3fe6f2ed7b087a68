/** The resources for which resource servers were added, as far as a request may mean them. */
import { includesResource, isOrigin, resourceKey } from "../protocol/index.ts"
import { type Resource, type Resources } from "../core/index.ts"
import type { RowReader } from "../log/index.ts"
import { isAudience, listAudiences } from "./ClientRow.ts"

const READ_AT_ONCE = 64

/**
 * Those that are asked for by name; and all there are where that leaves open which one is meant: none is named, or one
 * that neither was `configured` nor is known.
 */
export const readAudiences = (
  rows: RowReader,
  { asked, configured }: { readonly asked: Resources; readonly configured: Resources },
): ReadonlyArray<Resource> => {
  const named = asked.filter((one) => isAudience(rows, one))
  const isUnknown = (one: Resource) => !includesResource([...configured, ...named], one)
  return asked.length === 0 || asked.some((one) => isOrigin(one) && isUnknown(one))
    ? [...named, ...everyAudience(rows)]
    : named
}

const everyAudience = (rows: RowReader): ReadonlyArray<Resource> => {
  const found: Array<Resource> = []
  for (let behind = ""; ;) {
    const page = listAudiences(rows, behind, READ_AT_ONCE)
    found.push(...page)
    if (page.length < READ_AT_ONCE) return found
    behind = resourceKey(page.at(-1)!)
  }
}
