/** Taking turns within one process: what waits for the same name runs one after the other, in the order it came. */

export interface Turns {
  readonly take: <A>(name: string, body: () => Promise<A>) => Promise<A>
}

export const makeTurns = (): Turns => {
  const last = new Map<string, Promise<unknown>>()
  return {
    take: (name, body) => {
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
