/** Coefficients of Lanczos' approximation of the gamma function with g = 7 and nine terms (Numerical Recipes, 3rd ed., §6.1). */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const TERMS = 1_000;
const SMALL = 1e-300;

/** ln Γ(x) for x > 0, to some 14 digits. */
function logGamma(x: number): number {
  const [first = 1, ...others] = LANCZOS;
  const sum = others.reduce((total, coefficient, i) => total + coefficient / (x + i), first);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** The share of a gamma distribution of shape `a` and scale 1 that is below `x`: P(a, x), DLMF 8.2.4. */
function gammaShare(a: number, x: number): number {
  if (x <= 0) return 0;
  const factor = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? factor * series(a, x) : 1 - factor * continuedFraction(a, x);
}

/** DLMF 8.7.1. */
function series(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < TERMS && Math.abs(term) > Math.abs(sum) * Number.EPSILON; n += 1) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/** DLMF 8.9.2, by Lentz's method. */
function continuedFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / SMALL;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < TERMS; n += 1) {
    const an = -n * (n - a);
    b += 2;
    d = an * d + b;
    d = 1 / (Math.abs(d) < SMALL ? SMALL : d);
    c = b + an / c;
    if (Math.abs(c) < SMALL) c = SMALL;
    const change = d * c;
    fraction *= change;
    if (Math.abs(change - 1) < Number.EPSILON) break;
  }
  return fraction;
}

/**
 * The value below which a χ² variable lies with a probability.
 *
 * @param probability - above 0 and below 1. @param degrees - of freedom, at least 1.
 */
export function chiSquaredQuantile(probability: number, degrees: number): number {
  let [low, high] = [0, degrees + 1];
  while (gammaShare(degrees / 2, high / 2) < probability) [low, high] = [high, high * 2];
  // Bisection needs no care at the ends, where Newton's method leaves the range.
  for (let i = 0; i < 200 && high - low > high * 1e-13; i += 1) {
    const middle = (low + high) / 2;
    if (gammaShare(degrees / 2, middle / 2) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
