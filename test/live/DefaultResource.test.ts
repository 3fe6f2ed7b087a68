/** `--default-resource`, and the environment variable of that name: what requests are for that name no resource. */
import { expect, test } from "vitest"
import { grantlogJson } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serve } from "./support/ServeProcess.ts"
import { introspect, login, register, type Client } from "./support/Wire.ts"

const [NOTES, FILES] = ["http://localhost:9998/notes", "http://localhost:9999/files"]

test("of two resource servers that were added, the one that the flag names can use tokens of a client that names none", async () => {
  using folder = temporaryFolder()
  const file = folder.at("grantlog.db")
  await using server = await serve(file, "--default-resource", FILES)
  const [notes, files] = await Promise.all(
    [NOTES, FILES].map((audience) =>
      grantlogJson<Client>(["client", "add", "--name", "api", "--audience", audience, "--store", `sqlite:${file}`]),
    ),
  )
  const app = await register(server.url, { scope: "openid email" })
  expect(app).toMatchObject({ scope: "read" })
  const { access_token: token, scope } = await login(server.url, app, { scope: "openid email" })
  expect(scope).toBe("read")
  expect((await introspect(server.url, files!, token)).body).toMatchObject({ active: true, aud: FILES })
  expect((await introspect(server.url, notes!, token)).body).toEqual({ active: false })
  expect(server.complaints()).toBe("")
})
