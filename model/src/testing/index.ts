export { answerSums, send, startModelServer, TWO_COLUMNS, type Asked, type FakeServer, type FakeServerOptions } from "./model-server.js";
