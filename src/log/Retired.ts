/**
 * What an ended stream leaves behind, and how the place of an entry looks whose text is in an archive.
 *
 * Such a place has its leaf and its time; its text is empty, and its stream is named after the archive.
 */

/** What of an entry tells whether it is in an archive. */
interface Placed {
  readonly stream: string
  readonly bytes: string
}

/** What an ended stream leaves to the rows of others, and when it died: all that a fold needs of it once it is archived. */
export interface Retired {
  /** When its rows could be removed, milliseconds since the epoch. */
  readonly diedAt: number
  /** The client whose registration it made count as used; `null` where it did not. */
  readonly clientId: string | null
  /** The keys of the ring that its events name. */
  readonly keyIds: ReadonlyArray<string>
}

export interface RetiredStream extends Retired {
  readonly stream: string
  /** How many entries it had. */
  readonly version: number
}

const PREFIX = "archive-"

/** The name of the stream that places of archived entries have. */
export const archiveStream = (number: number): string => `${PREFIX}${number}`

/** Whether an entry's text is in an archive, and not here. */
export const isArchived = ({ stream, bytes }: Placed): boolean => bytes === "" && stream.startsWith(PREFIX)

/** The number of the archive that an archived entry is in. */
export const archiveOf = ({ stream }: Pick<Placed, "stream">): number => Number(stream.slice(PREFIX.length))

/** The id within the name of a stream, by which its rows are removed. */
export const idOfStream = (stream: string): string => stream.slice(stream.indexOf("-") + 1)
