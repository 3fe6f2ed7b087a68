/** What lies beside a store, by the name of its file: the same for a program that embeds the server and for the command. */
import { checkpointFiles } from "../audit/proof/CheckpointFiles.ts"
import type { CheckpointPlace } from "../audit/proof/Checkpoints.ts"
import { forgetLedger, type ForgetLedger } from "../provider/index.ts"

export const auditIndexFileOf = (file: string): string => `${file}.audit`
export const checkpointKeyFileOf = (file: string): string => `${file}.checkpoint-key.json`
export const checkpointFileOf = (file: string): string => `${file}.checkpoint`
export const subjectKeyFileOf = (file: string): string => `${file}.subject-keys`
export const signingKeyFileOf = (file: string): string => `${file}.signing-keys`
export const ledgerFileOf = (file: string): string => `${file}.forgotten`

/** The checkpoints of a store, their key, and further places that have a copy of the checkpoint. */
export const checkpointsBeside = (file: string, copies: ReadonlyArray<string>): CheckpointPlace =>
  checkpointFiles(checkpointKeyFileOf(file), [checkpointFileOf(file), ...copies])

/** The ledgers beside these files. */
export const ledgersBeside = (files: ReadonlyArray<string>): ForgetLedger => forgetLedger(files.map(ledgerFileOf))
