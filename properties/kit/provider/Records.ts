/**
 * Records of codes and refresh tokens: loaded by whoever asks, kept from before, or changed on the way, as the handler
 * does that stands between a client and the provider.
 *
 * It knows whose everything is, and remarks on a record that is given away, or whose end cannot be read.
 */
import type { AuthorizationCode, OAuthClientInformationFull, RefreshToken } from "../../../src/provider/index.ts"
import type { Ask } from "./Calls.ts"
import { endIn } from "./Ends.ts"
import type { TenMethods } from "./Factory.ts"
import type { RecordManner } from "./Manner.ts"

type Client = OAuthClientInformationFull
/** Something is wrong besides what is replied. */
export type Remark = (promise: string, objection: string) => void

interface RecordOf {
  readonly code: AuthorizationCode
  readonly refresh: RefreshToken
}
export type RecordKind = keyof RecordOf

const methods = { code: "loadAuthorizationCode", refresh: "loadRefreshToken" } as const
const names = { code: "authorization code", refresh: "refresh token" } as const

interface Kept<Kind extends RecordKind> {
  readonly record: RecordOf[Kind]
  readonly copy: RecordOf[Kind]
}

/** A record as it is handed in. `end` is when its provider said that the thing ends, whatever was changed since. */
interface HandedIn<Kind extends RecordKind> {
  readonly record: RecordOf[Kind]
  readonly end: number | undefined
}

const DAY_SECONDS = 86_400

export interface Records {
  /** From now on `text` is known to be `owner`'s. */
  readonly own: (kind: RecordKind, text: string, owner: Client, remark: Remark) => Promise<void>
  readonly load: <Kind extends RecordKind>(
    kind: Kind,
    caller: Client,
    text: string,
    remark: Remark,
  ) => Promise<RecordOf[Kind] | undefined>
  /** What `caller` exchanges; nothing where nothing is loaded. */
  readonly take: <Kind extends RecordKind>(
    kind: Kind,
    caller: Client,
    text: string,
    manner: RecordManner | undefined,
    remark: Remark,
  ) => Promise<HandedIn<Kind> | undefined>
  /** What was said of `text` holds no more: it was used, and is still in use. */
  readonly forget: (text: string) => void
}

/** Remarks on an end that cannot be read as it is meant to be. */
export const remarkOnEnd = (method: string, record: unknown, remark: Remark): void => {
  const { flaw } = endIn(record)
  if (flaw !== undefined) {
    remark("ExpiryIsExact", `${method} gives \`expiresAt\` ${flaw}: it is a number of seconds since the epoch`)
  }
}

/**
 * `isKeeping`: records are loaded as soon as what they are of is handed out. Those of an SDK's provider are made by its
 * handler, for whoever asks: they give nothing away.
 */
export const makeRecords = (provider: () => TenMethods, ask: Ask, isKeeping: boolean): Records => {
  const owners = new Map<string, Client>()
  const kept = new Map<string, Kept<RecordKind>>()

  const loaded = async <Kind extends RecordKind>(
    kind: Kind,
    caller: Client,
    text: string,
  ): Promise<RecordOf[Kind] | undefined> => {
    const record =
      kind === "code"
        ? await ask(methods.code, () => provider().loadAuthorizationCode(caller, text))
        : await ask(methods.refresh, () => provider().loadRefreshToken(caller, text))
    return (record ?? undefined) as RecordOf[Kind] | undefined
  }

  const load: Records["load"] = async (kind, caller, text, remark) => {
    const record = await loaded(kind, caller, text)
    if (!record) return undefined
    const owner = owners.get(text)
    remarkOnEnd(methods[kind], record, remark)
    if (owner !== undefined && owner.client_id !== caller.client_id) {
      if (provider().handled !== undefined) return record
      remark("BoundMeansBound", `${methods[kind]} gives a client the record of another client's ${names[kind]}`)
    } else if (!kept.has(text)) kept.set(text, { record, copy: { ...record } })
    return record
  }

  /** What its owner has loaded, or loads: not again, where a second loading might be taken for a second use. */
  const ofOwner = async <Kind extends RecordKind>(kind: Kind, owner: Client, text: string, remark: Remark) =>
    (kept.get(text) as Kept<Kind> | undefined)?.record ?? (await load(kind, owner, text, remark).catch(() => undefined))

  const changed = <Kind extends RecordKind>(record: RecordOf[Kind], change: object): RecordOf[Kind] => ({
    ...record,
    ...change,
  })

  return {
    load,
    own: async (kind, text, owner, remark) => {
      owners.set(text, owner)
      if (isKeeping) await load(kind, owner, text, remark).catch(() => undefined)
    },
    forget: (text) => void kept.delete(text),
    take: async <Kind extends RecordKind>(
      kind: Kind,
      caller: Client,
      text: string,
      manner: RecordManner | undefined,
      remark: Remark,
    ): Promise<HandedIn<Kind> | undefined> => {
      const owner = owners.get(text)
      const before = kept.get(text) as Kept<Kind> | undefined
      const handIn = (record: RecordOf[Kind] | undefined, change: object | undefined = undefined) =>
        record && { record: change ? changed<Kind>(record, change) : record, end: endIn(record).end }
      if (manner === undefined || owner === undefined) return handIn(await load(kind, caller, text, remark))
      switch (manner) {
        case "with the record that its owner loaded":
          return handIn(await ofOwner(kind, owner, text, remark))
        case "with a record that was loaded before":
          return handIn(before?.record ?? (await load(kind, caller, text, remark)))
        case "with a copy of a record that was loaded before":
          return handIn(before?.copy ?? (await load(kind, caller, text, remark)))
      }
      const record = await ofOwner(kind, owner, text, remark)
      if (record === undefined) return undefined
      switch (manner) {
        case "with a record that was given a later end":
          return handIn(record, { expiresAt: (record.expiresAt ?? 0) + DAY_SECONDS })
        case "with a record that was given more scopes":
          return handIn(record, { scopes: [...record.scopes, "read", "write", "admin"] })
        case "with a record that was given to its own client":
          return handIn(record, { clientId: caller.client_id })
      }
    },
  }
}
