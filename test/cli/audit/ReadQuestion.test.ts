/** What is asked about: an argument that is no secret, or what comes on standard input, which may be one. */
import { PassThrough, Readable } from "node:stream"
import { Effect, Option } from "effect"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { questionOf, pastedQuestion } from "../../../src/audit/index.ts"
import { readQuestion } from "../../../src/cli/audit/ReadQuestion.ts"
import type { VerifyingKey } from "../../../src/provider/index.ts"
import { run } from "../../audit/Logins.ts"
import { DIGEST, GRANT } from "./Sample.ts"

const NOTHING = "nothing is asked about: give an id, a SHA-256 or an account's name, or a token on standard input"

/** Nobody needs keys for what is no JWT. */
const noKeys = Effect.die("the keys were asked for") as Effect.Effect<ReadonlyArray<VerifyingKey>>

const standardInput = (stream: Readable) => {
  const spy = vi.spyOn(process, "stdin", "get").mockReturnValue(stream as typeof process.stdin)
  onTestFinished(() => spy.mockRestore())
}

const piped = (text: string) => standardInput(Readable.from([Buffer.from(text)]))

const asked = async (given: Option.Option<string>, keys = noKeys) =>
  run(Effect.flatMap(readQuestion(given), (question) => question(keys)))

describe("what is asked about", () => {
  it("is the argument, unless it may be a secret, which is never taken from there", async () => {
    expect(await asked(Option.some("desk"))).toEqual(questionOf("desk"))
    const fault = await run(Effect.flip(readQuestion(Option.some(`glr_${GRANT}_secret`))))
    expect([fault._tag, fault.message.slice(0, 44)]).toEqual([
      "UsageFault",
      "a token or secret is among the arguments, wh",
    ])
    expect(fault.message).not.toContain("glr_")
  })

  it.each([
    ["no argument is given", Option.none<string>()],
    ["a hyphen is", Option.some("-")],
  ])("comes on standard input where %s", async (_, given) => {
    const token = `glr_${GRANT}_secret`
    piped(` ${token}\n`)
    expect(await asked(given)).toEqual(pastedQuestion(token))
    piped(" \n")
    expect(await run(Effect.flip(readQuestion(given)))).toMatchObject({ _tag: "UsageFault", message: NOTHING })
  })

  it("is asked for at a terminal, and not shown", async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true })
    standardInput(terminal)
    const said: Array<string> = []
    const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0)
    onTestFinished(() => spy.mockRestore())
    terminal.write(`glr_${GRANT}_secret\n`)
    expect(await asked(Option.none())).toEqual(pastedQuestion(`glr_${GRANT}_secret`))
    expect(said.join("")).toBe("paste the token (it is not shown), then press Enter: \n")
  })
})

describe("a JWT that is asked about", () => {
  it("is held against the keys that are at hand, as it was pasted", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256")
    const jwt = await new SignJWT({ jti: `${GRANT}.${DIGEST}` })
      .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: "k1" })
      .sign(privateKey)
    const key = { kid: "k1", alg: "ES256", publicKey: await exportJWK(publicKey), isCompromised: false } as VerifyingKey
    for (const pasted of [jwt, ` ${jwt} \n`, `Bearer \t${jwt}\n`, `bearer ${jwt}`]) {
      piped(pasted)
      const question = await asked(Option.none(), Effect.succeed([key]))
      expect(question).toEqual({ ...pastedQuestion(jwt), jwt: { ...pastedQuestion(jwt).jwt, signature: "verified" } })
    }
    piped(`${jwt.slice(0, -2)}bearer ${jwt.slice(-2)}`)
    expect((await asked(Option.none(), Effect.succeed([key]))).jwt?.signature).toBe("wrong")
    piped(jwt)
    expect((await asked(Option.none(), Effect.succeed([]))).jwt?.signature).toBe("not checked")
  })
})
