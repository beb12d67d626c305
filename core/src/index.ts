export * from "./bus/bus.js";
export { DEAD_HEADER } from "./bus/dead-header.js";
export { resendable } from "./bus/dead-letter.js";
export { originOfLetter, type LetterOrigin } from "./bus/letter-origin.js";
export { isReasonsMessage, readReasons } from "./bus/refused-rows.js";
export { printable } from "./printable.js";
export { resentNotice } from "./bus/resent-letter.js";
export { isSuspicious } from "./bus/settlement.js";
export { connectBus } from "./bus/connect-bus.js";
export { MemoryBroker } from "./bus/memory/broker.js";
export { MemoryBus } from "./bus/memory/bus.js";
export type { Defer } from "./bus/memory/queue.js";
export { BackOff } from "./bus/back-off.js";
export { chosenPartitions } from "./runtime/partition-settings.js";
export { LaneNotices, writeSums } from "./frames/lane-notices.js";
export { labelMessages, publishEach, type Addressed } from "./partitions/addressed.js";
export { divideLabels, dividePredictions, type FramePart } from "./partitions/divide-frames.js";
export { otherPartitionsIn } from "./partitions/announced-partitions.js";
export { lanesIn } from "./partitions/lanes-in.js";
export { MOST_PARTITIONS, partitionsOfIds } from "./partitions/partition-of-ids.js";
export { readRefusedCount, writeRefusedCount, type RefusedCount } from "./partitions/refused-count.js";
export {
  noteRepartition,
  checkPartitions,
  partitionsPath,
  readPartitions,
  readRepartition,
  requirePartitions,
  UnfinishedRepartitionError,
  writePartitions,
  type Repartition,
} from "./partitions/partitions-file.js";
export {
  addressOfAllIds,
  ALERTS,
  ALERTS_QUEUE,
  copiedFrom,
  DEAD_EXCHANGE,
  DEAD_QUEUE,
  FEATURES,
  gatewayQueuesOf,
  joinQueuesOf,
  LABELS,
  labelsOf,
  METRICS_EXCHANGE,
  PARTITIONS_QUEUE,
  RESENT_EXCHANGE,
  predictionsOf,
  queuesOf,
  topologyOf,
  type Topology,
  FIGURE_ANSWERS_EXCHANGE,
  FIGURE_QUESTIONS_EXCHANGE,
  WINDOW_REQUESTS_EXCHANGE,
  FEATURE_WINDOWS,
  FEATURE_WINDOWS_QUEUE,
  WINDOWS,
  WINDOWS_QUEUE,
  withGateway,
} from "./bus/topology.js";
export { isMissingNumber, isMissingText, numberOf, numberProblem, writtenCell } from "./csv/csv-cells.js";
export { listedNames } from "./csv/csv-header.js";
export { CsvReader, readCsv, readCsvHeader } from "./csv/csv-reader.js";
export { CsvRefusedError, describeFault, type CsvFault } from "./csv/csv-refused-error.js";
export type { CsvRow } from "./csv/csv-splitter.js";
export { csvField, csvRecord, isPlain } from "./csv/csv-record.js";
export { ownRecords } from "./csv/own-records.js";
export {
  alertSchema,
  MAX_SEGMENT_NAME,
  MAX_SEGMENTS,
  MAX_SUMMARY,
  SEVERITIES,
  type Alert,
  type AlertSegment,
  type Severity,
} from "./alerts/alert.js";
export { alertContract } from "./alerts/alert-contract.js";
export { describeChange, ErrorChangeSchema, firstNoticed, type ErrorChange } from "./alerts/error-change.js";
export { alertKey, episodeOf, fingerprintOf, type AlertSubject } from "./alerts/fingerprint.js";
export { CHAMPION, isPartitionName, LanePartition, type PartitionQueues } from "./lane-partition.js";
export { eventTimeProblem, EventTimeText } from "./event-time/event-time-text.js";
export { isTimeZone } from "./event-time/time-zone.js";
export { Deferred } from "./deferred.js";
export { errorText } from "./error-text.js";
export { markdownTable } from "./markdown-table.js";
export { INTEGER_RANGE, type FeatureKind, type IntegerKind } from "./feature-kind.js";
export { originOf, type Contract } from "./frames/contract.js";
export { featuresContract, takeCells } from "./frames/features-contract.js";
export { ARROW_TYPE } from "./frames/codecs/arrow-codec.js";
export { CODECS, formatOf, FRAME_FORMATS, type FrameFormat } from "./frames/codecs/codecs.js";
export * from "./frames/frame.js";
export {
  EVENT_TIME,
  eventTimeColumn,
  EventTimeSchema,
  eventTimeRefusal,
  featureColumns,
  isEventTime,
  takeEventTimes,
} from "./frames/event-times.js";
export {
  readReferenceNotice,
  REFERENCE_REQUEST_TYPE,
  REFERENCE_TYPE,
  referenceRequest,
  writeReferenceNotice,
  type ReferenceNotice,
} from "./frames/reference-notice.js";
export {
  readFirstReference,
  readReferenceProposal,
  writeFirstReference,
  writeReferenceProposal,
  type FirstReference,
  type ReferenceProposal,
} from "./frames/first-reference.js";
export {
  readSegmentRows,
  readSegmentRowsRequest,
  SEGMENT_ROWS_REQUEST_TYPE,
  SEGMENT_ROWS_TYPE,
  writeSegmentRows,
  writeSegmentRowsRequest,
  type SegmentRowsAnswer,
  type SegmentRowsRequest,
} from "./frames/segment-rows-message.js";
export { codesBetween, joinedCodes, takeCodes, unseenIn } from "./frames/row-codes.js";
export { HALF_WIDTH, HalfWidthSchema, takeHalfWidths } from "./frames/half-widths.js";
export {
  HALF_WIDTH_REQUEST_TYPE,
  halfWidthRequest,
  readHalfWidths,
  writeHalfWidths,
  type HalfWidthNotice,
} from "./frames/half-width-notice.js";
export { areSpelledAlike, pythonFloat, spelledOut, writtenColumns, type WrittenColumns } from "./frames/python-floats.js";
export { JSON_TYPE, mediaTypeOf } from "./media-type.js";
export { Ids } from "./frames/ids.js";
export { parseJsonBody } from "./frames/codecs/json-body.js";
export { writeArrowBody } from "./frames/codecs/arrow-body.js";
export { idRefusal, numberRefusal } from "./frames/rows-of.js";
export { MAX_WHO_CHARACTERS } from "./frames/correction.js";
export { labelContract } from "./frames/label-contract.js";
export { predictionContract } from "./frames/prediction-contract.js";
export { DATATYPES, datatypeOf, isDatatype, kindOf, type Datatype } from "./inference-protocol/datatypes.js";
export { elementsOf, pathOfElement, TensorDataError } from "./inference-protocol/tensor-data.js";
export * from "./refusal.js";
export { settlesWithin } from "./bus/settles-within.js";
export { PortBus } from "./bus/port/port-bus.js";
export { errorOfPort, portedError, type PortedError } from "./bus/port/ported-error.js";
export { serveBus } from "./bus/port/serve-bus.js";
export { mergedMetrics } from "./runtime/merged-metrics.js";
export { sentence } from "./sentence.js";
export { seededNumbers } from "./seeded-numbers.js";
export * from "./runtime/config.js";
export { HealthAddressError, openHealthServer, type HealthServer } from "./runtime/health-server.js";
export { besideShared, replaceFile, replaceSharedFile, syncFolder } from "./runtime/durable-file.js";
export { isDiskFull, LogsDirError, openInLogsDir } from "./runtime/logs-dir.js";
export { createLogger, type Logger, type LogLevel } from "./logging.js";
export { RefusalReport } from "./runtime/refusal-report.js";
export { partOf, runService, type Closable, type ServiceScope } from "./runtime/run-service.js";
export {
  COMMON_SETTINGS,
  DATA_SETTINGS,
  LEAST_REFERENCE_ROWS,
  REFERENCE_SETTINGS,
  type CommonConfig,
  type DataConfig,
  type ReferenceConfig,
} from "./runtime/settings.js";
export { jsonMessage } from "./frames/json-message.js";
export {
  readNotice,
  writeNotice,
  type AlarmNotice,
  type AlertNotice,
  AlertNoticeSchema,
  type CorrectedNotice,
  type HourNotice,
  type IntervalNotice,
  type LagNotice,
  type MetricNotice,
} from "./frames/metric-notice.js";
export { readComparison, writeComparison, type ComparisonNotice } from "./frames/comparison-notice.js";
export { failpoint } from "./failpoint.js";
export { openTelemetry } from "./tracing/open-telemetry.js";
export { activeSpans, beginOver, runIn, type TraceSpan, type Tracing } from "./tracing/tracing.js";
export { registryOf, runWorker, traced, type ServiceLink, type StartService } from "./runtime/run-worker.js";
export { lanesOf, modelOfLane, type LaneSetting } from "./runtime/lanes.js";
export { decadeOf, decimalNumber } from "./statistics/decimal-number.js";
export type { Bin } from "./statistics/bin-cells.js";
export { ErrorHistogram } from "./statistics/error-histogram.js";
export { ErrorStatistics, StatisticsSchema, type SavedStatistics } from "./statistics/error-statistics.js";
export { correctedValues } from "./statistics/corrected-values.js";
export { bias } from "./statistics/metrics/bias.js";
export { mae } from "./statistics/metrics/mae.js";
export { p95 } from "./statistics/metrics/quantiles.js";
export { rmse } from "./statistics/metrics/rmse.js";
export { r2 } from "./statistics/metrics/r2.js";
export { forEachMetric, metricValues, METRICS, type MetricName, type MetricValues } from "./statistics/metrics/metric-table.js";
export { metricsPageTable } from "./statistics/metrics/metrics-page.js";
export { mergeMoments, MomentsSchema, momentsOf, NO_MOMENTS, type Moments } from "./statistics/moments.js";
export { statisticsJson, statisticsProperties, type StatisticsJson } from "./statistics/statistics-json.js";
export { isOverflow, LARGEST_NUMBER, OVERFLOW } from "./statistics/overflowed.js";
export { dropRefusals } from "./bus/drop-refusals.js";
export { LaterVersionError, SavedDouble, SavedFormat, SavedValueError } from "./runtime/saved-value.js";
export * from "./drift/index.js";
export * from "./segments/index.js";
export { MAIN_SETTINGS, settingsTable } from "./runtime/settings-table.js";
