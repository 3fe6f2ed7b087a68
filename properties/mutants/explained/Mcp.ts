/** Why mutants of Stryker in `src/mcp` may live. */
import { at, type Explanation } from "../Explanation.ts"

export const mcp: ReadonlyArray<Explanation> = [
  {
    why: "the same: for the compiler alone; what is not there is no URL either",
    places: [at("AuthInfo.ts", "resource === undefined", "false")],
  },
  {
    why: "the same: to the server, a member that is `undefined` is one that was not sent",
    places: [
      at("ServerProvider.ts", "state === undefined", "false"),
      at("ServerProvider.ts", "codeVerifier === undefined", "false"),
      at("ServerProvider.ts", "redirectUri === undefined", "false"),
    ],
  },
  {
    why: "the same: to the server, no scope at all is what was not asked for, and gets the default",
    places: [at("ServerProvider.ts", "named.length === 0", "false")],
  },
  {
    why: "noticed in a process without the SDKs, by `test/live/McpWithoutSdk.test.ts`",
    places: [
      at("v1Errors.ts", '"@modelcontextprotocol/sdk"', '""'),
      at("v2.ts", '"@modelcontextprotocol/server"', '""'),
    ],
  },
]
