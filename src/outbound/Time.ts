/**
 * The time of this machine, for whoever runs without Effect and is given no clock.
 *
 * The one place that reads it there; tests hand in a clock of their own.
 */

/** Milliseconds since the epoch. */
export const machineTime = (): number => Date.now()
