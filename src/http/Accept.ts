/** What kind of answer a request asks for (RFC 9110 12.5.1), as far as it names one: a range of kinds is no wish. */
import { parseAccept } from "hono/utils/accept"
import type { WireRequest } from "../provider/features/Wire.ts"

/** How much each media type is wished for, from 0 to 1; 0 where it is not named. */
export const wishesOf = ({ headers }: Pick<WireRequest, "headers">): ((type: string) => number) => {
  const accepted = parseAccept(headers["accept"] ?? "")
  return (type) => Math.max(0, ...accepted.filter((one) => one.type.toLowerCase() === type).map(({ q }) => q))
}
