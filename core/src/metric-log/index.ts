export { lanePaths, type LanePaths } from "./lane-paths.js";
export { MAX_LINE_BYTES } from "./line-end.js";
export type { LogLines } from "./log-lines.js";
export { firstLineOf, formatLine, LOG_HEADER, parseLine, type LogLine } from "./log-line.js";
export { LogCursor } from "./log-cursor.js";
export { LogTail, LogUnreadableError, type LogBatch } from "./log-tail.js";
export { openReadable, readLogLines, withReadable, type Readable } from "./read-log-lines.js";
export { LaneTail } from "./lane-tail.js";
