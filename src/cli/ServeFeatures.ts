/** The protocol features that `grantlog serve` has: the standard ones, and those that a flag switches on. */
import { standardFeatures, type Feature } from "../provider/index.ts"
import type { ServeFlags } from "./ServeFlags.ts"

export const featuresFor = (_given: ServeFlags): ReadonlyArray<Feature> => [...standardFeatures]
