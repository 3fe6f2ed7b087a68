/** Clients that are registered here, by the operator or by themselves (RFC 7591). */
import type { ClientSource } from "../Feature.ts"

export const registeredClients: ClientSource = {
  kind: "client source",
  name: "registered",
  requirements: ["RFC7591-5-redirect-restrictions", "RFC7591-3.2.1-return-all-metadata"],
  isOf: () => true,
}
