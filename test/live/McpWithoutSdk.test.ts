/** The SDKs are the host's own: what is imported loads none of them, and an adapter without its SDK says which one. */
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { endOf, startProgram } from "./support/Command.ts"

const PROGRAM = fileURLToPath(new URL("../mcp/withoutSdk.ts", import.meta.url))

it("the adapters can be imported where no SDK is installed, and each names the SDK that it is for", async () => {
  const child = startProgram([PROGRAM])
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), endOf(child)])
  expect([code, stderr]).toEqual([0, ""])
  const install = (name: string) => `install \`${name}\`, which this adapter is for`
  const [v1, v2] = [install("@modelcontextprotocol/sdk"), install("@modelcontextprotocol/server")]
  expect(JSON.parse(stdout)).toEqual([v2, v1, v1])
})
