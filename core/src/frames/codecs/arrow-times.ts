import { type Data, DataType, Int64, makeData, type Vector } from "apache-arrow";
import type { Cell, Column } from "../frame.js";
import { bitmapOf } from "./arrow-bitmap.js";

/** Ticks of each unit of a timestamp in a second, in Arrow's order: s, ms, µs, ns. */
const TICKS = [1n, 1_000n, 1_000_000n, 1_000_000_000n] as const;
const HALF = 2 ** 32;

/** Whether a column of this type holds times: 64-bit integers, as ms since 1970, or timestamps. One without a zone is in UTC. */
export function areTimes(type: DataType): boolean {
  return DataType.isTimestamp(type) || (DataType.isInt(type) && type.bitWidth === 64);
}

/** The times of a column in ms since 1970, null for a missing one. A time between two ms is that of the earlier one. */
export function timesOf(vector: Vector): Column {
  const parts = vector.data.map(millisecondsOf);
  const [first] = parts;
  if (vector.nullCount === 0 && parts.length === 1 && first !== undefined) return first;
  return parts.flatMap((times, at) => Array.from(times, (time, row): Cell => (vector.data[at]?.getValid(row) === true ? time : null)));
}

function millisecondsOf({ type, values, length }: Data): Float64Array {
  const ticks: unknown = values;
  if (ticks instanceof BigUint64Array) return Float64Array.from(ticks.subarray(0, length), Number);
  if (!(ticks instanceof BigInt64Array) || ticks.length < length)
    throw new Error(`the column event_time has no ${length} values of 64 bits`);
  const perSecond = DataType.isTimestamp(type) ? TICKS[type.unit] : 1_000n;
  if (perSecond === 1_000n) return numbersOf(ticks, length);
  return Float64Array.from(ticks.subarray(0, length), (tick) => Number(floorOf(tick * 1_000n, perSecond)));
}

function floorOf(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return quotient * divisor > dividend ? quotient - 1n : quotient;
}

/** 64-bit integers as doubles, by their halves: without a BigInt for each. */
function numbersOf({ buffer, byteOffset }: BigInt64Array, length: number): Float64Array {
  const halves = new Int32Array(buffer, byteOffset, 2 * length);
  const numbers = new Float64Array(length);
  for (let i = 0; i < length; i += 1) numbers[i] = (halves[2 * i + 1] ?? 0) * HALF + ((halves[2 * i] ?? 0) >>> 0);
  return numbers;
}

/** Whole ms since 1970 as a column of 64-bit integers; null for a missing one. */
export function timeData(times: Column): Data<Int64> {
  const halves = new Int32Array(2 * times.length);
  for (let i = 0; i < times.length; i += 1) {
    const time = Number(times[i] ?? 0);
    const high = Math.floor(time / HALF);
    halves[2 * i] = time - high * HALF;
    halves[2 * i + 1] = high;
  }
  const data = new BigInt64Array(halves.buffer);
  const common = { type: new Int64(), length: times.length, data };
  if (times instanceof Float64Array) return makeData(common);
  return makeData({ ...common, nullCount: times.filter((time) => time === null).length, nullBitmap: bitmapOf(times) });
}
