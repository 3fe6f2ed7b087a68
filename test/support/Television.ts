/** A server with the device grant, a television that asks it, and browsers that answer for it; judges nothing. */
import { DEVICE_CODE_GRANT } from "../../src/protocol/index.ts"
import { deviceGrant, standardFeatures, type DeviceGrantOptions } from "../../src/provider/index.ts"
import { newBrowser, startFrontDoor, type Sight } from "./FrontDoor.ts"
import type { Setting } from "./TestServer.ts"
import { RESOURCE, wireClient, type App } from "./WireClient.ts"

/** What a device is answered (RFC 8628 3.2). */
export interface Authorization {
  readonly deviceCode: string
  readonly userCode: string
  /** With the user code in it, as a path with its query. */
  readonly page: string
  readonly body: Readonly<Record<string, unknown>>
}

export const DEVICE_PATH = "/device_authorization"

/** Everything that a server needs to have devices, with clients that register themselves among them. */
export const deviceSetting = (setting: Setting = {}, options?: DeviceGrantOptions): Setting => ({
  ...setting,
  features: [...(setting.features ?? standardFeatures), ...deviceGrant(options)],
  config: { registrationGrants: ["authorization_code", "refresh_token", DEVICE_CODE_GRANT], ...setting.config },
})

export const television = {
  client_name: "Television",
  redirect_uris: [],
  response_types: [],
  grant_types: [DEVICE_CODE_GRANT, "refresh_token"],
} as const

export const startTelevision = async (setting: Setting = {}, options?: DeviceGrantOptions) => {
  const door = await startFrontDoor(deviceSetting(setting, options))
  const wire = wireClient(door.url)
  const app = await wire.newApp(television)
  return { ...door, wire, app, ...dealings(wire, app, door.issuer), browser: newBrowser(door.issuer, door.carry) }
}

/** What a device of that client does. */
export const dealings = (wire: ReturnType<typeof wireClient>, app: App, issuer: string) => {
  const asking = (form: Readonly<Record<string, string>> = {}, who: App = app) =>
    wire.asApp(DEVICE_PATH)(who, { resource: RESOURCE, ...form })
  return {
    asking,
    ask: async (form: Readonly<Record<string, string>> = {}, who: App = app): Promise<Authorization> => {
      const { status, text, body } = await asking(form, who)
      if (status !== 200) throw new Error(`the device was refused: ${status} ${text}`)
      const complete = new URL(String(body["verification_uri_complete"]))
      return {
        deviceCode: String(body["device_code"]),
        userCode: String(body["user_code"]),
        page: complete.href.slice(new URL(issuer).origin.length),
        body,
      }
    },
    poll: ({ deviceCode }: Pick<Authorization, "deviceCode">, form: Readonly<Record<string, string>> = {}, who = app) =>
      wire.token(who, { grant_type: DEVICE_CODE_GRANT, device_code: deviceCode, ...form }),
  }
}

/** Somebody opens the page of a code, signs in where that is asked, and answers what is shown. */
export const answering = async (
  browser: ReturnType<typeof newBrowser>,
  { page }: Pick<Authorization, "page">,
  decision = "allow",
  name = "alice",
): Promise<Sight> => browser.submit(await browser.walk(page, name), "/device", { decision })
