/**
 * The catalogue of what the standards ask: requirements, the documents they come from, attacks, vectors and conflicts.
 *
 * Only data, collected; it never decides whether something is met.
 */
export * from "./Attacks.ts"
export * from "./Conflicts.ts"
export * from "./Documents.ts"
export * from "./Meta.ts"
export * from "./NotOffered.ts"
export * from "./Properties.ts"
export * from "./Requirement.ts"
export * from "./Requirements.ts"
export * from "./Vectors.ts"
