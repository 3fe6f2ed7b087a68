/** The types of authorization details that `--authorization-details` names: a JSON object, with members and words of each. */
import { ConfigFault, authorizationDetails, type Feature } from "../provider/index.ts"

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const jsonOf = (given: string): unknown => {
  try {
    return JSON.parse(given)
  } catch {
    return undefined
  }
}

/** What is wrong in a type is found where it becomes a feature; throws a {@link ConfigFault}. */
export const detailsTypes = (given: string): ReadonlyArray<Feature> => {
  const types = jsonOf(given)
  if (!isObject(types) || !Object.values(types).every(isObject)) {
    throw new ConfigFault({ message: "--authorization-details is no JSON object of types" })
  }
  return authorizationDetails(types as Parameters<typeof authorizationDetails>[0])
}
