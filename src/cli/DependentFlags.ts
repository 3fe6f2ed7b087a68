/**
 * Flags of `serve` that say how something is done which other flags switch on: without those they would do nothing.
 *
 * Nothing that was typed is passed over: such a flag is refused in a sentence that names what it needs. A flag counts as
 * given where its value is not the default, wherever that comes from.
 */
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import { defaultOf, namesOf } from "./Defaults.ts"
import { serveFlags, type ServeFlags } from "./ServeFlags.ts"

type Name = keyof ServeFlags

interface Dependence {
  readonly flags: ReadonlyArray<Name>
  /** What to give as well. */
  readonly needed: string
  readonly isThere: (given: ServeFlags) => boolean
}

const isRegistrable = ({ registration }: ServeFlags): boolean => registration !== "off"

const dependences: ReadonlyArray<Dependence> = [
  {
    flags: ["dpopNonce"],
    needed: "--dpop on or required",
    isThere: ({ dpop, profile }) => dpop !== "off" || Option.isSome(profile),
  },
  {
    flags: ["pushedRequestTtl"],
    needed: "--pushed-requests on or required",
    isThere: ({ pushedRequests, profile }) => pushedRequests !== "off" || Option.isSome(profile),
  },
  {
    flags: ["timedRequestObjects"],
    needed: "--request-objects on or required",
    isThere: ({ requestObjects }) => requestObjects !== "off",
  },
  {
    flags: ["cimdBlock"],
    needed: "--cimd",
    isThere: ({ cimd, allowLoopbackCimd }) => cimd || allowLoopbackCimd,
  },
  {
    flags: ["jwtAlg", "jwtTtl"],
    needed: "--jwt-access-tokens",
    isThere: ({ jwtAccessTokens }) => Option.isSome(jwtAccessTokens),
  },
  {
    flags: ["assertionAlgs"],
    needed: "--private-key-jwt",
    isThere: ({ privateKeyJwt }) => privateKeyJwt,
  },
  {
    flags: ["metricsHost"],
    needed: "--metrics-port",
    isThere: ({ metricsPort }) => Option.isSome(metricsPort),
  },
  {
    flags: ["tilesHost"],
    needed: "--tiles-port",
    isThere: ({ tilesPort }) => Option.isSome(tilesPort),
  },
  {
    flags: ["witnessKey", "witnessQuorum", "witnessInterval"],
    needed: "--witness",
    isThere: ({ witness }) => Option.isSome(witness),
  },
  {
    flags: ["adminHost"],
    needed: "--admin-port",
    isThere: ({ adminPort }) => Option.isSome(adminPort),
  },
  {
    flags: [
      "registrationGrants",
      "registrationRate",
      "registrationManagement",
      "maxDynamicClients",
      "clientSecretTtl",
      "unusedClientTtl",
    ],
    needed: "--registration open or invited",
    isThere: isRegistrable,
  },
  {
    flags: ["keysFile", "checkpointCopy", "checkpointInterval", "witness", "tilesPort", "acceptRollback"],
    needed: "a --store that lasts",
    isThere: ({ store }) => store !== "memory:",
  },
]

/** What `serve` gets of each flag that is not given. */
const defaults = Object.fromEntries(
  Object.entries(serveFlags).map(([name, flag]) => [name, defaultOf(flag)]),
) as unknown as ServeFlags

const isGiven = (given: ServeFlags, name: Name): boolean => !Equal.equals(given[name], defaults[name])

const typed = (name: Name): string => `--${namesOf([serveFlags[name]])[0]}`

/** The first flag that would do nothing, in a sentence that says what it needs; `undefined` where there is none. */
export const dependenceFault = (given: ServeFlags): string | undefined => {
  for (const { flags, needed, isThere } of dependences) {
    const idle = isThere(given) ? undefined : flags.find((name) => isGiven(given, name))
    if (idle !== undefined) return `${typed(idle)} does nothing without ${needed}: give that too, or leave it out`
  }
  return undefined
}
