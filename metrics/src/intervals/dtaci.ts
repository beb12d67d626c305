/** Experts: each follows the level with steps of another size γ. */
export const EXPERTS = 8;
const GAMMAS = Float64Array.from({ length: EXPERTS }, (_, k) => 0.001 * 2 ** k);
/** I: the length of the stretches over which the regret is held small, in steps. */
const STRETCH = 100;
/** σ: the share of the weights that is spread evenly after each step, so that an expert can come back. */
const SIGMA = 1 / (2 * STRETCH);
/** Rows with one announcement count as so many steps of γ at the most: the quickest expert then makes good what it missed. */
const MOST_STEPS = 8;

/** Rows that were predicted with the same announced levels. */
export interface ScoredRows {
  /** β of each row: the largest level at which its interval would still hold the label. Shape [n]. */
  readonly betas: Float64Array;
  /** How many rows have it. Shape [n]. */
  readonly counts: ArrayLike<number>;
}

/**
 * The level α at which intervals hold the label in a share 1 − α of the rows, whatever the errors do: dynamically-tuned adaptive conformal inference.
 *
 * Gibbs and Candès (2024), "Conformal Inference for Online Prediction with Arbitrary Distribution Shifts", JMLR 25 (162), arXiv:2208.08401, Algorithm 2 (DtACI) with
 * its output ᾱ = Σ pᵢ αᵢ. Expert i takes αᵢ ← αᵢ + γᵢ (α − errᵢ), errᵢ = 1 if αᵢ > β; its weight wᵢ ← wᵢ exp(−η ℓᵢ) by the pinball loss ℓᵢ = α (β − αᵢ) − min(0, β − αᵢ),
 * and then (1 − σ) wᵢ + σ Σ w / k. γ = 0.001 · 2ᵏ for k = 0…7, I = 100, σ = 1 / (2 I), and η is that of the paper for I.
 *
 * A step of the paper is a row. Rows may share an announcement, and their labels may come after later announcements. errᵢ and ℓᵢ are then those of the level that expert i had in
 * their announcement. Their means over these rows make one step; n rows take n steps of γ, at the most eight. With one row an announcement and labels that come before the next one
 * it is the algorithm of the paper.
 */
export class Dtaci {
  /** αᵢ. */
  readonly alphas: Float64Array = new Float64Array(EXPERTS);
  /** pᵢ, of sum 1. */
  readonly weights: Float64Array = new Float64Array(EXPERTS).fill(1 / EXPERTS);
  readonly #target: number;
  readonly #eta: number;

  /** @param target - α: the share of rows whose interval may miss the label. */
  constructor(target: number) {
    this.#target = target;
    this.alphas.fill(target);
    this.#eta = etaOf(target);
  }

  /** ᾱ. */
  get alpha(): number {
    let alpha = 0;
    for (let i = 0; i < EXPERTS; i += 1) alpha += (this.weights[i] ?? 0) * (this.alphas[i] ?? 0);
    return alpha;
  }

  /** One step. @param announced - the levels that the experts had when the rows were predicted; those of now if they are not known. */
  step({ betas, counts }: ScoredRows, announced: Float64Array = this.alphas): void {
    let rows = 0;
    for (let row = 0; row < betas.length; row += 1) rows += counts[row] ?? 0;
    if (rows === 0) return;
    const steps = Math.min(rows, MOST_STEPS);
    const losses = new Float64Array(EXPERTS);
    for (let i = 0; i < EXPERTS; i += 1) {
      const alpha = announced[i] ?? 0;
      let [missed, loss] = [0, 0];
      for (let row = 0; row < betas.length; row += 1) {
        const [beta, count] = [betas[row] ?? 0, counts[row] ?? 0];
        if (alpha > beta) missed += count;
        loss += count * pinball(beta - alpha, this.#target);
      }
      losses[i] = loss / rows;
      this.alphas[i] = (this.alphas[i] ?? 0) + (GAMMAS[i] ?? 0) * steps * (this.#target - missed / rows);
    }
    this.#weigh(losses);
  }

  #weigh(losses: Float64Array): void {
    // Only differences of losses matter; so the weights cannot all become 0.
    const least = Math.min(...losses);
    let sum = 0;
    for (let i = 0; i < EXPERTS; i += 1)
      sum += this.weights[i] = (this.weights[i] ?? 0) * Math.exp(-this.#eta * ((losses[i] ?? 0) - least));
    for (let i = 0; i < EXPERTS; i += 1) this.weights[i] = ((1 - SIGMA) * (this.weights[i] ?? 0)) / sum + SIGMA / EXPERTS;
  }
}

function pinball(distance: number, target: number): number {
  return target * distance - Math.min(0, distance);
}

/** η of the paper for intervals of the length I. */
function etaOf(target: number): number {
  const hit = 1 - target;
  const spread = hit ** 2 * target ** 3 + target ** 2 * hit ** 3;
  return Math.sqrt((3 / STRETCH) * ((Math.log(EXPERTS * STRETCH) + 2) / spread));
}
