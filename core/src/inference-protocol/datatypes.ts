import type { FeatureKind } from "../feature-kind.js";

/** The kinds of feature whose values each datatype of the Open Inference Protocol holds. */
const KIND_OF_DATATYPE = {
  FP64: "number",
  FP32: "number",
  FP16: "number",
  INT8: "int8",
  INT16: "int16",
  INT32: "int32",
  INT64: "int64",
  UINT8: "uint8",
  UINT16: "uint16",
  UINT32: "uint32",
  UINT64: "uint64",
  BOOL: "bool",
  BYTES: "text",
} as const satisfies Readonly<Record<string, FeatureKind>>;

/** A datatype of the Open Inference Protocol. */
export type Datatype = keyof typeof KIND_OF_DATATYPE;

/** All of them. */
export const DATATYPES = Object.keys(KIND_OF_DATATYPE).filter(isDatatype);

/** Whether a text names one of them. */
export function isDatatype(text: string): text is Datatype {
  return Object.hasOwn(KIND_OF_DATATYPE, text);
}

/** What values a tensor of that datatype holds. */
export function kindOf(datatype: Datatype): FeatureKind {
  return KIND_OF_DATATYPE[datatype];
}

/** The datatype that holds every value of that kind. */
export function datatypeOf(kind: FeatureKind): Datatype {
  return DATATYPES.find((datatype) => KIND_OF_DATATYPE[datatype] === kind) ?? "FP64";
}
