/**
 * Test vectors printed in the documents, and whether they have been checked.
 *
 * Values only; larger vectors lie in `spec/vectors` as files.
 */
export interface Vector {
  readonly id: string
  readonly source: string
  readonly verifier?: string
  readonly challengeS256?: string
  readonly thumbprint?: string
  readonly x?: string
  readonly y?: string
  readonly jkt?: string
  readonly accessToken?: string
  readonly ath?: string
  readonly note?: string
  readonly checked: boolean
}

export const vectors = [
  {
    id: "PKCE-B",
    source: "RFC 7636 app. B",
    verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    challengeS256: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    checked: true,
  },
  {
    id: "JWK-THUMB-7638",
    source: "RFC 7638 3.1 (RSA key there)",
    thumbprint: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
    checked: true,
  },
  {
    id: "DPOP-JKT-9449",
    source: "RFC 9449 example key",
    x: "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
    y: "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
    checked: true,
  },
  {
    id: "DPOP-ATH-9449",
    source: "RFC 9449 fig. resource request",
    accessToken: "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU",
    ath: "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo",
    checked: true,
  },
  {
    id: "DPOP-PROOFS-9449",
    source: "RFC 9449 example proofs (4)",
    note: "all four verify with ES256 against their embedded jwk; iat 1562262616..1562265296, so pass a fixed clock",
    checked: true,
  },
  {
    id: "JWS-7515-A",
    source: "RFC 7515 app. A.2 RS256, A.3 ES256; app. E negative crit case",
    checked: true,
  },
] as const satisfies readonly Vector[]
