export { type BinSums, type PairSums, type SegmentHour, type Sums } from "./bin-sums.js";
export {
  LEAST_SEGMENT_ROWS,
  SEGMENT_RISK,
  SEGMENT_TOLERANCE,
  SegmentSearch,
  type ColumnBin,
  type Segment,
  type Segments,
} from "./segments.js";
