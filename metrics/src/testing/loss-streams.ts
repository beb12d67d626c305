import { seededNumbers } from "@streamgauge/core";

/** A stream of losses that a seed decides; each call gives the next one. */
export type Losses = () => number;

/** Standard normal numbers: G. E. P. Box and M. E. Muller, Annals of Mathematical Statistics 29 (1958), 610–611. */
export function normals(seed: number): Losses {
  const uniform = seededNumbers(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Log-normal losses of mean 1 whose standard deviation is 1.3 times the mean. */
export function lognormalLosses(seed: number): Losses {
  const normal = normals(seed);
  const variance = Math.log(1 + 1.3 * 1.3);
  const [scale, shift] = [Math.sqrt(variance), -variance / 2];
  return () => Math.exp(scale * normal() + shift);
}

/** Exponential losses of mean 1. */
export function exponentialLosses(seed: number): Losses {
  const uniform = seededNumbers(seed);
  return () => -Math.log(1 - uniform());
}

/** Absolute values of an autoregression of order 1 with this coefficient and variance 1: the losses of rows that follow in time. */
export function autocorrelatedLosses(seed: number, coefficient: number): Losses {
  const normal = normals(seed);
  const noise = Math.sqrt(1 - coefficient * coefficient);
  let value = normal();
  return () => Math.abs((value = coefficient * value + noise * normal()));
}

/** The next `n` losses. */
export function take(losses: Losses, n: number): Float64Array {
  return Float64Array.from({ length: n }, losses);
}
