export { SEGMENT_TOLERANCE } from "./evidence.js";
export { LEAST_SEGMENT_ROWS, SEGMENT_RISK } from "./segments.js";
export { foundIn, noEarlierRows, SegmentHours, type SegmentRange } from "./find-segments.js";
export { placeOfBin, placesText, placeText, PlaceSchema, type Place } from "./place.js";
export { SegmentsSchema, type SegmentJson, type SegmentsJson } from "./segments-json.js";
export { bestOf, compareRows, MOST_SEGMENT_ROWS, RowOrderSchema, type RowOrder, type SegmentRow } from "./segment-row.js";
export { noSegmentNamed, segmentNamed, type CodesInColumn, type NamedSegment } from "./segment-named.js";
export { SegmentRowsSchema, segmentRowsJson, type FoundRows, type SegmentRowsAsked, type SegmentRowsJson } from "./segment-rows-json.js";
