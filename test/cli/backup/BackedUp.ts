/** A store with a backup, and places to restore it to: what tests of restoring begin with. */
import { copyFileSync, cpSync, readFileSync, writeFileSync } from "node:fs"
import { Effect, Option, type Scope } from "effect"
import { expect } from "vitest"
import { importerInto } from "../../../src/cli/Importing.ts"
import { existingKeys, openExisting } from "../../../src/cli/OpenStore.ts"
import { locate } from "../../../src/cli/StoreLocation.ts"
import type { SubjectId } from "../../../src/core/index.ts"
import { claimTable, type Row } from "../../../src/log/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../../live/support/InProcess.ts"

export type Manifest = Readonly<Record<string, unknown>>

/** A claim that is in the store, and so in the backup. */
export const JTI = { key: "jti", until: Number.MAX_SAFE_INTEGER }

export const sqlite = (path: string) => ["--store", `sqlite:${path}`]
export const place = (path: string) => ({ store: `sqlite:${path}`, beside: Option.none(), keysFile: Option.none() })
export const at = (path: string) => Effect.runPromise(locate(place(path)))
export const inScope = <A>(effect: Effect.Effect<A, unknown, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))

export const claimsIn = (path: string): Promise<ReadonlyArray<Row>> =>
  inScope(Effect.flatMap(openExisting(place(path)), ({ log }) => log.dump(claimTable)))

export const putClaims = async (path: string, claims: ReadonlyArray<Row>) =>
  inScope(Effect.flatMap(importerInto(await at(path)), (importer) => importer.side(claimTable, claims)))

/** A client in a log of the issuer, which is made where there is none. */
export const addClient = (path: string) =>
  grantlogJsonHere([
    ...["client", "add", "--name", "app", "--redirect-uri", "http://127.0.0.1/", "--issuer", "http://localhost:4000"],
    ...sqlite(path),
  ])

/** Keys of subjects beside a store, made where there are none; the ids of all that are there, by the subject. */
export const subjectKeys = (path: string, ...subjects: ReadonlyArray<string>): Promise<ReadonlyMap<unknown, unknown>> =>
  inScope(
    Effect.gen(function* () {
      const { beside, location } = yield* openExisting(place(path))
      const keys = yield* beside.openSubjectKeys(yield* existingKeys(location))
      for (const subject of subjects) yield* keys.ensure(subject as SubjectId)
      const rows = yield* (yield* beside.subjectKeyPlace).list({})
      return new Map(rows.map((row) => [row["subject_id"], row["key_id"]]))
    }),
  )

/** A store of which one subject is forgotten, and its backup, with the keys of subjects in it. */
export const backedUp = async () => {
  const folder = temporaryFolder()
  const [file, monday] = [folder.at("grantlog.db"), folder.at("monday")]
  await addClient(file)
  const user = (name: string) =>
    grantlogJsonHere<{ readonly subjectId: SubjectId }>(["user", "add", name, ...sqlite(file)])
  const { subjectId: ann } = await user("ann")
  await user("gone")
  await grantlogHere(["forget", "gone", "--yes", ...sqlite(file)])
  await subjectKeys(file, ann, "sub_new", "sub_there")
  await putClaims(file, [JTI])
  const { entryCount, root } = await grantlogJsonHere<{ readonly entryCount: number; readonly root: string }>([
    ...["backup", monday, "--with-subject-keys", ...sqlite(file)],
  ])
  const { verifierKey } = await grantlogJsonHere<{ readonly verifierKey: string }>(["checkpoint", ...sqlite(file)])

  let count = 0
  const shown = (text: string) => text.replaceAll(folder.at(), "FOLDER")
  return {
    ...{ folder, file, monday, ann, entryCount, root, verifierKey, shown },

    /** A place with nothing in it but, beside it, what is named. */
    emptyPlace: (...ends: ReadonlyArray<string>): string => {
      const path = folder.at(`place-${++count}.db`)
      for (const end of ends) copyFileSync(`${monday}/grantlog.db${end}`, `${path}${end}`)
      return path
    },

    /** The backup with another manifest. */
    changed: (change: (manifest: Manifest) => Manifest): string => {
      const path = folder.at(`changed-${++count}`)
      cpSync(monday, path, { recursive: true })
      const manifest = JSON.parse(readFileSync(`${path}/backup.json`, "utf8")) as Manifest
      writeFileSync(`${path}/backup.json`, JSON.stringify(change(manifest)))
      return path
    },

    /** What restoring says that refuses, with the folder as `FOLDER`. */
    refused: async (from: string, to: string, ...flags: ReadonlyArray<string>): Promise<string> => {
      const { code, stdout, stderr } = await grantlogHere(["restore", from, ...flags, ...sqlite(to)])
      expect([code, stdout]).toEqual([1, ""])
      return shown(stderr)
    },

    restored: (from: string, to: string, ...flags: ReadonlyArray<string>) =>
      grantlogJsonHere<{ readonly verifierKey: string }>(["restore", from, ...flags, ...sqlite(to)]),
  }
}
