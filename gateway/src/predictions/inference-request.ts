import { DATATYPES, isDatatype, isEventTime, quote, type Datatype } from "@streamgauge/core";
import { isRecord, MAX_FEATURES } from "../ingress/row-table.js";
import { InferenceRequestError, type Tensor } from "./tensors.js";

/** An inference request of the Open Inference Protocol. */
export interface InferenceRequest {
  readonly id: string | undefined;
  /** Column names of a matrix, if the request's parameters give them. */
  readonly order: readonly string[] | undefined;
  readonly tensors: readonly Tensor[];
  /** When the rows happened, in ms since 1970: one time for all, or one each; undefined if the request's parameters do not say. */
  readonly eventTimes: readonly number[] | undefined;
  /** The outputs that are asked for, in their order; undefined if the request does not say. */
  readonly outputs: readonly OutputName[] | undefined;
}

/** The output that is answered unless others are asked for. */
export const OUTPUT = "y_pred";
/** All outputs: the prediction, and the ends of its interval. */
const OUTPUTS = [OUTPUT, "y_pred_low", "y_pred_high"] as const;
export type OutputName = (typeof OUTPUTS)[number];
export const MAX_NAME = 256;
export const MAX_REQUEST_ID = 1_024;

const EXAMPLE = '{"inputs": [{"name": "age", "shape": [1], "datatype": "FP64", "data": [59]}]}';
type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the body of an inference request. null counts as absent.
 *
 * @throws InferenceRequestError, which names the field.
 */
export function readInferenceRequest(body: unknown): InferenceRequest {
  if (!isRecord(body)) throw new InferenceRequestError(`The body is a JSON object such as ${EXAMPLE}.`);
  const parameters = parametersIn(body, "parameters");
  const tensors = listIn(body, "inputs").map((input, i) => tensorOf(input, `inputs[${i}]`));
  if (tensors.length > MAX_FEATURES) throw new InferenceRequestError(`inputs has ${tensors.length} tensors: at most ${MAX_FEATURES}.`);
  refuseBinary(parameters, "parameters", "binary_data_output");
  const outputs = outputsIn(body["outputs"] ?? []);
  return { id: idIn(body), order: orderIn(parameters), tensors, eventTimes: eventTimesIn(parameters), outputs };
}

function idIn({ id }: Fields): string | undefined {
  if (id === undefined || id === null) return undefined;
  if (typeof id === "string" && id.length <= MAX_REQUEST_ID) return id;
  throw new InferenceRequestError(`id is ${quote(id)}: it is a text of at most ${MAX_REQUEST_ID} characters.`);
}

function orderIn({ features }: Fields): string[] | undefined {
  if (features === undefined || features === null) return undefined;
  const names = typeof features === "string" ? features.split(",").map((name) => name.trim()) : [""];
  if (names.includes("") || new Set(names).size < names.length)
    throw new InferenceRequestError(`parameters.features is ${quote(features)}: it is a text with different names, such as "age,sex,bmi".`);
  return names;
}

/** A number, or a text of numbers: the protocol's parameters have no lists. */
function eventTimesIn({ event_time: given }: Fields): number[] | undefined {
  if (given === undefined || given === null) return undefined;
  const times =
    typeof given === "string" ? given.split(",").map((text) => (/^\s*-?\d+\s*$/.test(text) ? Number(text) : Number.NaN)) : [given];
  if (times.every(isEventTime)) return times;
  throw new InferenceRequestError(
    `parameters.event_time is ${quote(given)}: it is when the rows happened, in whole ms since 1970, such as 1760000000000 for all of them, or "1760000000000,1760000060000" with one for each.`,
  );
}

/** The event time of each row; undefined if the request does not say. @throws InferenceRequestError if there is neither one for all nor one for each. */
export function eventTimesOf({ eventTimes }: Pick<InferenceRequest, "eventTimes">, rows: number): Float64Array | undefined {
  const [first = Number.NaN] = eventTimes ?? [];
  if (eventTimes === undefined) return undefined;
  if (eventTimes.length === 1) return new Float64Array(rows).fill(first);
  if (eventTimes.length === rows) return Float64Array.from(eventTimes);
  throw new InferenceRequestError(
    `parameters.event_time has ${eventTimes.length} times for ${rows} rows: send one for all, or one for each.`,
  );
}

function tensorOf(input: unknown, path: string): Tensor {
  if (!isRecord(input)) throw new InferenceRequestError(`${path} is ${quote(input)}: it is an object with name, shape, datatype and data.`);
  const tensor = { name: nameIn(input, path), shape: shapeIn(input, path), datatype: datatypeIn(input, path) };
  refuseBinary(parametersIn(input, `${path}.parameters`), `${path}.parameters`, "binary_data_size");
  const { data } = input;
  if (Array.isArray(data)) return { ...tensor, data };
  throw new InferenceRequestError(`${path}.data is ${data === undefined ? "missing" : quote(data)}: it is a list of values.`);
}

function nameIn({ name }: Fields, path: string): string {
  if (typeof name === "string" && name !== "" && name.length <= MAX_NAME) return name;
  throw new InferenceRequestError(
    `${path}.name is ${name === undefined ? "missing" : quote(name)}: it is the feature's name, a text of 1 to ${MAX_NAME} characters.`,
  );
}

function shapeIn({ shape }: Fields, path: string): number[] {
  const isSize = (size: unknown): size is number => Number.isSafeInteger(size) && Number(size) > 0;
  if (Array.isArray(shape) && shape.length > 0 && shape.length < 3 && shape.every(isSize)) return shape;
  const given = shape === undefined ? "missing" : Array.isArray(shape) ? JSON.stringify(shape).slice(0, 60) : quote(shape);
  throw new InferenceRequestError(`${path}.shape is ${given}: it is [rows] or [rows, features], whole numbers of at least 1.`);
}

function datatypeIn({ datatype }: Fields, path: string): Datatype {
  if (typeof datatype === "string" && isDatatype(datatype)) return datatype;
  const given = datatype === undefined ? "missing" : quote(datatype);
  throw new InferenceRequestError(`${path}.datatype is ${given}: it is one of ${DATATYPES.join(", ")}.`);
}

function outputsIn(outputs: unknown): OutputName[] | undefined {
  if (!Array.isArray(outputs))
    throw new InferenceRequestError(`outputs is ${quote(outputs)}: it is a list such as [{"name": "${OUTPUT}"}].`);
  const names = outputs.map((output: unknown, i) => outputIn(output, `outputs[${i}]`));
  return names.length === 0 ? undefined : [...new Set(names)];
}

function outputIn(output: unknown, path: string): OutputName {
  const name: unknown = isRecord(output) ? output["name"] : undefined;
  const known = OUTPUTS.find((each) => each === name);
  if (!isRecord(output) || known === undefined)
    throw new InferenceRequestError(
      `${path}.name is ${name === undefined ? "missing" : quote(name)}: the outputs are ${OUTPUTS.join(", ")}.`,
    );
  refuseBinary(parametersIn(output, `${path}.parameters`), `${path}.parameters`, "binary_data");
  return known;
}

function listIn(fields: Fields, name: string): readonly unknown[] {
  const list = fields[name];
  if (Array.isArray(list) && list.length > 0) return list;
  const given = list === undefined ? "missing" : Array.isArray(list) ? "empty" : quote(list);
  throw new InferenceRequestError(`${name} is ${given}: send at least one tensor, as in ${EXAMPLE}.`);
}

function parametersIn({ parameters }: Fields, path: string): Fields {
  if (parameters === undefined || parameters === null) return {};
  if (isRecord(parameters)) return parameters;
  throw new InferenceRequestError(`${path} is ${quote(parameters)}: it is an object.`);
}

/** The binary tensor extension appends values to the JSON, which is not supported. */
function refuseBinary(parameters: Fields, path: string, name: string): void {
  const value = parameters[name] ?? false;
  if (value === false) return;
  throw new InferenceRequestError(
    `${path}.${name} is ${quote(value)}: tensors go as JSON only, their values in data. Turn binary data off.`,
  );
}
