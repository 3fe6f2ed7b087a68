/** What a log has signed, verified from plain text alone, and refused with a code where it does not verify. */
import { describe, expect, test } from "vitest"
import { openAudit, verifyExport } from "../../src/entry/audit.ts"
import { authorizationServer, ephemeralKeys, sqliteStore, type EmbeddedServer } from "../../src/entry/grantlog.ts"
import { ProofFault, openCheckpoint, verifyProof } from "../../src/entry/log.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { ISSUER } from "../support/TestServer.ts"

const OTHER_KEY = "other.example+2e2f9a1b+AQ=="

/** A server with a few entries, and the key that its checkpoints are verified with. */
const begin = async (file: string) => {
  const server = await authorizationServer({
    store: sqliteStore(file),
    keys: ephemeralKeys(),
    config: { issuer: ISSUER },
  })
  for (const clientId of ["one", "two", "three"]) {
    await server.addClient({ clientId, metadata: { redirect_uris: ["http://127.0.0.1/callback"] } })
  }
  return { server, key: await server.audit.keepCheckpoints() }
}

const bytesOf = async function* (server: Pick<EmbeddedServer, "audit">, change = (line: string) => line) {
  for await (const line of server.audit.exportLines()) yield Buffer.from(`${change(line)}\n`)
}

const faultOf = async (body: () => unknown): Promise<unknown> => {
  try {
    return await body()
  } catch (fault) {
    return fault
  }
}

describe("from plain text", () => {
  test("a checkpoint, a proof and an export verify under the key of the log", async () => {
    using folder = temporaryFolder()
    const { server, key } = await begin(folder.at("grantlog.db"))
    const { checkpoint, size, root } = await server.audit.checkpoint()
    expect(openCheckpoint(checkpoint, key)).toEqual({ origin: key.split("+")[0], size, root })
    const proven = verifyProof(await server.audit.prove(2), key)
    expect(proven).toMatchObject({ position: 2, size, root })
    expect(JSON.parse(proven.entry)).toMatchObject({ type: "ClientRegistered" })
    expect(await verifyExport(bytesOf(server), key)).toMatchObject({ from: 0, size, root })
    await server.close()
  })

  test("what is wrong is thrown with a code that says whether the key or the text is", async () => {
    using folder = temporaryFolder()
    const { server, key } = await begin(folder.at("grantlog.db"))
    const { checkpoint } = await server.audit.checkpoint()
    const proof = await server.audit.prove(2)
    const faults = {
      key_malformed: [
        () => openCheckpoint(checkpoint, OTHER_KEY),
        () => verifyProof(proof, ""),
        () => verifyExport(bytesOf(server), "none"),
      ],
      checkpoint_invalid: [
        () => openCheckpoint(checkpoint.replace(/^\d+$/m, "1"), key),
        () => openCheckpoint("no note", key),
      ],
      proof_invalid: [() => verifyProof("no proof", key), () => verifyProof(proof.replace("index 2", "index 1"), key)],
      export_invalid: [
        () =>
          verifyExport(
            bytesOf(server, (line) => line.replace('"position":2', '"position":3')),
            key,
          ),
      ],
    }
    for (const [code, bodies] of Object.entries(faults)) {
      for (const body of bodies) {
        const fault = await faultOf(body)
        expect(fault).toBeInstanceOf(ProofFault)
        expect(fault).toMatchObject({ _tag: "ProofFault", code, message: expect.stringMatching(/\w[^.]$/) })
      }
    }
    await server.close()
  })

  test("what the bytes of an export throw is thrown on", async () => {
    using folder = temporaryFolder()
    const { server, key } = await begin(folder.at("grantlog.db"))
    const cut = async function* () {
      yield* bytesOf(server)
      throw new Error("the disk is gone")
    }
    await expect(verifyExport(cut(), key)).rejects.toThrow("the disk is gone")
    await server.close()
  })
})

describe("a log that no server has open", () => {
  test("answers an auditor what its server would, and signs beside its file", async () => {
    using folder = temporaryFolder()
    const file = folder.at("grantlog.db")
    const { server, key } = await begin(file)
    await server.close()
    const audit = openAudit({ store: sqliteStore(file), issuer: ISSUER })
    expect(await audit.explain("two")).toMatchObject({ isOurs: true, kind: "client" })
    expect(await audit.verify()).toMatchObject({ findings: [], uncoveredFrom: undefined })
    expect(openCheckpoint((await audit.checkpoint()).checkpoint, key).size).toBe((await audit.verify()).size)
    await expect(audit.explain("two", { requestOrigins: true })).rejects.toMatchObject({ error: "invalid_request" })
    await audit.close()
    await expect(audit.history()).rejects.toMatchObject({ _tag: "StoreFault" })
  })
})
