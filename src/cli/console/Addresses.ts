/** The console's addresses: everything that is shown is in the address, so that it can be sent to somebody. */
export const paths = {
  home: "/console",
  login: "/console/login",
  logout: "/console/logout",
  proof: "/console/proof",
  export: "/console/export",
  script: "/console/hash.js",
} as const

export interface Addresses {
  readonly prefix: string
  /** What is known of an id or hash, as of a moment as it was given; of its events those next to a position. */
  readonly about: (id: string, at?: string, page?: EventPage) => string
  readonly proof: (position: number) => string
  readonly export: (from: number) => string
}

/** Events before a position, or behind one. */
export interface EventPage {
  readonly before?: number | undefined
  readonly after?: number | undefined
}

const query = (parameters: Readonly<Record<string, string | undefined>>): string => {
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return `?${new URLSearchParams(given)}`
}

/** `prefix` is the issuer's path, without a final slash. */
export const addressesBehind = (prefix: string): Addresses => ({
  prefix,
  about: (id, at, { before, after } = {}) =>
    `${prefix}${paths.home}${query({ about: id, at, before: before?.toString(), after: after?.toString() })}`,
  proof: (position) => `${prefix}${paths.proof}${query({ position: String(position) })}`,
  export: (from) => `${prefix}${paths.export}${query({ from: String(from) })}`,
})
