/** Why mutants of Stryker in `src/core` may live. */
import { at, type Explanation, type Place } from "../Explanation.ts"

const unreachable = (file: string, value: string): Place =>
  at(file, `default: return ${value} satisfies never`, "default:")

const brand = (file: string, name: string): Place => at(file, `"${name}"`, '""')

export const core: ReadonlyArray<Explanation> = [
  {
    why: "never reached: the compiler proves that every case is named above",
    places: [
      unreachable("Client.ts", "event"),
      unreachable("Decider.ts", "command"),
      unreachable("Grant.ts", "event"),
      unreachable("Grant.ts", "grant"),
      unreachable("Issuer.ts", "event"),
      unreachable("Subject.ts", "event"),
      unreachable("decide/Refresh.ts", "presented"),
    ],
  },
  {
    why: "the same: the one event with a second version lost a member, which is not read either way",
    places: [
      at("Upcast.ts", "version < newest", "false"),
      at("Upcast.ts", "{ const step = upcasts[`${type}@${version}`] if (step === undefined) return Resu…", "{}"),
    ],
  },
  {
    why: "never reached: every version that is not the newest has its step",
    places: [
      at("Upcast.ts", "step === undefined", "false"),
      at("Upcast.ts", "`no way to read \\`${type}\\` of version ${version}`", "``"),
    ],
  },
  {
    why: "the same: the next case, or the default below, returns just that",
    places: [
      at("Grant.ts", '"Denied"', '""'),
      at("Grant.ts", 'case "Revoked": return grant', 'case "Revoked":'),
      at("Grant.ts", '"Revoked"', '""'),
    ],
  },
  {
    why: "the same: a grant that never was has no time of denial, and `undefined` is what is returned either way",
    places: [
      at("Liveness.ts", 'case "Absent": return undefined', 'case "Absent":'),
      at("Liveness.ts", '"Absent"', '""'),
    ],
  },
  {
    why: "the same: a function that ends without a word returns `undefined`",
    places: [at("Event.ts", "default: return undefined", "default:")],
  },
  {
    why: "the same: for the compiler alone; without refresh tokens there is no previous one either",
    places: [at("Grant.ts", "grant.refresh === null", "false")],
  },
  {
    why: "the same: for the compiler alone; what is of another kind lacks the member that is looked at next",
    places: [
      at("Liveness.ts", 'state.client._tag === "Registered"', "true"),
      at("Liveness.ts", 'state.grant._tag === "Open"', "true"),
      at("decide/RevokeGrant.ts", 'grant._tag === "Open"', "true"),
      at("decide/RevokeToken.ts", 'grant._tag !== "Open" || presented._tag === "Unknown"', "false"),
      at(
        "decide/RevokeToken.ts",
        'grant._tag !== "Open" || presented._tag === "Unknown"',
        'grant._tag !== "Open" && presented._tag === "Unknown"',
      ),
      at("decide/RevokeToken.ts", 'grant._tag !== "Open"', "false"),
      at("decide/RevokeToken.ts", 'presented._tag === "Unknown"', "false"),
      at("decide/RevokeToken.ts", '"Unknown"', '""'),
    ],
  },
  {
    why: "the same: the only item has a space in it, as no scope has",
    places: [at("decide/Access.ts", "[]", '["Stryker was here"]')],
  },
  {
    why: "the same: what never expires is not alive, so it is not in the list",
    places: [at("decide/IssueToken.ts", "[]", '["Stryker was here"]')],
  },
  {
    why: "the same: for the compiler alone; where there is no oldest one there are none",
    places: [at("decide/Access.ts", "oldest === undefined", "false")],
  },
  {
    why: "the same: a grant that was revoked is not alive, and is refused for that",
    places: [
      at("decide/RedeemCode.ts", 'grant._tag === "Revoked"', "false"),
      at("decide/RedeemCode.ts", '"Revoked"', '""'),
      at("decide/Refresh.ts", 'grant._tag === "Revoked"', "false"),
      at("decide/Refresh.ts", '"Revoked"', '""'),
    ],
  },
  {
    why: "the same: a grant has both a request and a code, or neither",
    places: [
      at("decide/RedeemCode.ts", "code === null", "false"),
      at("decide/RedeemCode.ts", "request === null", "false"),
      at("decide/RedeemCode.ts", "code === null || request === null", "code === null && request === null"),
    ],
  },
  {
    why: "the same: a rotation always comes with its first access token",
    places: [at("decide/Refresh.ts", "previous.answers[0]?.jkt", "previous.answers[0].jkt")],
  },
  {
    why: "the same: the name of a brand is for the compiler alone",
    places: [
      brand("Ids.ts", "ClientId"),
      brand("Ids.ts", "GrantId"),
      brand("Ids.ts", "SubjectId"),
      brand("Ids.ts", "Digest"),
      brand("Ids.ts", "KeyId"),
      brand("Ids.ts", "Jkt"),
      brand("Ids.ts", "Epoch"),
      brand("Ids.ts", "Generation"),
      brand("Pkce.ts", "CodeChallenge"),
      brand("RedirectUri.ts", "RedirectUri"),
      brand("Resource.ts", "Resource"),
      brand("Scope.ts", "Scope"),
      brand("Time.ts", "EpochMillis"),
      brand("Time.ts", "Millis"),
    ],
  },
]
