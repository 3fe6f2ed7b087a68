/** The inline rows, and the reading of them. */
export * from "./ClientRow.ts"
export * from "./GrantRow.ts"
export * from "./LiveAccess.ts"
export * from "./Projection.ts"
export * from "./Queries.ts"
export * from "./Slice.ts"
export * from "./SubjectRow.ts"
export * from "./Tables.ts"
