/** What is answered about accounts, and about the subjects whose they are. */
import * as Schema from "effect/Schema"
import { cursors } from "./Clients.ts"

const Time = Schema.String.annotate({ description: "a time in UTC", format: "date-time" })

export const Account = Schema.Struct({
  name: Schema.String,
  subjectId: Schema.String,
  displayName: Schema.String,
  hasPassword: Schema.Boolean,
  createdAt: Schema.Int.annotate({ description: "milliseconds since the epoch" }),
}).annotate({ identifier: "Account", description: "An account" })

export const ListedAccount = Schema.Struct({
  name: Schema.String,
  subject: Schema.String,
  status: Schema.Literals(["enabled", "disabled"]),
  password: Schema.Literals(["set", "none"]),
  created: Time,
})

export const AccountList = Schema.Struct({ accounts: Schema.Array(ListedAccount), ...cursors }).annotate({
  identifier: "AccountList",
  description: "Accounts, a page of them",
})

export const AccountDone = Schema.Struct({
  name: Schema.String,
  done: Schema.Literals(["disabled", "enabled"]),
}).annotate({ identifier: "AccountDone", description: "What was done to an account" })

export const PasswordDone = Schema.Struct({
  name: Schema.String,
  done: Schema.Literal("password set"),
  passkeyCount: Schema.Int.annotate({ description: "how many passkeys the account has, which are as they were" }),
}).annotate({ identifier: "PasswordDone", description: "The password of an account is set" })

export const Passkey = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  kept: Schema.Literals(["synced", "one device"]),
  added: Time,
  used: Schema.NullOr(Time).annotate({ description: "when somebody last signed in by it" }),
  wentBack: Schema.NullOr(Time).annotate({ description: "when a login by what may be a copy of it was refused" }),
})

export const PasskeyList = Schema.Struct({ passkeys: Schema.Array(Passkey) }).annotate({
  identifier: "PasskeyList",
  description: "The passkeys of an account",
})

export const PasskeysRemoved = Schema.Struct({ name: Schema.String, removedCount: Schema.Int }).annotate({
  identifier: "PasskeysRemoved",
  description: "How many passkeys of an account were removed",
})

const subject = {
  subject: Schema.String,
  account: Schema.NullOr(Schema.String).annotate({ description: "its name, until it is forgotten" }),
  browserSessionCount: Schema.Int,
  liveGrantCount: Schema.Int,
  isKeyDestroyed: Schema.Boolean.annotate({ description: "whether what was sealed of it can be read by nobody" }),
  forgotten: Schema.NullOr(Time),
}

export const Subject = Schema.Struct(subject).annotate({
  identifier: "Subject",
  description: "What is kept of a subject",
})

export const SubjectForgotten = Schema.Struct({ ...subject, done: Schema.Literal("forgotten") }).annotate({
  identifier: "SubjectForgotten",
  description: "What was kept of a subject before it was forgotten",
})
