/** A mutex for each name, within one process: what waits for the same name runs one after the other, in the order it came. */

export interface KeyedMutex {
  readonly run: <A>(name: string, body: () => Promise<A>) => Promise<A>
}

export const makeKeyedMutex = (): KeyedMutex => {
  const last = new Map<string, Promise<unknown>>()
  return {
    run: (name, body) => {
      const mine = (last.get(name) ?? Promise.resolve()).then(body)
      const settled = mine
        .catch(() => undefined)
        .then(() => {
          if (last.get(name) === settled) last.delete(name)
        })
      last.set(name, settled)
      return mine
    },
  }
}
