export { FreshFolder, freshFolder } from "./fresh-folder.js";
export { answerSums, send, startModelServer, TWO_COLUMNS, type Asked, type FakeServer, type FakeServerOptions } from "./model-server.js";
export { startNode } from "./start-node.js";
export { csvFile, temporaryFolder } from "./temporary-folder.js";
