import { DEAD_HEADER } from "./bus/dead-header.js";
import { REFUSED_ROWS_TYPE, refusedRowsSchema } from "./bus/refused-rows.js";
import { argumentsOf } from "./bus/rabbit/queue-arguments.js";
import { alertSchema } from "./alerts/alert.js";
import { ALERT_TYPE } from "./alerts/alert-contract.js";
import {
  ALERTS,
  ALERTS_QUEUE,
  DEAD_EXCHANGE,
  DEAD_QUEUE,
  FEATURES,
  LABELS,
  METRICS_EXCHANGE,
  predictionsOf,
  queuesOf,
  topologyOf,
  WINDOW_REQUESTS_EXCHANGE,
  WINDOWS,
  WINDOWS_QUEUE,
  type ExchangeDeclaration,
  type QueueDeclaration,
} from "./bus/topology.js";
import { CHAMPION } from "./lane-partition.js";
import type { Contract } from "./frames/contract.js";
import { featuresContract } from "./frames/features-contract.js";
import { CODECS } from "./frames/codecs/codecs.js";
import { AS_WRITTEN, CONTRACT_VERSION, FRAME_HEADER } from "./frames/frame.js";
import { JSON_TYPE } from "./media-type.js";
import { labelContract } from "./frames/label-contract.js";
import { noticeSchema } from "./frames/metric-notice.js";
import { WINDOW_REQUEST_TYPE, windowMessageSchema, WINDOWS_TYPE } from "./windows/window-message.js";
import { predictionContract } from "./frames/prediction-contract.js";

/** Any part of the document: what JSON can hold. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What is documented of a contract. */
type Described = Pick<Contract<unknown>, "type" | "description" | "layout">;

/** The version of AsyncAPI's AMQP bindings. */
const AMQP = "0.3.0";

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
      'Beside cells, features only: a JSON array of columns, such as `["age"]`, whose numbers Python wrote as floats. Where the model takes text, ' +
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

/**
 * The contracts as AsyncAPI 3.0: what is sent where, in which form, and by whom. Generated from the values that the
 * services declare, read and write with, so that it cannot differ from them.
 */
export function asyncApiDocument(): Json {
  const { exchanges, queues } = topologyOf([CHAMPION]);
  const names = queuesOf(CHAMPION);
  const exchangeNamed = (name: string) => found(exchanges, name);
  const queueNamed = (name: string) => queueChannel(found(queues, name));
  const predictions = predictionsOf(CHAMPION);
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Streamgauge",
      version: `${CONTRACT_VERSION}.0.0`,
      description:
        "Scores a stream of feature rows with an ONNX regression over RabbitMQ and shows, while it runs, how wrong the model is. " +
        "Every message is persistent, mandatory and confirmed, and may arrive more than once: a row is known by its id. " +
        `Every service reads frames in each of these formats, also compressed with gzip if the property content_encoding says so: ${CODECS.map(({ title }) => title).join(", ")}. ` +
        "What cannot be used goes to dead-letters with the reason. " +
        `The queues are those of the lane ${CHAMPION}; another lane has its own, with its name in the place of it.`,
      license: { name: "MIT" },
    },
    defaultContentType: JSON_TYPE,
    servers: {
      rabbitmq: { host: "localhost:5672", protocol: "amqp", protocolVersion: "0.9.1", description: "RabbitMQ 3.10 to 4.x; see AMQP_URL." },
    },
    channels: {
      sentFeatures: routeChannel(FEATURES.routingKey, exchangeNamed(FEATURES.exchange), "Rows to score, from any producer.", [
        featuresContract,
      ]),
      sentLabels: routeChannel(LABELS.routingKey, exchangeNamed(LABELS.exchange), "True values, from any producer.", [labelContract]),
      sentPredictions: routeChannel(
        predictions.routingKey,
        exchangeNamed(predictions.exchange),
        "A model's answers; the routing key is its lane.",
        [predictionContract],
      ),
      sentDeadLetters: {
        ...routeChannel("", exchangeNamed(DEAD_EXCHANGE), "Messages that could not be used.", []),
        messages: { deadLetter: message("deadLetter"), refusedRows: message("refusedRows") },
      },
      notices: {
        ...routeChannel("", exchangeNamed(METRICS_EXCHANGE), "Metric rows just logged: best effort, not stored.", []),
        messages: { metricRows: message("metricRows") },
      },
      sentAlerts: {
        ...routeChannel(ALERTS.routingKey, exchangeNamed(ALERTS.exchange), "Alerts, in the order in which they fire and resolve.", []),
        messages: { alert: message("alert") },
      },
      sentWindows: {
        ...routeChannel("", exchangeNamed(WINDOWS.exchange), "Windows of event time that changed, as they are committed.", []),
        messages: { windows: message("windows") },
      },
      windowRequests: {
        ...routeChannel("", exchangeNamed(WINDOW_REQUESTS_EXCHANGE), "Asks for all windows: best effort, not stored.", []),
        messages: { windowRequest: message("windowRequest") },
      },
      windowQueue: { ...queueNamed(WINDOWS_QUEUE), messages: { windows: message("windows") } },
      modelQueue: { ...queueNamed(names.features), messages: messagesOf(featuresContract) },
      labelQueue: { ...queueNamed(names.labels), messages: messagesOf(labelContract) },
      predictionQueue: { ...queueNamed(names.predictions), messages: messagesOf(predictionContract) },
      alertQueue: { ...queueNamed(ALERTS_QUEUE), messages: { alert: message("alert") } },
      deadLetterQueue: { ...queueNamed(DEAD_QUEUE), messages: { deadLetter: message("deadLetter"), refusedRows: message("refusedRows") } },
    },
    operations: {
      sendFeatures: operation("send", "sentFeatures", "features sends rows as it reads them."),
      sendLabels: operation("send", "sentLabels", "features sends labels, perhaps long after their rows."),
      scoreFeatures: operation("receive", "modelQueue", "model takes rows. Any number of its processes compete for them."),
      sendPredictions: operation("send", "sentPredictions", "model sends one prediction for each row, then acknowledges the rows."),
      joinLabels: operation("receive", "labelQueue", "metrics takes labels; acknowledged when they are durable."),
      joinPredictions: operation("receive", "predictionQueue", "metrics takes predictions; acknowledged when they are durable."),
      announceMetricRows: operation("send", "notices", "metrics announces rows that it has logged."),
      receiveMetricRows: operation("receive", "notices", "plot and live pages receive them."),
      sendAlerts: operation("send", "sentAlerts", "metrics sends an alert when a rule begins to hold, and when it no longer does."),
      deliverAlerts: operation("receive", "alertQueue", "alerts delivers them; acknowledged when they are on its disk."),
      sendWindows: operation("send", "sentWindows", "metrics sends windows that changed, at most once a second each."),
      receiveWindows: operation("receive", "windowQueue", "gateway keeps the newest revision of each window."),
      requestWindows: operation("send", "windowRequests", "gateway asks for all windows when it starts."),
      answerWindowRequests: operation("receive", "windowRequests", "metrics sends all its windows."),
      sendDeadLetters: operation("send", "sentDeadLetters", "Any service keeps a message that it cannot use, with the reason."),
      replayDeadLetters: operation("receive", "deadLetterQueue", "`streamgauge replay` sends them again after the cause is mended."),
    },
    components: {
      messages: {
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
          summary:
            "Follows a dead letter whose header cannot hold the reasons of all rows; `dead-message-id` and `dead-time` are the same.",
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
      },
    },
  };
}

function deadHeader(key: string): string {
  return Object.entries(DEAD_HEADERS).find(([name]) => name === key)?.[1] ?? "";
}

function found<T extends { readonly name: string }>(declared: readonly T[], name: string): T {
  const one = declared.find((each) => each.name === name);
  if (one === undefined) throw new Error(`The topology has no ${name}.`);
  return one;
}

/** An exchange with the routing key that is sent to. */
function routeChannel(
  routingKey: string,
  { name, kind, durable }: ExchangeDeclaration,
  summary: string,
  contracts: readonly Described[],
): { readonly [name: string]: Json } {
  const exchange = { name, type: kind, durable, autoDelete: false, vhost: "/" };
  return {
    address: routingKey,
    title: routingKey === "" ? name : `${name}/${routingKey}`,
    summary,
    messages: Object.assign({}, ...contracts.map(messagesOf)),
    bindings: { amqp: { is: "routingKey", exchange, bindingVersion: AMQP } },
  };
}

/** A queue, and where it gets its messages from. */
function queueChannel(queue: QueueDeclaration): { readonly [name: string]: Json } {
  const { name, from } = queue;
  return {
    address: name,
    title: name,
    summary: `Bound to the exchange ${from.exchange}${from.routingKey === "" ? "" : ` with the routing key ${from.routingKey}`}.`,
    bindings: {
      amqp: { is: "queue", queue: { name, durable: true, exclusive: false, autoDelete: false, vhost: "/" }, bindingVersion: AMQP },
    },
    "x-queue-arguments": argumentsOf(queue),
  };
}

function operation(action: "send" | "receive", channel: string, summary: string): Json {
  return { action, channel: { $ref: `#/channels/${channel}` }, summary };
}

function message(name: string): Json {
  return { $ref: `#/components/messages/${name}` };
}

function messagesOf({ type }: Described): { readonly [name: string]: Json } {
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
