/**
 * How to read the catalogue: its date, how an id is made, and what each mark means.
 */
import type { Level, Observable, Priority } from "./Requirement.ts"

export interface Meta {
  readonly generated: string
  readonly idRule: string
  readonly levels: Readonly<Record<Level, string>>
  readonly observable: Readonly<Record<Observable, string>>
  readonly priority: Readonly<Record<Priority, string>>
}

export const meta: Meta = {
  generated: "2026-11-20",
  idRule:
    "<DOC>-<section>-<slug>; the slug, not the section, is the stable part for drafts (OAuth 2.1 numbering is that of draft-16)",
  levels: {
    MUST: "absolute",
    "MUST NOT": "absolute",
    SHOULD: "recommended",
    "SHOULD NOT": "discouraged",
    MAY: "optional",
    DEF: "normative by definition, no keyword",
    POLICY: "our reading of what the text leaves to the server",
    SUPERSEDED: "replaced by a later RFC",
  },
  observable: {
    wire: "testable over HTTP",
    internal: "needs state or source inspection",
    ui: "page content",
    deploy: "deployment",
  },
  priority: { P0: "core", P1: "should ship", P2: "optional module" },
}
