/** A piece of a page. */
import type { html } from "hono/html"

/** Made by `html`, which escapes what is put into it. */
export type Content = ReturnType<typeof html>
