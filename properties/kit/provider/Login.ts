/**
 * From an authorization request to the code: what `authorize` gives is the client's redirect, or a page in between that
 * somebody has to be led through.
 */
import type { OAuthClientInformationFull, OAuthProvider } from "../../../src/provider/index.ts"
import type { GivenCode } from "../../Holder.ts"
import type { OperationOf, Reply } from "../../Operation.ts"
import { challengeOf, mintVerifier } from "../../Secrets.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import { call, messageOf, Nonsense, refusalIn } from "./Calls.ts"
import type { Words } from "./Words.ts"

/** Follows a login page to where it sends the browser in the end. */
export type Approve = (url: string) => Promise<string>

export const LOOPBACK_URI = "http://127.0.0.1:7653/callback"
export const APP_URI = "https://app.example/callback"
/** Registered for nobody but who comes second. */
export const OTHER_LOOPBACK_URI = "http://127.0.0.1:7653/other"
export const OTHER_APP_URI = "https://app.example/other"

const LOGIN_PATIENCE_MILLIS = 30_000

/** Resources as a member of a request: a list, or one string for who takes one, as SDKs do. */
export const resourceMember = (
  resources: ReadonlyArray<string> | undefined,
  isOne: boolean,
): { readonly resource?: ReadonlyArray<string> } =>
  resources === undefined ? {} : { resource: isOne ? (resources[0] as unknown as ReadonlyArray<string>) : resources }

const signIn = async (url: string, approve: Approve | undefined): Promise<string> => {
  if (!URL.canParse(url)) throw new Nonsense(`authorize gave \`${url}\`, which is no URL`)
  if (approve !== undefined) {
    return call("approve", () => approve(url), LOGIN_PATIENCE_MILLIS).catch((thrown: unknown) => {
      throw new CannotCheck(`\`approve\` failed: ${messageOf(thrown)}`)
    })
  }
  const { origin, pathname } = new URL(url)
  throw new CannotCheck(
    `authorize leads to a page at \`${origin}${pathname}\`: give \`approve\`, a function that takes its URL through the login to the redirect`,
  )
}

/** What a login takes besides the request; `ask` waits for as long as there is patience. */
interface Way {
  readonly words: Words
  readonly redirectUri: string
  /** Whether a resource is one string. */
  readonly hasOneResource: boolean
  readonly approve?: Approve | undefined
  readonly ask: (method: string, body: () => Promise<string>) => Promise<string>
}

export const logIn = async (
  provider: OAuthProvider,
  client: OAuthClientInformationFull,
  { scopes, resources }: OperationOf<"Approve">,
  { words, redirectUri, hasOneResource, approve, ask }: Way,
): Promise<GivenCode | Extract<Reply, { readonly _tag: "Refused" }>> => {
  const verifier = mintVerifier()
  const params = {
    state: mintVerifier(),
    codeChallenge: challengeOf(verifier),
    redirectUri,
    redirectUriProvidedExplicitly: true,
    ...(scopes === null ? {} : { scopes: scopes.map(words.theirs) }),
    ...resourceMember(resources?.map(words.theirs), hasOneResource),
  }
  const isArrival = (location: string) => location.split("?")[0] === redirectUri
  const first = String(await ask("authorize", () => provider.authorize(client, params)))
  const location = isArrival(first) ? first : await signIn(first, approve)
  if (!isArrival(location)) throw new Nonsense(`the login leads to \`${location.split("?")[0]}\`, not to the client`)
  const { searchParams } = new URL(location)
  const code = searchParams.get("code")
  return code === null
    ? refusalIn({ error: searchParams.get("error") }, "access_denied")
    : { code, verifier, redirectUri, scopes }
}
