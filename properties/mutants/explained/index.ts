/** The folders of `src` whose survivors are explained, and the explanations. */
import type { Explanation } from "../Explanation.ts"
import { audit } from "./Audit.ts"
import { cli } from "./Cli.ts"
import { client } from "./Client.ts"
import { core } from "./Core.ts"
import { http } from "./Http.ts"
import { mcp } from "./Mcp.ts"
import { projection } from "./Projection.ts"
import { protocol } from "./Protocol.ts"
import { resource } from "./Resource.ts"

export const explained: Readonly<Record<string, ReadonlyArray<Explanation>>> = {
  audit,
  cli,
  client,
  core,
  http,
  mcp,
  projection,
  protocol,
  resource,
}
