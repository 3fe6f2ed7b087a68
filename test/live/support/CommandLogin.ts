/** `grantlog login` without a screen: the browser is one request, which goes where it is sent. */
import { text } from "node:stream/consumers"
import { endOf, startGrantlog } from "./Command.ts"

export interface CommandLogin {
  readonly code: number | NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** What the browser shows at the end. */
  readonly page: string
}

/** Runs `grantlog login … --print-link`, and opens the link. */
export const logInByCommand = async (
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>,
): Promise<CommandLogin> => {
  const child = startGrantlog(["login", ...args, "--print-link"], env)
  child.stdin.end()
  let said = ""
  const link = new Promise<string>((resolve) =>
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk
      const found = /^ {2}(http\S+)$/m.exec(said)?.[1]
      if (found !== undefined) resolve(found)
    }),
  )
  const ended = Promise.all([text(child.stdout), endOf(child)])
  const page = await (await fetch(await Promise.race([link, ended.then(() => Promise.reject(new Error(said)))]))).text()
  const [stdout, code] = await ended
  return { stdout, stderr: said, code, page }
}
