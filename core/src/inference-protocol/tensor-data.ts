/** The data of a tensor do not agree with its shape. The message says where, as in `data[1] has 9 values, …`. */
export class TensorDataError extends Error {
  override readonly name = "TensorDataError";
}

/**
 * The elements of a tensor of the Open Inference Protocol, row-major.
 *
 * @param data - flat, or nested as the shape says, at every level.
 * @param shape - whole numbers, none of them negative.
 * @throws TensorDataError if they are neither.
 */
export function elementsOf(data: readonly unknown[], shape: readonly number[]): readonly unknown[] {
  const size = shape.reduce((product, length) => product * length, 1);
  if (data.some(Array.isArray)) {
    const elements: unknown[] = [];
    gather(data, shape, "data", elements);
    return elements;
  }
  if (data.length !== size) throw new TensorDataError(`data has ${values(data.length)}, and the shape ${written(shape)} takes ${size}`);
  return data;
}

/** Where an element stands in the data, from its place among the elements: `data[12]`, or `data[1][2]` if they are nested. */
export function pathOfElement(place: number, data: readonly unknown[], shape: readonly number[]): string {
  if (!data.some(Array.isArray)) return `data[${place}]`;
  let path = "";
  let rest = place;
  for (const length of shape.toReversed()) {
    path = `[${rest % length}]${path}`;
    rest = Math.floor(rest / length);
  }
  return `data${path}`;
}

function gather(part: readonly unknown[], [length = 0, ...inner]: readonly number[], path: string, elements: unknown[]): void {
  if (part.length !== length) throw new TensorDataError(`${path} has ${values(part.length)}, and the shape takes ${length} there`);
  for (const [i, element] of part.entries()) {
    const isList = Array.isArray(element);
    if (isList !== inner.length > 0)
      throw new TensorDataError(`${path}[${i}] ${isList ? IS_LIST : IS_VALUE}; nest the data as the shape says, or not at all`);
    if (isList) gather(element, inner, `${path}[${i}]`, elements);
    else elements.push(element);
  }
}

const IS_LIST = "is a list, and by the shape it is one value";
const IS_VALUE = "is one value, and by the shape it is a list";

function values(count: number): string {
  return count === 1 ? "1 value" : `${count} values`;
}

function written(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}
