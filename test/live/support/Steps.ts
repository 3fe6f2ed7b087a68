/** The steps of forgetting somebody, in their order: after each of them a process may be killed. */
export const steps = ["noted", "recorded", "removed", "signed out", "destroyed", "scrubbed", "finished"] as const
export type Step = (typeof steps)[number]
