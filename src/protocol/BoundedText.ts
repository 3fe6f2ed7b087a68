/**
 * Reading a body that somebody else wrote: as far as it may be long, and not further.
 *
 * The body is handed in; what it is read from, and for how long, is for whoever opened it.
 */

/**
 * The text of a body in UTF-8, as `text()` of the fetch standard reads it; empty where there is none, and `undefined` once
 * it has more than `maxBytes`. Bytes are counted as they come, and what comes after the last one counted is cancelled.
 */
export const boundedText = async (
  body: AsyncIterable<Uint8Array> | null,
  maxBytes: number,
): Promise<string | undefined> => {
  const decoder = new TextDecoder()
  let text = ""
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.byteLength
    if (size > maxBytes) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
