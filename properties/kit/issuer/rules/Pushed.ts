/** Rules of pushed authorization requests (RFC 9126): a reference is for one client and one answer, and holds no other. */
import { challengeOf, mintVerifier } from "../../../Secrets.ts"
import { NotTried } from "../../judging/Obstacles.ts"
import { makeBrowser } from "../Browser.ts"
import { textMember } from "../Discovery.ts"
import { publicClient, type Issuer } from "../Issuer.ts"
import { isOurs, type WireClient } from "../Registration.ts"
import { formRequest, withQuery, type Pair } from "../Requests.ts"
import { tell } from "../Telling.ts"
import type { WireRequest } from "../Wire.ts"
import { exchange, refused, type Finding, type Rule } from "./Rule.ts"
import { scopesOf } from "./Session.ts"

const pushing = (issuer: Issuer, client: WireClient, more: ReadonlyArray<Pair> = []): WireRequest => {
  const url = textMember(issuer.metadata.members, "pushed_authorization_request_endpoint")
  if (url === undefined) throw new NotTried("the server takes no pushed requests")
  const request = formRequest(url, client, [
    ["response_type", "code"],
    ["redirect_uri", client.redirectUri],
    ["scope", scopesOf(issuer).join(" ")],
    ...issuer.resources.slice(0, 1).map((resource) => ["resource", resource] as const),
    ["code_challenge", challengeOf(mintVerifier())],
    ["code_challenge_method", "S256"],
    ...more,
  ])
  const isNamed = request.form?.some(([name]) => name === "client_id") === true
  return isNamed ? request : { ...request, form: [["client_id", client.clientId], ...(request.form ?? [])] }
}

const pushed = async (issuer: Issuer, client: WireClient): Promise<string> => {
  const answer = await issuer.wire.send(pushing(issuer, client))
  const reference = textMember(answer.body, "request_uri")
  if (reference === undefined) throw new NotTried(`a request was not taken: ${tell(answer)}`)
  return reference
}

/** Where a browser gets to that nobody sits at; only where the server approves by itself that can be a code. */
const opened = async ({ wire, metadata }: Issuer, { clientId }: WireClient, reference: string): Promise<boolean> => {
  const url = withQuery(metadata.authorizationEndpoint, [
    ["client_id", clientId],
    ["request_uri", reference],
  ])
  const walk = await makeBrowser(wire).walk(url, isOurs)
  return walk._tag === "Arrived" && new URL(walk.location).searchParams.has("code")
}

const noCode = (text: string, hasCode: boolean): Finding => ({
  text,
  expected: "no code",
  observed: hasCode ? "a code" : "no code",
  isKept: !hasCode,
})

const requireAuto = ({ isAuto }: Issuer): void => {
  if (!isAuto) throw new NotTried("the server does not approve by itself")
}

/** The last letter of the middle is another one: what is signed or encrypted is damaged, what is random is a guess. */
const damaged = (reference: string): string => {
  const at = Math.floor((reference.lastIndexOf(":") + reference.length) / 2)
  return reference.slice(0, at) + (reference[at] === "A" ? "B" : "A") + reference.slice(at + 1)
}

export const pushedRules: ReadonlyArray<Rule> = [
  {
    id: "RFC9126-2.1-no-request-uri-in-par",
    check: async (issuer) => {
      const client = publicClient(issuer)
      const inside = pushing(issuer, client, [["request_uri", "https://app.example/request"]])
      return [await exchange(issuer, "a request is pushed with a request_uri in it", inside, refused)]
    },
  },
  {
    id: "RFC9126-2.2-request-uri-bound",
    check: async (issuer) => {
      const client = publicClient(issuer)
      const reference = await pushed(issuer, client)
      requireAuto(issuer)
      const other = issuer.clients.find(({ clientId }) => clientId !== client.clientId)
      return [
        ...(other === undefined
          ? []
          : [noCode("a reference is opened by another client", await opened(issuer, other, reference))]),
        noCode("a reference is opened that was made up", await opened(issuer, client, damaged(reference))),
      ]
    },
  },
  {
    id: "RFC9126-4-one-time",
    check: async (issuer) => {
      const client = publicClient(issuer)
      const reference = await pushed(issuer, client)
      requireAuto(issuer)
      const isAnswered = await opened(issuer, client, reference)
      if (!isAnswered) throw new NotTried("a reference led to no code")
      const atOnce = await pushed(issuer, client)
      const codes = await Promise.all(Array.from({ length: 4 }, () => opened(issuer, client, atOnce)))
      const codeCount = codes.filter(Boolean).length
      return [
        noCode("a reference is opened again after it was answered", await opened(issuer, client, reference)),
        {
          text: "a reference is opened by four at once",
          expected: "1 code",
          observed: `${codeCount} codes`,
          isKept: codeCount === 1,
        },
      ]
    },
  },
]
