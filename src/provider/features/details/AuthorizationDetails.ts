/**
 * Rich authorization requests (RFC 9396): types of what may be allowed, each by the members that it has and the words in
 * which people are asked.
 *
 * A detail has the members of its type and no others, so that nobody is granted what nobody was shown. Types are plain
 * data, so that a file can hold them.
 */
import type { AuthorizationDetail } from "../../../protocol/index.ts"
import { ConfigFault } from "../../ConfigFault.ts"
import type { AuthorizationDetailsType, Feature, TokenResponseMember } from "../Feature.ts"

/** A member of a detail. */
export interface DetailMember {
  /** What it holds; `texts` is a list of at least one text. */
  readonly kind: "text" | "number" | "boolean" | "texts" | "object"
  /** Whether a detail may lack it; default false. */
  readonly isOptional?: boolean
  /** The texts that it may be or hold; default any of at most 256 characters. */
  readonly values?: ReadonlyArray<string>
  /** The members of an object. */
  readonly members?: Readonly<Record<string, DetailMember>>
}

/** A type of authorization details. */
export interface DetailsTypeOptions {
  /** Its members, besides `type`. */
  readonly members: Readonly<Record<string, DetailMember>>
  /** What it allows, in words that go on from "It wants to", with members by name: `pay {amount.value} to {creditor}`. */
  readonly words: string
}

type Members = DetailsTypeOptions["members"]

const MAX_TEXT_CHARACTERS = 256
const kinds: ReadonlyArray<string> = ["text", "number", "boolean", "texts", "object"] satisfies Array<
  DetailMember["kind"]
>

/** What can be shown to a person as it is: no control characters, no changes of direction, no line ends. */
const isShowable = (text: string): boolean => text.length <= MAX_TEXT_CHARACTERS && !/[\p{C}\p{Zl}\p{Zp}]/u.test(text)

const isText = (value: unknown, { values }: DetailMember): value is string =>
  typeof value === "string" && (values === undefined ? isShowable(value) : values.includes(value))

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const valueFault = (value: unknown, member: DetailMember, path: string): string | undefined => {
  const misfit = `${path} is not what a detail of this type has there`
  switch (member.kind) {
    case "text":
      return isText(value, member) ? undefined : misfit
    case "texts":
      return Array.isArray(value) && value.length > 0 && value.every((one) => isText(one, member)) ? undefined : misfit
    case "object":
      return isObject(value) ? membersFault(value, member.members ?? {}, `${path}.`) : misfit
    default:
      return typeof value === member.kind ? undefined : misfit
  }
}

/** What is wrong with the members, in a sentence without what was sent. */
const membersFault = (value: Readonly<Record<string, unknown>>, members: Members, path = ""): string | undefined => {
  if (Object.keys(value).some((name) => !Object.hasOwn(members, name))) {
    return `${path === "" ? "a detail of this type" : path.slice(0, -1)} has a member that is not known here`
  }
  return Object.entries(members)
    .map(([name, member]) => {
      if (Object.hasOwn(value, name)) return valueFault(value[name], member, path + name)
      return member.isOptional === true ? undefined : `${path}${name} is missing`
    })
    .find((sentence) => sentence !== undefined)
}

const PLACE = /\{([^{}]+)\}/g

const at = (value: unknown, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>((inner, name) => (isObject(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined), value)

const shown = (value: unknown): string =>
  value === undefined ? "" : Array.isArray(value) ? value.join(", ") : String(value)

/** Why a type cannot be served, in a sentence. */
const typeFault = ({ members, words }: DetailsTypeOptions): string | undefined => {
  if (typeof words !== "string" || words === "" || !isObject(members)) return "needs `members` and `words`"
  const misfit = (inner: Members): boolean =>
    Object.values(inner).some(
      (member) => !isObject(member) || !kinds.includes(member.kind) || misfit(member.members ?? {}),
    )
  if (misfit(members)) return `has a member whose kind is not one of ${kinds.join(", ")}`
  const isMember = (path: string) => {
    const [first = "", ...rest] = path.split(".")
    const end = rest.reduce<DetailMember | undefined>((member, name) => member?.members?.[name], members[first])
    return end !== undefined && end.kind !== "object"
  }
  const [unknown] = [...words.matchAll(PLACE)].map(([, path]) => path!).filter((path) => !isMember(path))
  return unknown === undefined
    ? undefined
    : `has words with \`{${unknown}}\`, which is no member of it that can be shown`
}

const detailsType = (name: string, options: DetailsTypeOptions): AuthorizationDetailsType => {
  const fault = typeFault(options)
  if (fault !== undefined) throw new ConfigFault({ message: `the authorization details type \`${name}\` ${fault}` })
  const { members, words } = options
  return {
    kind: "authorization details type",
    name,
    clientMembers: ["authorization_details_types"],
    requirements: [
      "RFC9396-5-unknown-type",
      "RFC9396-6-narrowing",
      "RFC9396-7-return-granted",
      "RFC9396-9.1-jwt",
      "RFC9396-9.2-introspection",
      "RFC9396-10-metadata",
    ],
    //= RFC9396-5-unknown-type
    fault: ({ type: _, ...rest }) => membersFault(rest, members),
    words: (detail: AuthorizationDetail) => words.replaceAll(PLACE, (_, path: string) => shown(at(detail, path))),
  }
}

//= RFC9396-7-return-granted
const granted: TokenResponseMember = {
  kind: "token response member",
  name: "authorization_details",
  of: ({ authorizationDetails }) => authorizationDetails,
}

/** Authorization details of these types, as features for the list; throws a {@link ConfigFault}. */
export const authorizationDetails = (types: Readonly<Record<string, DetailsTypeOptions>>): ReadonlyArray<Feature> => [
  ...Object.entries(types).map(([name, options]) => detailsType(name, options)),
  granted,
]
