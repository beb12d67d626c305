export { LEAST_SEGMENT_ROWS, SEGMENT_RISK, SEGMENT_TOLERANCE } from "./segments.js";
export { foundIn, SegmentHours, type SegmentRange } from "./find-segments.js";
export { placeOfBin, placesText, placeText, PlaceSchema, type Place } from "./place.js";
export { SegmentsSchema, type SegmentJson, type SegmentsJson } from "./segments-json.js";
