/**
 * What RFC 10027 (cross-device flows) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc10027 = [
  {
    id: "RFC10027-mitigations-context-shown",
    doc: "RFC10027",
    section: "Practical Mitigations: User Experience",
    level: "SHOULD",
    roles: ["AS"],
    observable: "ui",
    priority: "P1",
    text: "Whoever is asked sees who asked, for what, from where and when, and what follows of saying yes.",
  },
  {
    id: "RFC10027-mitigations-easy-to-decline",
    doc: "RFC10027",
    section: "Practical Mitigations: User Experience",
    level: "SHOULD",
    roles: ["AS"],
    observable: "ui",
    priority: "P1",
    text: "Saying no is as easy to find as saying yes, and whoever did not begin the request is told to say no.",
  },
  {
    id: "RFC10027-mitigations-one-time-codes",
    doc: "RFC10027",
    section: "Practical Mitigations: One-Time Codes",
    level: "SHOULD",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "A code that was answered is good for nobody else, so that one code sent to many harms one at most.",
  },
  {
    id: "RFC10027-mitigations-short-lived",
    doc: "RFC10027",
    section: "Practical Mitigations: Short Lived Codes",
    level: "SHOULD",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "Codes between two devices live for minutes.",
  },
  {
    id: "RFC10027-mitigations-nothing-unasked",
    doc: "RFC10027",
    section: "Practical Mitigations: User Experience",
    level: "SHOULD",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "No request of another device is approved without a person who is asked.",
  },
] as const satisfies readonly Requirement[]
