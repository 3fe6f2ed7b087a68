/** `npm run demo` tells its story to the end, in plain text where nobody sees colours, and leaves nothing behind. */
import { readdirSync } from "node:fs"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { endOf, startProgram } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"

const DEMO = fileURLToPath(new URL("../examples/demo.ts", import.meta.url))

it("the demo goes from registration to the dead grant, explains it from the log, and proves its end offline", async () => {
  using folder = temporaryFolder()
  const child = startProgram([DEMO], { TMPDIR: folder.at(".") })
  child.stdin.end()
  const [story, complaints, code] = await Promise.all([text(child.stdout), text(child.stderr), endOf(child)])
  expect([code, complaints]).toEqual([0, ""])
  expect(story).not.toContain("\u001b")
  expect(readdirSync(folder.at("."))).toEqual([])

  const scenes = [...story.matchAll(/^(\d+)\. (.+)$/gm)].map(([, , title]) => title)
  expect(scenes).toHaveLength(11)
  expect(scenes[4]).toBe("It asks again with the same refresh token: the same successor, byte for byte")
  expect(story).toMatch(/presents +glr_\w{4}…\w{6}\n +answer +400 invalid_grant: .+ the grant is revoked/)
  expect(story).toMatch(/newest access +introspected: active false/)

  const tree = story.slice(story.indexOf("\n   grant-"))
  const told = [...tree.matchAll(/[├└]─ (\w+) {2}#\d+ /g)].map(([, event]) => event)
  expect(told.toSorted()).toEqual(
    [
      "AccessTokenIssued",
      "AccessTokenIssued",
      "AccessTokenIssued",
      "AuthorizationCodeIssued",
      "AuthorizationCodeRedeemed",
      "GrantOpened",
      "GrantRevoked",
      "RefreshTokenIssued",
      "RefreshTokenRetried",
      "RefreshTokenReused",
      "RefreshTokenRotated",
      "RefreshTokenRotated",
    ].toSorted(),
  )
  expect(tree).toMatch(/GrantRevoked .*reason refresh_token_reused/)
  expect(tree).toMatch(/THEFT since .*: .*two parties hold this grant's tokens/)
  expect(tree).toMatch(
    /the proof holds: entry \d+ of the first \d+ of localhost:\d+ is\n +\{[^}]*"reason": "refresh_token_reused"/s,
  )
})
