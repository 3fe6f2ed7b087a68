/**
 * Checking any authorization server from outside: the promises on what its clients see, the rules of the wire on what
 * it answers.
 *
 * It acts as a client or two, in real time, with a bounded number of requests, and leaves their registrations behind. It
 * cannot turn a clock or look into a store: promises about those are not tried, and say so.
 */
import type { KitReport, PromiseResult } from "../Report.ts"
import type { Issuer } from "./Issuer.ts"
import { registerClient, type WireClient } from "./Registration.ts"
import { tellPatience } from "./Patience.ts"
import { isObstacle, leftOut, tryRule } from "./RuleResults.ts"
import { rules } from "./rules/index.ts"
import { setUp, standpointOf, type Ready, type SetupOptions } from "./Setup.ts"
import { newEvidence, promiseResults, runTrial, type Cast } from "./TrialResults.ts"
import { trials } from "./trials/index.ts"
import type { Trial } from "./trials/Trial.ts"
import { MAX_REQUESTS } from "./Wire.ts"

/** How a running server is checked: how to get through its login, and how long to try. Everything has a default. */
export interface IssuerOptions extends SetupOptions {
  /** What everything that is drawn follows from; drawn by default. */
  readonly seed?: number
  /** The name of one trial: what a counterexample says to see it again. */
  readonly path?: string
  /** Names of promises, and ids of rules; all of them if absent. */
  readonly only?: ReadonlyArray<string>
  /** How long the check may take, logins by hand among it; ten minutes by default. What is under way then is ended first. */
  readonly budgetMillis?: number
  /** Told in a sentence, again and again, what is being done. */
  readonly onProgress?: (progress: string) => void
}

const BUDGET_MILLIS = 600_000

/** Which trials have to be told for what is asked. */
const trialsFor = ({ path, only }: IssuerOptions): ReadonlyArray<Trial> =>
  trials.filter(
    ({ name, promises }) =>
      (path === undefined || path === "" || name === path) &&
      (only === undefined || promises.some((promise) => only.includes(promise))),
  )

/** The first client with the others; where logins cost nothing, another kind of client with the others too. */
const castsOf = async ({ issuer, standpoint }: Ready): Promise<ReadonlyArray<Cast>> => {
  const { clients, isUnattended, metadata } = issuer
  const casts: Array<Cast> = [{ clients, standpoint }]
  const [main, ...others] = clients
  if (!isUnattended || main === undefined) return casts
  const other = others.find(({ secret }) => (main.secret === undefined) !== (secret === undefined))
  if (other !== undefined) {
    const second = await standpointOf(issuer, other)
    const rest = clients.filter((client) => client !== other)
    if (typeof second !== "string") casts.push({ clients: [other, ...rest], standpoint: second })
  }
  const canRevoke = metadata.revocationEndpoint === undefined || casts.some((cast) => cast.standpoint.canRevoke)
  const last = canRevoke ? undefined : await withSecretInBody(issuer, main)
  return last === undefined ? casts : [...casts, last]
}

/** Some servers let nobody revoke but who shows a secret in the body. */
const withSecretInBody = async (issuer: Issuer, { redirectUri }: WireClient): Promise<Cast | undefined> => {
  const wanted = { method: "client_secret_post", redirectUris: [redirectUri], scopes: issuer.scopes } as const
  const client = await registerClient(issuer.wire, issuer.metadata, wanted).catch(ignoringObstacles)
  const standpoint = client === undefined ? undefined : await standpointOf(issuer, client)
  return client === undefined || standpoint === undefined || typeof standpoint === "string"
    ? undefined
    : { clients: [client, ...issuer.clients], standpoint }
}

const ignoringObstacles = (cause: unknown): undefined => {
  if (!isObstacle(cause)) throw cause
  return undefined
}

const loginOf = ({ isAuto, isUnattended }: Issuer): string => {
  if (isAuto) return "follows redirects, submits nothing"
  return isUnattended ? "a program signs in" : "a person signs in"
}

const capabilitiesOf = ({ issuer, standpoint, resource }: Ready): KitReport["capabilities"] => {
  const { metadata, clients, scopes, resources, wire, liveness, prover } = issuer
  const kinds = clients.map(({ secret }) => (secret === undefined ? "public" : "confidential"))
  const looked = `looked at: ${liveness.ways().join(", ")}`
  return {
    ...(resource === undefined ? {} : { issuer: resource.issuer }),
    clients: `${kinds.join(", ")}${metadata.registrationEndpoint === undefined ? "; cannot register themselves" : ""}`,
    login: loginOf(issuer),
    requests: metadata.pushingEndpoint === undefined ? "in the address" : "pushed (RFC 9126)",
    "access tokens": !standpoint.isSeeing
      ? "cannot be looked at"
      : standpoint.isSelfContained
        ? `judged by themselves alone, so that they live until they expire; ${looked}`
        : looked,
    "proof of possession": prover.isProving() ? "DPoP (RFC 9449)" : "not asked for",
    refresh: standpoint.hasRefresh ? "yes" : "no refresh tokens",
    revocation: metadata.revocationEndpoint === undefined ? "no endpoint" : "yes",
    scopes: scopes.length === 0 ? "none known" : scopes.join(" "),
    resources: resources.length === 0 ? "none named" : resources.join(" "),
    clock: "its own: what takes more than seconds is not tried",
    store: "out of sight: what is stored is not tried",
    patience: tellPatience(wire.patience()),
    "requests sent": `${wire.requestCount()} of at most ${MAX_REQUESTS}`,
  }
}

/** Rejects with `CannotCheck` when the server cannot be reached, has no metadata, or lets nobody log in. */
export const checkIssuer = async (issuerUrl: string, options: IssuerOptions = {}): Promise<KitReport> => {
  const startedAt = performance.now()
  const { seed = 0, path, only, budgetMillis = BUDGET_MILLIS, onProgress = () => {} } = options
  const isWanted = (name: string) => only === undefined || only.includes(name)
  const isLate = () => performance.now() - startedAt > budgetMillis

  onProgress("looks for metadata, registers, logs in")
  const ready = await setUp(issuerUrl, options)
  const casts = await castsOf(ready)
  const evidence = newEvidence()
  const told = trialsFor(options)
  for (const [number, cast] of casts.entries()) {
    for (const [index, trial] of told.entries()) {
      onProgress(`${number * told.length + index + 1}/${casts.length * told.length} ${trial.name}`)
      if (!isLate()) await runTrial(ready.issuer, cast, trial, evidence)
      else for (const promise of trial.promises) evidence.leftOut.add(promise)
    }
  }

  const isReplay = path !== undefined && path !== ""
  const isShown = (name: string) =>
    isWanted(name) && (!isReplay || told.some(({ promises }) => promises.includes(name)))
  const results: Array<PromiseResult> = [...promiseResults(evidence, casts, seed, isShown)]
  const wanted = isReplay ? [] : rules.filter(({ id }) => isWanted(id))
  for (const [index, rule] of wanted.entries()) {
    onProgress(`${index + 1}/${wanted.length} ${rule.id}`)
    results.push(isLate() ? leftOut(rule) : await tryRule(ready.issuer, rule, seed))
  }
  const operationCount = ready.issuer.wire.requestCount()
  const millis = performance.now() - startedAt
  return { subject: issuerUrl, results, capabilities: capabilitiesOf(ready), seed, operationCount, millis }
}
