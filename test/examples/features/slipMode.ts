/**
 * A response mode of one's own, in one file: the browser gets a page from which the person copies the answer, for clients
 * that cannot receive one.
 */
import type { ResponseMode } from "../../../src/entry/grantlog.ts"

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)

export const slipMode: ResponseMode = {
  kind: "response mode",
  name: "example_slip",
  respond: (_redirectUri, parameters) => ({
    status: 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'",
    },
    body: `<!doctype html><title>Copy this</title><pre>${escaped(
      new URLSearchParams(
        Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined),
      ).toString(),
    )}</pre>`,
  }),
}
