/**
 * Other authorization servers: in which version they were looked up, and where that was read.
 *
 * What is said of them is what their own documentation says. Nobody ran them for this; `properties/PEERS.md` is about those
 * that were run.
 */
export interface Peer {
  readonly name: string
  readonly version: string
  /** What was read, so that somebody can read it again. */
  readonly source: string
}

export const peers = {
  "oidc-provider": {
    name: "oidc-provider",
    version: "9.13.3",
    source: "README and `lib/helpers/defaults.js` of the npm package",
  },
  "better-auth": {
    name: "better-auth",
    version: "1.7.1",
    source: "`docs/content/docs/plugins` (oauth-provider, cimd, device-authorization, passkey) at commit 451aa4b6",
  },
  hydra: {
    name: "Ory Hydra",
    version: "26.2.0",
    source:
      "README, `spec/config.json` and `oauth2/handler.go` at commit 83127c57; `docs/oauth2-oidc` of ory/docs at commit 378ce260",
  },
  keycloak: {
    name: "Keycloak",
    version: "26.7",
    source: "the guide *Specifications implemented*, at commit 09994c36; it does not say what is on by default",
  },
  workers: {
    name: "workers-oauth-provider",
    version: "1.x",
    source: "README of cloudflare/workers-oauth-provider at commit 04fbda05, and its advanced configuration",
  },
} as const satisfies Readonly<Record<string, Peer>>

export type PeerId = keyof typeof peers

/** What a peer's documentation says of a feature. */
export const answers = {
  on: "there by default",
  option: "there, and off by default",
  yes: "there; the documentation does not say whether by default",
  preview: "there as an experiment, off by default",
  partly: "part of it is there",
  "–": "the documentation that was read does not name it",
} as const

export type Answer = keyof typeof answers
