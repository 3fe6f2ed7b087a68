/** Clients that are registered here, by the operator or by themselves (RFC 7591). */
import type { ClientSource } from "../Feature.ts"

export const registeredClients: ClientSource = {
  kind: "client source",
  name: "registered",
  isOf: () => true,
}
