/**
 * The e-BH procedure: rejects the k hypotheses with the largest e-values, k as large as possible so that the k-th is at least m/(α·k), of m hypotheses.
 * The expected share of true hypotheses among those rejected is at most α, however the e-values depend on each other (Wang and Ramdas, False discovery
 * rate control with e-values, Journal of the Royal Statistical Society B 84, 2022).
 *
 * @param eValues - shape [hypotheses], each at least 0. @returns the indices of those rejected, the largest e-value first.
 */
export function eBenjaminiHochberg(eValues: ArrayLike<number>, alpha: number): number[] {
  const ranked = Array.from(eValues, (_, i) => i).toSorted((one, other) => (eValues[other] ?? 0) - (eValues[one] ?? 0));
  const last = ranked.findLastIndex((hypothesis, i) => (eValues[hypothesis] ?? 0) >= ranked.length / (alpha * (i + 1)));
  return ranked.slice(0, last + 1);
}

/** With this e-value one more hypothesis would be rejected by e-BH, beside those that are. */
export function nextEValue(hypotheses: number, rejected: number, alpha: number): number {
  return hypotheses / (alpha * (rejected + 1));
}
