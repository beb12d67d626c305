import Type from "typebox";
import { Compile } from "typebox/compile";
import { quote } from "../refusal.js";
import { FRAME_HEADER, FrameRefusedError, type HeldOutError } from "./frame.js";

const isHeldOut = Compile(
  Type.Object({
    rows: Type.Integer({ minimum: 1 }),
    mae: Type.Number({ exclusiveMinimum: 0 }),
    sd: Type.Number({ minimum: 0 }),
  } satisfies Record<keyof HeldOutError, unknown>),
);

/** The header of predictions by a model with this error. */
export function heldOutHeader({ rows, mae, sd }: HeldOutError): string {
  return JSON.stringify({ rows, mae, sd });
}

/** The last header: messages of one model have the same. */
let last: { readonly text: string; readonly heldOut: HeldOutError } | undefined;

/** Reads a header. @returns undefined if there is none. @throws FrameRefusedError if it is not such a JSON object. */
export function heldOutIn(header: unknown): HeldOutError | undefined {
  if (header === undefined) return undefined;
  if (last?.text === header) return last.heldOut;
  const value = typeof header === "string" ? parsed(header) : undefined;
  if (typeof header !== "string" || !isHeldOut.Check(value)) {
    throw new FrameRefusedError({
      reason: `the header ${FRAME_HEADER.heldOut} is ${quote(header)}: send JSON such as {"rows":88,"mae":43.8,"sd":31.7}, or leave it out`,
    });
  }
  last = { text: header, heldOut: value };
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
