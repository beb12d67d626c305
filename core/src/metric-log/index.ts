export { lanePaths, type LanePaths } from "./lane-paths.js";
export { csvField, formatLine, isPlain, LOG_HEADER, MAX_LINE_BYTES, parseLine, type LogLine } from "./log-line.js";
export { readLogLines, type LogLines, type Readable } from "./read-log-lines.js";
