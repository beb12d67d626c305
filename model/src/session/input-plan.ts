import type { FeatureKind } from "./feature-kind.js";
import { ModelError } from "./model-error.js";
import type { DeclaredValue } from "../onnx/declared-value.js";
import { kindOf } from "./plain-input.js";
import { describeValue } from "../onnx/describe-value.js";
import { FLOAT32, isUnread } from "../onnx/unread-type.js";

/** How one input takes its part of a row. */
export interface PlannedInput {
  readonly name: string;
  /** As in onnx-fields.ts. */
  readonly type: string;
  readonly kind: FeatureKind;
  /** Whether its first dimension is the row. */
  readonly hasBatch: boolean;
  /** Its dimensions behind the batch; "" if one is open. */
  readonly sizes: readonly (number | string)[];
  /** Features in it, the product of its sizes; undefined if the file leaves it open. */
  readonly width: number | undefined;
}

/** How a file takes rows. */
export interface InputPlan {
  readonly inputs: readonly PlannedInput[];
  /** Inputs that the prediction does not depend on. */
  readonly unneeded: readonly DeclaredValue[];
  /** Rows in each call; undefined if any number is taken. */
  readonly batch: number | undefined;
}

/**
 * Finds out how rows are fed.
 *
 * A first dimension is the batch, except if the file plainly has none: a scalar, and the one input that is a row of
 * fixed length. Inputs that are all of the shape [k] are columns of k rows.
 *
 * @param path - for messages only.
 * @param needed - whether the prediction depends on an input.
 * @param stated - how many features are named, if they are: distinguishes a row [k] from a column [k].
 * @throws ModelError if an input is no tensor, has a type that rows cannot have, or if batches differ.
 */
export function planInputs(
  path: string,
  declared: readonly DeclaredValue[],
  needed: (name: string) => boolean,
  stated?: number,
): InputPlan {
  const refuse = (problem: string, remedy: string) => new ModelError({ path, reason: "unsupported-input", problem, remedy });
  const used = declared.filter(({ name }) => needed(name));
  if (used.length === 0) {
    throw refuse(
      declared.length === 0
        ? "the model has no inputs"
        : `the prediction depends on none of the inputs ${declared.map(({ name }) => name).join(", ")}: it is the same for every row`,
      "Export the model with its features as inputs, or choose another output with OUTPUT",
    );
  }
  const lengths = new Set(used.map(({ shape }) => (shape?.length === 1 ? shape[0] : undefined)));
  const columnsOfRows = used.length > 1 && lengths.size === 1;
  const plan = (value: DeclaredValue): PlannedInput & { readonly batch: number | undefined } => {
    const kind = kindOf(value.type);
    if (kind === undefined || value.type === undefined) {
      throw isUnread(value)
        ? refuse(`the input ${describeValue(value)} takes numbers that ONNX Runtime for Node cannot write`, FLOAT32)
        : refuse(
            `the input ${describeValue(value)} takes neither numbers nor texts`,
            "Export the model with tensors of numbers or strings as inputs",
          );
    }
    const { name, type, shape } = value;
    if (shape === undefined)
      return {
        name,
        type,
        kind,
        hasBatch: true,
        sizes: used.length === 1 ? [""] : [1],
        width: used.length === 1 ? undefined : 1,
        batch: undefined,
      };
    const [first] = shape;
    const isRow = shape.length === 0 || (shape.length === 1 && !columnsOfRows && isRowLength(first, used.length, stated));
    // A column among others is one value wide, whether the file says so or leaves it open.
    const sizes = (isRow ? shape : shape.slice(1)).map((size) => (typeof size === "number" ? size : used.length > 1 ? 1 : ""));
    const width = sizes.reduce<number | undefined>(
      (product, size) => (product === undefined || typeof size !== "number" ? undefined : product * size),
      1,
    );
    return { name, type, kind, hasBatch: !isRow, sizes, width, batch: isRow ? 1 : typeof first === "number" ? first : undefined };
  };
  const inputs = used.map(plan);
  const batches = new Set(inputs.map(({ batch }) => batch).filter((batch) => batch !== undefined));
  const [batch] = batches;
  if (batches.size > 1) {
    throw refuse(
      `the inputs ${used.map(describeValue).join(", ")} take different numbers of rows a call`,
      "Export the model with one number of rows for all inputs, or an open one",
    );
  }
  return { inputs, unneeded: declared.filter(({ name }) => !needed(name)), batch };
}

/** Whether the one dimension of an input is that of a row, and not of a column. */
function isRowLength(size: number | string | undefined, inputs: number, stated: number | undefined): boolean {
  if (inputs === 1 && stated !== undefined) return stated > 1;
  return typeof size === "number" && size > 1;
}
