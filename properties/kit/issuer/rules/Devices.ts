/**
 * Rules of device codes (RFC 8628), for servers whose metadata names where devices ask.
 *
 * A client is registered for it, where the server lets it. What nobody has to answer is tried always; that a code is spent
 * once takes somebody who allows what the device asks for.
 */
import { DEVICE_CODE_GRANT } from "../../../../src/protocol/index.ts"
import { madeUp } from "../../../Secrets.ts"
import { NotTried } from "../../judging/Obstacles.ts"
import { textMember } from "../Discovery.ts"
import { publicClient, type Issuer } from "../Issuer.ts"
import { REDIRECT_URI, register, registered, type WireClient } from "../Registration.ts"
import { formRequest } from "../Requests.ts"
import { errorOf, hasTokens, tell } from "../Telling.ts"
import type { WireAnswer, WireRequest } from "../Wire.ts"
import { exchange, refused, refusedWith, type Expectation, type Finding, type Rule } from "./Rule.ts"
import { scopesOf } from "./Session.ts"

const RACERS = 4

const addressOf = ({ metadata }: Issuer): string => {
  const address = textMember(metadata.members, "device_authorization_endpoint")
  if (address === undefined) throw new NotTried("the metadata names no device_authorization_endpoint")
  return address
}

/** One that is registered for it, or the public one there is. */
const deviceClient = async (issuer: Issuer): Promise<WireClient> => {
  const { registrationEndpoint } = issuer.metadata
  if (registrationEndpoint === undefined) return publicClient(issuer)
  const wanted = {
    method: "none",
    redirectUris: [REDIRECT_URI],
    scopes: issuer.scopes,
    grantTypes: [DEVICE_CODE_GRANT, "authorization_code", "refresh_token"],
  } as const
  return registered(await register(issuer.wire, registrationEndpoint, wanted), wanted) ?? publicClient(issuer)
}

interface Asked {
  readonly client: WireClient
  readonly answer: WireAnswer
  readonly deviceCode: string
}

/** What a device is given, or the rules cannot be tried. */
const asked = async (issuer: Issuer): Promise<Asked> => {
  const address = addressOf(issuer)
  const client = await deviceClient(issuer)
  const answer = await issuer.wire.send(
    formRequest(address, client, [
      ["scope", scopesOf(issuer).join(" ")],
      ...issuer.resources.slice(0, 1).map((resource) => ["resource", resource] as const),
    ]),
  )
  const deviceCode = textMember(answer.body, "device_code")
  if (deviceCode === undefined) throw new NotTried(`no client here may ask as a device: ${tell(answer)}`)
  return { client, answer, deviceCode }
}

const polling = ({ metadata }: Issuer, client: WireClient, deviceCode: string): WireRequest =>
  formRequest(metadata.tokenEndpoint, client, [
    ["grant_type", DEVICE_CODE_GRANT],
    ["device_code", deviceCode],
  ])

/** Who must not ask with it is not told that it waits. */
const refusedOutright: Expectation = {
  expected: "a refusal that says nothing of waiting",
  isMet: (answer) => refused.isMet(answer) && !["authorization_pending", "slow_down"].includes(errorOf(answer) ?? ""),
}

const pending = refusedWith([400, "authorization_pending"], [400, "slow_down"])

const members: ReadonlyArray<readonly [name: string, type: string]> = [
  ["device_code", "string"],
  ["user_code", "string"],
  ["verification_uri", "string"],
  ["expires_in", "number"],
]

const single = (text: string, expected: string, observed: string): Finding => ({
  text,
  expected,
  observed,
  isKept: expected === observed,
})

export const deviceRules: ReadonlyArray<Rule> = [
  {
    id: "RFC8628-3.2-response",
    check: async (issuer) => {
      const { answer } = await asked(issuer)
      const missing = members.filter(([name, type]) => typeof answer.body[name] !== type).map(([name]) => name)
      const observed = missing.length === 0 ? "all of them" : `not ${missing.join(", ")}`
      const names = members.map(([name]) => name).join(", ")
      return [{ text: `a device is given ${names}`, expected: "all of them", observed, isKept: missing.length === 0 }]
    },
  },
  {
    id: "RFC8628-3.4-device-code-client",
    check: async (issuer) => {
      const { client, deviceCode } = await asked(issuer)
      const other = issuer.clients.find(({ clientId }) => clientId !== client.clientId)
      const foreign =
        other === undefined
          ? []
          : [
              await exchange(
                issuer,
                "a device code is asked with by another client",
                polling(issuer, other, deviceCode),
                refusedOutright,
              ),
            ]
      const made = polling(issuer, client, madeUp())
      return [...foreign, await exchange(issuer, "a device code is asked with that was made up", made, refusedOutright)]
    },
  },
  {
    id: "RFC8628-3.5-polling",
    check: async (issuer) => {
      const { client, deviceCode } = await asked(issuer)
      const findings: Array<Finding> = []
      for (const often of ["for the first time", "right after that", "and once more"]) {
        const text = `a device asks before anybody has answered, ${often}`
        findings.push(await exchange(issuer, text, polling(issuer, client, deviceCode), pending))
      }
      return findings
    },
  },
  {
    id: "RFC8628-3.4-single-use",
    check: async (issuer) => {
      const { client, deviceCode, answer } = await asked(issuer)
      const { approveDevice, wire } = issuer
      const uri = textMember(answer.body, "verification_uri_complete") ?? textMember(answer.body, "verification_uri")
      if (approveDevice === undefined || uri === undefined) throw new NotTried("nobody allows what a device asks for")
      await approveDevice(uri, String(answer.body["user_code"]))
      const ask = () => wire.send(polling(issuer, client, deviceCode))
      const answers = await Promise.all(Array.from({ length: RACERS }, ask))
      const count = answers.filter(hasTokens).length
      if (count === 0) throw new NotTried(`what was allowed led to no tokens: ${tell(answers[0]!)}`)
      return [
        single(`${RACERS} ask at once with a device code that was allowed`, "1 with tokens", `${count} with tokens`),
        await exchange(
          issuer,
          "a device code is asked with that has led to tokens",
          polling(issuer, client, deviceCode),
          refused,
        ),
      ]
    },
  },
]
