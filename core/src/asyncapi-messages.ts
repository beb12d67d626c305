import { DEAD_HEADER } from "./bus/dead-header.js";
import { REFUSED_ROWS_TYPE, refusedRowsSchema } from "./bus/refused-rows.js";
import { alertSchema } from "./alerts/alert.js";
import { ALERT_TYPE } from "./alerts/alert-contract.js";
import type { Contract } from "./frames/contract.js";
import { featuresContract } from "./frames/features-contract.js";
import { CODECS } from "./frames/codecs/codecs.js";
import { AS_WRITTEN, CONTRACT_VERSION, FRAME_HEADER } from "./frames/frame.js";
import { JSON_TYPE } from "./media-type.js";
import { labelContract } from "./frames/label-contract.js";
import { COMPARISON_TYPE, comparisonSchema } from "./frames/comparison-notice.js";
import { HALF_WIDTH_REQUEST_TYPE, HALF_WIDTHS_TYPE, halfWidthsSchema } from "./frames/half-width-notice.js";
import { FIRST_REFERENCE_TYPE, firstReferenceSchema, REFERENCE_PROPOSAL_TYPE, referenceProposalSchema } from "./frames/first-reference.js";
import { REFERENCE_REQUEST_TYPE, REFERENCE_TYPE, referenceNoticeSchema } from "./frames/reference-notice.js";
import {
  SEGMENT_ROWS_REQUEST_TYPE,
  SEGMENT_ROWS_TYPE,
  segmentRowsRequestSchema,
  segmentRowsSchema,
} from "./frames/segment-rows-message.js";
import { noticeSchema } from "./frames/metric-notice.js";
import { FEATURE_WINDOWS_TYPE, featureWindowMessageSchema } from "./drift/feature-window-message.js";
import { WINDOW_REQUEST_TYPE, windowMessageSchema, WINDOWS_TYPE } from "./windows/window-message.js";
import { predictionContract } from "./frames/prediction-contract.js";

/** Any part of the document: what JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What is documented of a contract. */
export type Described = Pick<Contract<unknown>, "type" | "description" | "layout">;

/** The version of AsyncAPI's AMQP bindings. */
export const AMQP = "0.3.0";

const FRAME_HEADERS: Record<keyof typeof FRAME_HEADER, Json> = {
  version: { type: "integer", const: CONTRACT_VERSION, description: "The version of this contract. Default: the latest." },
  origin: { type: "number", description: "When the frame's oldest row left its source, ms since 1970. Default: the timestamp." },
  model: { type: "string", maxLength: 256, description: "The name and version of the model that answered; predictions only." },
  unit: { type: "string", description: "The unit of the values; predictions only." },
  heldOut: {
    type: "string",
    description:
      'The absolute error of the model on rows that it was not fitted on, predictions only, as JSON: `{"rows":88,"mae":43.8,"sd":31.7}` with sd 0 if it ' +
      "is not known. The alarm on the error takes it as its reference. Default: the model's first logged rows.",
  },
  codes: {
    type: "string",
    description:
      "What the codes of predictions mean: the hash of the model's reference, then for each code n (numbers), t (texts) or y (y_pred) and how many bins there are, such as " +
      "`0cba33ef67f1 n23 t5 y23`. Needed where there are codes.",
  },
  cells: {
    type: "string",
    const: AS_WRITTEN,
    description:
      "Cells come from a text file, features only: a number stands for its own spelling, and a text that reads as a number is one if the " +
      "model takes numbers. Default: numbers are numbers, and texts are texts.",
  },
  pythonFloats: {
    type: "string",
    description:
      'Beside cells, features only: a JSON array of columns, such as `["age"]`, whose numbers Python wrote as floats. If the model takes text, ' +
      "59 is `59.0` there, and 1e16 `1e+16`. An array of AMQP is taken as well. Default: none.",
  },
  correction: {
    enum: [1, true, "1", "true"],
    description:
      "Labels only: they correct labels that were sent before. The header origin, or the timestamp, says when they were corrected: a later correction of an id takes the place of an earlier one, in whatever order they come. Default: labels are the first of their rows.",
  },
  who: { type: "string", maxLength: 128, description: "Beside correction: who corrects the labels. Default: the property app_id." },
};

const DEAD_HEADERS: Record<keyof typeof DEAD_HEADER, string> = {
  reason: "What is wrong with it, row by row, in at most 2,000 characters: the first reasons, for people.",
  refusals:
    "A JSON array with one refusal a row, as `refusals` of the messages that follow: all of them if they have 4 KiB at most, and else only what concerns the whole message.",
  following: "How many messages of the type refused_rows follow, with the reasons of the rows; absent: none, the header has all.",
  stage: "The service that refused it.",
  time: "When, ISO 8601.",
  exchange: "The exchange that it was sent to first, for the way back.",
  routingKey: "The routing key of the same.",
  queue: "The queue that it was taken from.",
  messageId: "Its own messageId: a dead letter is a new message.",
  appId: "Its own appId.",
  omitted: "Names of headers that it had and that are too large to be sent on.",
};

/** What the messages look like. */
export function messages(): { readonly [name: string]: Json } {
  return {
    ...frameMessages(featuresContract),
    ...frameMessages(labelContract),
    ...frameMessages(predictionContract),
    deadLetter: {
      title: "A dead letter",
      summary: "A message that could not be used, whole: body, properties and headers as they were, and why.",
      headers: headersOf(
        Object.fromEntries(Object.entries(DEAD_HEADER).map(([key, name]) => [name, { type: "string", description: deadHeader(key) }])),
      ),
      payload: { description: "The body as it was, whatever it is." },
    },
    refusedRows: {
      title: "Why rows of a dead letter were refused",
      summary: "Follows a dead letter whose header cannot hold the reasons of all rows; `dead-message-id` and `dead-time` are the same.",
      contentType: JSON_TYPE,
      headers: headersOf(
        Object.fromEntries(
          Object.entries(DEAD_HEADER)
            .filter(([key]) => !["refusals", "following", "omitted"].includes(key))
            .map(([key, name]) => [name, { type: "string", description: deadHeader(key) }]),
        ),
      ),
      payload: plain(refusedRowsSchema),
      bindings: { amqp: { messageType: REFUSED_ROWS_TYPE, bindingVersion: AMQP } },
    },
    resentLetter: {
      title: "A dead letter that was sent back",
      summary: "It has the type and the headers of the dead letter that say why it was refused.",
      payload: { description: "Empty." },
    },
    alert: {
      title: "An alert",
      summary: "A rule began to hold for a lane, or no longer holds. Known by `episode` and `state` if it arrives again.",
      contentType: JSON_TYPE,
      headers: headersOf({ [FRAME_HEADER.version]: FRAME_HEADERS.version }),
      payload: plain(alertSchema),
      bindings: { amqp: { messageType: ALERT_TYPE, bindingVersion: AMQP } },
    },
    windows: {
      title: "Windows of event time",
      contentType: JSON_TYPE,
      headers: headersOf({ [FRAME_HEADER.version]: FRAME_HEADERS.version }),
      payload: plain(windowMessageSchema),
      bindings: { amqp: { messageType: WINDOWS_TYPE, bindingVersion: AMQP } },
    },
    featureWindows: {
      title: "Windows of features",
      summary: "Rows by the bins of their features: one record for each hour of event time, model version and reference.",
      contentType: JSON_TYPE,
      headers: headersOf({ [FRAME_HEADER.version]: FRAME_HEADERS.version }),
      payload: plain(featureWindowMessageSchema),
      bindings: { amqp: { messageType: FEATURE_WINDOWS_TYPE, bindingVersion: AMQP } },
    },
    windowRequest: {
      title: "A request for all windows",
      payload: { description: "Empty." },
      bindings: { amqp: { messageType: WINDOW_REQUEST_TYPE, bindingVersion: AMQP } },
    },
    metricRows: {
      title: "Metric rows just logged",
      contentType: JSON_TYPE,
      headers: headersOf({ [FRAME_HEADER.version]: FRAME_HEADERS.version }),
      payload: plain(noticeSchema),
      bindings: { amqp: { messageType: "metric_rows", bindingVersion: AMQP } },
    },
    reference: {
      title: "The reference of a model",
      summary: "Broadcast by model when it starts, and when it is asked for.",
      contentType: JSON_TYPE,
      headers: headersOf({ [FRAME_HEADER.version]: FRAME_HEADERS.version }),
      payload: plain(referenceNoticeSchema),
      bindings: { amqp: { messageType: REFERENCE_TYPE, bindingVersion: AMQP } },
    },
    referenceProposal: {
      title: "A proposal for the reference of a model version without one",
      summary: "Broadcast by model: without a reference it asks for the frozen one; with one, of its first rows, it proposes that.",
      contentType: JSON_TYPE,
      headers: headersOf({ [FRAME_HEADER.version]: FRAME_HEADERS.version }),
      payload: plain(referenceProposalSchema),
      bindings: { amqp: { messageType: REFERENCE_PROPOSAL_TYPE, bindingVersion: AMQP } },
    },
    firstReference: {
      title: "The frozen reference of a model version without one of its own",
      summary: "Broadcast by metrics when it is committed, and in answer to each proposal.",
      contentType: JSON_TYPE,
      headers: headersOf({ [FRAME_HEADER.version]: FRAME_HEADERS.version }),
      payload: plain(firstReferenceSchema),
      bindings: { amqp: { messageType: FIRST_REFERENCE_TYPE, bindingVersion: AMQP } },
    },
    referenceRequest: {
      title: "A request for the reference of a model",
      payload: { description: "Empty." },
      bindings: { amqp: { messageType: REFERENCE_REQUEST_TYPE, bindingVersion: AMQP } },
    },
    halfWidths: {
      title: "Half widths of the intervals",
      summary: "Broadcast by metrics when they change, at most every 20 ms, and when they are asked for.",
      contentType: JSON_TYPE,
      headers: headersOf({ [FRAME_HEADER.version]: FRAME_HEADERS.version }),
      payload: plain(halfWidthsSchema),
      bindings: { amqp: { messageType: HALF_WIDTHS_TYPE, bindingVersion: AMQP } },
    },
    halfWidthRequest: {
      title: "A request for the half widths",
      payload: { description: "Empty." },
      bindings: { amqp: { messageType: HALF_WIDTH_REQUEST_TYPE, bindingVersion: AMQP } },
    },
    segmentRowsRequest: {
      title: "A request for rows of a segment",
      summary: "Broadcast by gateway when a person opens a segment.",
      contentType: JSON_TYPE,
      headers: headersOf({ [FRAME_HEADER.version]: FRAME_HEADERS.version }),
      payload: plain(segmentRowsRequestSchema),
      bindings: { amqp: { messageType: SEGMENT_ROWS_REQUEST_TYPE, bindingVersion: AMQP } },
    },
    segmentRows: {
      title: "Rows of a segment",
      summary: "Broadcast by each metrics of the lane that is asked.",
      contentType: JSON_TYPE,
      headers: headersOf({ [FRAME_HEADER.version]: FRAME_HEADERS.version }),
      payload: plain(segmentRowsSchema),
      bindings: { amqp: { messageType: SEGMENT_ROWS_TYPE, bindingVersion: AMQP } },
    },
    comparison: {
      title: "A comparison of lanes",
      summary: "Broadcast by plot when either lane has logged rows, and every few seconds.",
      contentType: JSON_TYPE,
      headers: headersOf({ [FRAME_HEADER.version]: FRAME_HEADERS.version }),
      payload: plain(comparisonSchema),
      bindings: { amqp: { messageType: COMPARISON_TYPE, bindingVersion: AMQP } },
    },
  };
}

function deadHeader(key: string): string {
  return Object.entries(DEAD_HEADERS).find(([name]) => name === key)?.[1] ?? "";
}

export function message(name: string): Json {
  return { $ref: `#/components/messages/${name}` };
}

export function messagesOf({ type }: Described): { readonly [name: string]: Json } {
  return Object.fromEntries(CODECS.map(({ name }) => [messageName(type, name), message(messageName(type, name))]));
}

function messageName(type: string, format: string): string {
  return `${type}${format.slice(0, 1).toUpperCase()}${format.slice(1)}`;
}

/** A kind of frame in all formats. */
function frameMessages({ type, description, layout }: Described): { readonly [name: string]: Json } {
  const { version, origin, model, unit, heldOut, cells, pythonFloats } = FRAME_HEADER;
  const headers = headersOf({
    [version]: FRAME_HEADERS.version,
    [origin]: FRAME_HEADERS.origin,
    ...(type === predictionContract.type
      ? { [model]: FRAME_HEADERS.model, [unit]: FRAME_HEADERS.unit, [heldOut]: FRAME_HEADERS.heldOut }
      : {}),
    ...(type === featuresContract.type ? { [cells]: FRAME_HEADERS.cells, [pythonFloats]: FRAME_HEADERS.pythonFloats } : {}),
  });
  const common = { summary: description, headers, bindings: { amqp: { messageType: type, bindingVersion: AMQP } } };
  const messages = CODECS.map((codec) => [
    messageName(type, codec.name),
    { ...common, title: `${type} as ${codec.title}`, contentType: codec.contentType, payload: plain(codec.payload(layout)) },
  ]);
  return Object.fromEntries(messages);
}

function headersOf(properties: { readonly [name: string]: Json }): Json {
  return { type: "object", properties };
}

/** A schema without what typebox keeps beside it. */
function plain(schema: object): Json {
  return JSON.parse(JSON.stringify(schema));
}
