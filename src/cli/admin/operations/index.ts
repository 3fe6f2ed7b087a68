/** Every operation, in the order in which the document has them. */
import type { AnyOperation } from "../Operation.ts"
import * as accounts from "./Accounts.ts"
import * as audit from "./Audit.ts"
import * as clients from "./Clients.ts"
import * as grants from "./Grants.ts"
import * as subjects from "./Subjects.ts"

export const operations: ReadonlyArray<AnyOperation> = [
  clients.listClients,
  clients.addClient,
  clients.showClient,
  clients.deleteClient,
  clients.disableClient,
  clients.enableClient,
  clients.rotateClientSecret,
  clients.inviteClient,
  grants.listGrants,
  grants.showGrant,
  grants.revokeGrant,
  accounts.listAccounts,
  accounts.addAccount,
  accounts.showAccount,
  accounts.setPassword,
  accounts.disableAccount,
  accounts.enableAccount,
  accounts.listPasskeys,
  accounts.removePasskeys,
  accounts.removePasskey,
  subjects.showSubject,
  subjects.forgetSubject,
  audit.explain,
  audit.blastRadius,
  audit.revokeBlastRadius,
  audit.listSigningKeys,
]
