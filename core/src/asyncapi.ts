import { argumentsOf } from "./bus/rabbit/queue-arguments.js";
import {
  ALERTS,
  ALERTS_QUEUE,
  DEAD_EXCHANGE,
  DEAD_QUEUE,
  FEATURES,
  LABELS,
  METRICS_EXCHANGE,
  RESENT_EXCHANGE,
  predictionsOf,
  queuesOf,
  topologyOf,
  WINDOW_REQUESTS_EXCHANGE,
  FEATURE_WINDOWS,
  FEATURE_WINDOWS_QUEUE,
  WINDOWS,
  WINDOWS_QUEUE,
  type ExchangeDeclaration,
  type QueueDeclaration,
} from "./bus/topology.js";
import { CHAMPION } from "./lane-partition.js";
import { featuresContract } from "./frames/features-contract.js";
import { CODECS } from "./frames/codecs/codecs.js";
import { CONTRACT_VERSION } from "./frames/frame.js";
import { JSON_TYPE } from "./media-type.js";
import { labelContract } from "./frames/label-contract.js";
import { predictionContract } from "./frames/prediction-contract.js";
import { AMQP, message, messages, messagesOf, type Described, type Json } from "./asyncapi-messages.js";

/**
 * The contracts as AsyncAPI 3.0: what is sent where, in which form, and by whom. Generated from the values that the
 * services declare, read and write with, so that it cannot differ from them.
 */
export function asyncApiDocument(): Json {
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
    channels: channels(),
    operations: OPERATIONS,
    components: {
      messages: messages(),
    },
  };
}

/** Where messages are sent, and the queues that they are taken from. */
function channels(): { readonly [name: string]: Json } {
  const { exchanges, queues } = topologyOf([CHAMPION]);
  const names = queuesOf(CHAMPION);
  const exchangeNamed = (name: string) => found(exchanges, name);
  const queueNamed = (name: string) => queueChannel(found(queues, name));
  const predictions = predictionsOf(CHAMPION);
  return {
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
      ...routeChannel(
        "",
        exchangeNamed(METRICS_EXCHANGE),
        "Metric rows just logged, the half widths of the intervals, the references of models, and rows of segments that are asked for: best effort, not stored.",
        [],
      ),
      messages: {
        metricRows: message("metricRows"),
        halfWidths: message("halfWidths"),
        reference: message("reference"),
        referenceProposal: message("referenceProposal"),
        firstReference: message("firstReference"),
        segmentRows: message("segmentRows"),
      },
    },
    sentAlerts: {
      ...routeChannel(ALERTS.routingKey, exchangeNamed(ALERTS.exchange), "Alerts, in the order in which they fire and resolve.", []),
      messages: { alert: message("alert") },
    },
    sentWindows: {
      ...routeChannel("", exchangeNamed(WINDOWS.exchange), "Windows of event time that changed, as they are committed.", []),
      messages: { windows: message("windows") },
    },
    sentFeatureWindows: {
      ...routeChannel("", exchangeNamed(FEATURE_WINDOWS.exchange), "Rows by the bins of their features, by hour of event time.", []),
      messages: { featureWindows: message("featureWindows") },
    },
    windowRequests: {
      ...routeChannel(
        "",
        exchangeNamed(WINDOW_REQUESTS_EXCHANGE),
        "Asks for all windows, for the half widths, for the reference of a model, or for rows of a segment: best effort, not stored.",
        [],
      ),
      messages: {
        windowRequest: message("windowRequest"),
        halfWidthRequest: message("halfWidthRequest"),
        referenceRequest: message("referenceRequest"),
        segmentRowsRequest: message("segmentRowsRequest"),
      },
    },
    resentDeadLetters: {
      ...routeChannel("", exchangeNamed(RESENT_EXCHANGE), "Which dead letters were sent back: best effort, not stored.", []),
      messages: { resentLetter: message("resentLetter"), refusedRows: message("refusedRows") },
    },
    windowQueue: { ...queueNamed(WINDOWS_QUEUE), messages: { windows: message("windows") } },
    featureWindowQueue: { ...queueNamed(FEATURE_WINDOWS_QUEUE), messages: { featureWindows: message("featureWindows") } },
    modelQueue: { ...queueNamed(names.features), messages: messagesOf(featuresContract) },
    labelQueue: { ...queueNamed(names.labels), messages: messagesOf(labelContract) },
    predictionQueue: { ...queueNamed(names.predictions), messages: messagesOf(predictionContract) },
    alertQueue: { ...queueNamed(ALERTS_QUEUE), messages: { alert: message("alert") } },
    deadLetterQueue: { ...queueNamed(DEAD_QUEUE), messages: { deadLetter: message("deadLetter"), refusedRows: message("refusedRows") } },
  };
}

/** What each service does with the channels. */
const OPERATIONS: { readonly [name: string]: Json } = {
  sendFeatures: operation("send", "sentFeatures", "features sends rows as it reads them."),
  sendLabels: operation("send", "sentLabels", "features sends labels, perhaps long after their rows."),
  scoreFeatures: operation("receive", "modelQueue", "model takes rows. Any number of its processes compete for them."),
  sendPredictions: operation("send", "sentPredictions", "model sends one prediction for each row, then acknowledges the rows."),
  joinLabels: operation("receive", "labelQueue", "metrics takes labels; acknowledged when they are durable."),
  joinPredictions: operation("receive", "predictionQueue", "metrics takes predictions; acknowledged when they are durable."),
  announceMetricRows: operation("send", "notices", "metrics announces rows that it has logged, and the half widths of the intervals."),
  receiveMetricRows: operation("receive", "notices", "plot, live pages and model receive them."),
  announceReference: operation("send", "notices", "model announces its reference, to which the codes of its predictions belong."),
  answerProposals: operation("receive", "notices", "metrics freezes the first reference that is proposed for a version, and announces it."),
  sendAlerts: operation("send", "sentAlerts", "metrics sends an alert when a rule begins to hold, and when it no longer does."),
  deliverAlerts: operation("receive", "alertQueue", "alerts delivers them; acknowledged when they are on its disk."),
  sendWindows: operation("send", "sentWindows", "metrics sends windows that changed, at most once a second each."),
  receiveWindows: operation("receive", "windowQueue", "gateway keeps the newest revision of each window."),
  sendFeatureWindows: operation("send", "sentFeatureWindows", "metrics sends windows of features that changed, every few seconds."),
  receiveFeatureWindows: operation("receive", "featureWindowQueue", "gateway keeps the newest revision of each."),
  drawWindows: operation("receive", "sentWindows", "plot draws the newest revision of each window."),
  requestWindows: operation(
    "send",
    "windowRequests",
    "gateway and plot ask for all windows when they start, model for the half widths, metrics for references.",
  ),
  answerWindowRequests: operation("receive", "windowRequests", "metrics sends all its windows, or its half widths."),
  sendDeadLetters: operation("send", "sentDeadLetters", "Any service keeps a message that it cannot use, with the reason."),
  announceResent: operation("send", "resentDeadLetters", "`streamgauge replay` says which it has sent."),
  receiveResent: operation("receive", "resentDeadLetters", "gateway shows them no longer."),
  replayDeadLetters: operation("receive", "deadLetterQueue", "`streamgauge replay` sends them again after the cause is mended."),
};

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
