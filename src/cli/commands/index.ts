/** Every command of `grantlog`, by name. */
import * as Command from "effect/cli/Command"
import { at } from "./At.ts"
import { blastRadius } from "./BlastRadius.ts"
import { check } from "./Check.ts"
import { checkpoint } from "./Checkpoint.ts"
import { client } from "./Client.ts"
import { explain } from "./Explain.ts"
import { exportLog } from "./Export.ts"
import { forget } from "./Forget.ts"
import { grant } from "./Grant.ts"
import { history } from "./History.ts"
import { login } from "./Login.ts"
import { logout } from "./Logout.ts"
import { migrate } from "./Migrate.ts"
import { prove } from "./Prove.ts"
import { rebuild } from "./Rebuild.ts"
import { serve } from "./Serve.ts"
import { spec } from "./Spec.ts"
import { token } from "./Token.ts"
import { user } from "./User.ts"
import { verify } from "./Verify.ts"
import { verifyExport } from "./VerifyExport.ts"
import { verifyProof } from "./VerifyProof.ts"
import { watch } from "./Watch.ts"

export const grantlog = Command.make("grantlog").pipe(
  Command.withDescription("An OAuth 2.1 authorization server whose every answer is a fold over an append-only log"),
  Command.withSubcommands([
    serve,
    client,
    grant,
    user,
    forget,
    rebuild,
    migrate,
    spec,
    check,
    checkpoint,
    prove,
    verify,
    verifyProof,
    exportLog,
    verifyExport,
    explain,
    at,
    history,
    blastRadius,
    watch,
    login,
    logout,
    token,
  ]),
)
