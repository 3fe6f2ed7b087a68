/** The alphabet of devices: what they ask for, what somebody says to it, and what they are told meanwhile. */
import { redeemingDevice } from "../../Asking.ts"
import { deviceProfile, profiles } from "../../Opening.ts"
import type { Operation } from "../../Operation.ts"
import type { Alphabet } from "../Alphabet.ts"
import { CONFIDENTIAL, PUBLIC, nothing, one } from "./Setting.ts"

const asDevice = { verifier: "absent", redirectUri: "absent", isDevice: true } as const

/** Both clients may use device codes; what waits is of either, and so is who asks with it. */
export const devices: Alphabet = {
  ...nothing,
  bounds: { ...nothing.bounds, retryCount: 0 },
  approvals: [PUBLIC, CONFIDENTIAL].flatMap((client) => [
    { client },
    { client, isDevice: true },
    { client, isDevice: true, basis: "Auto" },
    { client, isDevice: true, isLate: true },
  ]),
  denials: [PUBLIC, CONFIDENTIAL].map((client) => ({ client, isDevice: true })),
  hasSecondAnswers: true,
  redemptions: [
    {},
    { ...asDevice },
    { ...asDevice, by: "others" },
    { ...asDevice, authentication: "wrong" },
    { ...asDevice, key: "k1" },
    { ...asDevice, resources: [one] },
    { ...asDevice, resources: ["https://other.example/"] },
  ],
  refreshes: [{}],
  revocations: [{ kind: "refresh" }],
  others: ({ clients }) => [
    ...[...clients.keys()].flatMap((client): ReadonlyArray<Operation> => [
      redeemingDevice("made up", { by: client }),
      ...[...clients.keys()].flatMap((by) =>
        [false, true].map((isLate) => redeemingDevice("made up", { by, waits: { client, isLate } })),
      ),
    ]),
    { _tag: "DisableClient", client: CONFIDENTIAL },
    { _tag: "EnableClient", client: CONFIDENTIAL },
  ],
  hasTime: true,
}

/** The public client is good for device codes as well, as the operator said. */
export const television = {
  ...profiles[PUBLIC]!,
  isSelfRegistered: false,
  grantTypes: deviceProfile.grantTypes.filter((one) => one !== "client_credentials"),
}
