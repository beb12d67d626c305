export { asDelivered } from "./as-delivered.js";
export { BrokerNode, type BrokerAddress } from "./broker-node.js";
export { captureLog, type CapturedLog } from "./captured-log.js";
export { freePorts } from "./free-ports.js";
export { Inbox } from "./inbox.js";
export { startPrivateBroker, type PrivateBroker, type PrivateBrokerOptions } from "./private-broker.js";
export { RabbitMqMissingError } from "./rabbitmq-programs.js";
export { freshVhost, sharedBroker } from "./shared-broker.js";
export { openTcpProxy, type TcpProxy } from "./tcp-proxy.js";
