/** What one column of numbers looks like, in the column's unit. */
export interface ColumnStatistics {
  readonly mean: number;
  /** Population standard deviation (divisor n), as scikit-learn's StandardScaler has it; 0 for a constant. */
  readonly std: number;
  readonly min: number;
  readonly max: number;
}

/**
 * @param column - at least one finite number.
 * @returns mean, standard deviation, minimum and maximum. The deviation is summed in a second pass over
 * differences from the mean: the one-pass formula loses every digit when the mean is large beside the spread.
 */
export function columnStatistics(column: Float64Array): ColumnStatistics {
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  for (const value of column) {
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
  }
  // Rounding can put the mean of equal values beside them; a constant must be seen as one.
  if (min === max) return { mean: min, std: 0, min, max };
  const mean = sum / column.length;
  let squares = 0;
  for (const value of column) squares += (value - mean) ** 2;
  return { mean, std: Math.sqrt(squares / column.length), min, max };
}
