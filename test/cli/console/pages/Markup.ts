/** What a piece of a page is as text, to be compared whole: without its icons, and without lines that have nothing. */
import { addressesBehind } from "../../../../src/cli/console/Addresses.ts"
import type { Content } from "../../../../src/http/pages/Document.ts"

export const markup = async (content: Content | string): Promise<string> =>
  String(await content)
    .replaceAll(/<svg[^]*?<\/svg>/g, "")
    .replaceAll(/\n\n+/g, "\n")
    .trim()

/** The body of a page, or what is in one of its elements. */
export const bodyOf = async (text: string, part = "body"): Promise<string> =>
  markup(new RegExp(`<${part}[^>]*>([^]*)</${part}>`).exec(text)![1]!)

/** Of an issuer that has a path, which is in every address. */
export const addresses = addressesBehind("/auth")
