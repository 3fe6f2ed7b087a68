/**
 * Registration management: who registers itself gets a token, by which it reads, changes and deletes its registration
 * (RFC 7592).
 *
 * It is not among the standard features: every registration would answer with one more secret, which most clients of
 * today do not keep.
 */
import type { RegistrationManagement } from "../Feature.ts"

/** Registration management (RFC 7592), for the list of a server's features. */
export const registrationManagement: RegistrationManagement = {
  kind: "registration management",
  name: "registration management",
  requirements: ["RFC7592-2.2-replace-not-merge", "RFC7592-2-unknown-client-401"],
  path: "/register/client",
}
